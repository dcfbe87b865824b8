"""Power of a spectrum in one pass over what is in the processor's cache.

The kernel is compiled, or read from the cache, when this module is imported; so it is imported
by the functions that need it. It is serial and releases the interpreter's lock. Arrays are
C-contiguous and float32.
"""

from typing import no_type_check

from numba import njit

_EXACT = {"cache": True, "nogil": True, "error_model": "numpy"}
_ROWS = "float32[:, ::1]"


@njit(f"void({_ROWS}, {_ROWS})", **_EXACT)
@no_type_check  # numba compiles these bodies: no checker may wrap them
def power_of(parts, power):
    """power = re^2 + im^2, to the bit as torch computes it; ``parts`` holds re, im of each bin."""
    for row in range(power.shape[0]):
        part, out = parts[row], power[row]
        for k in range(power.shape[1]):
            re, im = part[2 * k], part[2 * k + 1]
            out[k] = re * re + im * im
