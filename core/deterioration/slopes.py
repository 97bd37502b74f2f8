"""Integrated gradients of a network that takes its input in steps: two paths, each where there are slopes.

A network that is told ranks of its features (``network.Normal``) jumps where many stays share a value, as with whole numbers: a
gradient in the measured values never sees a jump, however fine the path. So the path is straight in the ranks, where the network
is smooth, and what a feature adds there is handed to the values that moved the feature, by the slope of the feature over its own
path. A feature that hardly moved has hardly a slope of its own, and yet may have jumped: what it adds is shared by the values of
its vital sign, by how far each lies from the reference. All parts sum to their difference, and so does the whole.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.deterioration import risk
from core.deterioration.features import NAMES, summary
from core.deterioration.judged import Judged
from core.deterioration.vitals import CODES, SYSTOLIC

FEATURE_STEPS = 12  # means, extremes and roots of squares are nearly straight
AT_ONCE = 16  # points of the path in one pass
LITTLE = 0.1  # of the mean distance from the reference: a feature that moved less has no slope to hand on
_EVEN = 1e-9  # so that values at the reference share, too, where none is away from it


def _of(code: str) -> int:
    """The vital sign that a feature is of; the systolic pressure for what is made of it and another."""
    code = code.removeprefix("cuff_").removeprefix("line_")
    return CODES.index(code) if code in CODES else SYSTOLIC


_VITAL = torch.tensor([_of(name.split(":")[0]) for name in NAMES])


def ranks(stay: Judged) -> nn.Module | None:
    """The part of the network that takes features in steps; None of a network that has no such part."""
    return getattr(stay.served.model, "normal", None)


def attributions(stay: Judged, baseline: np.ndarray, steps: int) -> np.ndarray:
    """What each measured value ``[m]`` adds to the log odds, against ``baseline [m]`` in the same cells."""
    before, values = torch.from_numpy(baseline), stay.values
    added = _of_features(stay, _features(stay, before), _features(stay, values), steps).double()
    moved = (_features(stay, values.double()) - _features(stay, before.double())).nan_to_num(0)
    away = stay.grids((values - before).double()[None])[0].abs()
    little = moved.abs() <= LITTLE * _so_far(away)[:, _VITAL]
    per_unit = torch.where(little, torch.zeros_like(moved), added / torch.where(little, torch.ones_like(moved), moved))
    jumped = torch.zeros_like(away).index_add(1, _VITAL, torch.where(little, added, torch.zeros_like(added)))
    return (_of_values(stay, before.double(), per_unit) + _shared(stay, away, jumped)).float().numpy()


def _so_far(away: Tensor) -> Tensor:
    """Mean distance from the reference of what was measured by each hour, ``[49, 6]``."""
    return away.nan_to_num(0).cumsum(0) / (~away.isnan()).cumsum(0).clamp(min=1)


def _shared(stay: Judged, away: Tensor, jumped: Tensor) -> Tensor:
    """``jumped [49, 6]`` of each hour, shared by the measurements by then; ``[m]``."""
    known = ~away.isnan()
    weight = away.nan_to_num(0) + known * _EVEN
    each = jumped / weight.cumsum(0).clamp(min=_EVEN)
    shares = weight * each.flip(0).cumsum(0).flip(0)  # of every later hour
    return shares[stay.cells[:, 0], stay.cells[:, 1]]


def _features(stay: Judged, values: Tensor) -> Tensor:
    """``[49, k]``, NaN unknown; differentiable in the values ``[m]``."""
    return summary(risk.with_sources(stay.study, stay.grids(values[None])))[0]


def _of_features(stay: Judged, before: Tensor, after: Tensor, steps: int) -> Tensor:
    """What each feature adds ``[49, k]``, on the straight path between its ranks."""
    layer, (places, weights) = ranks(stay), _nodes(steps)
    with torch.no_grad():
        start, end = (layer(one[None])[0] for one in (before, after))
    total, shown = torch.zeros_like(start), []
    with stay.served.lock:
        handle = layer.register_forward_hook(lambda _layer, _inputs, _output: shown[0])
        try:
            for part in range(0, steps, AT_ONCE):
                at = places[part: part + AT_ONCE, None, None]
                path = (start + at * (end - start)).requires_grad_()
                shown[:] = [path]
                odds = risk.logits(stay.served, stay.study, stay.grids(stay.values.expand(len(path), -1)))[:, stay.row]
                (slope,) = torch.autograd.grad(odds.sum(), path)
                total += (weights[part: part + AT_ONCE, None, None] * slope).sum(0)
        finally:
            handle.remove()
    return (total * (end - start))[:, : before.shape[1]]  # behind the features: which are unknown, the same at both ends


def _of_values(stay: Judged, before: Tensor, per_unit: Tensor) -> Tensor:
    """``per_unit [49, k]`` of each feature's move, handed to the values that moved it; ``[m]``."""
    away = stay.values.double() - before
    total = torch.zeros_like(away)
    for at, weight in zip(*_nodes(FEATURE_STEPS), strict=True):
        point = (before + at * away).requires_grad_()
        (slope,) = torch.autograd.grad((_features(stay, point).nan_to_num(0) * per_unit).sum(), point)
        total += weight * slope
    return total * away


def _nodes(steps: int) -> tuple[Tensor, Tensor]:
    """Points of the path from 0 to 1 and their weights (Gauss-Legendre)."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return torch.from_numpy((nodes + 1) / 2).float(), torch.from_numpy(weights / 2).float()
