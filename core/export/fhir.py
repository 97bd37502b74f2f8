"""An assessment as a FHIR R5 DiagnosticReport, its Observations and the model contained in it.

The patient's identity was dropped when the study was read: the report has no subject, its vital signs, whose profile asks for
one, a contained Patient without a name. The receiving system attaches the report to its patient. Status is "preliminary",
since no physician has verified it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from fhir.resources.bundle import Bundle
from fhir.resources.diagnosticreport import DiagnosticReport

from core.assessment import Comparator, Finding, Measurement
from core.export import fhir_vitals as vitals
from core.export.entry import CaseEntry, Charted

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
UNITS = {"ms": "ms", "/min": "/min", "°": "deg", "degrees": "deg", "mV": "mV", "%": "%", "g": "g", "ml": "mL", "mmHg": "mm[Hg]",
         "°C": "Cel", "h": "h"}


def diagnostic_report(
    entry: CaseEntry, language: str = "en", issued: datetime | None = None, zone: tzinfo | None = None
) -> dict[str, Any]:
    """The entry's assessment as plain JSON types, validated by fhir.resources.

    Every finding is an Observation whose value is the probability and whose reference range ends at the
    operating threshold; an untrained one has a reason for its absence and no value. A refused study yields a
    cancelled report without findings. What was charted at the bedside are Observations of their own, each with its time.

    Args:
        issued: with a time zone, as FHIR asks; None leaves it out. zone: of charted times that name none; None leaves their
            dates.

    Raises:
        ValueError: the library finds the resource invalid.
    """
    a = entry.assessment
    rows = [_finding(f, a.modality) for f in a.findings]
    loinc = {m.code: m.loinc for m in a.measurements}
    told = vitals.LOINCS if entry.charted else ()  # once each, and none that was not made
    rows += [_measured_once(m, entry.codes) for m in a.measurements if not m.group and m.loinc not in told]
    rows += [_comparator(c, loinc.get(c.code, "")) for c in a.comparators]
    rows = [{"device": {"reference": "#model"}} | row for row in rows] + [_charted(one, zone) for one in entry.charted]
    model = {
        "resourceType": "Device", "id": "model",
        "name": [{"value": f"Cardioscope {a.model.name}", "type": "user-friendly-name", "display": True}],
        "version": [{"value": a.model.version}],
        "identifier": [{"system": "urn:cardioscope:weights:sha256", "value": a.model.sha256}],
    }
    for i, row in enumerate(rows):
        row |= {"resourceType": "Observation", "id": f"observation-{i}", "status": "preliminary"}
    patient = [vitals.PATIENT] if any("subject" in row for row in rows) else []
    code: dict[str, Any] = {"text": f"Cardioscope {a.modality} assessment"}
    if entry.room.report is not None:
        code["coding"] = [_coding(LOINC, *entry.room.report)]
    report: dict[str, Any] = {
        "resourceType": "DiagnosticReport", "language": language, "status": "cancelled" if a.refused else "preliminary",
        "code": code, "contained": [model, *patient, *rows],
        "result": [{"reference": f"#{row['id']}"} for row in rows],
        "note": [{"text": "Research use only. Not a medical device. Not verified by a physician."}] + [
            {"text": f"{n.level}: {n.text}"} for n in a.notices],
    }
    if not rows:  # what is contained must be referred to
        report["contained"] = []
        report["note"].append({"text": f"Model {a.model.name} {a.model.version}, SHA-256 {a.model.sha256}"})
    if zone is not None and any(one.at is not None and one.at.tzinfo is None for one in entry.charted):
        report["note"].append({"text": f"The chart names no time zone; its times are taken as of {zone}."})
    conclusion = "\n".join(a.report.get(language) or a.report.get("en") or ())
    if conclusion:
        report["conclusion"] = conclusion
    if issued is not None:
        report["issued"] = issued.isoformat()
    return json.loads(DiagnosticReport.model_validate(_pruned(report)).model_dump_json())


def case_bundle(
    entries: Sequence[CaseEntry], language: str = "en", issued: datetime | None = None, zone: tzinfo | None = None
) -> dict[str, Any]:
    """The reports of a case as one Bundle, a collection.

    Raises:
        ValueError: the library finds a resource invalid.
    """
    reports = [{"resource": diagnostic_report(entry, language, issued, zone)} for entry in entries]
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


def _measured_once(m: Measurement, codes: Mapping[str, tuple[str, str, str]]) -> dict[str, Any]:
    row = _measurement(m)
    if m.code in codes:
        row["code"].setdefault("coding", []).append(_coding(*codes[m.code]))
    return vitals.profiled(row, None, None) if m.loinc in vitals.LOINCS else row


def _charted(one: Charted, zone: tzinfo | None) -> dict[str, Any]:
    """Of a blood pressure its panel; the device that measured is not known."""
    if one.parts[0].loinc in vitals.PARTS:
        row: dict[str, Any] = {"code": {"text": "Blood pressure", "coding": [_coding(LOINC, *vitals.PRESSURE)]},
                               "component": [{"code": _measured(part.label, part.loinc), **_value(part)}
                                             for part in vitals.both(one.parts)],
                               "method": {"text": one.parts[0].source},
                               "note": [{"text": one.parts[0].note}]}
    else:
        row = _measurement(one.parts[0])
    return vitals.profiled(row, one.at, zone)


def _measurement(m: Measurement) -> dict[str, Any]:
    row: dict[str, Any] = {"code": _measured(m.label, m.loinc), "method": {"text": m.source}}
    if m.note:
        row["note"] = [{"text": m.note}]
    return row | _value(m)


def _value(m: Measurement) -> dict[str, Any]:
    """The value with its reference range, or why there is none."""
    row: dict[str, Any] = {}
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
