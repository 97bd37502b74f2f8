"""Calibration figures that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from core import calibration


def test_expected_calibration_error_by_hand():
    p, truth = np.array([0.1, 0.1, 0.9, 0.9]), np.array([0, 1, 1, 1])
    # bin 0.1: predicted 0.1, observed 0.5; bin 0.9: predicted 0.9, observed 1.0
    assert calibration.expected_calibration_error(p, truth) == pytest.approx((2 * 0.4 + 2 * 0.1) / 4)


def test_platt_recovers_a_known_scaling():
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 2, 20_000)
    truth = rng.random(20_000) < expit(0.5 * logit - 1)
    fitted = calibration.fit_platt(logit, truth, strength=1e6)
    assert fitted.scale == pytest.approx(0.5, abs=0.03)
    assert fitted.bias == pytest.approx(-1, abs=0.06)
    low, high = fitted.interval(1.0)
    assert low < expit(0.5 - 1) < high
    assert high - low < 0.03


def test_interval_widens_with_fewer_cases():
    rng = np.random.default_rng(1)
    logit = rng.normal(0, 2, 2000)
    truth = rng.random(2000) < expit(logit)
    few, many = calibration.fit_platt(logit[:60], truth[:60]), calibration.fit_platt(logit, truth)
    assert np.subtract(*few.interval(1.0)[::-1]) > 2 * np.subtract(*many.interval(1.0)[::-1])


def test_rare_labels_share_one_scaling():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 2, (300, 3))
    truth = (rng.random((300, 3)) < expit(logits - np.array([0, 5, 5]))).astype(int)
    scales = calibration.fit_platt_pooled(logits, truth, enough=40)
    assert scales[1] == scales[2] != scales[0]
