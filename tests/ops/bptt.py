"""The formulas of docs/bptt.md in numpy: every gradient, and the wrong ones that drop the paths.

Rows are frames. ``paths=False`` writes e_t where the total derivative g_t belongs.
"""

import numpy as np

ACTIVATIONS = {
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "relu": (lambda a: np.maximum(a, 0), lambda h: (h > 0).astype(h.dtype)),
    "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda h: h * (1 - h)),
}


def elman_forward(x, h_0, W_xh, W_hh, b_h, *, activation):
    """h_1 .. h_T of one clip."""
    f, rows, h = ACTIVATIONS[activation][0], [], h_0
    for x_t in x:
        h = f(W_hh @ h + W_xh @ x_t + b_h)
        rows.append(h)
    return np.array(rows)


def elman_gradients(x, h_0, W_xh, W_hh, b_h, W_hy, *, epsilon, activation, paths=True):
    """Gradients of L for one clip, where epsilon_t = dL/dy_t and y_t = W_hy h_t + b_y."""
    h = elman_forward(x, h_0, W_xh, W_hh, b_h, activation=activation)
    before = np.vstack([h_0, h[:-1]])
    slope = ACTIVATIONS[activation][1](h)
    delta, later = np.zeros_like(h), np.zeros_like(h_0)
    for t in reversed(range(len(x))):
        g = W_hy.T @ epsilon[t] + (W_hh.T @ later if paths else 0)
        delta[t] = later = slope[t] * g
    return {
        "W_xh": delta.T @ x,
        "W_hh": delta.T @ before,
        "b_h": delta.sum(0),
        "W_hy": epsilon.T @ h,
        "b_y": epsilon.sum(0),
        "h_0": W_hh.T @ delta[0],
        "x": delta @ W_xh,
    }


def linear_gradients(a, b, h_0, *, e, paths=True):
    """Gradients of L for h_t = a_t h_(t-1) + b_t, where e_t is what comes to h_t from above."""
    h, rows = h_0, []
    for a_t, b_t in zip(a, b, strict=True):
        h = a_t * h + b_t
        rows.append(h)
    before = np.vstack([h_0, rows[:-1]])
    g, later = np.zeros_like(e), np.zeros_like(h_0)
    for t in reversed(range(len(e))):
        g[t] = e[t] + (later if paths else 0)
        later = a[t] * g[t]
    return {"a": g * before, "b": g, "h_0": later, "before": before, "h": np.array(rows)}


def min_gru_gradients(x, h_0, W_z, b_z, W_c, b_c, *, e, paths=True):
    """Gradients of L for the minimal GRU, by way of a = 1 - z and b = z c."""
    z, c = 1 / (1 + np.exp(-(x @ W_z.T + b_z))), x @ W_c.T + b_c
    of = linear_gradients(1 - z, z * c, h_0, e=e, paths=paths)
    of_c = of["b"] * z
    of_u = (of["b"] * c - of["a"]) * z * (1 - z)
    return {
        "W_z": of_u.T @ x,
        "b_z": of_u.sum(0),
        "W_c": of_c.T @ x,
        "b_c": of_c.sum(0),
        "h_0": of["h_0"],
        "x": of_u @ W_z + of_c @ W_c,
    }


def wrong_by(case, *, seed=0, frames=50, width=16):
    """How wrong the gradient without the paths is: |wrong - right| / |right|, and their cosine.

    Args:
        case: ("elman", r): tanh, W_hh of spectral radius r, gradient of W_hh;
            ("mingru", z): every gate near z, gradient of W_c.
    """
    rng = np.random.default_rng(seed)
    kind, value = case
    x, e = rng.standard_normal((frames, width)), rng.standard_normal((frames, width))
    W_x, h_0 = rng.standard_normal((width, width)) / width**0.5, np.zeros(width)
    if kind == "elman":
        W_hh = rng.standard_normal((width, width))
        W_hh *= value / np.abs(np.linalg.eigvals(W_hh)).max()
        settings = (x, h_0, W_x, W_hh, np.zeros(width), np.eye(width))
        both = [
            elman_gradients(*settings, epsilon=e, activation="tanh", paths=paths)["W_hh"]
            for paths in (True, False)
        ]
    else:
        W_z, b_z = 0.1 * W_x[::-1], np.full(width, np.log(value / (1 - value)))
        settings = (x, h_0, W_z, b_z, W_x, np.zeros(width))
        both = [min_gru_gradients(*settings, e=e, paths=paths)["W_c"] for paths in (True, False)]
    right, wrong = (gradient.ravel() for gradient in both)
    error = np.linalg.norm(wrong - right) / np.linalg.norm(right)
    cosine = wrong @ right / (np.linalg.norm(wrong) * np.linalg.norm(right))
    return float(error), float(cosine)
