"""The pictures and sounds of docs/synthesis.md: `python docs/synthesis/make_gallery.py`.

Sounds are Ogg Vorbis at 16 kHz, pictures PNG of few colours; all of them come from fixed seeds.
"""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from PIL import Image

from auricle.synth import (
    DRUMS,
    SPEAKERS,
    VOICES,
    Note,
    Sound,
    SoundEvent,
    Speaker,
    Tuning,
    band_noise,
    chirp,
    drum,
    fm_tone,
    impulsive_noise,
    load_spec,
    modulated_noise,
    noise,
    note_hz,
    play_note,
    play_score,
    pluck,
    rain,
    reverberate,
    saw_tone,
    sine,
    speak,
    spell,
    square_tone,
    vibrato,
    wind,
)
from auricle.synth.sets.composing import compose, recordings_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HERE = Path(__file__).parent
RATE = 16000
COLOURS = 24


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def in_turn(sounds: dict[str, Sound], gap_s: float = 0.12) -> Sound:
    """One after the other, with an event for each."""
    parts, events, clock = [], [], 0
    for label, sound in sounds.items():
        start, end = clock / RATE, (clock + len(sound.waveform)) / RATE
        events.append(SoundEvent(label=label, onset_s=start, offset_s=end))
        parts += [sound.waveform, np.zeros(round(gap_s * RATE), dtype=np.float32)]
        clock += len(parts[-2]) + len(parts[-1])
    return Sound(waveform=np.concatenate(parts), sample_rate=RATE, events=tuple(events))


def tones() -> Sound:
    swung = vibrato(440.0, duration_s=0.8, depth_cents=60.0)
    return in_turn(
        {
            "sine, vibrato": sine(swung, duration_s=0.8),
            "saw": saw_tone(220.0, duration_s=0.8),
            "square": square_tone(220.0, duration_s=0.8),
            "FM": fm_tone(600.0, modulator_hz=150.0, index=4.0, duration_s=0.8),
            "linear chirp": chirp(300.0, 6000.0, duration_s=0.8),
            "exponential": chirp(300.0, 6000.0, duration_s=0.8, kind="exponential"),
        }
    )


def noises() -> Sound:
    length = {"rng": rng(), "duration_s": 0.7, "peak": 0.4}
    return in_turn(
        {
            "white": noise("white", **length),
            "pink": noise("pink", **length),
            "brown": noise("brown", **length),
            "band 1-2 kHz": band_noise(1000.0, 2000.0, **length),
            "modulated": modulated_noise("white", modulation_hz=8.0, depth=1.0, **length),
            "clicks": impulsive_noise(15.0, **length),
        }
    )


def weather() -> Sound:
    return in_turn(
        {
            "drizzle": rain(rng=rng(), duration_s=1.6, drops_hz=40.0, distance=0.1),
            "rain": rain(rng=rng(), duration_s=1.6),
            "wind": wind(rng=rng(3), duration_s=2.2, gusts_hz=1.0),
        }
    )


def phrase() -> Sound:
    line = f"{spell(['hello'])} , {spell(['listen'])} _ {spell(['seven', 'five', 'nine'])}"
    return speak(line, rng=rng(), speaker=Speaker(liveliness=0.7, speed=0.9))


def voices() -> Sound:
    said = {
        name: speak(spell(["music"]), rng=rng(), speaker=speaker)
        for name, speaker in SPEAKERS.items()
    }
    return in_turn(said, gap_s=0.05)


def strings() -> Sound:
    just = Tuning(system="just")
    notes = ("C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5")
    return in_turn(
        {name: pluck(note_hz(name, tuning=just), rng=rng(), duration_s=0.5) for name in notes},
        gap_s=0.0,
    )


def instruments() -> Sound:
    return in_turn(
        {voice: play_note(voice, 330.0, rng=rng(), duration_s=0.6) for voice in VOICES}, gap_s=0.05
    )


def drums() -> Sound:
    return in_turn({kind: drum(kind, rng=rng(), duration_s=0.5) for kind in DRUMS}, gap_s=0.0)


def tune() -> Sound:
    """The beginning of Bach's two-part invention in C (BWV 772), and a beat."""
    right = "C4 D4 E4 F4 D4 E4 C4 G4 C5 B4 C5".split()
    places = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14]
    notes = [
        Note(instrument="pluck", onset_s=0.14 * place, duration_s=0.7, pitch=pitch)
        for place, pitch in zip(places, right, strict=True)
    ]
    notes += [
        Note(instrument="organ", onset_s=0.14 * place, duration_s=0.3, pitch=pitch, level_db=-8.0)
        for place, pitch in zip(range(9, 17), "C3 D3 E3 F3 D3 E3 C3 G3".split(), strict=True)
    ]
    notes += [
        Note(instrument=kind, onset_s=0.56 * beat, duration_s=0.3, level_db=-6.0)
        for beat, kind in enumerate(("kick", "hat", "snare", "hat", "kick"))
    ]
    return play_score(notes, rng=rng(), tuning=Tuning(a4_hz=415.0), label_by="pitch")


def scene() -> Sound:
    spec = load_spec("overlap")
    return compose(spec, recordings_of(spec)[61]).sound


def draw(
    sound: Sound, name: str, *, top_hz: float = 8000.0, boxes: bool = False, rows: int = 1
) -> None:
    """A spectrogram under the labels of the events."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8.0, 2.7), dpi=90)
    wave = sound.waveform + 1e-6 * rng().standard_normal(len(sound.waveform))
    size, hop = 384, max(96, len(wave) // 700)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(wave, size // 2), size)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(size), n=1024, axis=1)) ** 2
    level_db = 10 * np.log10(power.T / power.max() + 1e-12)
    axes.imshow(
        level_db,
        origin="lower",
        aspect="auto",
        extent=(0, sound.duration_s, 0, RATE / 2000),
        vmin=-72,
        vmax=0,
        cmap=plt.get_cmap("magma", 14),
        interpolation="nearest",
    )
    for place, event in enumerate(sound.events):
        axes.axvline(event.onset_s, color="white", linewidth=0.6)
        if boxes:
            low, high = (event.low_hz or 0) / 1000, (event.high_hz or 0) / 1000
            corner, width = (event.onset_s, low), event.offset_s - event.onset_s
            box = plt.Rectangle(corner, width, high - low, fill=False, edgecolor="cyan")
            axes.add_patch(box)
        height = top_hz / 1000 * (1.02 + 0.07 * (place % rows))
        axes.text(event.onset_s, height, event.label, fontsize=8)
    axes.set(xlabel="time, s", ylabel="frequency, kHz", ylim=(0, top_hz / 1000))
    save(figure, name)


def draw_decay(name: str) -> None:
    """Energy that is left in the answers of three rooms, and the slope that was asked for."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8.0, 2.7), dpi=90)
    click = Sound(waveform=np.eye(1, 160, dtype=np.float32)[0], sample_rate=RATE)
    for rt60_s, colour in ((0.3, "#0072b2"), (0.8, "#d55e00"), (2.0, "#009e73")):
        answer = reverberate(click, rt60_s=rt60_s, peak=1.0).waveform[1:].astype(np.float64)
        left_db = 10 * np.log10(np.cumsum(answer[::-1] ** 2)[::-1] / np.sum(answer**2) + 1e-12)
        time_s = np.arange(len(answer)) / RATE
        axes.plot(time_s, left_db, color=colour, label=f"rt60_s = {rt60_s}")
        axes.plot([0, rt60_s], [0, -60], color=colour, linestyle=":")
    axes.set(xlabel="time, s", ylabel="energy left, dB", ylim=(-65, 2), xlim=(0, 2.0))
    axes.legend()
    save(figure, name)


def save(figure: "Figure", name: str) -> None:
    """A PNG of few colours."""
    figure.tight_layout()
    page = io.BytesIO()
    figure.savefig(page, format="png")
    page.seek(0)
    Image.open(page).convert("RGB").quantize(COLOURS).save(HERE / f"{name}.png", optimize=True)


def write(sound: Sound, name: str) -> None:
    path = HERE / f"{name}.ogg"
    with soundfile.SoundFile(path, "w", RATE, 1, format="OGG", subtype="VORBIS") as sink:
        for start in range(0, len(sound.waveform), RATE):
            sink.write(sound.waveform[start : start + RATE])


def main() -> None:
    made = {
        "tones": tones(),
        "noises": noises(),
        "weather": weather(),
        "speech": phrase(),
        "voices": voices(),
        "strings": strings(),
        "instruments": instruments(),
        "drums": drums(),
        "tune": tune(),
        "scene": scene(),
    }
    made["room"] = reverberate(made["tune"], rt60_s=1.5, ratio_db=3.0, size_m=12.0)
    for name, sound in made.items():
        write(sound, name)
        if name != "room":
            draw(sound, name, boxes=name == "scene", rows=3 if name in ("scene", "tune") else 1)
    draw_decay("room")
    for path in sorted(HERE.glob("*.[op]*g")):
        print(f"{path.name:<18} {path.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
