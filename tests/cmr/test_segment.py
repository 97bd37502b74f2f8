"""From a stack to its mask, by networks whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.cmr.frame import SIDE, Frame, frame_of, paste
from core.cmr.model import CmrNet
from core.cmr.presence import gate, passes, presence_score, soft_share
from core.cmr.segment import _on_grid, _tried, decode, segment


class Reads(nn.Module):
    """Finds what the picture says: intensities 1, 2, 3, 4 (standardised) are cavity, myocardium, infarct and no-reflow."""

    def __init__(self, levels: np.ndarray, one: bool):
        super().__init__()
        self.levels, self.one = nn.Parameter(torch.tensor(levels, dtype=torch.float32), requires_grad=False), one

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        near = -200 * (self.levels.view(1, 5, 1, 1) - self._ranks(x[:, 1:2])).square()
        return near[:, 1:].logsumexp(1, keepdim=True) - near[:, :1] if self.one else near

    @staticmethod
    def _ranks(x: torch.Tensor) -> torch.Tensor:
        low, high = x.amin((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        return (x - low) / (high - low)


class Ensemble(nn.Module):
    def __init__(self):
        super().__init__()
        levels = np.array([0, 0.25, 0.5, 0.75, 1])
        self.localisers = nn.ModuleList(Reads(levels, True) for _ in range(2))
        self.segmenters = nn.ModuleList(Reads(levels, False) for _ in range(2))


def hearts(shape: tuple[int, int], centre: tuple[int, int], radius: tuple[float, float]) -> np.ndarray:
    """Three slices of rings, a quarter of each scar with a core of no-reflow."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    away, angle = np.hypot((y - centre[0]) / radius[0], (x - centre[1]) / radius[1]), np.arctan2(y - centre[0], x - centre[1])
    labels = np.where(away < 0.6, 1, np.where(away < 1, 2, 0))
    labels[(labels == 2) & (abs(angle) < 0.8)] = 3
    labels[(labels == 3) & (abs(angle) < 0.3) & (away < 0.9)] = 4
    return np.stack([labels] * 3).astype(np.uint8)


@pytest.mark.parametrize(("shape", "centre", "radius"), [((160, 160), (80, 80), (26, 26)), ((200, 120), (60, 80), (40, 22)),
                                                           ((120, 220), (70, 40), (22, 34))])
def test_a_heart_anywhere_of_any_aspect_comes_back(shape, centre, radius):
    truth, seen = hearts(shape, centre, radius), []
    found = segment(truth.astype(np.float32) * 100 - 50, Ensemble(), done=lambda k, n: seen.append((k, n)))
    assert found.labels.dtype == np.uint8
    assert found.labels.shape == truth.shape
    for least in (1, 2, 3):
        a, b = found.labels >= least, truth >= least
        assert 2 * (a & b).sum() / (a.sum() + b.sum()) > 0.9
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert found.members.shape == (2, 3, SIDE, SIDE)
    assert found.located > 0.8
    assert found.certainty > 0.8


def test_a_heart_found_too_small_is_cropped_anew_until_it_fits():
    truth = hearts((200, 200), (100, 100), (60, 28))
    seen = hearts((200, 200), (100, 100), (36, 26)) > 0
    stack = torch.from_numpy(truth.astype(np.float32) * 100 - 50)
    _, sure, frame = _tried(stack, seen, 0.5, Ensemble().segmenters[0])
    assert sure == 0.5
    assert frame.half == pytest.approx(frame_of(truth > 0).half, rel=0.05)


def test_one_slice_is_a_stack_too():
    assert segment(hearts((128, 128), (64, 64), (24, 24))[:1].astype(np.float32), Ensemble()).labels.shape == (1, 128, 128)


def test_nothing_is_invented_where_nothing_is_found():
    class Blind(nn.Module):
        def __init__(self):
            super().__init__()
            self.level = nn.Parameter(torch.tensor(-9.0))

        def forward(self, x):
            return self.level.expand(len(x), 1, *x.shape[2:])

    model = Ensemble()
    model.localisers = nn.ModuleList([Blind(), Blind()])
    assert segment(np.random.default_rng(0).normal(size=(3, 64, 64)), model) is None


def test_infarct_lies_in_the_wall_and_the_largest_heart_counts():
    p = np.zeros((1, 5, 40, 40), np.float32)
    p[:, 0] = 1
    p[0, :, 5:25, 5:25] = np.array([0, 0, 0.4, 0.6, 0])[:, None, None]
    p[0, :, 10:20, 10:20] = np.array([0, 0.6, 0.1, 0.3, 0])[:, None, None]  # infarct in the blood is none
    p[0, :, 30:33, 30:33] = np.array([0, 0, 0, 1, 0])[:, None, None]  # a second, smaller heart
    p[0, :, 6, 6] = [0, 0, 0.1, 0.3, 0.6]
    labels = decode(p)[0]
    assert (labels[10:20, 10:20] == 1).all()
    assert labels[31, 31] == 0
    assert labels[6, 6] == 4
    assert (labels[5:25, 5:25] == 3).sum() == 400 - 100 - 1


def test_slice_by_slice_is_the_same_as_at_once():
    torch.manual_seed(0)
    p = torch.randn(3, 5, 96, 96).mul(3).softmax(1)
    frame = Frame(np.array([[40.0, 50.0]] * 3), np.array([30.0, 25.0]))
    assert np.array_equal(_on_grid(p, frame, (90, 100)), decode(paste(p, frame, (90, 100)).numpy()))


def test_presence_grows_with_the_share_of_infarct():
    def with_share(share: float) -> np.ndarray:
        p = np.zeros((2, 5, 8, 8), np.float32)
        p[:, 2], p[:, 3] = 1 - share, share
        return p

    assert soft_share(with_share(0.25)) == pytest.approx(0.25)
    assert presence_score(None) < presence_score(segment_of(with_share(0.01))) < presence_score(segment_of(with_share(0.3)))


def test_the_gate_asks_for_certainty_and_place():
    seen = [segment_of(np.zeros((1, 5, 4, 4)), located=0.5 + k / 100, certainty=0.8 + k / 1000) for k in range(50)]
    limits = gate(seen)
    assert limits["certainty"] == pytest.approx(0.8005, abs=1e-3)
    assert limits["located"] == pytest.approx(0.2525, abs=2e-3)
    assert passes(seen[20], limits)
    assert not passes(None, limits)
    assert not passes(segment_of(np.zeros((1, 5, 4, 4)), located=0.1, certainty=0.9), limits)
    assert not passes(segment_of(np.zeros((1, 5, 4, 4)), located=0.9, certainty=0.7), limits)


def segment_of(probability: np.ndarray, located: float = 1.0, certainty: float = 1.0):
    from core.cmr.frame import Frame
    from core.cmr.segment import Segmentation

    return Segmentation(np.zeros((1, 4, 4), np.uint8), probability, np.zeros((1, 1, 4, 4)), Frame(np.zeros((1, 2)), np.ones(2)),
                        located, certainty)


def test_the_real_ensemble_has_the_same_parts():
    small = {"widths": (8,) * 5}
    assert {"localisers", "segmenters"} <= set(dict(CmrNet("unet", small, small, 1).named_children()))
