"""A FHIR report that the library accepts and that says no more than the assessment."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fhir.resources.diagnosticreport import DiagnosticReport

from core.assessment import Assessment, Comparator, Finding, Measurement, ModelId, Notice
from core.export.entry import CaseEntry, Charted
from core.export.fhir import case_bundle, diagnostic_report
from core.modality import get
from tests.export.profile import broken, loinc_of, vital_signs

ASSESSMENT = Assessment(
    modality="ecg", model=ModelId("ecg", "1.2.3", "ab" * 32, "CPU"),
    findings=(Finding("superclass", "MI", "Myocardial infarction", 0.87, 0.4, True, (0.8, 0.9), sensitivity=0.84,
                      specificity=0.91),
              Finding("superclass", "CD", "Conduction disturbance", 0.1, 0.4),
              Finding("statement", "AFIB", "Atrial fibrillation", None, None, trained=False)),
    measurements=(Measurement("pr_interval", "PR interval", 230.0, "ms", 120, 200, loinc="8625-6"),
                  Measurement("qrs_axis", "QRS axis", -40.0, "°", -30, 90),
                  Measurement("qt_interval", "QT interval", None, "ms", note="No T waves."),
                  Measurement("sdnn", "SDNN", 12.5, "ms")),
    comparators=(Comparator("pr_interval", "PR interval", 226, "ms", "recording device"),
                 Comparator("rate_by_rule", "Rate by rule", "normal", "", "")),
    notices=(Notice("caution", "V1 is flat.", "V1"),),
    report={"en": ("Rhythm: sinus rhythm.", "Conclusion: Abnormal ECG."), "de": ("Rhythmus: Sinusrhythmus.",)},
)


def entry(assessment: Assessment) -> CaseEntry:
    return CaseEntry(get("ecg"), assessment)


def observations(report: dict) -> dict[str, dict]:
    """By text; the comparators' under "text (source)"."""
    rows = [r for r in report["contained"] if r["resourceType"] == "Observation"]
    return {r["code"]["text"] + (" *" if "display" in r["device"] else ""): r for r in rows}


def test_report_is_valid_and_says_what_the_assessment_says():
    report = diagnostic_report(entry(ASSESSMENT), issued=datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    DiagnosticReport.model_validate(json.loads(json.dumps(report)))
    assert report["status"] == "preliminary"
    assert report["issued"].startswith("2026-03-01T09:30:00")
    assert report["code"]["coding"][0]["code"] == "11524-6"
    assert "subject" not in report
    assert report["conclusion"].endswith("Conclusion: Abnormal ECG.")
    assert [r["reference"] for r in report["result"]] == [f"#observation-{i}" for i in range(9)]
    rows = observations(report)
    infarction = rows["Myocardial infarction"]
    assert infarction["valueQuantity"]["value"] == pytest.approx(0.87)
    assert infarction["referenceRange"][0]["high"]["value"] == pytest.approx(0.4)
    assert infarction["interpretation"][0]["coding"][0]["code"] == "POS"
    assert rows["Conduction disturbance"]["interpretation"][0]["coding"][0]["code"] == "NEG"
    assert "valueQuantity" not in rows["Atrial fibrillation"]
    assert "dataAbsentReason" in rows["Atrial fibrillation"]
    assert rows["PR interval"]["interpretation"][0]["coding"][0]["code"] == "H"
    assert [rows[name]["code"]["coding"][0]["code"] for name in ("PR interval", "PR interval *")] == ["8625-6", "8625-6"]
    assert "coding" not in rows["SDNN"]["code"]
    assert rows["QRS axis"]["interpretation"][0]["coding"][0]["code"] == "L"
    assert rows["QRS axis"]["valueQuantity"]["code"] == "deg"
    assert rows["QT interval"]["dataAbsentReason"]["text"] == "No T waves."
    assert rows["PR interval *"]["valueQuantity"]["value"] == 226
    assert rows["Rate by rule *"]["valueString"] == "normal"
    model = report["contained"][0]
    assert model["identifier"][0]["value"] == "ab" * 32
    assert infarction["device"]["reference"] == "#model"
    assert any("V1 is flat." in n["text"] for n in report["note"])


def test_german_conclusion():
    report = diagnostic_report(entry(ASSESSMENT), "de")
    assert report["conclusion"] == "Rhythmus: Sinusrhythmus."
    assert report["language"] == "de"
    assert "issued" not in report


def test_refused_study_is_cancelled_and_has_no_findings():
    refused = Assessment("ecg", ASSESSMENT.model, notices=(Notice("refuse", "Not an ECG."),))
    report = diagnostic_report(entry(refused))
    assert report["status"] == "cancelled"
    assert "result" not in report
    assert "contained" not in report
    assert any("ab" * 32 in n["text"] for n in report["note"])


def test_resource_that_fhir_forbids_is_an_error():
    broken = replace(ASSESSMENT, measurements=(Measurement("pr_interval", "PR interval", float("nan"), "ms"),))
    with pytest.raises(ValueError, match="valueQuantity"):
        diagnostic_report(entry(broken))


def test_a_case_is_a_bundle_of_its_reports():
    refused = Assessment("cxr", ASSESSMENT.model, notices=(Notice("refuse", "Not a film."),))
    bundle = case_bundle([entry(ASSESSMENT), entry(refused)])
    assert bundle["type"] == "collection"
    assert [one["resource"]["status"] for one in bundle["entry"]] == ["preliminary", "cancelled"]
    assert bundle["entry"][0]["resource"] == diagnostic_report(entry(ASSESSMENT))


RATE = Measurement("heart_rate", "Heart rate", 71.0, "/min", 60, 100, loinc="8867-4")
SYSTOLIC = Measurement("systolic", "Systolic pressure", 92.0, "mmHg", 111, 219, "measured", "At 3 h.", loinc="8480-6")
DIASTOLIC = Measurement("diastolic", "Diastolic pressure", 55.0, "mmHg", 60, 90, "measured", "At 3 h.", loinc="8462-4")
MORNING = datetime(2026, 3, 1, 9, 30)


def test_a_vital_sign_that_a_model_measured_follows_its_profile():
    report = diagnostic_report(entry(replace(ASSESSMENT, measurements=(RATE,))))
    (row,) = vital_signs(report)
    assert list(broken(row, report)) == []
    assert row["device"]["reference"] == "#model"
    assert row["valueQuantity"]["value"] == 71
    assert "birthDate" not in str(report)


@pytest.mark.parametrize(("at", "zone", "said"), [
    (None, UTC, None), (MORNING, None, "2026-03-01"), (MORNING, UTC, "2026-03-01T09:30:00"),
    (MORNING.replace(tzinfo=timezone(timedelta(hours=2))), UTC, "2026-03-01T09:30:00+02:00")])
def test_what_was_charted_has_its_time_as_far_as_it_is_known(at, zone, said):
    made = replace(entry(ASSESSMENT), charted=(Charted((replace(RATE, source="measured"),), at),))
    report = diagnostic_report(made, zone=zone)
    (row,) = vital_signs(report)
    assert list(broken(row, report)) == []
    assert "device" not in row
    assert row.get("effectiveDateTime", "").startswith(said or "")
    assert (said is None) == ("effectiveDateTime" not in row)
    assert any("names no time zone" in one["text"] for one in report["note"]) == (at is MORNING and zone is not None)


@pytest.mark.parametrize("parts", [(SYSTOLIC, DIASTOLIC), (DIASTOLIC,), (SYSTOLIC,)])
def test_a_blood_pressure_is_one_panel_of_two_components(parts):
    report = diagnostic_report(replace(entry(replace(ASSESSMENT, measurements=(SYSTOLIC, DIASTOLIC))), charted=(Charted(parts),)))
    rows = [row for row in vital_signs(report) if row["code"]["text"] == "Blood pressure"]
    assert list(broken(rows[0], report)) == []
    found = {loinc_of(part): part.get("valueQuantity", {}).get("value") for part in rows[0]["component"]}
    assert found == {part.loinc: part.value if part in parts else None for part in (SYSTOLIC, DIASTOLIC)}
    low = {loinc_of(part): "'L'" in str(part.get("interpretation")) for part in rows[0]["component"]}
    assert low == {part.loinc: part in parts for part in (SYSTOLIC, DIASTOLIC)}


def test_a_code_of_another_terminology_stands_at_its_measurement():
    made = replace(entry(ASSESSMENT), codes={"sdnn": ("http://snomed.info/sct", "1", "SDNN")})
    assert observations(diagnostic_report(made))["SDNN"]["code"]["coding"] == [
        {"system": "http://snomed.info/sct", "code": "1", "display": "SDNN"}]
