"""Figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.heart_failure.training.figures import calibration
from core.heart_failure.training.scores import (
    Pairs,
    brier,
    integrated,
    net_benefit,
    observed_expected,
    reached,
    youden,
)

TIME, EVENT = np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, False])


def slow_c_index(time, event, score):
    right = pairs = 0
    for i in range(len(time)):
        for j in range(len(time)):
            if event[i] and (time[j] > time[i] or time[j] == time[i] and not event[j]):
                pairs += 1
                right += 1.0 if score[i] > score[j] else 0.5 if score[i] == score[j] else 0.0
    return right / pairs


def test_c_index_counts_pairs():
    assert Pairs(TIME, EVENT).c_index(np.array([[4.0, 3, 2, 1]])) == 1
    assert Pairs(TIME, EVENT).c_index(np.zeros((1, 4))) == 0.5
    assert Pairs(TIME, EVENT).c_index(np.array([[4.0, 1, 2, 3]])) == pytest.approx(3 / 5)


def test_c_index_of_repeats_and_resamples():
    rng = np.random.default_rng(0)
    time, event, scores = rng.integers(1, 9, 60).astype(float), rng.random(60) < 0.5, rng.normal(size=(2, 60))
    pairs = Pairs(time, event)
    assert pairs.c_index(scores) == pytest.approx(np.mean([slow_c_index(time, event, one) for one in scores]))
    rows = rng.integers(0, 60, 60)
    right = pairs.right(scores[:1])
    # a patient drawn twice is no pair with itself, unlike in the slow count, where equal ones are not usable either
    assert pairs.of(right, rows) == pytest.approx(slow_c_index(time[rows], event[rows], scores[0, rows]))
    assert pairs.of(right, np.flatnonzero(~event)) is None


def test_observed_over_expected():
    assert observed_expected(TIME, EVENT, np.full(4, 0.25), 1) == pytest.approx(1)
    assert observed_expected(TIME, EVENT, np.full(4, 0.25), 2) == pytest.approx((1 - 3 / 4 * 2 / 3) / 0.25)


def test_brier_score_without_and_with_censoring():
    time, event = np.array([1.0, 3.0]), np.array([True, True])
    np.testing.assert_allclose(brier(time, event, np.array([[0.8], [0.4]]), np.array([2.0])), [(0.2**2 + 0.4**2) / 2])
    # of three, one is lost at 1 year: those who are seen later count 3/2 times, up to then once
    time, event = np.array([0.5, 1.0, 3.0]), np.array([True, False, False])
    risks = np.array([[0.8], [0.5], [0.2]])
    np.testing.assert_allclose(brier(time, event, risks, np.array([2.0])), [(0.2**2 + 2 * 0.2**2) / 3])
    assert integrated(time, event, np.zeros((3, 2)), np.array([0.0, 0.4])) == 0


def test_net_benefit_by_hand():
    time, event = np.array([0.5, 2, 2, 2]), np.array([True, False, False, False])
    assert net_benefit(time, event, np.array([0.9, 0.9, 0, 0]), 1, 0.2) == pytest.approx(1 / 4 - 1 / 4 * 0.25)
    assert net_benefit(time, event, np.zeros(4), 1, 0.2) == 0


def test_operating_point_leaves_out_who_was_not_watched():
    truth = reached(np.array([0.5, 2.0, 0.7, 3.0]), np.array([True, False, False, True]), 1)
    np.testing.assert_array_equal(truth, [1, 0, np.nan, 0])
    point = youden(np.array([0.8, 0.2, 0.9, 0.3]), truth)
    assert (point["threshold"], point["sensitivity"], point["specificity"], point["n_positive"]) == (0.8, 1, 1, 1)


def test_calibration_in_fifths():
    rows = calibration(np.full(10, 2.0), np.arange(10) < 0, np.linspace(0, 0.9, 10), 1)
    assert [row["n"] for row in rows] == [2] * 5
    assert rows[0]["predicted"] == pytest.approx(5)
    assert all(row["observed"] == 0 for row in rows)
