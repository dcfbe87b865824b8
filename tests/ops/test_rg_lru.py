"""The fused layer of the RG-LRU against its equations."""

import pytest
import torch
from tests.ops.watch import Watch
from torch._subclasses.fake_tensor import FakeTensorMode

from auricle.errors import ConfigError, ShapeError, StateError
from auricle.ops.rg_lru import rg_lru_layer

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-12}
SHAPES = [(1, 1, 1, 1), (2, 7, 5, 3), (3, 13, 48, 33), (5, 203, 40, 16), (1, 129, 17, 64)]


@pytest.fixture(autouse=True)
def keep_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def inputs(batch, frames, columns, hidden, *, dtype=torch.float64, scale=1.0):
    generator = torch.Generator().manual_seed(frames * 31 + hidden)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    tensors = (
        draw(batch, frames, columns),
        scale * draw(3 * hidden, columns) / columns**0.5,
        draw(3 * hidden),
        draw(batch, hidden),
        draw(hidden) - 3,
    )
    return tuple(tensor.to(dtype).requires_grad_() for tensor in tensors)


def layer(x, weight, bias, h, decay, backend="auto"):
    return rg_lru_layer(x, weight, bias, h, decay=decay, backend=backend)


def outputs_and_gradients(tensors, backend):
    y, last = layer(*tensors, backend=backend)
    generator = torch.Generator().manual_seed(3)
    weights = torch.randn(y.shape, generator=generator, dtype=torch.float64).to(y.dtype)
    return y, last, *torch.autograd.grad((y * weights).sum() + 2 * last.sum(), tensors)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype", list(TOLERANCE))
@pytest.mark.parametrize("shape", SHAPES)
def test_fused_equals_the_loop_in_float64_forward_and_gradients(shape, dtype, threads):
    torch.set_num_threads(threads)
    exact = inputs(*shape)
    ours = outputs_and_gradients(
        tuple(t.detach().to(dtype).requires_grad_() for t in exact), "fused"
    )
    for mine, truth in zip(ours, outputs_and_gradients(exact, "reference"), strict=True):
        scale = max(1.0, float(truth.detach().abs().max()))
        assert float((mine.double() - truth).detach().abs().max()) <= TOLERANCE[dtype] * scale


def test_results_repeat_to_the_bit_with_the_same_threads():
    torch.set_num_threads(2)
    tensors = inputs(5, 300, 40, 64, dtype=torch.float32)
    first, second = (outputs_and_gradients(tensors, "fused") for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_gradients_equal_finite_differences():
    tensors = inputs(2, 5, 3, 4)
    assert torch.autograd.gradcheck(lambda *t: layer(*t, backend="fused"), tensors)


def test_operator_obeys_the_rules_of_torch_library():
    from auricle.ops.rg_lru import operators  # registers it

    assert operators.layer._opoverload is torch.ops.auricle.rg_lru_layer.default
    x, weight, bias, h, decay = inputs(2, 5, 3, 4)
    torch.library.opcheck(torch.ops.auricle.rg_lru_layer.default, (x, weight, bias, decay, h))


def test_what_traces_sees_the_operator_and_its_gradients_are_the_same():
    tensors = inputs(3, 40, 8, 6)
    plain = outputs_and_gradients(tensors, "fused")
    with Watch() as watch:
        watched = outputs_and_gradients(tensors, "fused")
    assert {"auricle.rg_lru_layer.default", "auricle.rg_lru_layer_backward.default"} <= watch.seen
    assert all(torch.equal(a, b) for a, b in zip(plain, watched, strict=True))
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        y, last = layer(*map(mode.from_tensor, tensors), backend="fused")
    assert y.shape == (3, 40, 6) and last.shape == (3, 6)


@pytest.mark.parametrize("cuts", [[300], [1, 299], [100, 100, 100], [95, 1, 0, 204]])
def test_output_does_not_depend_on_where_the_input_is_cut(cuts):
    x, weight, bias, h, decay = inputs(2, 300, 12, 20, dtype=torch.float32)
    whole, final = layer(x, weight, bias, h, decay, backend="fused")
    parts = []
    for chunk in x.split(cuts, dim=1):
        y, h = layer(chunk, weight, bias, h, decay, backend="fused")
        parts.append(y)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(h, final, atol=1e-6, rtol=1e-6)


def test_no_frames_leave_the_memory_and_pass_its_gradient_on():
    x, weight, bias, h, decay = inputs(2, 0, 3, 4)
    y, last = layer(x, weight, bias, h, decay, backend="fused")
    assert y.shape == (2, 0, 4) and torch.equal(last, h)
    (grad,) = torch.autograd.grad(last.sum(), h)
    assert torch.equal(grad, torch.ones_like(h))


def test_strided_input_and_expanded_gradient_are_read_where_they_lie():
    x, weight, bias, h, decay = inputs(3, 50, 8, 6, dtype=torch.float32)
    for view in (
        x.detach().transpose(0, 1).contiguous().transpose(0, 1),
        x.detach().transpose(1, 2).contiguous().transpose(1, 2),
        torch.cat([x, x], dim=2).detach()[:, :, :8],
    ):
        strided = view.requires_grad_()
        assert not strided.is_contiguous()
        results = []
        for given in (x, strided):
            y, _ = layer(given, weight, bias, h, decay, backend="fused")
            results.append(torch.autograd.grad(y.mean(dim=1).sum(), (given, weight)))
        for ours, truth in zip(results[1], results[0], strict=True):
            assert torch.equal(ours, truth)


def test_input_without_gradient_and_sliced_gradient():
    x, weight, bias, h, decay = inputs(2, 40, 8, 6)
    grads = []
    for backend in ("fused", "reference"):
        y, _ = layer(x.detach(), weight, bias, h, decay, backend=backend)
        grads.append(torch.autograd.grad(y[:, ::2, 1:].square().sum(), (weight, bias, h, decay)))
    for ours, truth in zip(*grads, strict=True):
        torch.testing.assert_close(ours, truth)


@pytest.mark.parametrize("dtype", list(TOLERANCE))
@pytest.mark.parametrize("decay", [-1e4, -40.0, 1e4])
def test_huge_gates_and_decays_give_no_nan(decay, dtype):
    x, weight, bias, h, _ = inputs(2, 40, 6, 5, dtype=dtype, scale=1e4)
    tensors = (x, weight, bias, h, torch.full((5,), decay, dtype=dtype).requires_grad_())
    assert all(torch.isfinite(part).all() for part in outputs_and_gradients(tensors, "fused"))


@pytest.mark.parametrize("decay", [-12.0, -6.0])
def test_memories_of_many_thousands_of_frames_have_the_gradients_of_the_loop(decay):
    x, weight, bias, h, _ = inputs(2, 60, 6, 5, dtype=torch.float64)
    slow = torch.full((5,), decay, dtype=torch.float64).requires_grad_()
    exact = (x, weight, bias, h, slow)
    rough = tuple(t.detach().float().requires_grad_() for t in exact)
    pairs = zip(
        outputs_and_gradients(rough, "fused"),
        outputs_and_gradients(exact, "reference"),
        strict=True,
    )
    for ours, truth in pairs:
        scale = float(truth.detach().abs().max())
        assert float((ours.double() - truth).detach().abs().max()) <= 2e-5 * scale


def test_auto_is_fused_with_gradients_and_plain_for_short_input_without():
    tensors = inputs(2, 9, 4, 8, dtype=torch.float32)
    assert torch.equal(layer(*tensors)[0], layer(*tensors, backend="fused")[0])
    with torch.no_grad():
        short = layer(*tensors)[0]
        assert torch.equal(short, layer(*tensors, backend="plain")[0])


def test_wrong_width_batch_dtype_and_back_end_are_named():
    x, weight, bias, h, decay = inputs(2, 3, 4, 5, dtype=torch.float32)
    with pytest.raises(ShapeError, match=r"weight: expected \[3 \* hidden = 18, input = 4\]"):
        layer(x, weight, bias, torch.zeros(2, 6), torch.zeros(6))
    with pytest.raises(ShapeError, match=r"decay: expected \[hidden = 5\], got \[6\]"):
        layer(x, weight, bias, h, torch.zeros(6))
    with pytest.raises(StateError, match="batch of 2"):
        layer(x, weight, bias, torch.zeros(3, 5), decay)
    with pytest.raises(StateError, match="float64"):
        layer(x, weight, bias, h.double(), decay)
    half = [t.bfloat16() for t in (x, weight, bias, h, decay)]
    with pytest.raises(ConfigError, match="backend: expected float32 or float64"):
        layer(*half, backend="fused")
