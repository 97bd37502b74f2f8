"""The Seattle Heart Failure Model: a patient added up by hand, its bounds, its doses, and what is left open."""

import math
from types import SimpleNamespace

import pytest

from core.heart_failure.seattle import daily_furosemide, score, survival

PATIENT = {"age": 65, "sex": "male", "nyha": "III", "lvef": 25, "aetiology": "ischaemic", "systolic": 120, "weight": 80,
           "sodium": 135, "cholesterol": 150, "haemoglobin": 13, "lymphocytes": 20, "uric_acid": 8, "device": "no device"}
DRUGS = frozenset({"acei", "beta_blocker", "loop"})
BY_HAND = (0.08618 * 6.5 + 0.08526 + 0.47 * 3 + 0.02956 * 4 + 0.30306 - 0.13125 * 12 + 0.16382 * 1 + 0.04879 * 3
           + 0.79118 / 1.5 + 0.11689 * 3 - 0.10870 * 4 + 0.06204 * 8 - 0.26136 - 0.41552)  # 80 mg of furosemide at 80 kg


def mention(drug="furosemide", dose=40.0, times=2.0, group="loop", unit="mg", status="current"):
    return SimpleNamespace(drug=drug, drug_class=group, dose=dose, unit=unit, times_per_day=times, status=status)


def total(drugs=DRUGS, **changed):
    found = score({**PATIENT, **changed}, drugs, (mention(),))
    assert found.low == pytest.approx(found.high)
    assert found.missing == ()
    return found.low


def test_a_patient_by_hand():
    assert total() == pytest.approx(BY_HAND, abs=5e-4)


def test_survival_of_the_published_form():
    assert survival(0, 1) == pytest.approx(0.9603, abs=1e-4)
    assert survival(1, 2) == pytest.approx(0.8023, abs=1e-4)  # exp(-0.081 e)
    found = score(PATIENT, DRUGS, (mention(),))
    assert found.risk(3)[0] == pytest.approx(100 * (1 - math.exp(-0.1215 * math.exp(found.low))))


@pytest.mark.parametrize(("name", "values", "step"), [
    ("systolic", (160, 200), 0), ("systolic", (150, 160), -0.13125), ("sodium", (138, 145), 0),
    ("sodium", (138, 137), 0.04879),
    ("haemoglobin", (16, 15), 0.11689), ("haemoglobin", (16, 17), 0.28968), ("lymphocytes", (47, 60), 0),
    ("lymphocytes", (42, 47), -0.1087), ("uric_acid", (3.4, 2), 0), ("uric_acid", (4, 5), 0.06204),
    ("aetiology", ("dilated", "ischaemic"), 0.30306), ("sex", ("female", "male"), 0.08526), ("nyha", ("I", "II"), 0.47),
    ("device", ("no device", "ICD"), -0.31471), ("device", ("no device", "CRT-D"), -0.23572),
    ("device", ("pacemaker", "CRT-P"), 0),
])
def test_terms_and_their_bounds(name, values, step):
    first, second = (total(**{name: value}) for value in values)
    assert second - first == pytest.approx(step, abs=1e-4)


@pytest.mark.parametrize(("drug", "effect"), [
    ("arb", -0.16252), ("mra", -0.3011), ("statin", -0.46204), ("allopurinol", 0.45171), ("arni", -0.16252),
    ("potassium_sparing", -0.3011), ("digoxin", 0)])
def test_drugs(drug, effect):
    assert total(DRUGS | {drug}) - total() == pytest.approx(effect, abs=1e-4)


def test_inhibitor_that_is_not_named_is_a_range():
    found = score(PATIENT, frozenset({"beta_blocker", "loop", "ras_inhibitor"}), (mention(),))
    assert (found.low, found.high) == pytest.approx((BY_HAND, BY_HAND + 0.26136 - 0.16252), abs=5e-4)


def test_doses_come_to_furosemide():
    assert daily_furosemide([mention(), mention("torasemide", 10, 1)]) == 100
    assert daily_furosemide([mention("bumetanide", 3, 1)]) == pytest.approx(80.1)
    assert daily_furosemide([mention("hydrochlorothiazide", 25, 1, "thiazide")]) == 80
    assert daily_furosemide([mention(), mention(status="stopped", dose=None)]) == 80
    assert daily_furosemide([mention(), mention("bisoprolol", None, None, "beta_blocker")]) == 80


@pytest.mark.parametrize("one", [
    mention(dose=None), mention(times=None), mention(unit="tablet"), mention("indapamide", 2.5, 1, "thiazide"),
    mention("loop diuretic", None, None)])
def test_a_diuretic_without_dose_or_factor_gives_no_figure(one):
    found = score(PATIENT, DRUGS, (one,))
    assert found.low is None
    assert found.dose_missing
    assert found.risk(1) is None


def test_without_diuretic_neither_dose_nor_weight_is_needed():
    found = score({k: v for k, v in PATIENT.items() if k != "weight"}, frozenset({"acei", "beta_blocker"}), ())
    assert found.low == pytest.approx(BY_HAND - 0.16382, abs=5e-4)
    assert found.missing == ()


@pytest.mark.parametrize("name", ["age", "nyha", "lvef", "systolic", "sodium", "cholesterol", "haemoglobin", "lymphocytes",
                                  "uric_acid", "weight"])
def test_a_missing_number_gives_no_figure(name):
    found = score({k: v for k, v in PATIENT.items() if k != name}, DRUGS, (mention(),))
    assert found.low is None
    assert found.missing == (name,)
    assert not found.dose_missing


def test_unknown_drugs_give_no_figure_for_the_diuretic_dose_is_a_number():
    found = score(PATIENT, None, ())
    assert found.low is None
    assert found.missing == ("prescriptions",)


def test_missing_yes_or_no_gives_a_range():
    found = score({k: v for k, v in PATIENT.items() if k not in ("sex", "device")}, DRUGS, (mention(),))
    assert found.missing == ("sex", "device")
    assert found.high == pytest.approx(BY_HAND, abs=5e-4)  # a man without device
    assert found.low == pytest.approx(BY_HAND - 0.08526 - 0.31471, abs=5e-4)  # a woman with ICD
    middle, low, high = found.risk(1)
    assert low < middle < high
