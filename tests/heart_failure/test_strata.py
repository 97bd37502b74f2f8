"""Quarters of a cohort, by hand."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from core.heart_failure.strata import QUARTERS, nearest, quarters
from core.weights import Architecture, Config

TIME = np.array([5.0, 5, 5, 5, 5, 5, 2, 5, 1, 5, 2, 5, 1, 1, 2, 5])
EVENT = np.array([0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0], bool)


def config(strata) -> Config:
    return Config(name="x", version="1", architecture=Architecture(target="core.heart_failure.cox:MarginalCox", arguments={}),
                  input={}, training_data="none", licence="CC0-1.0", seed=0, strata=[asdict(one) for one in strata])


def test_quarters_hold_what_was_observed():
    found = quarters("music", np.arange(16.0), TIME, EVENT)
    assert [one.label for one in found] == list(QUARTERS)
    assert [(one.n, one.events) for one in found] == [(4, 0), (4, 1), (4, 1), (4, 3)]
    assert found[0].survival[-1] == 1
    assert found[1].survival[24] == 0.75  # the one death, at two years
    assert found[2].at_risk[:4] == (4, 4, 3, 2)  # one died at one year, one left at two
    assert found[3].survival[12] == 0.5
    assert found[3].survival[24] == 0.25
    assert [one.below for one in found] == [3.75, 7.5, 11.25, None]


def test_a_patient_is_in_the_quarter_of_the_log_hazard():
    known = config(quarters("music", np.arange(16.0), TIME, EVENT))
    assert nearest(known, None, -9).label == QUARTERS[0]
    assert nearest(known, "outpatient", 3.75).label == QUARTERS[1]
    assert nearest(known, "outpatient", 99).label == QUARTERS[3]
    assert nearest(known, "inpatient", 1) is None


def test_weights_that_know_none_name_none():
    assert nearest(config([]), None, 0) is None
