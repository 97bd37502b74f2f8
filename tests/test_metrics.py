"""Figures that can be worked out by hand, and the form in which metrics.json holds them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core import calibration, metrics


def test_best_f1_threshold_by_hand():
    p, truth = np.array([0.2, 0.4, 0.6, 0.8]), np.array([0, 0, 1, 1])
    assert metrics.best_f1_threshold(p, truth) == 0.6
    assert metrics.sensitivity_specificity(p, truth, 0.6) == (1.0, 1.0)
    assert metrics.sensitivity_specificity(p, truth, 0.3) == (1.0, 0.5)


def test_macro_auc_leaves_out_labels_without_both_classes():
    truth = np.array([[0, 1], [1, 1], [0, 1], [1, 1]])
    score = np.array([[0.1, 0.5], [0.9, 0.5], [0.8, 0.5], [0.7, 0.5]])
    assert metrics.macro_auc(truth, score) == pytest.approx(0.75)


def test_bootstrap_resamples_whole_groups():
    groups = np.repeat(np.arange(50), 4)
    values = np.repeat(np.random.default_rng(0).normal(size=50), 4)
    low, high = metrics.bootstrap(lambda rows: values[rows].mean(), groups)
    spread = 1.96 * values[::4].std() / np.sqrt(50)
    assert (high - low) / 2 == pytest.approx(spread, rel=0.35)


def test_youden_threshold_by_hand():
    truth, p = np.array([0, 0, 0, 1, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    # at 0.4: sensitivity 1, specificity 3/4; at 0.6: 2/3 and 1
    assert metrics.best_youden_threshold(p, truth) == pytest.approx(0.4)
    sensitivity, specificity = metrics.sensitivity_specificity(p, truth, 0.4)
    assert (sensitivity, specificity) == (1.0, 0.75)


def test_auc_is_that_of_the_roc_curve_where_the_truth_is_known():
    rng = np.random.default_rng(0)
    truth, score = rng.integers(0, 2, 300).astype(float), rng.integers(0, 20, 300) / 20  # with ties
    assert metrics.auc(truth, score) == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    gaps = np.where(np.arange(300) % 3 == 0, np.nan, truth)
    assert metrics.auc(gaps, score) == pytest.approx(roc_auc_score(*(a[~np.isnan(gaps)] for a in (truth, score))), abs=1e-12)
    assert metrics.auc(np.ones(4), np.arange(4.0)) is None
    assert metrics.macro_auc(np.ones((4, 2)), np.zeros((4, 2))) is None


def test_bootstrap_of_many_statistics_is_that_of_each():
    values = np.random.default_rng(0).normal(size=(60, 2))
    low, high = metrics.bootstrap(lambda rows: values[rows].mean(0), np.arange(60))
    for k in range(2):
        assert metrics.bootstrap(lambda rows, k=k: values[rows, k].mean(), np.arange(60)) == pytest.approx((low[k], high[k]))


def test_halves_keep_the_rows_of_a_patient_together():
    patients = np.array(["b", "a", "c", "a", "d", "b"])
    assert metrics.halves(patients).tolist() == [False, True, True, True, False, False]


def test_a_figure_has_the_same_entries_whoever_makes_it():
    mean = metrics.mean("Dice", np.array([0.5, np.nan, 0.75]), "here", target=0.7)
    assert list(mean) == ["name", "value", "interval", "split", "n", "unit", "target"]
    assert (mean["value"], mean["n"], mean["interval"]) == (0.625, 2, [0.5, 0.75])
    nothing = metrics.mean("Dice", np.array([np.nan]), "here")
    assert metrics.measured([mean, nothing]) == [mean]
    assert json.loads(json.dumps(nothing, allow_nan=False))["interval"] is None


def test_crossed_probabilities_come_from_the_other_half():
    rng = np.random.default_rng(0)
    truth = (rng.random(400) < 0.5).astype(float)
    score = rng.normal(size=400) + 2 * truth
    first = np.arange(400) % 2 == 0
    p = metrics.crossed(score, truth, first)
    assert np.array_equal(p[first], calibration.fit_platt(score[~first], truth[~first]).probability(score[first]))
    found = metrics.calibration_of(p, truth, "halves", 400)
    assert found["ece"] < 0.1
    assert sum(b["n"] for b in found["bins"]) == 400
    alone = metrics.crossed(score, np.where(first, 1.0, truth), first)
    assert np.isnan(alone[~first]).all()
    assert metrics.calibration_of(np.full(3, np.nan), np.ones(3), "nothing", 3) == {}


def test_operating_points_as_a_table():
    truth, p = np.array([0, 1, 0, 1]), np.array([0.1, 0.9, 0.6, 0.8])
    point = metrics.operating_point(p, truth, 0.5)
    assert point == {"threshold": 0.5, "sensitivity": 1.0, "specificity": 0.5, "n_positive": 2}
    rows = metrics.thresholds([("g", "c", "Wording")], [point], [truth], [p])
    assert rows == [{"group": "g", "code": "c", "label": "Wording", **point, "auc": 1.0}]
