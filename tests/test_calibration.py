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


def test_best_f1_threshold_by_hand():
    p, truth = np.array([0.2, 0.4, 0.6, 0.8]), np.array([0, 0, 1, 1])
    assert calibration.best_f1_threshold(p, truth) == 0.6
    assert calibration.sensitivity_specificity(p, truth, 0.6) == (1.0, 1.0)
    assert calibration.sensitivity_specificity(p, truth, 0.3) == (1.0, 0.5)


def test_macro_auc_leaves_out_labels_without_both_classes():
    truth = np.array([[0, 1], [1, 1], [0, 1], [1, 1]])
    score = np.array([[0.1, 0.5], [0.9, 0.5], [0.8, 0.5], [0.7, 0.5]])
    assert calibration.macro_auc(truth, score) == pytest.approx(0.75)


def test_bootstrap_resamples_whole_groups():
    groups = np.repeat(np.arange(50), 4)
    values = np.repeat(np.random.default_rng(0).normal(size=50), 4)
    low, high = calibration.bootstrap(lambda rows: values[rows].mean(), groups)
    spread = 1.96 * values[::4].std() / np.sqrt(50)
    assert (high - low) / 2 == pytest.approx(spread, rel=0.35)


def test_youden_threshold_by_hand():
    truth, p = np.array([0, 0, 0, 1, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    # at 0.4: sensitivity 1, specificity 3/4; at 0.6: 2/3 and 1
    assert calibration.best_youden_threshold(p, truth) == pytest.approx(0.4)
    sensitivity, specificity = calibration.sensitivity_specificity(p, truth, 0.4)
    assert (sensitivity, specificity) == (1.0, 0.75)
