"""Every gated linear recurrence with random arguments, for the tests of its forms."""

import torch

from auricle.ops.linear_recurrence import linear_recurrence, lru, min_gru, min_lstm, qrnn, rg_lru

REAL = ["linear", "min_gru", "min_lstm", "qrnn", "rg_lru", "lru"]
CELLS = [*REAL, "complex"]


def arguments(cell, batch, frames, hidden, *, dtype=torch.float64, scale=1.0):
    """Tensors that need gradients, by name, from a fixed seed; the same numbers in every dtype."""
    generator = torch.Generator().manual_seed(frames * 31 + hidden)

    def normal(*shape, complex_numbers=False):
        real = torch.complex128 if complex_numbers else torch.float64
        values = torch.randn(*shape, generator=generator, dtype=real)
        return values.to(dtype.to_complex() if complex_numbers else dtype)

    if cell in ("linear", "complex"):
        numbers = {"complex_numbers": cell == "complex"}
        a = normal(batch, frames, hidden, **numbers)
        made = {
            "a": a / (1 + a.abs()) if scale == 1 else a,
            "b": scale * normal(batch, frames, hidden, **numbers),
            "h": normal(batch, hidden, **numbers),
        }
    elif cell == "lru":
        made = {
            "inputs": scale * normal(batch, frames, 2 * hidden),
            "h": normal(batch, 2 * hidden),
            "nu": normal(hidden) - 2,
            "theta": normal(hidden),
            "scale": normal(hidden),
        }
    else:
        width = 2 if cell == "min_gru" else 3
        made = {"gates": scale * normal(batch, frames, width * hidden), "h": normal(batch, hidden)}
        if cell == "rg_lru":
            made["decay"] = normal(hidden) - 4
    return {name: value.detach().requires_grad_() for name, value in made.items()}


def run(cell, made, **options):
    """y and the last memory."""
    match cell:
        case "linear" | "complex":
            return linear_recurrence(made["a"], made["b"], made["h"], **options)
        case "min_gru":
            return min_gru(made["gates"], made["h"], **options)
        case "min_lstm":
            return min_lstm(made["gates"], made["h"], **options)
        case "qrnn":
            return qrnn(made["gates"], made["h"], **options)
        case "rg_lru":
            return rg_lru(made["gates"], made["h"], decay=made["decay"], **options)
        case "lru":
            extra = {name: made[name] for name in ("nu", "theta", "scale")}
            return lru(made["inputs"], made["h"], **extra, **options)
    raise AssertionError(cell)


def run_with_gradients(cell, made, **options):
    """y, the last memory, and the gradients of a fixed mixture of both, by name."""
    y, last = run(cell, made, **options)
    generator = torch.Generator().manual_seed(5)
    loss = 0
    for output in (y, last):
        weights = torch.randn(output.shape, generator=generator, dtype=torch.complex128)
        mixed = output * (weights if output.is_complex() else weights.real).to(output.dtype)
        loss = loss + mixed.real.sum()
    names = list(made)
    grads = torch.autograd.grad(loss, [made[name] for name in names], allow_unused=True)
    named = {
        f"d{n}": torch.zeros_like(made[n]) if g is None else g
        for n, g in zip(names, grads, strict=True)
    }
    return {"y": y.detach(), "last": last.detach(), **named}


def as_double(made):
    """The same arguments in double precision."""
    return {
        name: value.detach()
        .to(torch.complex128 if value.is_complex() else torch.float64)
        .requires_grad_()
        for name, value in made.items()
    }


def relative_error(ours, truth):
    """Largest difference over the largest value; nothing to compare is no error."""
    if truth.numel() == 0:
        return 0.0
    wide = ours.to(truth.dtype)
    return float((wide - truth).abs().max() / truth.abs().max().clamp(min=1e-12))
