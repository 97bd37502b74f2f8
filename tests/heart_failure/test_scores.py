"""What stands beside the model: which scores, their ranges, notes and comparators."""

from types import SimpleNamespace

import pytest

from core.heart_failure.read import read
from core.heart_failure.scores import comparators, current, of, scores
from core.heart_failure.seattle import daily_furosemide

FULL = {"age": 70, "sex": "male", "nyha": "II", "lvef": 32, "aetiology": "ischaemic", "systolic": 125, "diastolic": 75,
        "weight": 80, "bmi": 27, "sodium": 139, "cholesterol": 180, "haemoglobin": 13.5, "lymphocytes": 25, "uric_acid": 7,
        "device": "ICD", "creatinine": 1.2, "smoker": False, "diabetes": False, "copd": False, "duration": 30, "bun": 24,
        "leukocytes": 7, "platelets": 220, "albumin": 4, "rdw": 14}
DRUGS = frozenset({"beta_blocker", "arni", "loop"})
FUROSEMIDE = (SimpleNamespace(drug="furosemide", drug_class="loop", dose=40.0, unit="mg", times_per_day=1.0, status="current"),)


def by_code(values, drugs=DRUGS, mentions=FUROSEMIDE):
    return {one.code: one for one in scores(values, drugs, mentions)}


def test_whole_patient_has_every_risk():
    found = by_code(FULL)
    # 3 EF 30-34 + 8 age 70-74 + 1 SBP 120-129 + 2 BMI + 1 creatinine 106 + 2 NYHA + 1 male + 2 duration
    assert found["maggic"].value == found["maggic"].low == found["maggic"].high == 20
    assert found["maggic"].risk_1y == (10.2, 10.2, 10.2)
    assert "ARNI" in found["maggic"].note
    assert found["seattle"].value is not None
    assert found["seattle"].risk_1y[0] < found["seattle"].risk_3y[0]
    assert found["marker_hf"].risk_3y is None
    assert found["h2fpef"].value is None
    assert "50 % or more" in found["h2fpef"].note
    assert all("doi" in one.source for one in found.values())


def test_comparators_stand_beside_the_two_risks():
    found = comparators(scores(FULL, DRUGS, FUROSEMIDE))
    assert [(one.code, one.label) for one in found] == [
        ("death_1y", "MAGGIC"), ("death_3y", "MAGGIC"), ("death_1y", "Seattle Heart Failure Model"),
        ("death_3y", "Seattle Heart Failure Model"), ("death_1y", "MARKER-HF")]
    assert found[0].value == 10.2
    assert all(one.unit == "%" for one in found)


def test_h2fpef_stands_by_itself():
    preserved = {**FULL, "lvef": 55, "fibrillation": True, "pulmonary_pressure": 40, "e_over_e": 12}
    found = comparators(scores(preserved, DRUGS, FUROSEMIDE))[-1]
    assert (found.code, found.value, found.unit) == ("h2fpef", 7, "points")  # 3 + 1 + 1 + 1, and beta-blocker with ARNI 1


def test_partial_score_is_told_as_a_range():
    found = by_code({k: v for k, v in FULL.items() if k not in ("copd", "sex")})
    maggic = found["maggic"]
    assert maggic.value is None
    assert (maggic.low, maggic.high) == (19, 22)
    assert maggic.missing == ("sex", "copd")
    assert maggic.note.startswith("Unknown: sex, COPD.")
    assert "middle of the range" in maggic.note
    assert not maggic.wide
    assert comparators([maggic])[0].value == "9 to 12"


def test_next_to_nothing_known_is_wide():
    found = by_code({"age": 70}, None, ())
    assert found["maggic"].wide
    assert found["seattle"].risk_1y is None
    assert "white blood cells" in found["marker_hf"].note
    assert found["h2fpef"].low is None
    assert "not known here" in found["h2fpef"].note


@pytest.mark.parametrize(("age", "told"), [(80, False), (81, True)])
def test_above_80_a_caution(age, told):
    found = by_code({**FULL, "age": age})
    assert all(("over-state life" in found[code].note) is told for code in ("maggic", "seattle", "marker_hf"))


def test_a_diuretic_without_dose_is_named():
    found = by_code(FULL, mentions=())["seattle"]
    assert found.low is None
    assert "dose in mg and times a day" in found.note


def test_resynchronisation_pacemaker_and_values_out_of_bounds_are_told():
    found = by_code({**FULL, "device": "CRT-P", "diastolic": 125})
    assert "left out" in found["seattle"].note
    assert found["marker_hf"].low is None
    assert found["marker_hf"].note.endswith("diastolic blood pressure: outside of what it takes.")


def test_every_score_has_its_calibration_on_music():
    for one in scores(FULL, DRUGS, FUROSEMIDE):
        assert one.calibration.get("n") is not None
        assert one.calibration["n"] > 0 or one.calibration["why"]


def test_calibration_is_told_in_a_sentence():
    found = by_code(FULL)
    assert found["maggic"].calibrated.startswith("On MUSIC (692 patients, 177 deaths, with the middle of the range")
    assert "observed over expected deaths 0.61 (" in found["maggic"].calibrated
    assert "lymphocytes" in found["seattle"].calibrated


@pytest.mark.parametrize(("text", "drugs", "milligrams"), [
    ("furosemide 40 mg bd, bisoprolol 5 mg", {"loop", "beta_blocker"}, 80),
    ("loop diuretic: furosemide 40 mg twice daily", {"loop"}, 80),
    ("Torasemide 10 mg od, HCTZ 25 mg once daily", {"loop", "thiazide"}, 100),
    ("furosemide 40 mg bd. Now furosemide 80 mg bd.", {"loop"}, 160),
    ("furosemide 40 mg bd, metolazone stopped", {"loop"}, 80),
    ("furosemide", {"loop"}, None), ("furosemide 40 mg", {"loop"}, None), ("loop diuretic", {"loop"}, None),
])
def test_drugs_and_doses_of_a_text(text, drugs, milligrams):
    found, mentions = current(text)
    assert found == drugs
    dose = daily_furosemide(mentions)
    assert dose is None if milligrams is None else dose == pytest.approx(milligrams)


def test_text_without_drugs_and_text_that_says_none():
    assert current("") == (None, ())
    assert current("no drugs") == (frozenset(), ())


def test_a_study_by_its_text():
    study = read(**{k: v for k, v in FULL.items() if k != "bmi"}, height=172,
                 prescriptions="furosemide 40 mg od, bisoprolol 5 mg od, Entresto")
    assert {one.code: one.value for one in of(study)}["seattle"] == by_code(FULL)["seattle"].value
    assert {one.code: one.value for one in of(study)}["maggic"] == 20
