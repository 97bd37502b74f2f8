"""What is said of a stay, by a model that one can compute by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.assessment import Notice, from_json, to_json
from core.deterioration import cautions, moments
from core.deterioration.assess import assess
from core.deterioration.names import ALARMS, ENOUGH, HIGHEST, LOWEST, RISK, TARGET, WITHOUT, curve
from core.deterioration.read import read
from core.deterioration.vitals import VITALS
from core.uploads import Upload
from tests.deterioration.standin import WEIGHTS, WORD, standin, stay, worsening  # noqa: F401

NAN = np.nan
NOTE = {"note": "Clammy, mottled knees.", "note_hour": 5.0}
LAST = -2 + 0.03 * 50 + 0.05 * 10 + 0.1 * 0.8 + 0.02 * 40 + 0.1 * 5  # log odds at the end of ``worsening``


def sigmoid(value: float) -> float:
    return 1 / (1 + np.exp(-value))


def of(study):
    return assess(study, WEIGHTS)


def said(assessment, subject: str) -> list[str]:
    return [notice.message for notice in assessment.notices if notice.subject == subject]


def test_the_finding_is_the_risk_at_the_last_hour():
    assessment = of(worsening())
    (finding,) = assessment.findings
    assert finding.target == TARGET
    assert finding.probability == pytest.approx(sigmoid(LAST), abs=1e-4)
    assert finding.interval == pytest.approx((sigmoid(LAST - 0.5), sigmoid(LAST + 0.5)), abs=1e-4)
    assert (finding.threshold, finding.sensitivity, finding.specificity, finding.calibrated) == (0.2, 0.7, 0.8, True)
    measured = assessment.measured("death_in_hospital")
    assert measured.value == pytest.approx(100 * finding.probability, abs=0.01)
    assert measured.unit == "%"
    running = curve(assessment, RISK)
    assert running.x == tuple(range(11))
    assert running.y[-1] == measured.value
    assert running.y[0] == pytest.approx(100 * sigmoid(-2), abs=0.01)
    assert curve(assessment, WITHOUT) is None


@pytest.mark.parametrize("hour", [0, 3, 7, 10])
def test_the_future_changes_no_earlier_hour(hour):
    study = worsening(**NOTE)
    other = stay(study.hours, np.where(study.hours[:, None] > hour, study.values * 0.7, study.values), oxygen=study.oxygen,
                 consciousness=study.consciousness, **NOTE)
    whole, changed, past = of(study), of(other), of(moments.until(study, hour))
    for name in (RISK, LOWEST, HIGHEST, WITHOUT):
        if curve(past, name) is None:  # the note was not yet written
            continue
        assert curve(whole, name).y[: hour + 1] == curve(changed, name).y[: hour + 1] == curve(past, name).y
    assert past.measured("death_in_hospital").value == curve(whole, RISK).y[hour]
    assert past.measured("heart_rate").value == 85 + 5 * hour


def test_a_note_counts_from_its_hour_on_and_its_effect_is_told():
    assessment = of(worsening(**NOTE))
    with_it, without = curve(assessment, RISK), curve(assessment, WITHOUT)
    assert with_it.y[:5] == without.y[:5]
    assert with_it.y[-1] == pytest.approx(100 * sigmoid(LAST + WORD), abs=0.01)
    assert without.y[-1] == pytest.approx(100 * sigmoid(LAST), abs=0.01)
    (notice,) = said(assessment, "note")
    assert notice.startswith(f"With the note the risk is {with_it.y[-1]:.1f} %, without it {without.y[-1]:.1f} %.")
    assert "what a nurse's own note adds was not measured" in notice


def test_a_note_written_after_the_last_observation_is_judged_at_its_hour():
    late = of(worsening(note="mottled", note_hour=12.5))
    assert curve(late, RISK).x[-1] == 13
    beyond = of(worsening(note="mottled", note_hour=50.5))
    assert curve(beyond, RISK).x[-1] == 10
    assert said(beyond, "note") == ["The note was written 2.5 h after the last hour that is judged: it does not count."]


def test_last_observations_stand_with_their_hour_codes_and_news2_bands():
    assessment = of(worsening())
    for vital in VITALS:
        assert assessment.measured(vital.code).loinc == vital.loinc
    temperature = assessment.measured("temperature")
    assert (temperature.value, temperature.note, temperature.low, temperature.high) == (37.8, "At 8 h.", 36.1, 38.0)
    assert assessment.measured("heart_rate").abnormal
    assert not temperature.abnormal
    assert assessment.measured("shock_index").value == pytest.approx(135 / 80, abs=0.01)
    unmeasured = of(stay([0, 1], [[90, NAN, NAN, NAN, NAN, NAN]] * 2))
    assert unmeasured.measured("systolic").value is None
    assert unmeasured.measured("systolic").note == "Not measured."
    assert unmeasured.measured("shock_index") is None


@pytest.mark.parametrize(("oxygen", "band"), [(1, (88, 92)), (0, (88, None)), (NAN, (88, None))])
def test_with_hypercapnic_failure_the_saturation_has_the_bands_of_scale_2(oxygen, band):
    assessment = of(worsening(hypercapnic=True, oxygen=np.full(11, oxygen, np.float32)))
    saturation = assessment.measured("saturation")
    assert (saturation.low, saturation.high) == band
    assert "scale 2" in assessment.measured("news2").note


def test_news2_and_qsofa_stand_beside():
    assessment = of(worsening())
    # 28 breaths 3, SpO2 91 % 3, air 0, 80 mmHg 3, pulse 135 3, alert 0, 37.8 °C 0
    assert assessment.measured("news2").value == 12
    beside = {one.label: one.value for one in assessment.comparators}
    assert beside == {"NEWS2": "12, high risk", "qSOFA": "2 of 3"}
    assert curve(assessment, LOWEST).y == curve(assessment, HIGHEST).y


def test_what_is_missing_makes_a_range_and_no_qsofa():
    assessment = of(worsening(consciousness=(None,) * 11))
    score = assessment.measured("news2")
    assert score.value is None
    assert score.note == "Between 12 and 15; not recorded in the last 6 h: consciousness."
    assert [(one.label, one.value) for one in assessment.comparators] == [("NEWS2", "12 to 15")]
    assert curve(assessment, HIGHEST).y[-1] - curve(assessment, LOWEST).y[-1] == 3


def test_alarms_are_told_by_the_hour_they_would_first_have_sounded():
    assessment = of(worsening())
    running = curve(assessment, RISK)
    for code, threshold in (("alarm_5", 40), ("alarm_10", 20)):
        first = next(x for x, y in zip(running.x, running.y, strict=True) if y >= threshold)
        assert assessment.measured(code).value == first
        assert assessment.measured(code).group == ALARMS
    calm = of(stay([0, 1], [[80, 16, 37, 120, 70, 98]] * 2))
    assert calm.measured("alarm_10").value is None
    assert "not reached" in calm.measured("alarm_10").note


def test_with_a_note_the_alarm_lines_are_those_with_a_note():
    lines = [assess(worsening(**told), WEIGHTS).measured("alarm_10").note for told in ({}, NOTE)]
    assert ["at 20.0 %" in lines[0], "at 25.0 %" in lines[1]] == [True, True]


def test_how_well_it_ranks_is_told_of_what_it_was_given(monkeypatch):
    figures = [{"name": f"AUROC, {known}", "value": value, "interval": [value - 0.02, value + 0.02], "split": "", "n": 3946}
               for known, value in (("vital signs", 0.69), ("vital signs and note", 0.86), ("note", 0.8))]
    monkeypatch.setattr(cautions, "read_metrics", lambda source: {"figures": figures})
    for told, words, level in (({}, "69 of 100 pairs (AUROC 0.690", "caution"), (NOTE, "86 of 100 pairs (AUROC 0.860", "info")):
        cautions.discrimination.cache_clear()
        (notice,) = [one for one in of(worsening(**told)).notices if "AUROC" in one.message]
        assert words in notice.message
        assert ("weak" in notice.message, notice.level) == (level == "caution", level)
    cautions.discrimination.cache_clear()


def test_too_little_observed_is_said_and_sounds_no_alarm():
    assessment = of(stay([0, 2], [[150, NAN, NAN, 70, NAN, NAN]] * 2))
    assert assessment.findings[0].probability > 0.4
    assert any("Too little observed" in message for message in said(assessment, "death_in_hospital"))
    assert "Too little" in assessment.measured("death_in_hospital").note
    assert assessment.measured("alarm_5").value is None
    assert assessment.overlays[ENOUGH].tolist() == [0, 0, 0]
    assert "Too little was observed" in assessment.report["en"][0]  # nobody quotes the one without the other
    assert "zu wenig beobachtet" in assessment.report["de"][0]
    assert "Too little" not in of(worsening()).report["en"][0]
    assert not any("Too little" in message for message in said(of(worsening()), "death_in_hospital"))


def test_what_it_is_a_risk_of_is_always_said():
    assert any("not of deterioration in the next hours" in message for message in said(of(worsening()), "death_in_hospital"))
    assert said(of(worsening(unit_type="ward")), "unit_type")
    assert not said(of(worsening(unit_type="medical")), "unit_type")


def test_a_long_stay_is_judged_by_its_last_48_hours():
    hours = np.arange(0, 61.0)
    study = stay(hours, [(80, 16, 37, 120, 70, 98)] * 61)
    running = curve(of(study), RISK)
    assert (running.x[0], running.x[-1]) == (12, 60)


def test_the_report_has_its_conclusion_first_in_both_languages():
    report = of(worsening(**NOTE)).report
    risk = of(worsening(**NOTE)).measured("death_in_hospital").value
    assert report["en"][0].startswith(f"Conclusion: Estimated risk of death in this hospital stay {risk:.0f} % (95 % interval ")
    assert report["de"][0].startswith("Beurteilung: ")
    assert len(report["en"]) == len(report["de"])
    assert "Temperature 37.8 °C (8 h)" in " ".join(report["en"])
    assert "Temperatur 37,8 °C (8 h)" in " ".join(report["de"])
    for words in ("should", "recommend", "escalate"):
        assert words not in " ".join(report["en"]).lower()


def test_json_keeps_everything():
    assessment = of(worsening(**NOTE))
    back = from_json(to_json(assessment))
    assert back.curves == assessment.curves
    assert back.overlays[ENOUGH].tolist() == assessment.overlays[ENOUGH].tolist()


def test_a_child_is_refused_for_one_reason():
    table = Upload("stay.csv", b"time,heart_rate,respiration\n0,120,30\n1,118,28\n")
    assessment = of(read([table], age=8))
    assert assessment.refused
    assert assessment.findings == assessment.measurements == assessment.curves == assessment.comparators == ()
    assert "adults" in assessment.report["en"][0]
    assert not of(read([table], age=16)).refused


def test_any_other_refusal_keeps_its_reason():
    refused = of(replace(worsening(), notices=(Notice("refuse", "No stay."), Notice("caution", "Else."))))
    assert [(one.level, one.message) for one in refused.notices] == [("refuse", "No stay."), ("info", "Else.")]
