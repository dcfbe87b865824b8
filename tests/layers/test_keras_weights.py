"""Cells that took over a Keras layer's weights equal that layer. Keras runs on JAX."""

import numpy as np
import pytest
import torch

from auricle.errors import ShapeError
from auricle.layers import Elman, Gru, Lstm, load_keras_weights

ATOL = 1e-5


@pytest.fixture(scope="module")
def keras():
    """Keras 3 on JAX, or the reason why it is not tested."""
    pytest.importorskip("jax", reason="JAX is not installed: pip install 'auricle[bench]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "jax")
        module = pytest.importorskip(
            "keras", reason="Keras is not installed: pip install 'auricle[bench]'"
        )
    if module.backend.backend() != "jax":
        pytest.skip(f"Keras was loaded with {module.backend.backend()}, not with JAX")
    return module


LAYERS = {
    "lstm": (lambda k, **o: k.layers.LSTM(6, **o), lambda: Lstm(5, 6)),
    "gru": (lambda k, **o: k.layers.GRU(6, **o), lambda: Gru(5, 6)),
    "gru_reset_before": (
        lambda k, **o: k.layers.GRU(6, reset_after=False, **o),
        lambda: Gru(5, 6, reset="before"),
    ),
    "simple_rnn": (lambda k, **o: k.layers.SimpleRNN(6, **o), lambda: Elman(5, 6)),
}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's own
@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("name", LAYERS)
def test_cell_equals_the_keras_layer(name, use_bias, keras):
    make_layer, make_cell = LAYERS[name]
    rng = np.random.default_rng(0)
    layer = make_layer(keras, return_sequences=True, use_bias=use_bias)
    x = rng.standard_normal((3, 40, 5), dtype=np.float32)
    layer.build(x.shape)
    weights = [
        rng.uniform(-0.8, 0.8, part.shape).astype(np.float32) for part in layer.get_weights()
    ]
    layer.set_weights(weights)
    cell = make_cell()
    load_keras_weights(cell, layer.get_weights())
    with torch.no_grad():
        ours, _ = cell(torch.from_numpy(x), cell.initial_state(3))
    theirs = np.asarray(layer(x))
    assert np.abs(theirs).max() > 0.5
    np.testing.assert_allclose(ours.numpy(), theirs, atol=ATOL, rtol=0)


def arrays(gates, *, hidden=4, features=3, bias=None):
    rng = np.random.default_rng(0)
    shapes = [(features, gates * hidden), (hidden, gates * hidden), bias or (gates * hidden,)]
    return [rng.standard_normal(shape) for shape in shapes]


def test_gates_land_where_they_belong():
    """Each gate of Keras's order z, r, h is marked by its own number."""
    kernel = np.repeat([1.0, 2.0, 3.0], 4)[None].repeat(3, axis=0)
    recurrent = 10 * np.repeat([1.0, 2.0, 3.0], 4)[None].repeat(4, axis=0)
    bias = np.stack([kernel[0] + 100, kernel[0] + 200])
    cell = Gru(3, 4)
    load_keras_weights(cell, [kernel, recurrent, bias])
    assert cell.rnn.weight_ih_l0[::4, 0].tolist() == [2, 1, 3]
    assert cell.rnn.weight_hh_l0[::4, 0].tolist() == [20, 10, 30]
    assert cell.rnn.bias_ih_l0[::4].tolist() == [102, 101, 103]
    assert cell.rnn.bias_hh_l0[::4].tolist() == [202, 201, 203]


@pytest.mark.parametrize(
    ("cell", "weights"),
    [
        (Lstm(3, 4), arrays(3)),
        (Lstm(3, 5), arrays(4)),
        (Gru(3, 4), arrays(3)),
        (Gru(3, 4, reset="before"), arrays(3, bias=(2, 12))),
        (Elman(3, 4), arrays(1)[:1]),
        (Lstm(3, 4, peepholes=True), arrays(4)),
        (Lstm(3, 4, projection_size=2), arrays(4)),
        (Elman(3, 4, output_size=4), arrays(1)),
    ],
    ids=["gru_into_lstm", "size", "before_into_after", "after_into_before", "one_array",
         "peepholes", "projection", "output_map"],
)  # fmt: skip
def test_weights_of_another_layer_are_named(cell, weights):
    before = {name: value.clone() for name, value in cell.state_dict().items()}
    with pytest.raises(ShapeError, match="weights: expected kernel, recurrent kernel and bias"):
        load_keras_weights(cell, weights)
    assert all(torch.equal(value, before[name]) for name, value in cell.state_dict().items())
