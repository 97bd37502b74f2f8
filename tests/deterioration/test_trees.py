"""Soft trees beside the boosting they come from, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier

from core.deterioration import trees
from core.deterioration.training.grow import HOURS, grown

DTYPE = [("value", float), ("feature_idx", int), ("num_threshold", float), ("left", int), ("right", int), ("is_leaf", bool)]
ONE_SPLIT = np.array([(0, 1, 0.5, 1, 2, False), (-2, 0, 0, 0, 0, True), (3, 0, 0, 0, 0, True)], DTYPE)


def one() -> trees.Trees:
    found = trees.Trees(1)
    found.learn(0.25, [ONE_SPLIT])
    return found


def test_far_from_a_threshold_it_is_the_leaf_and_on_it_the_mean_of_both():
    told = one()(torch.tensor([[9.0, -5.0], [9.0, 0.5], [9.0, 6.0]]))
    assert told.tolist() == pytest.approx([0.25 - 2, 0.25 + 0.5, 0.25 + 3], abs=1e-5)


def test_what_a_small_step_changes_can_be_differentiated():
    x = torch.tensor([[0.0, 0.45]], requires_grad=True)
    one()(x).sum().backward()
    above = 1 / (1 + np.exp(-(0.45 - 0.5) / trees.WIDTH))
    assert x.grad[0].tolist() == pytest.approx([0, 5 * above * (1 - above) / trees.WIDTH], rel=1e-4)


def test_with_hard_splits_it_is_the_boosting_it_was_grown_as(monkeypatch):
    rng = np.random.default_rng(0)
    x, new = rng.normal(size=(2, 400, 4)).astype(np.float32)
    truth = x[:, 1] + x[:, 2] * x[:, 3] > 0.8
    boosting = HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=trees.SPLITS + 1).fit(x, truth)
    found = trees.Trees(40)
    found.learn(float(boosting._baseline_prediction.item()), [tree[0].nodes for tree in boosting._predictors])
    monkeypatch.setattr(trees, "WIDTH", 1e-6)
    np.testing.assert_allclose(found(torch.from_numpy(new)).numpy(), boosting.decision_function(new), atol=1e-3)


def test_they_learn_the_outcome_at_every_hour():
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.normal(size=(300, 49, 4)).astype(np.float32))
    x[:, :, 1] = x[:, :1, 1]
    died = x[:, 0, 1].numpy() > 0.8
    told = grown(x, died, died.astype(np.float32))(x)
    for hour in HOURS:
        assert told[died][:, hour].min() > told[~died][:, hour].median() + 1
