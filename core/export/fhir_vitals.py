"""What FHIR asks of a vital sign: its category, whose it is and when it was measured; of a blood pressure both its parts.

Source: profiles vitalsigns and bp (hl7.org/fhir/R4/observation-vitalsigns.html; those of R5 ask the same).
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from core.assessment import Measurement

SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"
PRESSURE = ("85354-9", "Blood pressure panel with all children optional")
LOINCS = frozenset({"8867-4", "9279-1", "8310-5", "2708-6", SYSTOLIC, DIASTOLIC, PRESSURE[0]})  # those that a room may have
PARTS = {SYSTOLIC: "Systolic pressure", DIASTOLIC: "Diastolic pressure"}
CATEGORY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs",
            "display": "Vital Signs"}
PATIENT = {"resourceType": "Patient", "id": "patient"}  # nobody: the profile asks for a subject, and identities are dropped
UNKNOWN_TIME = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}


def profiled(row: dict[str, Any], at: datetime | None, zone: tzinfo | None) -> dict[str, Any]:
    """An Observation with what the profile asks for beside code and value."""
    return row | {"category": [{"coding": [CATEGORY]}], "subject": {"reference": f"#{PATIENT['id']}"}} | effective(at, zone)


def effective(at: datetime | None, zone: tzinfo | None) -> dict[str, Any]:
    """When it was measured. A time of day needs a time zone in FHIR: without one the date stands alone.

    Args:
        at: None where nobody knows. zone: of a time that names none.
    """
    if at is None:
        return {"_effectiveDateTime": UNKNOWN_TIME}
    at = at if at.tzinfo is not None or zone is None else at.replace(tzinfo=zone)
    return {"effectiveDateTime": at.date().isoformat() if at.tzinfo is None else at.isoformat(timespec="seconds")}


def both(parts: tuple[Measurement, ...]) -> tuple[Measurement, ...]:
    """Systolic and diastolic pressure, of what there is; what there is not has no value."""
    there = {part.loinc: part for part in parts}
    return tuple(there.get(loinc) or Measurement("", label, None, "mmHg", source="", note="Not measured.", loinc=loinc)
                 for loinc, label in PARTS.items())
