"""Finding and reading a spec: one that is built in, by name, or a TOML or JSON file."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path

from auricle.errors import ConfigError, message
from auricle.synth.sets.spec import SetSpec, parse_spec

# Name and what it makes; each is a file in `auricle/synth/specs`.
BUILT_IN_SPECS: dict[str, str] = {
    "alarms": "minutes of wind and rain in which alarms, sirens, bells and knocks come one by one",
    "demo": "the four kinds of clip that `auricle demo` learns",
    "instruments": "single notes of seven voices and six drums, in rooms",
    "overlap": "scenes of 10 s, 10 classes, up to three at once, 0 to 20 dB over the background",
    "words": "ten spoken digits in many synthetic voices, in rooms and noise",
}


def load_spec(name: Path | str, *, seed: int | None = None) -> SetSpec:
    """The set that a name or a file describes.

    Args:
        name: of `BUILT_IN_SPECS`, or the path of a ``.toml`` or ``.json`` file.
        seed: in place of the one it says, ≥ 0.
    Raises:
        ConfigError: there is no such spec, or it is not well-formed, or a key breaks its rule.
    """
    if seed is not None and seed < 0:
        raise ConfigError(
            message("seed", expected="seed >= 0", got=seed, remedy="Choose a greater number.")
        )
    return parse_spec(_table(spec_text(name), name), seed=seed)


def spec_text(name: Path | str) -> str:
    """The text of a spec that is built in, or of a file.

    Raises:
        ConfigError: there is neither.
    """
    if str(name) in BUILT_IN_SPECS:
        return files("auricle.synth.specs").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    path = Path(name)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "bytes that are not UTF-8"
        raise ConfigError(
            message(
                str(name),
                expected=f"a .toml or .json file, or one of {', '.join(BUILT_IN_SPECS)}",
                got=reason or str(error),
                remedy="Start from one of these: auricle synth overlap --show.",
            )
        ) from error


def _table(text: str, name: Path | str) -> dict[str, object]:
    try:
        table = json.loads(text) if Path(name).suffix.lower() == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(
            message(
                str(name),
                expected="well-formed TOML, or JSON in a .json file",
                got=str(error),
                remedy="Mend that line.",
            )
        ) from error
    if not isinstance(table, dict):
        raise ConfigError(
            message(
                str(name),
                expected="a table of settings",
                got=type(table).__name__,
                remedy="A JSON file begins with {.",
            )
        )
    return table
