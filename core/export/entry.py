"""What a report is made of: one entry per study, made by its room. PDF, FHIR, JSON and the case page read nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import core
from core.assessment import Assessment, Measurement, to_light
from core.contract import Modality

Language = Literal["en", "de"]


@dataclass(frozen=True)
class Charted:
    """What was measured at the bedside at one time, before any model spoke.

    Attributes:
        parts: one measurement, or those that are told together, as the two of a blood pressure are; each with its LOINC.
        at: when; None where the chart has no dates. With a time zone where the chart names one.
    """

    parts: tuple[Measurement, ...]
    at: datetime | None = None


@dataclass(frozen=True)
class CaseEntry:
    """One study of the case.

    Attributes:
        room: what the modality declares of itself. picture: PNG bytes; its pixel density, if stored, allows true-to-scale print.
        details: what is worth saying of the input (format, sampling rate ...); never an identity.
        labels: wording in the report's language by ``(group, code)`` of a finding, ``("group", group)`` and
            ``("measurement", code)``; also ``("room", "title")``, ``("detail", name)``, ``("unit", unit)``,
            ``("note", text)`` of notes and sources, ``("value", text)`` of comparators. What is missing is printed as
            room and assessment have it.
        tables: further tables by their title, rows of cells; the first row is the head, the first column text, the
            others numbers. Left out where the study was refused.
        study: its name on the page, a file's or an example's.
        charted: what was measured before, over time; a record takes the vital signs from here, not from the assessment.
        codes: of measurements and comparators that LOINC has no code for, by their label: system, code and display.
    """

    room: Modality
    assessment: Assessment
    picture: bytes | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tables: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    study: str = ""
    charted: Sequence[Charted] = ()
    codes: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)


def case_json(entries: Sequence[CaseEntry], created: datetime) -> str:
    """The case as JSON: every study's name, details and assessment, without its masks."""
    studies = [{"study": e.study, "details": dict(e.details), "assessment": to_light(e.assessment)} for e in entries]
    return json.dumps({"software": f"Cardioscope {core.__version__}", "use": "research, not a medical device",
                       "created": created.isoformat(timespec="seconds"), "studies": studies}, ensure_ascii=False)
