"""The shipped weights on the made-up patients: what must not move."""

from __future__ import annotations

import pytest

from core.heart_failure import ROOM
from tests.heart_failure.golden import assessed, kept


@pytest.mark.parametrize("weights", ROOM.weights)
def test_golden_predictions(weights: str):
    then, now = kept(weights), assessed(weights)
    assert list(now) == list(then)
    for name, values in then.items():
        for code, numbers in values.items():
            assert now[name][code] == pytest.approx(numbers, abs=0.02), f"{name}, {code}"


@pytest.mark.parametrize("weights", ROOM.weights)
def test_the_sicker_patient_is_at_higher_risk(weights: str):
    young, elderly, *_ = kept(weights).values()
    assert young["death_3y"][2] < elderly["death_3y"][1]
