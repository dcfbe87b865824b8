"""What the synthesiser says about its sounds, measured back from them, and how long they take.

    python -m bench.synthesis [--threads 1]

JSON keys: ``frequency_error`` (largest share over tones, strings and voices; aim < 0.001),
``slope_error_db`` (an octave; aim < 0.3), ``snr_error_db`` (aim < 0.1), ``onset_error_ms`` (aim
< 1), ``formant_error`` (largest share over ten vowels and three throats; aim < 0.05),
``rt60_error`` (largest share), ``slowest_s`` (ten seconds of the slowest sound; aim < 1).
"""

import argparse
import time
from statistics import median

import numpy as np

from auricle.synth import (
    VOICES,
    Placed,
    Sound,
    Speaker,
    Spoken,
    make_scene,
    noise,
    play_note,
    pluck,
    reverberate,
    sine,
    speak,
)
from auricle.synth.speech.phonemes import VOWELS
from bench._table import emit_json, machine_line, print_table, set_threads

RATE = 16000
STEADY = ("IY", "IH", "EH", "AE", "AA", "AO", "AH", "UH", "UW", "ER")


def main() -> None:
    """Measure, print the tables and the line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    set_threads(parser.parse_args().threads)
    figures = {
        "frequency_error": frequency_error(),
        "slope_error_db": slope_error_db(),
        "snr_error_db": snr_error_db(),
        "onset_error_ms": onset_error_ms(),
        "formant_error": formant_error(),
        "rt60_error": rt60_error(),
    }
    times = times_s()
    print(machine_line())
    print_table(("largest error", "measured"), [(k, f"{v:.2g}") for k, v in figures.items()])
    print_table(("ten seconds of", "median ms"), [(k, f"{1000 * v:.0f}") for k, v in times.items()])
    emit_json({**figures, "slowest_s": round(max(times.values()), 3)})


def frequency_error() -> float:
    """Of sines, plucked strings and voices, as a share."""
    from tests.synth.measures import frequency_of
    from tests.synth.test_music import first_partial

    rng, errors = np.random.default_rng(0), []
    for hz in np.geomspace(40.0, 7000.0, 24).tolist():
        errors.append(frequency_of(sine(hz, duration_s=1.0).waveform, RATE) / hz - 1)
    for hz in np.geomspace(55.0, 1500.0, 12).tolist():
        wave = pluck(hz, rng=rng, duration_s=1.5).waveform
        errors.append(first_partial(wave, hz) / hz - 1)
    for voice in VOICES:
        wave = play_note(voice, 330.0, rng=rng, duration_s=1.2).waveform
        errors.append(first_partial(wave, 330.0) / 330.0 - 1)
    return float(np.abs(errors).max())


def slope_error_db() -> float:
    """Of five colours, 20 s each, between 60 Hz and 7 kHz, dB an octave."""
    from tests.synth.measures import slope_db

    errors = []
    for exponent in (-2.0, -1.0, 0.0, 1.0, 2.0):
        wave = noise(exponent, rng=np.random.default_rng(0), duration_s=20.0).waveform
        errors.append(slope_db(wave, RATE, 60.0, 7000.0) + 10 * np.log10(2) * exponent)
    return float(np.abs(errors).max())


def snr_error_db() -> float:
    """A tone in white noise, measured from the mixture alone by least squares."""
    from tests.synth.measures import partials_of

    errors = []
    for snr_db in (-5.0, 0.0, 5.0, 10.0, 20.0):
        ground = noise("white", rng=np.random.default_rng(0), duration_s=6.0)
        tone = Placed(sound=sine(1000.0, duration_s=4.0), label="a", onset_s=1.0, snr_db=snr_db)
        scene = make_scene([tone], background=ground, level_db=-45.0)
        event = scene.sound.waveform[RATE + 160 : 5 * RATE - 160].astype(np.float64)  # no fades
        front = float(partials_of(event, 1000.0, RATE, [1])[0]) ** 2 / 2
        errors.append(10 * np.log10(front / (np.mean(event**2) - front)) - snr_db)
    return float(np.abs(errors).max())


def onset_error_ms() -> float:
    """When a sound over a background 80 dB below its peak is first heard, and when it should be."""
    errors = []
    for place, voice in enumerate(VOICES):
        note = play_note(voice, 330.0, rng=np.random.default_rng(0), duration_s=0.5)
        at = 0.5 + 0.01234 * place
        placed = [Placed(sound=note, label="a", onset_s=at, snr_db=80.0)]
        ground = noise("white", rng=np.random.default_rng(0), duration_s=2.0)
        wave = np.abs(make_scene(placed, background=ground, level_db=-90.0).sound.waveform)
        heard = int((wave > 0.0035 * wave.max()).argmax())
        errors.append(1000 * (heard / RATE - at))
    return float(np.abs(errors).max())


def formant_error() -> float:
    """Of three formants of ten vowels in three throats at 95 Hz, as a share."""
    from tests.synth.test_speech import formants_of, part

    errors = []
    for tract in (0.95, 1.0, 1.16):
        for vowel in STEADY:
            line = [Spoken(symbol=vowel, duration_s=0.5, pitch_hz=95.0)]
            sound = speak(line, rng=np.random.default_rng(0), speaker=Speaker(tract=tract))
            ends = np.array([VOWELS[vowel].start_hz, VOWELS[vowel].end_hz])
            wanted = ends.mean(axis=0) * tract
            errors.append(formants_of(part(sound, vowel)[3200:-3200], tract) / wanted - 1)
    return float(np.abs(errors).max())


def rt60_error() -> float:
    """Of rooms from 0.2 to 3 s, as a share."""
    from tests.synth.test_rooms import click, late, rt60_of

    errors = []
    for rt60_s in (0.2, 0.5, 1.0, 2.0, 3.0):
        for size_m in (3.0, 8.0, 15.0):
            answer = late(reverberate(click(), rt60_s=rt60_s, size_m=size_m))
            errors.append(rt60_of(answer) / rt60_s - 1)
    return float(np.abs(errors).max())


def times_s() -> dict[str, float]:
    """Medians of five calls, after one that compiles."""
    from tests.synth.test_promises import MAKERS

    return {name: median(_timed(name) for _ in range(6)) for name in MAKERS}


def _timed(name: str) -> float:
    from tests.synth.test_promises import MAKERS

    started = time.perf_counter()
    sound: Sound = MAKERS[name](np.random.default_rng(0))
    seconds = time.perf_counter() - started
    return seconds * 10 / sound.duration_s


if __name__ == "__main__":
    main()
