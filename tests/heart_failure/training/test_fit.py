"""The fit finds what was put in, and agrees with torchsurv on the likelihood."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchsurv.loss.cox import neg_partial_log_likelihood

from core.heart_failure.training.fit import bounds, completed, joint, newton


@pytest.fixture
def drawn():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 3))
    time = rng.exponential(np.exp(-x @ [1.0, -0.5, 0.0]))
    censored = rng.exponential(2, 1500)
    return x, np.minimum(time, censored), time <= censored


def test_newton_finds_the_coefficients(drawn):
    beta, covariance = newton(*drawn, np.zeros(1500), np.full(3, 1e-6))
    np.testing.assert_allclose(beta, [1, -0.5, 0], atol=3 * np.sqrt(np.diag(covariance)).max())
    assert np.sqrt(np.diag(covariance)).max() < 0.06


def test_newton_minimises_the_likelihood_of_torchsurv(drawn):
    x, time, event = drawn
    beta, _ = newton(x, time, event, np.zeros(len(x)), np.full(3, 1e-6))

    def loss(b):
        return neg_partial_log_likelihood(torch.from_numpy(x @ b), torch.from_numpy(event), torch.from_numpy(time)).item()

    assert all(loss(beta) < loss(beta + step) for step in 0.02 * np.vstack([np.eye(3), -np.eye(3)]))


def test_ties_and_strata_by_hand():
    # two strata of two patients; x = 1 dies first in one and last in the other: nothing to be learned
    x, time, event = np.array([[1.0], [0], [0], [1]]), np.array([1.0, 2, 1, 2]), np.array([True, False, True, False])
    beta, _ = newton(x, time, event, np.array([0, 0, 1, 1]), np.array([0.1]))
    assert beta[0] == pytest.approx(0, abs=1e-8)
    tied, _ = newton(np.array([[1.0], [0]]), np.array([1.0, 1]), np.array([True, True]), np.zeros(2), np.array([1.0]))
    # Breslow: log likelihood b - 2 log(e^b + 1), gradient 1 - 2 s(b) - b = 0
    assert 1 - 2 / (1 + np.exp(-tied[0])) - tied[0] == pytest.approx(0, abs=1e-6)


def test_a_ridge_holds_the_coefficients(drawn):
    weak, strong = (newton(*drawn, np.zeros(1500), np.full(3, held))[0] for held in (1.0, 1000.0))
    assert np.abs(strong).sum() < 0.7 * np.abs(weak).sum()


def test_joint_distribution_with_gaps():
    rng = np.random.default_rng(1)
    x = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 4000)
    x[(x[:, 0] > 0), 1] = np.nan  # missing where the other is high: a mean of what is known would be far too low
    mean, covariance = joint(x, wisdom=0, rounds=40)
    np.testing.assert_allclose(mean, [0, 0], atol=0.08)
    np.testing.assert_allclose(covariance, [[1, 0.8], [0.8, 1]], atol=0.08)
    assert np.nanmean(x[:, 1]) < -0.5


def test_gaps_are_completed_by_regression():
    covariance = np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    full = completed(np.array([[2, np.nan, 1], [np.nan] * 3, [1, 1, 1.0]]), covariance)
    np.testing.assert_allclose(full, [[2, 1, 1], [0, 0, 0], [1, 1, 1]])


def test_bounds_are_the_widest_of_the_cohorts():
    raw = np.concatenate([np.arange(100.0), 1000 + np.arange(100.0)])[:, None]
    raw = np.concatenate([raw, raw > 500], 1)
    low, high = bounds(raw, np.repeat(["a", "b"], 100), 0.1)
    assert low[0] == pytest.approx(9.9)
    assert high[0] == pytest.approx(1089.1)
    assert np.isinf([low[1], high[1]]).all()  # yes or no has none
