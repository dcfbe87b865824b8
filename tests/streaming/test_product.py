"""The product that a hop's layers are made of: the same by BLAS and by the kernel of many rows."""

import pytest
import torch

from auricle.streaming.step.product import Product


@pytest.fixture(params=[1, 2])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 300])
@pytest.mark.parametrize("columns", [7, 48, 384])
def test_product_is_the_linear_map_of_any_rows(rows, columns, threads):
    generator = torch.Generator().manual_seed(rows)
    x, weight, bias, out = (
        torch.randn(*shape, generator=generator)
        for shape in ((rows, 33), (columns, 33), (columns,), (rows, columns))
    )
    before, product = out.clone(), Product(weight, bias)
    product.add_to(out, x)
    exact = x.double() @ weight.double().T
    torch.testing.assert_close(out.double(), before + exact, atol=2e-5, rtol=0)
    product.into(x, out)
    torch.testing.assert_close(out.double(), exact + bias, atol=2e-5, rtol=0)


def test_rows_that_lie_apart_are_multiplied_too():
    wide = torch.randn(100, 64)
    product, out = Product(torch.randn(32, 32), torch.zeros(32)), torch.zeros(100, 32)
    product.into(wide[:, :32], out)
    torch.testing.assert_close(out, wide[:, :32] @ product.weight, atol=2e-5, rtol=0)
