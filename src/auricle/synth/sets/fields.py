"""Reading a table of settings: every key is checked, every error names it."""

from collections.abc import Mapping
from difflib import get_close_matches

from auricle.errors import ConfigError, message

Span = tuple[float, float]


class Fields:
    """The keys of one table, taken one by one; what is left at the end is an error."""

    def __init__(self, table: Mapping[str, object], *, name: str = "") -> None:
        self._left = dict(table)
        self._known: list[str] = []
        self._name = name

    def key(self, key: str) -> str:
        """The full name of a key, such as ``classes.bell.pitch_hz``."""
        return f"{self._name}.{key}" if self._name else key

    def take(self, key: str) -> object:
        """The value of a key, None where it is not given."""
        self._known.append(key)
        return self._left.pop(key, None)

    def span(self, key: str, *, low: float, high: float, default: Span) -> Span:
        """A number, or a range as ``[lowest, highest]``."""
        value = self.take(key)
        if value is None:
            return default
        pair = value if isinstance(value, list) else [value, value]
        numbers = [float(v) for v in pair if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(numbers) != 2 or len(pair) != 2 or not low <= numbers[0] <= numbers[1] <= high:
            raise self.wrong(
                key, f"a number or [lowest, highest], {low:g} to {high:g}", value, f"{default}"
            )
        return numbers[0], numbers[1]

    def number(self, key: str, *, low: float, high: float, default: float) -> float:
        """A number in a range."""
        value = self.take(key)
        if value is None:
            return default
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        if not fits or not low <= float(str(value)) <= high:
            raise self.wrong(key, f"a number from {low:g} to {high:g}", value, f"{default:g}")
        return float(str(value))

    def whole(self, key: str, *, low: int, high: int, default: int) -> int:
        """A whole number in a range."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.wrong(key, f"a whole number from {low} to {high}", value, str(default))
        return value

    def words(
        self, key: str, *, options: tuple[str, ...] = (), default: tuple[str, ...]
    ) -> tuple[str, ...]:
        """A text or a list of texts to choose from; of the options where there are any."""
        value = self.take(key)
        if value is None:
            return default
        given = value if isinstance(value, list) else [value]
        texts = tuple(v for v in given if isinstance(v, str) and v)
        bad = [t for t in texts if options and t not in options]
        if not texts or len(texts) != len(given) or bad:
            rule = f"one or more of {', '.join(options)}" if options else "a text or a list of them"
            near = get_close_matches(str(bad[0]), options, n=1) if bad else []
            raise self.wrong(key, rule, value, near[0] if near else ", ".join(default[:1]))
        return texts

    def tables(self, key: str) -> list[Mapping[str, object]]:
        """A table, or a list of them; none where the key is not given."""
        value = self.take(key)
        if value is None:
            return []
        given = value if isinstance(value, list) else [value]
        found = [item for item in given if isinstance(item, Mapping)]
        if len(found) != len(given) or not found:
            raise self.wrong(key, "a table", value, "{ sound = 'noise' }")
        return found

    def finish(self) -> None:
        """Refuse keys that nobody took.

        Raises:
            ConfigError: there is one; the message says which was probably meant.
        """
        for key in self._left:
            near = get_close_matches(key, self._known, n=1)
            raise ConfigError(
                message(
                    self.key(key),
                    expected=f"one of {', '.join(sorted(self._known))}",
                    got="a key that is not known here",
                    remedy=f"Did you mean {near[0]!r}?" if near else "Remove it.",
                )
            )

    def wrong(self, key: str, expected: str, got: object, example: str) -> ConfigError:
        """An error about one key."""
        return ConfigError(
            message(
                self.key(key),
                expected=expected,
                got="nothing" if got is None else repr(got),
                remedy=f"For example: {example}." if example else "Mend it in the spec.",
            )
        )
