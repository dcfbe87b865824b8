import numpy as np
import pytest
import torch

from auricle.ops.step import fused, products
from auricle.ops.tiles.packing import packed


def arrays(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize(("rows", "bins"), [(1, 1), (3, 5), (70, 513), (0, 4)])
def test_power_is_the_sum_of_two_squares(rows, bins):
    parts, power = arrays((rows, 2 * bins), (rows, bins))
    fused.power_of(parts, power)
    exact = parts[:, ::2].astype(np.float64) ** 2 + parts[:, 1::2].astype(np.float64) ** 2
    np.testing.assert_allclose(power, exact, rtol=3e-7)


@pytest.mark.parametrize(("rows", "width"), [(1, 1), (3, 7), (70, 128), (0, 4)])
def test_normalise_is_layer_norm_without_its_parameters(rows, width):
    x, u = arrays((rows, width), (rows, width))
    x = 5 * x + 3
    before = x.copy()
    fused.normalise(x, np.float32(1e-5), u)
    exact = torch.nn.functional.layer_norm(torch.from_numpy(x).double(), (width,), eps=1e-5)
    np.testing.assert_allclose(u, exact.numpy(), atol=2e-6)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(("rows", "hidden"), [(1, 1), (3, 7), (70, 128), (0, 4)])
def test_update_is_a_block_of_the_minimal_gru(rows, hidden):
    gates, h, product, x, bias = arrays(
        (rows, 3 * hidden), (rows, hidden), (rows, hidden), (rows, hidden), (hidden,)
    )
    tanh = np.tanh(gates[:, : 2 * hidden])
    a, g, c = (part.astype(np.float64) for part in np.split(gates, 3, axis=1))
    z = 1 / (1 + np.exp(-2 * a))
    h_new = (1 - z) * h + z * c
    shown = 2 * g / (1 + np.exp(-2 * g)) * h_new
    x_new = x.astype(np.float64) + bias
    fused.update(gates, tanh, h, product, x, bias)
    np.testing.assert_allclose(h, h_new, atol=2e-6)
    np.testing.assert_allclose(product, shown, atol=5e-6)
    np.testing.assert_allclose(x, x_new, atol=1e-6)


@pytest.mark.parametrize(("rows", "hidden"), [(1, 1), (3, 7), (70, 128), (0, 4)])
def test_update_rg_lru_is_a_block_of_the_rg_lru(rows, hidden):
    gates, h, product, x, bias, rate = arrays(
        (rows, 4 * hidden), (rows, hidden), (rows, hidden), (rows, hidden), (hidden,), (hidden,)
    )
    tanh = np.tanh(gates[:, : 3 * hidden])
    r, i, g, v = (part.astype(np.float64) for part in np.split(gates, 4, axis=1))
    decay = 2 * np.exp(rate) / (1 + np.exp(-2 * r))
    a = np.exp(-decay)
    h_new = a * h + np.sqrt(1 - a**2) * 2 * v / (1 + np.exp(-2 * i))
    shown = 2 * g / (1 + np.exp(-2 * g)) * h_new
    x_new = x.astype(np.float64) + bias
    fused.update_rg_lru(gates, tanh, np.expm1(-decay).astype(np.float32), h, product, x, bias)
    np.testing.assert_allclose(h, h_new, atol=2e-6, rtol=1e-6)
    np.testing.assert_allclose(product, shown, atol=5e-6, rtol=2e-6)
    np.testing.assert_allclose(x, x_new, atol=1e-6)


@pytest.mark.parametrize(
    ("rows", "depth", "columns"), [(1, 1, 1), (64, 128, 24), (131, 40, 8), (0, 3, 1), (5, 0, 2)]
)
def test_product_is_added_to_what_is_there(rows, depth, columns):
    columns *= products.LANES
    x, weight, out = arrays((rows, depth), (depth, columns), (rows, columns))
    exact = out + x.astype(np.float64) @ weight
    products.add_product(x, packed(weight), out)
    np.testing.assert_allclose(out, exact, atol=5e-5)
