"""H2FPEF point by point, and where it does not apply."""

import pytest

from core.heart_failure.h2fpef import reading, score

NONE = {"lvef": 60, "bmi": 30, "fibrillation": False, "pulmonary_pressure": 35, "age": 60, "e_over_e": 9}


def points(drugs=frozenset(), **changed):
    found = score({**NONE, **changed}, drugs)
    assert found.low == found.high
    assert found.missing == ()
    return found.low


@pytest.mark.parametrize(("changed", "expected"), [
    ({}, 0), ({"bmi": 30.1}, 2), ({"fibrillation": True}, 3), ({"pulmonary_pressure": 36}, 1), ({"age": 61}, 1),
    ({"e_over_e": 9.1}, 1), ({"rhythm": "fibrillation"}, 3), ({"rhythm": "flutter"}, 0),
    ({"bmi": 35, "fibrillation": True, "pulmonary_pressure": 50, "age": 75, "e_over_e": 14}, 8)])
def test_points(changed, expected):
    assert points(**changed) == expected


@pytest.mark.parametrize(("drugs", "expected"), [
    ({"acei"}, 0), ({"acei", "beta_blocker"}, 1), ({"arni", "arb"}, 0), ({"thiazide", "calcium_blocker"}, 1),
    ({"statin", "acei"}, 0)])
def test_two_antihypertensives(drugs, expected):
    assert points(frozenset(drugs)) == expected


def test_drugs_that_may_be_for_the_heart_alone_are_a_range():
    found = score(NONE, frozenset({"acei", "mra"}))
    assert (found.low, found.high) == (0, 1)
    assert found.missing == ()


def test_all_is_nine():
    worst = {"lvef": 55, "bmi": 40, "fibrillation": True, "pulmonary_pressure": 60, "age": 80, "e_over_e": 20}
    assert score(worst, frozenset({"arb", "thiazide"})).low == 9


def test_unknown_is_a_range():
    found = score({"lvef": 50, "age": 70, "rhythm": "sinus"}, None)
    assert (found.low, found.high) == (1, 9)
    assert found.missing == ("bmi", "prescriptions", "fibrillation", "pulmonary_pressure", "e_over_e")


@pytest.mark.parametrize(("values", "missing"), [({"lvef": 49}, ()), ({}, ("lvef",))])
def test_not_for_a_reduced_ejection_fraction(values, missing):
    found = score({**NONE, "lvef": None, **values}, frozenset())
    assert not found.applies
    assert found.missing == missing


def test_reading():
    assert "unlikely" in reading(0, 1)
    assert "very likely" in reading(6, 9)
    assert "further tests" in reading(2, 5)
    assert "do not yet" in reading(1, 2)
