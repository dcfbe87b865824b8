"""What each phoneme is: targets of its formants, its sources, its length. ARPAbet.

Formants and widths lie close to those of Klatt, "Software for a cascade/parallel formant
synthesizer", JASA 67(3), 1980, tables II and III; lengths to those of Klatt, "Synthesis by rule of
segmental durations in English sentences", 1979. A man's; speakers scale them.
"""

from dataclasses import dataclass
from typing import Literal, get_args

Manner = Literal["vowel", "glide", "nasal", "fricative", "stop", "affricate", "breath", "pause"]
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hiss:
    """The spectrum of a friction: three resonances, Hz, their widths and gains, and a flat part."""

    centres_hz: Triple
    widths_hz: Triple
    gains: Triple
    flat: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phoneme:
    """One sound of speech.

    Attributes:
        manner: how it is made.
        duration_s: in a stressed syllable inside a phrase, s.
        start_hz: first three formants at its beginning, Hz.
        end_hz: at its end; a diphthong moves from one to the other.
        widths_hz: of the first three formants.
        voiced: whether the vocal folds swing.
        hiss: of friction or burst.
        level: of the hiss, beside a vowel's voicing of 1.
        follows: share in which its formants are those of the neighbouring vowel.
    """

    manner: Manner
    duration_s: float
    start_hz: Triple
    end_hz: Triple
    widths_hz: Triple
    voiced: bool = True
    hiss: Hiss | None = None
    level: float = 0.0
    follows: float = 0.0


_FRICTIONS = """
s   4700 5900 7200   700  700  900   0.5 1.0 0.7   0
sh  2650 3600 5000   350  500  900   1.0 0.7 0.35  0
f   1400 4000 7200  1500 2500 2500   0.1 0.3 0.6   0.3
th  1500 5500 7200  1500 2500 2000   0.1 0.5 0.7   0.2
p    700 1400 2600   500  900 1500   1.0 0.6 0.25  0.1
t   3400 4600 6300   700  900 1200   0.7 1.0 0.5   0
k   1700 3300 5000   280  700 1200   1.0 0.3 0.15  0
"""  # name, centres, widths, gains, flat

_VOWELS = """
IY  0.16   300 2080 2960    290 2070 2960     50  200  400
IH  0.13   400 1800 2570    450 1670 2590     50  100  140
EY  0.19   480 1720 2520    330 2020 2600     60  100  200
EH  0.15   530 1680 2500    590 1580 2520     60   90  200
AE  0.22   620 1660 2430    650 1560 2450     70  130  320
AA  0.22   700 1220 2600    700 1220 2600    130   70  160
AO  0.22   600  990 2570    620 1020 2590     90  100   80
AH  0.14   620 1220 2550    620 1220 2550     80   50  140
AX  0.09   500 1400 2480    500 1400 2480     80   80  140
OW  0.21   540 1100 2300    450  900 2300     80   70   70
UH  0.15   450 1100 2350    480 1150 2380     80  100   80
UW  0.2    340 1150 2200    320  920 2200     65  110  140
ER  0.18   470 1270 1540    430 1300 1540    100   60  110
AY  0.24   660 1200 2550    400 1880 2500     80   90  200
AW  0.25   640 1230 2550    420  940 2350     80   75  110
OY  0.26   550  960 2400    360 1820 2450     70   60  140
"""  # name, length, formants at the beginning and at the end, widths

_CONSONANTS = """
W   glide      0.08    290  610 2150     50   80   60   voiced  -   0     0.1
Y   glide      0.08    260 2070 3020     40  250  500   voiced  -   0     0.1
R   glide      0.08    310 1060 1380     70  100  120   voiced  -   0     0.1
L   glide      0.075   310 1050 2880     50  100  280   voiced  -   0     0.2
M   nasal      0.075   480 1270 2130     60  200  200   voiced  -   0     0.3
N   nasal      0.07    480 1340 2470     60  300  300   voiced  -   0     0.2
NG  nasal      0.09    480 2000 2900     60  300  300   voiced  -   0     0.3
F   fricative  0.11    340 1100 2080    200  120  150   mute    f   0.2   0.3
V   fricative  0.06    220 1100 2080     60   90  120   voiced  f   0.12  0.3
TH  fricative  0.1     320 1290 2540    200   90  200   mute    th  0.25  0.2
DH  fricative  0.05    270 1290 2540     60   80  170   voiced  th  0.08  0.2
S   fricative  0.12    320 1390 2530    200   80  200   mute    s   1     0.2
Z   fricative  0.08    240 1390 2530     70   60  180   voiced  s   0.5   0.2
SH  fricative  0.12    300 1840 2750    200  100  300   mute    sh  1     0.1
ZH  fricative  0.08    260 1840 2750     70  100  300   voiced  sh  0.5   0.1
HH  breath     0.07    500 1500 2500    300  160  250   mute    -   0     1
P   stop       0.14    400 1100 2150    300  150  220   mute    p   0.9   0.4
B   stop       0.09    200 1100 2150     60  110  130   voiced  p   0.6   0.4
T   stop       0.13    400 1600 2600    300  120  250   mute    t   1.2   0.25
D   stop       0.085   200 1600 2600     60  100  170   voiced  t   0.7   0.25
K   stop       0.14    300 1990 2850    250  160  330   mute    k   1.2   0.6
G   stop       0.09    200 1990 2850     60  150  280   voiced  k   0.7   0.6
CH  affricate  0.17    350 1800 2820    200   90  300   mute    sh  1     0.1
JH  affricate  0.13    260 1800 2820     60   80  270   voiced  sh  0.6   0.1
"""  # name, manner, length, formants, widths, folds, hiss, its level, follows


def _triple(words: list[str]) -> Triple:
    first, second, third = (float(word) for word in words)
    return first, second, third


def _read_hiss(words: list[str]) -> Hiss:
    return Hiss(
        centres_hz=_triple(words[1:4]),
        widths_hz=_triple(words[4:7]),
        gains=_triple(words[7:10]),
        flat=float(words[10]),
    )


def _read_vowel(words: list[str]) -> Phoneme:
    return Phoneme(
        manner="vowel",
        duration_s=float(words[1]),
        start_hz=_triple(words[2:5]),
        end_hz=_triple(words[5:8]),
        widths_hz=_triple(words[8:11]),
    )


def _read_consonant(words: list[str]) -> Phoneme:
    manner = next(manner for manner in get_args(Manner) if manner == words[1])
    return Phoneme(
        manner=manner,
        duration_s=float(words[2]),
        start_hz=_triple(words[3:6]),
        end_hz=_triple(words[3:6]),
        widths_hz=_triple(words[6:9]),
        voiced=words[9] == "voiced",
        hiss=_HISSES.get(words[10]),
        level=float(words[11]),
        follows=float(words[12]),
    )


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


_HISSES: dict[str, Hiss] = {row[0]: _read_hiss(row) for row in _rows(_FRICTIONS)}
VOWELS: dict[str, Phoneme] = {row[0]: _read_vowel(row) for row in _rows(_VOWELS)}
CONSONANTS: dict[str, Phoneme] = {row[0]: _read_consonant(row) for row in _rows(_CONSONANTS)}
PAUSE = Phoneme(
    manner="pause",
    duration_s=0.15,
    start_hz=(500.0, 1500.0, 2500.0),
    end_hz=(500.0, 1500.0, 2500.0),
    widths_hz=(100.0, 100.0, 150.0),
    voiced=False,
    follows=1.0,
)
PHONEMES: dict[str, Phoneme] = {**VOWELS, **CONSONANTS, "_": PAUSE}

WORDS: dict[str, str] = {
    "zero": "Z IY1 R OW0",
    "one": "W AH1 N",
    "two": "T UW1",
    "three": "TH R IY1",
    "four": "F AO1 R",
    "five": "F AY1 V",
    "six": "S IH1 K S",
    "seven": "S EH1 V AX0 N",
    "eight": "EY1 T",
    "nine": "N AY1 N",
    "yes": "Y EH1 S",
    "no": "N OW1",
    "up": "AH1 P",
    "down": "D AW1 N",
    "left": "L EH1 F T",
    "right": "R AY1 T",
    "stop": "S T AA1 P",
    "go": "G OW1",
    "hello": "HH AX0 L OW1",
    "goodbye": "G UH0 D B AY1",
    "help": "HH EH1 L P",
    "listen": "L IH1 S AX0 N",
    "water": "W AO1 T ER0",
    "music": "M Y UW1 Z IH0 K",
}
