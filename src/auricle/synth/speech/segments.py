"""How each phoneme is said: closures, bursts, breath and hums, one stretch of time each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auricle.synth.speech.phonemes import VOWELS, Hiss, Phoneme, Triple
from auricle.synth.speech.spoken import Spoken

_NEUTRAL: Triple = (500.0, 1500.0, 2500.0)
_BURST_S = {True: 0.010, False: 0.014}
_BREATH_S = 0.045  # aspiration after an unvoiced stop
_VOICING = {"vowel": 1.0, "glide": 0.8, "nasal": 0.55, "fricative": 0.35}
_YIELDING = ("UW", "UH", "AX", "IH")  # vowels that a consonant moves more than others
_WEAK, _FIRM = 0.5, 0.15
_TRAIL = 0.3  # friction beside the breath after a burst
_BAR = 0.12  # what is heard of the voice through a closed mouth


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of time in which sources and targets are of one kind."""

    duration_s: float
    start_hz: Triple
    end_hz: Triple
    widths_hz: Triple
    voicing: float = 0.0
    breath: float = 0.0
    friction: float = 0.0
    burst: float = 0.0
    hiss: Hiss | None = None
    nasal: bool = False


def segments_of(spoken: Sequence[Spoken], place: int) -> list[Segment]:
    """The stretches of one phoneme, in order; together they last as long as it does."""
    item = spoken[place]
    phoneme, length_s = _beside(spoken, place), float(item.duration_s or 0.0)
    plain = Segment(
        duration_s=length_s,
        start_hz=phoneme.start_hz,
        end_hz=phoneme.end_hz,
        widths_hz=phoneme.widths_hz,
        hiss=phoneme.hiss,
    )
    match phoneme.manner:
        case "vowel" | "glide":
            soft = 0.8 if phoneme.manner == "vowel" and item.stress == 0 else 1.0
            return [replace(plain, voicing=soft * _VOICING[phoneme.manner])]
        case "nasal":
            return [replace(plain, voicing=_VOICING["nasal"], nasal=True)]
        case "fricative":
            voicing = _VOICING["fricative"] if phoneme.voiced else 0.0
            return [replace(plain, voicing=voicing, friction=phoneme.level)]
        case "breath":
            return [replace(plain, breath=0.6)]
        case "pause":
            return [plain]
        case "stop" | "affricate":
            return _released(plain, phoneme, spoken, place)


def _released(
    plain: Segment, phoneme: Phoneme, spoken: Sequence[Spoken], place: int
) -> list[Segment]:
    """Closure, burst, and what follows it: breath, friction or nothing."""
    following = spoken[place + 1] if place + 1 < len(spoken) else None
    after_s = spoken[place - 1].symbol == "S" if place > 0 else False
    last = following is None or not following.phoneme.voiced
    burst_s = min(_BURST_S[phoneme.voiced], 0.3 * plain.duration_s)
    tail_s = 0.0
    if phoneme.manner == "affricate":
        tail_s = 0.5 * plain.duration_s
    elif not phoneme.voiced:
        tail_s = min(0.015 if after_s else _BREATH_S, 0.45 * plain.duration_s)
    closure = replace(
        plain,
        duration_s=plain.duration_s - burst_s - tail_s,
        voicing=_BAR if phoneme.voiced else 0.0,
    )
    burst = replace(
        plain,
        duration_s=burst_s,
        burst=phoneme.level * (0.5 if last else 1.0),
        voicing=0.5 if phoneme.voiced and not last else 0.0,
    )
    scraped = phoneme.manner == "affricate"
    tail = replace(
        plain,
        duration_s=tail_s,
        friction=phoneme.level if scraped else _TRAIL * phoneme.level,
        breath=0.0 if scraped else (0.2 if last else 0.5),
    )
    return [closure, burst, tail] if tail_s else [closure, burst]


def _beside(spoken: Sequence[Spoken], place: int) -> Phoneme:
    """The phoneme, its formants moved towards those of what stands beside it."""
    phoneme = spoken[place].phoneme
    if phoneme.manner == "vowel":
        return _after(phoneme, spoken, place)
    if spoken[place].symbol == "R" and not _stands_before_vowel(spoken, place):
        vowel = VOWELS["ER"]  # as in four: no stricture, but the vowel's own low third formant
        return replace(phoneme, start_hz=vowel.start_hz, end_hz=vowel.end_hz)
    if phoneme.follows == 0:
        return phoneme
    near = _vowel_beside(spoken, place)
    share = phoneme.follows
    mixed = tuple(
        (1 - share) * own + share * other for own, other in zip(phoneme.start_hz, near, strict=True)
    )
    first = phoneme.start_hz[0] if phoneme.manner == "stop" else mixed[0]
    formants: Triple = (first, mixed[1], mixed[2])
    hiss = phoneme.hiss
    if spoken[place].symbol in ("K", "G") and hiss is not None:
        front = max(1.05 * formants[1], 1000.0)
        hiss = replace(hiss, centres_hz=(front, max(2 * front, 3000.0), 5000.0))
    return replace(phoneme, start_hz=formants, end_hz=formants, hiss=hiss)


def _after(vowel: Phoneme, spoken: Sequence[Spoken], place: int) -> Phoneme:
    """A vowel that begins a little nearer to the consonant before it, the weaker it is the more."""
    before = spoken[place - 1].phoneme if place > 0 else None
    if before is None or before.manner not in ("stop", "fricative", "affricate", "nasal"):
        return vowel
    share = _WEAK if spoken[place].symbol in _YIELDING or spoken[place].stress == 0 else _FIRM
    first, second, third = vowel.start_hz
    moved = (
        first,
        second + share * (before.end_hz[1] - second),
        third + share * (before.end_hz[2] - third),
    )
    return replace(vowel, start_hz=moved)


def _stands_before_vowel(spoken: Sequence[Spoken], place: int) -> bool:
    return place + 1 < len(spoken) and spoken[place + 1].phoneme.manner == "vowel"


def _vowel_beside(spoken: Sequence[Spoken], place: int) -> Triple:
    after = spoken[place + 1].phoneme if place + 1 < len(spoken) else None
    before = spoken[place - 1].phoneme if place > 0 else None
    if after is not None and after.manner in ("vowel", "glide"):
        return after.start_hz
    if before is not None and before.manner in ("vowel", "glide"):
        return before.end_hz
    return after.start_hz if after is not None and after.manner != "pause" else _NEUTRAL
