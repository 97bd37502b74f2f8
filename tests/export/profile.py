"""The rules of FHIR's vital-signs and bp profiles (hl7.org/fhir/R4/observation-vitalsigns.html, bp.html), one by one, by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator

UCUM, LOINC = "http://unitsofmeasure.org", "http://loinc.org"
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
UNITS = {"8867-4": "/min", "9279-1": "/min", "8310-5": "Cel", "2708-6": "%", "8480-6": "mm[Hg]", "8462-4": "mm[Hg]"}
PANEL, PARTS = "85354-9", {"8480-6", "8462-4"}
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")  # vs-1: to the day; a time with its zone


def loinc_of(row: dict) -> str:
    return next((one["code"] for one in row["code"].get("coding", []) if one["system"] == LOINC), "")


def vital_signs(report: dict) -> list[dict]:
    """Observations that the profile is of: those with its codes."""
    return [one for one in report.get("contained", []) if one["resourceType"] == "Observation"
            and loinc_of(one) in {*UNITS, PANEL}]


def broken(row: dict, report: dict) -> Iterator[str]:
    """Every rule that an Observation breaks."""
    if not row.get("status"):
        yield "status 1..1"
    of = [one for kind in row.get("category", []) for one in kind["coding"]]
    if sum(one["system"] == CATEGORIES and one["code"] == "vital-signs" for one in of) != 1:
        yield "category vital-signs 1..1"
    subject = row.get("subject", {}).get("reference", "")
    if not any(one["resourceType"] == "Patient" and f"#{one['id']}" == subject for one in report["contained"]):
        yield "subject 1..1, a Patient"
    when, why = row.get("effectiveDateTime"), row.get("_effectiveDateTime", {}).get("extension", [])
    if (when is None) == (not why) or when is not None and not MOMENT.fullmatch(when) or any(
            one["url"] != ABSENT or not one["valueCode"] for one in why):
        yield "effective[x] 1..1, vs-1"
    code = loinc_of(row)
    if code in PARTS:
        yield "a pressure is a component of its panel"
    if code == PANEL:
        if "valueQuantity" in row:
            yield "bp: value[x] 0..0"
        if sorted(map(loinc_of, row.get("component", []))) != sorted(PARTS):
            yield "bp: systolic and diastolic component 1..1"
        for part in row.get("component", []):
            yield from _valued(part, loinc_of(part))
    else:
        yield from _valued(row, code)


def _valued(row: dict, code: str) -> Iterator[str]:
    quantity = row.get("valueQuantity")
    if (quantity is None) == ("dataAbsentReason" not in row):
        yield "vs-2, vs-3: a value or why there is none"
    if quantity is not None and (quantity.get("system") != UCUM or quantity.get("code") != UNITS[code]
                                 or not isinstance(quantity.get("value"), int | float) or not quantity.get("unit")):
        yield f"value in UCUM {UNITS[code]}"
