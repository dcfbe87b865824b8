"""Padding, batch order and a clip's neighbours change no answer."""

import numpy as np
import pytest
import torch
from tests.tiny import sound, tiny_model

from auricle.streaming import Listener

ATOL = 1e-5
SECONDS = (0.51, 0.2, 1.0, 0.003)


def clip_frames(model):
    with torch.inference_mode():
        return [
            model.clip_frames(torch.from_numpy(sound(seconds, seed=i))[None, None])[0]
            for i, seconds in enumerate(SECONDS)
        ]


def answers(model, frames, *, pad=0.0, extra=0):
    lengths = torch.tensor([len(part) for part in frames])
    batch = torch.full((len(frames), int(lengths.max()) + extra, frames[0].shape[1]), pad)
    for row, part in zip(batch, frames, strict=True):
        row[: len(part)] = part
    with torch.inference_mode():
        return model.score_clips(batch, lengths)


@pytest.mark.parametrize("compression", ["log", "pcen"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("strides", [(1, 2), (2, 3)])
def test_padding_does_not_change_a_clips_answer(compression, bidirectional, strides):
    model = tiny_model(compression=compression, bidirectional=bidirectional, strides=strides)
    frames = clip_frames(model)
    alone = torch.cat([answers(model, [part])[2] for part in frames])
    for pad, extra in ((0.0, 0), (-23.0, 5), (9.0, 11)):
        together = answers(model, frames, pad=pad, extra=extra)[2]
        torch.testing.assert_close(together.exp(), alone.exp(), atol=ATOL, rtol=0)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_order_in_a_batch_does_not_matter(bidirectional):
    model = tiny_model(bidirectional=bidirectional)
    frames = clip_frames(model)
    forwards = answers(model, frames)[2]
    backwards = answers(model, frames[::-1])[2].flip(0)
    torch.testing.assert_close(backwards.exp(), forwards.exp(), atol=ATOL, rtol=0)


def test_mask_counts_the_steps_of_each_clip():
    model = tiny_model(strides=(2, 3))
    _, mask, log_probs = answers(model, [torch.zeros(n, 12) for n in (1, 6, 7, 13)])
    assert mask.sum(dim=1).tolist() == [1, 1, 2, 3]
    np.testing.assert_allclose(log_probs.exp().sum(dim=1), 1, atol=1e-6)


@pytest.mark.parametrize("pooling", ["mean", "attention"])
def test_a_batch_of_clips_equals_each_clip_streamed(pooling):
    model = tiny_model(pooling=pooling)
    together = answers(model, clip_frames(model))[2].exp()
    listener = Listener(model)
    for row, (i, seconds) in zip(together, enumerate(SECONDS), strict=True):
        np.testing.assert_allclose(
            listener.predict_waveform(sound(seconds, seed=i)), row, atol=ATOL
        )
