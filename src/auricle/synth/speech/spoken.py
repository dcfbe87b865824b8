"""From a line of phonemes to what is spoken, each with its length."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from auricle.errors import ConfigError, message
from auricle.synth.checks import check_between
from auricle.synth.speech.phonemes import PHONEMES, VOWELS, WORDS, Phoneme

_PAUSES = {"_", ",", "."}
_FINAL = 1.35  # the last vowel before a pause lasts longer
_UNSTRESSED = 0.65
_CLIPPED = 0.8  # a vowel before an unvoiced consonant is shorter
_HUMMED = 1.5  # a final r, l, m or n is held
_CLUSTER = 0.8  # consonants beside consonants are shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One phoneme of an utterance.

    Attributes:
        symbol: ARPAbet without its stress, or ``_`` for a pause.
        duration_s: s, 0.01 to 10; by rule if not given.
        pitch_hz: in its middle, Hz, 40 to 600; by rule where no phoneme has one.
        stress: of a vowel: 0 none, 1 full, 2 half.
    """

    symbol: str
    duration_s: float | None = None
    pitch_hz: float | None = None
    stress: int = 1

    def __post_init__(self) -> None:
        if self.symbol not in PHONEMES:
            raise ConfigError(_no_phoneme(self.symbol))
        if self.duration_s is not None:
            check_between("duration_s", self.duration_s, 0.01, 10.0)
        if self.pitch_hz is not None:
            check_between("pitch_hz", self.pitch_hz, 40.0, 600.0)

    @property
    def phoneme(self) -> Phoneme:
        """What it is made of."""
        return PHONEMES[self.symbol]


def spell(words: Sequence[str]) -> str:
    """The phonemes of words that are known here, one after the other.

    Raises:
        ConfigError: a word is not in `WORDS`.
    """
    for word in words:
        if word not in WORDS:
            near = get_close_matches(word, WORDS, n=1)
            raise ConfigError(
                message(
                    "words",
                    expected=f"words of {', '.join(sorted(WORDS))}",
                    got=repr(word),
                    remedy=f"Did you mean {near[0]!r}?" if near else "Give its phonemes instead.",
                )
            )
    return " ".join(WORDS[word] for word in words)


def read_phonemes(line: str) -> tuple[Spoken, ...]:
    """Read ``HH AX0 L OW1 , W ER1 L D``: ARPAbet, stress as a digit, pauses as , . or _.

    Raises:
        ConfigError: the line is empty or holds what is no phoneme.
    """
    spoken = []
    for word in line.split():
        symbol = "_" if word in _PAUSES else word.rstrip("012").upper()
        digit = word[len(symbol) :] if symbol in VOWELS else ""
        if symbol not in PHONEMES or (symbol not in VOWELS and word[-1] in "012"):
            raise ConfigError(_no_phoneme(word))
        spoken.append(Spoken(symbol=symbol, stress=int(digit or 1)))
    if not any(item.symbol != "_" for item in spoken):
        raise ConfigError(
            message(
                "phonemes",
                expected="at least one phoneme",
                got=repr(line),
                remedy="For example: 'S EH1 V AX0 N'.",
            )
        )
    return tuple(spoken)


def with_durations(spoken: Sequence[Spoken], *, speed: float) -> tuple[Spoken, ...]:
    """Give each phoneme that has no length the one that the rules say."""
    return tuple(
        item
        if item.duration_s is not None
        else replace(item, duration_s=max(_ruled_s(spoken, place) / speed, 0.01))
        for place, item in enumerate(spoken)
    )


def _ruled_s(spoken: Sequence[Spoken], place: int) -> float:
    item = spoken[place]
    length_s = item.phoneme.duration_s
    following = spoken[place + 1] if place + 1 < len(spoken) else None
    before = spoken[place - 1] if place > 0 else None
    if item.phoneme.manner == "vowel":
        later = [other.phoneme.manner for other in _until_pause(spoken[place + 1 :])]
        length_s *= {0: _UNSTRESSED, 1: 1.0, 2: 0.85}[item.stress]
        length_s *= 1.0 if "vowel" in later else _FINAL
        clipped = following is not None and not following.phoneme.voiced
        return length_s * (_CLIPPED if clipped and following and following.symbol != "_" else 1.0)
    beside = [other for other in (before, following) if other is not None]
    if item.phoneme.manner in ("glide", "nasal") and (following is None or following.symbol == "_"):
        return length_s * _HUMMED
    alone = all(other.phoneme.manner in ("vowel", "pause") for other in beside)
    return length_s * (1.0 if alone else _CLUSTER)


def _until_pause(spoken: Sequence[Spoken]) -> list[Spoken]:
    found: list[Spoken] = []
    for item in spoken:
        if item.symbol == "_":
            break
        found.append(item)
    return found


def _no_phoneme(symbol: str) -> str:
    return message(
        "phonemes",
        expected=f"ARPAbet ({' '.join(PHONEMES)}), vowels with a stress of 0 to 2",
        got=repr(symbol),
        remedy="For example: 'HH AX0 L OW1', with , for a pause.",
    )
