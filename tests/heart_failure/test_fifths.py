"""Predicted and observed deaths by fifth of risk."""

from __future__ import annotations

import numpy as np
import pytest

from core.heart_failure.fifths import fifths


def test_observed_is_kaplan_meier_of_each_fifth():
    risk = np.repeat([10.0, 20, 30, 40, 50], 20)
    event = np.concatenate([np.arange(20) < deaths for deaths in (2, 4, 6, 8, 10)]).astype(float)
    time = np.where(event > 0, 1.0, 5.0)
    found = fifths(risk, time, event, 3)
    assert [one.n for one in found] == [20] * 5
    assert [one.predicted for one in found] == [10, 20, 30, 40, 50]
    assert [one.observed for one in found] == pytest.approx([10, 20, 30, 40, 50])
    assert all(one.low < one.observed < one.high for one in found)


def test_a_death_after_the_horizon_is_none():
    found = fifths(np.linspace(1, 99, 100), np.full(100, 4.0), np.ones(100), 3)
    assert {one.observed for one in found} == {0}


def test_censored_patients_leave_the_denominator():
    time = np.tile([1.0, 2.0, 4.0, 4.0], 25)  # one is lost at 1, one of the three left dies at 2
    event = np.tile([0.0, 1.0, 0.0, 0.0], 25)
    found = fifths(np.full(100, 20.0), time, event, 3)
    assert [one.observed for one in found] == pytest.approx([100 / 3] * 5)


@pytest.mark.parametrize(("n", "longest"), [(40, 5.0), (100, 2.0)])
def test_too_few_or_too_short_says_nothing(n, longest):
    assert fifths(np.linspace(1, 50, n), np.full(n, longest), np.zeros(n), 3) == ()


def test_who_has_no_outcome_or_no_risk_is_left_out():
    risk, time, event = np.full(120, 20.0), np.full(120, 4.0), np.zeros(120)
    risk[:10], time[10:20], event[20:30] = np.nan, np.nan, np.nan
    assert sum(one.n for one in fifths(risk, time, event, 3)) == 90
