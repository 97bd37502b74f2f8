"""Stays without a measurement beside a note that alarms: what the room must refuse."""

from __future__ import annotations

from collections.abc import Iterator

from core.contract import Input
from core.uploads import Upload

_TELLING = {"note": "Mottled, cold, unresponsive. Lactate 11, anuric, on three vasopressors. Peri-arrest, family called in.",
            "note_hour": 0, "age": 88, "sex": "male"}
_HEAD = "hour,heart_rate,respiratory_rate,temperature,systolic,diastolic,spo2"
_INTENDED = {
    "use": "Research: to show how the risk of death in hospital runs with vital signs and a note, beside NEWS2.",
    "users": "Clinicians and researchers who can judge the patient at the bedside themselves. Not patients.",
    "out_of_scope": "Alarms at the bedside, triage, discharge, limits of treatment; patients under 16; wards other than "
                    "intensive care.",
    "risks": "An alarm that stays silent is no reassurance. The risk is of death in this hospital stay, not of the "
             "next hours.",
    "outputs": "Risk at each hour with interval, with and without the note, NEWS2 and qSOFA, contributions of each value "
               "and word.",
    "bias": "Adults in four intensive-care units of one American hospital, 2001 to 2008; notes in training were "
            "rendered, no nurse wrote them.",
}


def mirages() -> Iterator[Input]:
    """No table, a heading alone, empty rows, and rows that hold oxygen and consciousness alone."""
    yield Input("a note alone", (), _TELLING)
    yield Input("a heading without rows", (Upload("stay.csv", f"{_HEAD}\n".encode()),), _TELLING)
    empty = "\n".join([_HEAD, *(f"{hour},,,,,," for hour in range(0, 24, 6))])
    yield Input("empty rows", (Upload("stay.csv", empty.encode()),), _TELLING)
    yield Input("empty rows, unresponsive on oxygen", (Upload("stay.csv", empty.encode()),),
                {**_TELLING, "oxygen": True, "consciousness": "U"})
    written = "\n".join([f"{_HEAD},oxygen,consciousness", *(f"{hour},,,,,,,1,U" for hour in range(0, 24, 6))])
    yield Input("oxygen and consciousness alone", (Upload("stay.csv", written.encode()),), _TELLING)


def intended(weights: str) -> dict[str, str]:
    """What a model of the room is for, by field of ``core.model_facts``."""
    return _INTENDED
