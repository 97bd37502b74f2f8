"""Boosted trees with soft splits: what gradient boosting learned, as a function that can be differentiated.

A split that asks whether a feature lies above a threshold becomes the probability that it does, a logistic function of the
distance (soft decision trees, Irsoy et al. 2012, ICPR). So a small change of a vital sign moves the risk a little, never in a
jump, and integrated gradients see it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

SPLITS = 5  # of a tree; one more leaf
WIDTH = 0.15  # of a split, in normal scores


class Trees(nn.Module):
    """The sum of ``count`` trees on normal scores ``[..., k]``, log odds ``[...]``."""

    def __init__(self, count: int):
        super().__init__()
        self.register_buffer("feature", torch.zeros(count, SPLITS, dtype=torch.long))
        self.register_buffer("threshold", torch.zeros(count, SPLITS))
        self.register_buffer("path", torch.zeros(count, SPLITS + 1, SPLITS))  # -1 leaf lies below the split, 1 above, 0 elsewhere
        self.register_buffer("leaf", torch.zeros(count, SPLITS + 1))
        self.register_buffer("bias", torch.zeros(1))

    def learn(self, bias: float, trees: Sequence[np.ndarray]) -> None:
        """From nodes of scikit-learn's boosting (``_predictors``), trees of at most SPLITS splits."""
        self.bias.fill_(bias)
        for t, nodes in enumerate(trees):
            splits = {int(n): k for k, n in enumerate(np.flatnonzero(~nodes["is_leaf"].astype(bool)))}
            for node, k in splits.items():
                self.feature[t, k], self.threshold[t, k] = int(nodes["feature_idx"][node]), float(nodes["num_threshold"][node])
            for leaf, path in enumerate(_paths(nodes, 0, ())):
                node, ways = path
                self.leaf[t, leaf] = float(nodes["value"][node])
                for at, way in ways:
                    self.path[t, leaf, splits[at]] = way

    def forward(self, x: Tensor) -> Tensor:
        z = (x[..., self.feature] - self.threshold) / WIDTH  # [..., trees, splits]
        share = sum(torch.einsum("...ts,tls->...tl", F.logsigmoid(way * z), (self.path == way).to(z.dtype)) for way in (1, -1))
        return self.bias + (share.exp() * self.leaf).sum((-2, -1))


def _paths(nodes: np.ndarray, at: int, ways: tuple[tuple[int, int], ...]) -> list[tuple[int, tuple[tuple[int, int], ...]]]:
    """Each leaf with the splits above it, and on which side it lies."""
    if nodes["is_leaf"][at]:
        return [(at, ways)]
    return [*_paths(nodes, int(nodes["left"][at]), (*ways, (at, -1))), *_paths(nodes, int(nodes["right"][at]), (*ways, (at, 1)))]
