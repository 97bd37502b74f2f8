"""Attribution against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from torch import nn
from torch.nn import functional as F

from core import attribution
from core.progress import Cancelled


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
    assert good["holds"]
    assert good["advantage"] > 1
    assert not bad["holds"]


def test_grad_cam_takes_one_target_per_input():
    x = torch.tensor([[[1.0, -2.0, 4.0, 0.0]]]).expand(2, -1, -1)
    model = Tiny()
    model.head = nn.Linear(2, 2, bias=False)
    model.head.weight.data = torch.tensor([[3.0, 1.0], [-1.0, 3.0]])
    (cam,) = attribution.grad_cam(model, [model.conv], x, [0, 1])
    # second label: channel weights -1/4 and 3/4, relu(-0.25 x - 0.75 x) = relu(-x)
    torch.testing.assert_close(cam, torch.tensor([[0.5, 0.0, 2.0, 0.0], [0.0, 2.0, 0.0, 0.0]]))


@pytest.mark.parametrize("target", [2, [0, 2, 1]])
def test_grad_cam_is_captums(target):
    """On branches, each with a map of its own, that are changed in place afterwards."""
    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Conv2d(2, 4, 3), nn.Conv2d(2, 5, 3, stride=2)
            self.head = nn.Linear(9, 3)

        def forward(self, x):
            pooled = [F.leaky_relu(branch(x), 0.1, inplace=True).mean((2, 3)) for branch in (self.first, self.second)]
            return self.head(torch.cat(pooled, 1))

    torch.manual_seed(0)
    model, x = Branches().requires_grad_(False), torch.randn(3, 2, 9, 11)
    maps = attribution.grad_cam(model, [model.second, model.first], x, target)
    for layer, ours in zip((model.second, model.first), maps, strict=True):
        theirs = LayerGradCam(model, layer).attribute(x.clone().requires_grad_(), target=target, relu_attributions=True)
        torch.testing.assert_close(ours, theirs[:, 0].detach())
        assert ours.any()
    assert not model.first._forward_hooks


def test_occlusion_by_hand():
    x = torch.tensor([[[1.0, -2.0, 4.0, 0.0]]])
    # score = mean(2 x); a window of two that shows 0 instead takes 2 (a + b) / 4 away
    values = attribution.occlusion(Tiny(), x, torch.zeros_like(x), 0, (1, 2), (1, 2), chunk=1)
    torch.testing.assert_close(values, torch.tensor([[[-0.5, -0.5, 2.0, 2.0]]]))
    overlapping = attribution.occlusion(Tiny(), x, torch.zeros_like(x), 0, (1, 2), (1, 1), chunk=2)
    torch.testing.assert_close(overlapping, torch.tensor([[[-0.5, 0.25, 1.5, 2.0]]]))


def test_occlusion_reports_and_can_be_cancelled():
    x, steps = torch.randn(1, 1, 8), []
    attribution.occlusion(Tiny(), x, torch.zeros_like(x), 0, (1, 2), (1, 2), 1, lambda *step: not steps.append(step))
    assert steps == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]  # the input itself and four windows
    with pytest.raises(Cancelled):
        attribution.occlusion(Tiny(), x, torch.zeros_like(x), 0, (1, 2), (1, 2), 1, lambda done, of: done < 3)


def test_rollout_by_hand():
    first = torch.tensor([[1.0, 0.0], [1.0, 0.0]]).expand(1, 3, 2, 2)  # both tokens read the first one
    second = torch.tensor([[0.0, 1.0], [0.0, 1.0]]).expand(1, 3, 2, 2)  # both read the second one
    # with the residual: [[1, 0], [1/2, 1/2]], then [[1/2, 1/2], [0, 1]]
    torch.testing.assert_close(attribution.rollout([first, second]), torch.tensor([[[0.75, 0.25], [0.5, 0.5]]]))
    heads = torch.stack([torch.eye(2), torch.tensor([[0.0, 1.0], [1.0, 0.0]])])[None]
    torch.testing.assert_close(attribution.rollout([heads]), torch.tensor([[[0.75, 0.25], [0.25, 0.75]]]))


def test_rank_correlation():
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert attribution.rank_correlation(a, np.exp(a)) == pytest.approx(1)
    assert attribution.rank_correlation(a, -a) == pytest.approx(-1)
    assert attribution.rank_correlation(a, np.array([[2.0, 1.0], [4.0, 3.0]])) == pytest.approx(0.6)
    assert attribution.rank_correlation(a, np.ones((2, 2))) == 0


def test_weight_randomisation_tells_what_depends_on_the_weights_from_what_does_not():
    x = torch.linspace(-1, 1, 64).reshape(1, 1, 64)
    torch.manual_seed(0)
    stages = {"head": ["1"], "first": ["0"]}

    def network() -> nn.Sequential:
        return nn.Sequential(nn.Linear(64, 32), nn.Linear(32, 64)).requires_grad_(False)

    learned = attribution.weight_randomisation(network(), stages, lambda model: model(x).numpy())
    assert learned["holds"]
    assert learned["stages"] == ["head", "first"]
    assert learned["correlation"][-1] < 0.5
    edges = attribution.weight_randomisation(network(), stages, lambda model: x.numpy())  # sees the input alone
    assert edges["correlation"] == pytest.approx([1, 1])
    assert not edges["holds"]
    nothing = attribution.weight_randomisation(network(), stages, lambda model: np.zeros((2, 2)))
    assert nothing["correlation"] == [0, 0]
    assert not nothing["holds"]


def test_randomised_weights_keep_their_scale():
    model = nn.Linear(200, 200).requires_grad_(False)
    nn.init.normal_(model.weight, 0.3, 0.1)
    before = model.weight.clone()
    attribution.weight_randomisation(model, {"all": [""]}, lambda model: np.zeros(2))
    assert not torch.equal(before, model.weight)
    assert float(model.weight.mean()) == pytest.approx(0.3, abs=0.01)
    assert float(model.weight.std()) == pytest.approx(0.1, abs=0.01)


def test_insertion_keeps_what_deletion_erases():
    values = np.array([8.0, 4.0, 2.0, 1.0, 0.0])

    def run() -> dict:
        return attribution.deletion(lambda batch: batch.sum(1), lambda gone: np.where(gone, 0.0, values), values, (0.2, 0.4))

    assert "insertion" not in run()
    with attribution.inserting():
        found = run()
    assert found["targeted"] == [15, 7, 3]
    assert found["insertion"]["targeted"] == [8, 12]
    # at random the kept and the erased cells are the same ones: together they are the whole
    np.testing.assert_allclose(np.add(found["insertion"]["random"], found["random"][1:]), 15)
    assert "insertion" not in run()


def test_ssim_by_hand():
    ramp = np.arange(5.0)
    assert attribution.ssim(ramp, -3 * ramp) == pytest.approx(1), "magnitudes of any scale"
    # one window of two cells: means 0.5 and 0.5, variances 0.25, covariance -0.25
    one, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    by_hand = (0.5 + 1e-4) / (0.5 + 1e-4) * (-0.5 + 9e-4) / (0.5 + 9e-4)
    first = (2 * 0 * 1 + 1e-4) / (1 + 1e-4)  # the other window, mirrored at the edge, holds the first cell twice
    assert attribution.ssim(one, other, 2) == pytest.approx((by_hand + first) / 2)
