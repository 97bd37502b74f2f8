"""Boosted trees on the features of every stay at a few hours, grown by scikit-learn for ``core.deterioration.trees``."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from torch import Tensor

from core.deterioration.network import TREES
from core.deterioration.trees import SPLITS, Trees

HOURS = {6: 0.3, 12: 0.4, 24: 0.6, 36: 0.8, 48: 1.0}  # at which a stay is shown, and how much it counts there
SOFT = 0.5  # share of the teacher's opinion


def grown(x: Tensor, died: np.ndarray, soft: np.ndarray, seed: int = 0) -> Trees:
    """Args: x: normal scores ``[n, 49, k]`` of the training stays. soft: the teacher's probabilities ``[n]``."""
    shown = np.concatenate([x[:, hour].numpy() for hour in HOURS])
    share = np.tile((1 - SOFT) * died + SOFT * soft, len(HOURS))
    weight = np.repeat(list(HOURS.values()), len(died))
    # A soft truth is both outcomes, each as heavy as it is likely.
    boosting = HistGradientBoostingClassifier(max_iter=TREES, learning_rate=0.04, max_leaf_nodes=SPLITS + 1, l2_regularization=5,
                                              max_features=0.15, min_samples_leaf=100, early_stopping=False, random_state=seed)
    boosting.fit(np.concatenate([shown, shown]), np.repeat([1, 0], len(share)),
                 sample_weight=np.concatenate([weight * share, weight * (1 - share)]))
    trees = Trees(TREES)
    trees.learn(float(boosting._baseline_prediction.item()), [tree[0].nodes for tree in boosting._predictors])
    return trees
