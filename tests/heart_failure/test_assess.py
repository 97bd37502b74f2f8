"""What is said of patients, by a model that one can compute by hand."""

from __future__ import annotations

import math

import pytest

from core.assessment import from_json, to_json
from core.heart_failure import renal
from core.heart_failure.assess import assess, assess_many
from core.heart_failure.read import read
from tests.heart_failure.standin import weights
from tests.pace import spent

KNOWN = {"age": 75, "sex": "male", "lvef": 25, "sodium": 135, "nt_probnp": math.exp(8), "setting": "outpatient",
         "prescriptions": "Bisoprolol 5 mg, furosemide 40 mg"}
LOG = 0.5 * 1 - 0.4 * -1 - 0.2 * -1 + 0.6 * 1 - 0.3 + 0.25


def of(**fields):
    return assess(read(**{**KNOWN, **fields}), weights())


def said(assessment, subject: str) -> list[str]:
    return [n.message for n in assessment.notices if n.subject == subject]


def test_risks_are_those_of_the_hazard():
    assessment = of()
    # of the twelve other drug classes, which are known not to be taken, no coefficient is other than 0
    for code, year in (("1y", 1), ("3y", 3)):
        measured = assessment.measured(f"death_{code}")
        expected = 100 * (1 - math.exp(-0.08 * year * math.exp(LOG)))
        assert measured.value == pytest.approx(expected, rel=0.02)
        assert measured.interval[0] < measured.value < measured.interval[1]
        assert measured.unit == "%"
    assert assessment.measured("log_hazard").value == pytest.approx(LOG, abs=1e-3)
    finding = next(f for f in assessment.findings if f.code == "1y")
    assert finding.target == "death:1y"
    assert finding.probability == pytest.approx(assessment.measured("death_1y").value / 100, abs=1e-4)
    assert finding.threshold == 0.2
    assert finding.present
    assert finding.calibrated


def test_curves_begin_alive_and_fall_and_the_cohort_s_stands_beside():
    survival, cohort = of().curves
    assert (survival.name, cohort.name) == ("Survival", "Cohort")
    assert survival.y[0] == 100
    assert list(survival.y) == sorted(survival.y, reverse=True)
    assert cohort.y[12] == pytest.approx(100 * math.exp(-0.08), abs=1e-3)
    assert survival.x[-1] == 5


def test_little_known_is_a_wide_interval_and_the_next_input_is_named():
    little = assess(read(age=75, sodium=135), weights())
    wide, narrow = (a.measured("log_hazard").interval for a in (little, of()))
    assert wide[1] - wide[0] > 3 * (narrow[1] - narrow[0])
    assert any("NT-proBNP matters most" in message for message in said(little, "nt_probnp"))
    assert said(little, "setting")


def test_what_follows_from_numbers_is_there_with_its_formula():
    assessment = of(creatinine=2.0, weight=80, height=180)
    rate = assessment.measured("egfr")
    assert rate.value == pytest.approx(renal.egfr(2.0, 75, "male"), abs=0.05)
    assert rate.abnormal
    assert assessment.measured("bmi").value == 24.7
    assert "Cockcroft" in assessment.measured("clearance").source


def test_the_line_with_scar_is_there_only_where_it_was_asked_for_and_applies():
    asked = {"scar_share": 8, "scar_adjustment": True}
    name = "Survival with scar, published effect"
    assert [c.name for c in of(aetiology="dilated", **asked).curves][-1] == name
    assert any("Halliday" in message for message in said(of(aetiology="dilated", **asked), "scar_share"))
    for fields in ({"scar_share": 8}, {**asked, "aetiology": "ischaemic"}, {"scar_adjustment": True}):
        assert name not in [c.name for c in of(**fields).curves]
    assert any("not drawn" in message for message in said(of(aetiology="ischaemic", **asked), "scar_share"))


def test_the_model_does_not_see_scar():
    assert of(scar_share=40).measured("death_3y").value == of().measured("death_3y").value


def test_cautions_name_what_the_cohort_did_not_have():
    assert any("Above 80 years" in message for message in said(of(age=84), "age"))
    assert not said(of(), "age")
    assert any("(30 to 85) and counts as 85" in message for message in said(of(age=90), "age"))
    assert any("(50 to 2e+04) and counts as 50" in message for message in said(of(nt_probnp=20), "nt_probnp"))
    assert any("SGLT2" in message and "takes" in message
               for message in said(of(prescriptions="Dapagliflozin 10 mg"), "prescriptions"))
    assert any("the drugs and NT-proBNP of two patients" in message and "C-index 0.72" in message for message in said(of(), ""))
    little = assess(read(age=60, sodium=135), weights())
    assert any("C-index 0.66" in message and message.endswith("That is weak.") for message in said(little, ""))
    assert said(of(setting="inpatient"), "") == []
    assert said(of(setting=None), "setting") != said(of(), "setting")


def test_beyond_what_a_cohort_was_watched_nothing_is_said():
    assessment = of(setting="inpatient")
    assert assessment.measured("death_3y").value is None
    finding = next(f for f in assessment.findings if f.code == "3y")
    assert not finding.trained
    assert finding.probability is None
    assert assessment.curves[0].x[-1] == 2
    assert any("20 % counts here" in message for message in said(assessment, "setting"))
    assert not any("counts here" in message for message in said(of(), "setting"))
    assert "within three years not known" in assessment.report["en"][0]


def test_scores_stand_beside_the_risks():
    assert {c.code for c in of(systolic=110, nyha="III").comparators} >= {"death_1y", "death_3y"}


def test_the_report_has_its_conclusion_first_in_both_languages():
    report = of().report
    risk = of().measured("death_1y").value
    assert report["en"][0].startswith(f"Conclusion: Estimated risk of death within one year {risk:.0f} % (")
    assert report["de"][0].startswith(f"Beurteilung: Geschätztes Sterberisiko innerhalb eines Jahres {risk:.0f} % (")
    assert len(report["en"]) == len(report["de"])
    for words in ("should", "recommend", "start ", "increase"):
        assert words not in " ".join(report["en"]).lower()


def test_a_child_is_refused_for_one_reason():
    assessment = assess(read(age=12, lvef=30), weights())
    assert assessment.refused
    assert assessment.findings == assessment.measurements == assessment.curves == ()
    assert "adults" in assessment.report["en"][0]


def test_many_at_once_are_the_same_and_a_refused_one_keeps_its_place():
    fields = [KNOWN, {"age": 12, "lvef": 30}, {"age": 60, "sodium": 140}, {**KNOWN, "setting": "inpatient"}]
    many = assess_many([read(**one) for one in fields], weights())
    assert [a.refused for a in many] == [False, True, False, False]
    for one, assessment in zip(fields, many, strict=True):
        alone = assess(read(**one), weights())
        assert assessment.findings == alone.findings
        assert assessment.measurements == alone.measurements
        assert assessment.curves == alone.curves
        assert from_json(to_json(assessment)).curves == assessment.curves


def test_many_at_once_are_quicker_than_one_by_one():
    studies, stand_in = [read(**{**KNOWN, "age": 40 + k % 40}) for k in range(64)], weights()
    assess_many(studies[:8], stand_in)
    alone = spent(lambda: [assess(one, stand_in) for one in studies])
    assert spent(lambda: assess_many(studies, stand_in)) < 0.7 * alone
