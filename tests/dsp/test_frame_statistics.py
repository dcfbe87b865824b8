import numpy as np
import pytest
import torch

from auricle.dsp import STATISTICS, feature_statistics, feature_statistics_names
from auricle.errors import ConfigError, ShapeError


def test_statistics_equal_numpy():
    frames = torch.randn(3, 50, 4, generator=torch.Generator().manual_seed(0))
    x = frames.double().numpy()
    time_s = np.arange(50) / 100
    columns = [x.mean(1), x.std(1), *(np.percentile(x, p, axis=1) for p in (10, 25, 50, 75, 90))]
    columns.append(np.stack([np.polyfit(time_s, clip, 1)[0] for clip in x]))
    ours = feature_statistics(frames, frame_rate=100.0).numpy()
    np.testing.assert_allclose(ours, np.concatenate(columns, axis=1), rtol=1e-5, atol=1e-5)


def test_chosen_statistics_and_their_names_keep_the_order():
    frames = torch.tensor([[[1.0, 5.0], [3.0, 4.0], [2.0, 9.0]]])
    row = feature_statistics(frames, statistics=("max", "p50", "min"))
    assert row.tolist() == [[3.0, 9.0, 2.0, 5.0, 1.0, 4.0]]
    names = feature_statistics_names(("a", "b"), statistics=("max", "p50", "min"))
    assert names == ("a_max", "b_max", "a_p50", "b_p50", "a_min", "b_min")
    assert len(feature_statistics_names(("a",))) == len(STATISTICS)


def test_padding_is_not_counted():
    frames = torch.randn(2, 9, 3)
    padded = torch.cat([frames, torch.full((2, 4, 3), 99.0)], dim=1)
    lengths = torch.tensor([9, 5])
    ours = feature_statistics(padded, lengths=lengths)
    assert torch.equal(ours[:1], feature_statistics(frames[:1]))
    assert torch.equal(ours[1:], feature_statistics(frames[1:, :5]))


def test_one_frame_has_no_slope_and_no_deviation():
    row = feature_statistics(torch.full((1, 1, 1), 7.0))[0].tolist()
    assert row == [7.0, 0.0, 7.0, 7.0, 7.0, 7.0, 7.0, 0.0]


def test_bad_input_is_named():
    frames = torch.zeros(1, 4, 2)
    with pytest.raises(ConfigError, match="statistics: expected different names .* 'p101'"):
        feature_statistics(frames, statistics=("mean", "p101"))
    with pytest.raises(ConfigError, match="statistics: expected different names"):
        feature_statistics_names(("a",), statistics=("mean", "mean"))
    with pytest.raises(ShapeError, match="lengths: expected 1 to 0 frames"):
        feature_statistics(frames[:, :0])
    with pytest.raises(ShapeError, match="lengths: expected 1 to 4 frames"):
        feature_statistics(frames, lengths=torch.tensor([5]))
    with pytest.raises(ShapeError, match="frames: expected finite numbers"):
        feature_statistics(torch.full((1, 2, 1), torch.inf))
