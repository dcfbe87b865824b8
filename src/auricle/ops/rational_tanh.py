"""Coefficients of a tanh that is all multiplications and one division, for compiled kernels.

With y = x clamped to [-LIMIT, LIMIT] and s = y^2,

    tanh(x) = y (P6 s^6 + P5 s^5 + ... + P0) / (Q3 s^3 + Q2 s^2 + Q1 s + Q0)

and sigmoid(x) = 1/2 + tanh(x/2) / 2, whose largest error in float32 is 2e-7. The coefficients are
those of Eigen's `generic_fast_tanh_float` (MPL 2.0 lists them as data). A kernel's cache must look
at this file too: see ``stamp`` in `linear_recurrence.fused` and `tiles.packing.stamp_of`.
"""

import numpy as np

P6 = np.float32(-2.76076847742355e-16)
P5 = np.float32(2.00018790482477e-13)
P4 = np.float32(-8.60467152213735e-11)
P3 = np.float32(5.12229709037114e-08)
P2 = np.float32(1.48572235717979e-05)
P1 = np.float32(6.37261928875436e-04)
P0 = np.float32(4.89352455891786e-03)
Q3 = np.float32(1.19825839466702e-06)
Q2 = np.float32(1.18534705686654e-04)
Q1 = np.float32(2.26843463243900e-03)
Q0 = np.float32(4.89352518554385e-03)
LIMIT = np.float32(7.90531110763549805)
