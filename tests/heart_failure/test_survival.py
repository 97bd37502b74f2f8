"""Curves against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.heart_failure.survival import Z, breslow, grid, kaplan_meier, slope, survival

TIME, EVENT = np.array([1.0, 2.0, 2.0, 3.0, 4.0]), np.array([True, True, False, True, False])


def test_kaplan_meier_by_hand():
    curve = kaplan_meier(TIME, EVENT)
    assert curve.years.tolist() == [0, 1, 2, 3]
    assert curve.at_risk.tolist() == [5, 5, 4, 2]
    np.testing.assert_allclose(curve.survival, [1, 4 / 5, 4 / 5 * 3 / 4, 4 / 5 * 3 / 4 * 1 / 2])
    greenwood = 1 / (5 * 4) + 1 / (4 * 3)  # at 2 years
    width = Z * np.sqrt(greenwood) / abs(np.log(0.6))
    np.testing.assert_allclose([curve.low[2], curve.high[2]], [0.6 ** np.exp(width), 0.6 ** np.exp(-width)])
    assert curve.at(0.5) == 1
    assert curve.at(2.0) == pytest.approx(0.6)
    assert curve.at(9.0) == pytest.approx(0.3)


def test_kaplan_meier_where_everyone_died_and_where_nobody_did():
    dead = kaplan_meier(np.array([1.0, 2.0]), np.array([True, True]))
    assert (dead.survival[-1], dead.low[-1], dead.high[-1]) == (0, 0, 0)
    assert kaplan_meier(np.array([1.0, 2.0]), np.array([False, False])).survival.tolist() == [1]
    with pytest.raises(ValueError, match="no patients"):
        kaplan_meier(np.array([]), np.array([]))


def test_breslow_by_hand():
    log_hazard = np.log([1.0, 2.0, 1.0, 1.0, 3.0])
    years = np.array([0, 1, 2, 3, 4.0])
    expected = np.cumsum([0, 1 / 8, 1 / 7, 1 / 4, 0])  # at risk: all; all but the first (two leave at 2 years); the last two
    np.testing.assert_allclose(breslow(TIME, EVENT, log_hazard, years), expected)


def test_survival_is_the_mean_over_what_is_unknown_and_widens():
    cumulative = np.array([0.0, 0.5])
    value, low, high = survival(cumulative, np.array([0.0, 0.0]), np.array([0.0, 1.0]))
    assert value[0, 1] == pytest.approx(np.exp(-0.5))
    assert low[0, 1] == high[0, 1] == pytest.approx(np.exp(-0.5))
    drawn = np.exp(-0.5 * np.exp(np.random.default_rng(0).normal(size=400_000))).mean()
    assert value[1, 1] == pytest.approx(drawn, abs=2e-3)
    assert low[1, 1] == pytest.approx(np.exp(-0.5 * np.exp(Z)))
    assert low[1, 1] < value[1, 1] < high[1, 1]
    np.testing.assert_allclose(value[:, 0], 1)
    assert value.max() <= 1


def test_grid_ends_where_a_tenth_is_left():
    years = grid(np.concatenate([np.full(89, 2.0), np.full(11, 4.0)]))
    assert years[0] == 0
    assert years[-1] == 4
    assert grid(np.concatenate([np.full(91, 2.0), np.full(9, 4.0)]))[-1] == 2
    assert grid(np.full(10, 30.0))[-1] == 5


def test_slope_of_predictions_that_are_too_bold():
    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    time = rng.exponential(np.exp(-x))
    event = time < 1
    time = np.minimum(time, 1)
    assert slope(time, event, x) == pytest.approx(1, abs=0.05)
    assert slope(time, event, 2 * x) == pytest.approx(0.5, abs=0.03)
    stratum = (rng.random(4000) < 0.5).astype(int)
    assert slope(time, event, x + 5 * stratum, stratum) == pytest.approx(1, abs=0.05)
    assert np.isnan(slope(time, event, np.zeros(4000)))
    with pytest.raises(ValueError, match="no event"):
        slope(time, np.zeros(4000, bool), x)
