"""What a waveform and a sample rate must be."""

import numpy as np

from auricle.errors import AudioError, message

MIN_SAMPLE_RATE = 100  # Hz; below it nothing audible is left
MAX_SAMPLE_RATE = 500_000  # Hz; bats and hydrophones are well inside


def check_sample_rate(sample_rate: int, *, name: str) -> None:
    """Refuse a rate outside 100 Hz to 500 kHz, which is a broken header or a wrong unit.

    Args:
        sample_rate: Hz.
        name: what the message calls it, such as the path of the file.
    Raises:
        AudioError: the rate is outside the range.
    """
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise AudioError(
            message(
                name,
                expected=f"a sample rate of {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz",
                got=f"{sample_rate} Hz",
                remedy="The header is broken or the unit is not Hz: write the file anew.",
            )
        )


def check_waveform(waveform: np.ndarray, *, name: str) -> None:
    """Refuse what is not one channel of finite floating-point samples.

    Args:
        waveform: any amplitude; may be empty.
        name: what the message calls it.
    Raises:
        AudioError: it is no float array, has not one axis, or holds NaN or infinity.
    """
    if waveform.ndim != 1:
        raise AudioError(
            message(
                name,
                expected="one channel, an array of shape [time]",
                got=f"shape {list(waveform.shape)}",
                remedy="Pick a channel or take their mean.",
            )
        )
    if not np.issubdtype(waveform.dtype, np.floating):
        raise AudioError(
            message(
                name,
                expected="floating-point samples in [-1, 1]",
                got=f"samples of type {waveform.dtype}",
                remedy="Divide 16-bit samples by 32768.",
            )
        )
    check_finite(waveform, name=name, first_sample=0, sample_rate=None)


def check_finite(
    waveform: np.ndarray, *, name: str, first_sample: int, sample_rate: int | None
) -> None:
    """Refuse NaN and infinity, and say where the first one is.

    Args:
        waveform: samples of one channel.
        name: what the message calls it.
        first_sample: position of ``waveform[0]`` in the whole, samples.
        sample_rate: Hz, to name the position in seconds too; None where it is unknown.
    Raises:
        AudioError: a sample is NaN or infinite.
    """
    finite = np.isfinite(waveform)
    if finite.all():
        return
    index = int(np.argmin(finite))
    position = first_sample + index
    where = f"sample {position}"
    if sample_rate is not None:
        where += f" ({position / sample_rate:.3f} s)"
    raise AudioError(
        message(
            name,
            expected="finite samples",
            got=f"{float(waveform[index])} at {where}",
            remedy="Whatever wrote the file divided by zero or overflowed: write it anew.",
        )
    )
