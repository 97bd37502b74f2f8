"""Attribution against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core import attribution


class Tiny(nn.Module):
    """One 1 x 1 convolution (weights 1 and -1), mean over time, one output: everything is known."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 2, 1, bias=False)
        self.conv.weight.data = torch.tensor([[[1.0]], [[-1.0]]])
        self.head = nn.Linear(2, 1, bias=False)
        self.head.weight.data = torch.tensor([[3.0, 1.0]])

    def forward(self, x):
        return self.head(self.conv(x).mean(-1))


def test_grad_cam_by_hand():
    x = torch.tensor([[[1.0, -2.0, 4.0, 0.0]]])
    model = Tiny()
    (cam,) = attribution.grad_cam(model, [model.conv], x, 0)
    # channel weights are 3/4 and 1/4 (mean over four steps); maps are x and -x: relu(0.75 x - 0.25 x) = relu(x / 2)
    torch.testing.assert_close(cam, torch.tensor([[0.5, 0.0, 2.0, 0.0]]))


def test_integrated_gradients_of_a_linear_model_are_weight_times_input():
    x = torch.tensor([[[1.0, -2.0, 4.0, 0.0]]])
    values, delta = attribution.integrated_gradients(Tiny(), x, torch.zeros_like(x), 0, steps=4)
    torch.testing.assert_close(values, x * (3 - 1) / 4)
    assert delta == pytest.approx(0, abs=1e-5)


def test_deletion_tells_a_good_map_from_a_bad_one():
    important = np.zeros(20)
    important[[3, 7]] = 1.0
    score = lambda batch: batch @ important  # noqa: E731
    erase = lambda mask: np.where(mask, 0.0, 1.0)  # noqa: E731
    good = attribution.deletion(score, erase, important)
    bad = attribution.deletion(score, erase, -important)
    assert good["targeted"] == [2.0, 0.0, 0.0, 0.0, 0.0]
    assert good["holds"] and good["advantage"] > 1
    assert not bad["holds"]
