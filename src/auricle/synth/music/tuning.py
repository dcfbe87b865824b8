"""Which frequency a note's name stands for."""

import re
from dataclasses import dataclass
from math import log2
from typing import Literal

from auricle.errors import ConfigError, message
from auricle.synth.checks import check_between

System = Literal["equal", "just", "pythagorean", "meantone", "own"]
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NAME = re.compile(r"([A-Ga-g])([#b]*)(-?\d)")
_JUST = (
    1, 16 / 15, 9 / 8, 6 / 5, 5 / 4, 4 / 3, 45 / 32, 3 / 2, 8 / 5, 5 / 3, 9 / 5, 15 / 8,
)  # fmt: skip
_FIFTHS = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)  # fifths from the tonic to each step


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Twelve steps an octave, and the A that all agree on.

    Attributes:
        a4_hz: the A above the middle C, Hz, 200 to 900.
        system: equal (2^(n/12)); just (ratios of 2, 3 and 5); pythagorean (fifths of 3/2); meantone
            (fifths a quarter of a comma less, thirds of 5/4); own.
        tonic: the note that the ratios are counted from, such as C or F#.
        cents: with own: twelve places above the tonic, hundredths of an equal semitone, rising.
    """

    a4_hz: float = 440.0
    system: System = "equal"
    tonic: str = "C"
    cents: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_between("a4_hz", self.a4_hz, 200.0, 900.0)
        note_number(f"{self.tonic}4")
        given = list(self.cents)
        if (self.system == "own") != bool(given) or given != sorted(given):
            raise _bad_cents(self.system, self.cents)
        if given and (len(given) != 12 or not 0 <= given[0] <= given[-1] < 1200):
            raise _bad_cents(self.system, self.cents)

    def cents_above_tonic(self, step: int) -> float:
        """Where one of the twelve steps lies above the tonic, cents, 0 to 1200."""
        match self.system:
            case "equal":
                return 100.0 * step
            case "just":
                return 1200 * log2(_JUST[step])
            case "pythagorean":
                return 1200 * (_FIFTHS[step] * log2(1.5) % 1)
            case "meantone":
                return 1200 * (_FIFTHS[step] * log2(5) / 4 % 1)
            case "own":
                return self.cents[step]


def note_number(name: str) -> int:
    """Semitones above C-1, as MIDI counts: A4 is 69.

    Raises:
        ConfigError: it is no name of a note.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise ConfigError(
            message(
                "note",
                expected="a letter A to G, # or b if any, and an octave, such as C#4",
                got=repr(name),
                remedy="The middle C is C4, the A above it A4.",
            )
        )
    letter, signs, octave = found.groups()
    shift = signs.count("#") - signs.count("b")
    return 12 * (int(octave) + 1) + _STEPS[letter.upper()] + shift


def note_hz(note: str | int, *, tuning: Tuning | None = None) -> float:
    """The frequency of a note, Hz.

    Args:
        note: by name, such as ``A4``, ``Eb3`` or ``F#5``, or by number (A4 is 69).
        tuning: equal temperament at 440 Hz if not given.
    Raises:
        ConfigError: it is no name of a note.
    """
    chosen = Tuning() if tuning is None else tuning
    number = note_number(note) if isinstance(note, str) else note
    tonic = note_number(f"{chosen.tonic}4")
    octaves, step = divmod(number - tonic, 12)
    a_octaves, a_step = divmod(69 - tonic, 12)
    cents = 1200 * (octaves - a_octaves) + chosen.cents_above_tonic(step)
    return float(chosen.a4_hz * 2 ** ((cents - chosen.cents_above_tonic(a_step)) / 1200))


def _bad_cents(system: str, cents: tuple[float, ...]) -> ConfigError:
    return ConfigError(
        message(
            "cents",
            expected="with system 'own' twelve rising values from 0 to 1200, else none",
            got=f"{len(cents)} values {cents} with system {system!r}",
            remedy="Equal steps would be 0, 100, 200 and so on to 1100.",
        )
    )
