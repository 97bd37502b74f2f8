"""A FHIR report that the library accepts and that says no more than the assessment."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fhir.resources.diagnosticreport import DiagnosticReport

from core.assessment import Assessment, Comparator, Finding, Measurement, ModelId, Notice
from core.export.entry import CaseEntry
from core.export.fhir import case_bundle, diagnostic_report
from core.modality import get

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
