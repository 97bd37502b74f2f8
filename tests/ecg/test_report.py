"""The summary says what the findings say, in order, hedged, in two languages, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.assessment import Finding, Notice
from core.ecg import report
from core.ecg.measurements import measurement
from core.ecg.report_words import DE, EN, axis
from core.ecg.statements import LABELS, STATEMENTS, term

MEASURED = (
    measurement("heart_rate", 72, "x", low=60, high=100), measurement("pr_interval", 161, "x", low=120, high=200),
    measurement("qrs_duration", 75, "x", high=120), measurement("qt_interval", 368, "x"),
    measurement("qtc_bazett", 403, "x", low=350, high=450), measurement("qtc_fridericia", 391, "x", low=350, high=450),
    measurement("qrs_axis", 45, "x", low=-30, high=90),
)


def findings(**present: float) -> list[Finding]:
    """All 99 findings at threshold 0.3, absent at 0.05 unless named; ``sub_`` and ``sup_`` prefix the classes."""
    prefix = {"statement": "", "subclass": "sub_", "superclass": "sup_"}
    return [Finding(g, c, term(g, c).label, present.get(prefix[g] + c, 0.05), 0.3, calibrated=True) for g, c in LABELS]


def line(lines: tuple[str, ...], title: str) -> str:
    return next(text for text in lines if text.startswith(title + ":"))


def test_normal_ecg_in_reading_order():
    assert report.write(findings(SR=0.98, NORM=0.9), MEASURED, (), "en") == (
        "Rate: 72/min, normal.",
        "Rhythm: sinus rhythm.",
        "Axis: normal axis (45°).",
        "Intervals: PR 161 ms, QRS 75 ms, QT 368 ms, QTc 391 ms (Fridericia); within reference ranges.",
        "Hypertrophy: none detected.",
        "Conduction: none detected.",
        "Infarction, ischaemia, ST-T: none detected.",
        "Conclusion: Normal ECG.",
    )


def test_german():
    lines = report.write(findings(AFIB=0.9, CLBBB=0.7, VCLVH=0.4), MEASURED, (), "de")
    assert line(lines, "Rhythmus") == "Rhythmus: Vorhofflimmern."
    assert line(lines, "Lagetyp") == "Lagetyp: Indifferenztyp (45°)."
    assert line(lines, "Zeiten").startswith("Zeiten: PQ 161 ms")
    assert line(lines, "Erregungsleitung") == "Erregungsleitung: wahrscheinlich kompletter Linksschenkelblock."
    assert line(lines, "Beurteilung").startswith("Beurteilung: Pathologisches EKG: Vorhofflimmern, wahrscheinlich komp")
    assert "eingeschränkt verwertbar" in line(lines, "Beurteilung")
    assert DE.keys() == EN.keys()


@pytest.mark.parametrize(("probability", "threshold", "wanted"), [
    (0.31, 0.3, "possible"), (0.49, 0.1, "possible"), (0.6, 0.3, "probable"), (0.7, 0.1, "definite"),
    (0.9, 0.3, "definite"), (0.91, 0.9, "possible"), (1.0, 1.0, "definite"),
])
def test_hedging(probability, threshold, wanted):
    assert report.certainty(Finding("statement", "LVH", "", probability, threshold)) == wanted


def test_fibrillation_beside_sinus_rhythm_reports_the_more_probable():
    lines = report.write(findings(SR=0.5, AFIB=0.8), (), (), "en")
    assert line(lines, "Rhythm") == (
        "Rhythm: atrial fibrillation; sinus rhythm is also above its threshold (50% against 80%).")
    assert line(lines, "Conclusion") == "Conclusion: Abnormal ECG: atrial fibrillation."
    lines = report.write(findings(SR=0.8, AFIB=0.5), (), (), "en")
    assert line(lines, "Rhythm").startswith("Rhythm: sinus rhythm; atrial fibrillation is also")


def test_fibrillation_that_loses_to_sinus_rhythm_is_never_a_normal_ecg():
    lines = report.write(findings(SR=0.8, AFIB=0.5, NORM=0.6), (), (), "en")
    assert line(lines, "Conclusion").startswith("Conclusion: Borderline ECG: atrial fibrillation not excluded. The st")
    lines = report.write(findings(SR=0.8, AFIB=0.5, IMI=0.9), (), (), "de")
    assert lines[-1].endswith("EKG: Vorhofflimmern nicht ausgeschlossen, inferiorer Myokardinfarkt.")


def test_normal_beside_infarction_says_both_and_concludes_abnormal():
    conclusion = line(report.write(findings(SR=0.9, IMI=0.9, NORM=0.4), (), (), "en"), "Conclusion")
    assert conclusion.startswith("Conclusion: Abnormal ECG: inferior myocardial infarction. The statement of a normal")
    assert "40%" in conclusion


def test_minor_findings_are_borderline_and_nothing_at_all_is_undecided():
    assert "Borderline ECG: low QRS" in report.write(findings(SR=0.9, LVOLT=0.9), (), (), "en")[-1]
    assert "Normal ECG apart from low QRS" in report.write(findings(SR=0.9, LVOLT=0.9, NORM=0.8), (), (), "en")[-1]
    assert report.write(findings(SR=0.9), (), (), "en")[-1].startswith("Conclusion: No abnormal statement reached")
    lines = report.write(findings(), (), (), "en")
    assert "no rhythm statement reached its threshold" in line(lines, "Rhythm")


def test_general_statement_gives_way_to_the_particular():
    present = {"SR": 0.9, "SBRAD": 0.9, "1AVB": 0.9, "LPR": 0.9, "LVH": 0.9, "VCLVH": 0.9}
    lines = report.write(findings(**present), (), (), "en")
    assert line(lines, "Rhythm") == "Rhythm: sinus bradycardia."
    assert line(lines, "Conduction") == "Conduction: first-degree AV block."
    assert line(lines, "Hypertrophy") == "Hypertrophy: left ventricular hypertrophy."


def test_class_above_threshold_without_its_statement_is_not_lost():
    lines = report.write(findings(SR=0.9, sub_LMI=0.9, sup_MI=0.9, sup_HYP=0.9), (), (), "en")
    assert line(lines, "Infarction, ischaemia, ST-T").endswith(": lateral myocardial infarction.")
    assert line(lines, "Hypertrophy") == "Hypertrophy: hypertrophy or overload (not further specified)."


def test_measured_rate_speaks_against_bradycardia():
    lines = report.write(findings(SBRAD=0.9), MEASURED, (), "en")
    assert "the measured rate of 72/min does not support sinus bradycardia" in line(lines, "Rhythm")
    assert "bradycardia" not in line(lines, "Conclusion")


def test_intervals_out_of_range_unmeasured_and_absent():
    measured = (measurement("pr_interval", None, "x", low=120, high=200), measurement("qrs_duration", 142, "x", high=120),
                measurement("qtc_bazett", 330, "x", low=350, high=450), measurement("qrs_axis", -75, "x"))
    lines = report.write(findings(SR=0.9), measured, (), "en")
    assert line(lines, "Intervals") == ("Intervals: PR not measurable, QRS 142 ms (wide, reference up to 120 ms), "
                                        "QTc 330 ms (Bazett, short, reference from 350 ms).")
    assert line(lines, "Axis") == "Axis: marked left axis deviation (-75°)."
    assert not any(text.startswith("Rate") for text in lines)
    assert "QRS out of range, QTc out of range" in line(lines, "Conclusion")


@pytest.mark.parametrize(("degrees", "english", "german"), [
    (0, "normal axis", "Linkstyp"), (75, "normal axis", "Steiltyp"), (90, "normal axis", "Steiltyp"),
    (110, "moderate right axis deviation", "Rechtstyp"), (-31, "moderate left axis deviation", "überdrehter Linkstyp"),
    (150, "marked right axis deviation", "überdrehter Rechtstyp"), (255, "extreme axis deviation", "extreme Achsen"),
])
def test_axis(degrees, english, german):
    assert axis(degrees, "en") == english
    assert axis(degrees, "de").startswith(german)


def test_cautions_are_pointed_to():
    lines = report.write(findings(SR=0.9), MEASURED, (Notice("caution", "V1 is flat.", "V1"),), "de")
    assert lines[-2] == "Einschränkungen: Hinweise zur Aufzeichnung beachten (V1)."


def test_untrained_and_foreign_labels_are_ignored():
    untrained = [Finding("statement", "AFIB", "", None, None, trained=False), Finding("other", "XYZ", "", 0.9, 0.1)]
    assert report.write(untrained, (), (), "en") == ("Conclusion: No model finding available.",)


def test_sections_follow_the_hierarchy():
    listed = report.sections(findings()[::-1])
    assert list(listed) == ["rhythm", "form", "diagnostic"]
    assert sum(map(len, listed.values())) == 99
    assert listed["rhythm"][0].code == "SR"
    assert listed["form"][0].code == "ABQRS"
    infarction = [(f.group, f.code) for f in listed["diagnostic"]]
    start = infarction.index(("superclass", "MI"))
    assert infarction[start:start + 3] == [("superclass", "MI"), ("subclass", "AMI"), ("statement", "ASMI")]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([s.code for s in STATEMENTS]), st.floats(0.3, 1), max_size=10),
       st.sampled_from(["en", "de"]))
def test_every_finding_spoken_of_is_present(present, language):
    """Traceability: no statement appears in the text unless it is above its threshold (or named as the nearest)."""
    lines = report.write(findings(**present), (), (), language)
    allowed = [term("statement", code).phrase(language) for code in present]
    body = [text for text in lines[:-1] if "no rhythm" not in text and "kein Rhythmus" not in text]
    for statement in STATEMENTS:
        phrase = statement.phrase(language)
        if any(phrase in text for text in body):
            assert any(phrase in other for other in allowed), (phrase, lines)
    assert lines[-1].startswith(("Conclusion: ", "Beurteilung: "))
