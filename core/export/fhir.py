"""An assessment as a FHIR R5 DiagnosticReport, its Observations and the model contained in it.

No subject: the patient's identity was dropped when the study was read. The receiving system attaches the
report to its patient. Status is "preliminary", since no physician has verified it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fhir.resources.bundle import Bundle
from fhir.resources.diagnosticreport import DiagnosticReport

from core.assessment import Comparator, Finding, Measurement
from core.export.entry import CaseEntry

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
UNITS = {"ms": "ms", "/min": "/min", "°": "deg", "degrees": "deg", "mV": "mV", "%": "%", "g": "g", "ml": "mL", "mmHg": "mm[Hg]",
         "°C": "Cel", "h": "h"}


def diagnostic_report(entry: CaseEntry, language: str = "en", issued: datetime | None = None) -> dict[str, Any]:
    """The entry's assessment as plain JSON types, validated by fhir.resources.

    Every finding is an Observation whose value is the probability and whose reference range ends at the
    operating threshold; an untrained one has a reason for its absence and no value. A refused study yields a
    cancelled report without findings.

    Args:
        issued: with a time zone, as FHIR asks; None leaves it out.

    Raises:
        ValueError: the library finds the resource invalid.
    """
    a = entry.assessment
    rows = [_finding(f, a.modality) for f in a.findings]
    loinc = {m.code: m.loinc for m in a.measurements}
    rows += [_measurement(m) for m in a.measurements if not m.group]
    rows += [_comparator(c, loinc.get(c.code, "")) for c in a.comparators]
    model = {
        "resourceType": "Device", "id": "model",
        "name": [{"value": f"Cardioscope {a.model.name}", "type": "user-friendly-name", "display": True}],
        "version": [{"value": a.model.version}],
        "identifier": [{"system": "urn:cardioscope:weights:sha256", "value": a.model.sha256}],
    }
    for i, row in enumerate(rows):
        row |= {"resourceType": "Observation", "id": f"observation-{i}", "status": "preliminary"}
        row.setdefault("device", {"reference": "#model"})
    code: dict[str, Any] = {"text": f"Cardioscope {a.modality} assessment"}
    if entry.room.report is not None:
        code["coding"] = [_coding(LOINC, *entry.room.report)]
    report: dict[str, Any] = {
        "resourceType": "DiagnosticReport", "language": language, "status": "cancelled" if a.refused else "preliminary",
        "code": code, "contained": [model, *rows],
        "result": [{"reference": f"#{row['id']}"} for row in rows],
        "note": [{"text": "Research use only. Not a medical device. Not verified by a physician."}] + [
            {"text": f"{n.level}: {f'{n.subject}: ' if n.subject else ''}{n.message}"} for n in a.notices],
    }
    if not rows:  # what is contained must be referred to
        report["contained"] = []
        report["note"].append({"text": f"Model {a.model.name} {a.model.version}, SHA-256 {a.model.sha256}"})
    conclusion = "\n".join(a.report.get(language) or a.report.get("en") or ())
    if conclusion:
        report["conclusion"] = conclusion
    if issued is not None:
        report["issued"] = issued.isoformat()
    return json.loads(DiagnosticReport.model_validate(_pruned(report)).model_dump_json())


def case_bundle(entries: Sequence[CaseEntry], language: str = "en", issued: datetime | None = None) -> dict[str, Any]:
    """The reports of a case as one Bundle, a collection.

    Raises:
        ValueError: the library finds a resource invalid.
    """
    reports = [{"resource": diagnostic_report(entry, language, issued)} for entry in entries]
    bundle = Bundle.model_validate({"resourceType": "Bundle", "type": "collection", "entry": reports})
    return json.loads(bundle.model_dump_json())


def _pruned(value: Any) -> Any:
    """Without empty strings, lists and objects, which FHIR forbids."""
    if isinstance(value, dict):
        kept = {key: _pruned(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in ("", [], {})}
    return [_pruned(item) for item in value] if isinstance(value, list) else value


def _coding(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def _quantity(value: float, unit: str) -> dict[str, Any]:
    quantity: dict[str, Any] = {"value": round(float(value), 6)}
    if unit:
        quantity["unit"] = unit
    return quantity | ({"system": UCUM, "code": UNITS[unit]} if unit in UNITS else {})


def _probability(value: float) -> dict[str, Any]:
    return {"value": round(float(value), 6), "unit": "probability", "system": UCUM, "code": "1"}


def _interpretation(code: str, display: str) -> list[dict[str, Any]]:
    return [{"coding": [_coding(INTERPRETATION, code, display)]}]


def _finding(f: Finding, modality: str) -> dict[str, Any]:
    row: dict[str, Any] = {"code": {
        "text": f.label, "coding": [_coding(f"urn:cardioscope:{modality}:{f.group}", f.code, f.label)]}}
    if f.probability is None:
        return row | {"dataAbsentReason": {"coding": [_coding(ABSENT, "not-performed", "Not Performed")],
                                           "text": "The model was not trained on this label." if not f.trained else
                                           "The model does not tell this label from chance."}}
    row["valueQuantity"] = _probability(f.probability)
    if f.threshold is not None:
        row["referenceRange"] = [{"high": _probability(f.threshold), "text": "operating threshold of the model"}]
        row["interpretation"] = _interpretation(*(("POS", "Positive") if f.present else ("NEG", "Negative")))
    if f.interval is not None:
        row["component"] = [{"code": {"text": "95 % interval of the probability"}, "valueRange": {
            "low": _probability(f.interval[0]), "high": _probability(f.interval[1])}}]
    notes = [] if f.source == "model" else [f"By the {f.source}."]
    notes.append("Calibrated probability." if f.calibrated else "Not calibrated.")
    if f.sensitivity is not None and f.specificity is not None:
        notes.append(f"At the threshold: sensitivity {f.sensitivity:.3f}, specificity {f.specificity:.3f}.")
    return row | {"note": [{"text": " ".join(notes)}]}


def _measurement(m: Measurement) -> dict[str, Any]:
    row: dict[str, Any] = {"code": _measured(m.label, m.loinc), "method": {"text": m.source}}
    if m.note:
        row["note"] = [{"text": m.note}]
    if m.value is None:
        return row | {"dataAbsentReason": {"coding": [_coding(ABSENT, "unknown", "Unknown")], "text": m.note}}
    row["valueQuantity"] = _quantity(m.value, m.unit)
    limits = {"low": m.low, "high": m.high}
    bounds = {key: _quantity(value, m.unit) for key, value in limits.items() if value is not None}
    if bounds:
        row["referenceRange"] = [bounds]
        low = m.low is not None and m.value < m.low
        kind = (("L", "Low") if low else ("H", "High")) if m.abnormal else ("N", "Normal")
        row["interpretation"] = _interpretation(*kind)
    return row


def _comparator(c: Comparator, loinc: str) -> dict[str, Any]:
    """An established score or what the recording device says; not the model's, so not its device."""
    source = c.source or "not named"
    row: dict[str, Any] = {"code": _measured(c.label, loinc), "method": {"text": source}, "device": {"display": source}}
    if c.value is None:
        return row | {"dataAbsentReason": {"coding": [_coding(ABSENT, "unknown", "Unknown")]}}
    if isinstance(c.value, str):
        return row | {"valueString": c.value}
    return row | {"valueQuantity": _quantity(c.value, c.unit)}


def _measured(label: str, loinc: str) -> dict[str, Any]:
    return {"text": label} | ({"coding": [_coding(LOINC, loinc)]} if loinc else {})
