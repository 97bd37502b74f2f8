"""What the other rooms measured of this patient, offered to the form; what was taken says where it came from. Not a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.assessment import Assessment
from core.contract import Modality
from core.heart_failure.variables import FIELDS
from pages import sidebar
from pages.sidebar import Contribution
from pages.state import widget
from pages.words import plain

ROOMS = {"cxr": "chest film", "ecg": "ECG", "cmr": "cardiac MR"}
MEASURED = {  # room -> field of the form -> code of its measurement, and digits that are worth keeping
    "cxr": {"cardiothoracic_ratio": ("cardiothoracic_ratio", 2)},
    "ecg": {"qrs": ("qrs_duration", 0), "qtc": ("qtc_bazett", 0), "pr": ("pr_interval", 0), "heart_rate": ("heart_rate", 0)},
    "cmr": {"scar_share": ("scar_share", 1), "scar_segments": ("transmural_segments", 0), "lvef": ("lvef", 0)},
}
RHYTHMS = {"PACE": "paced", "AFIB": "fibrillation", "AFLT": "flutter", "SR": "sinus", "SARRH": "sinus", "STACH": "sinus",
           "SBRAD": "sinus"}  # statements of the ECG room; the first one that is found counts
FOUND = {"lbbb": ("CLBBB",), "hypertrophy": ("LVH",), "q_waves": ("QWAVE",)}  # only what is found is taken, never its absence


@dataclass(frozen=True)
class Offer:
    """What one room can say: values of the form's fields, and the words for it."""

    room: str
    study: str
    values: Mapping[str, Any]

    @property
    def words(self) -> str:
        return ", ".join(said(name, value) for name, value in self.values.items())


def said(name: str, value: Any) -> str:
    """``QRS duration 148 ms`` of a field and its value."""
    field = FIELDS[name]
    if value is True:
        return field.label
    value = (field.wording or {}).get(value, value)
    return f"{field.label} {value:g} {field.unit}".strip() if isinstance(value, int | float) else f"{field.label}: {value}"


def offers(case: Mapping[str, Contribution]) -> list[Offer]:
    """What the rooms of the case have to give; a refused study has nothing."""
    made = []
    for room, part in case.items():
        if room in MEASURED and not part.assessment.refused:
            values = _measured(room, part.assessment) | (_rhythm(part.assessment) if room == "ecg" else {})
            if values:
                made.append(Offer(room, part.study, values))
    return made


def _measured(room: str, assessment: Assessment) -> dict[str, Any]:
    values = {}
    for name, (code, digits) in MEASURED[room].items():
        found, field = assessment.measured(code), FIELDS[name]
        if found is not None and found.value is not None and field.low <= found.value <= field.high:
            values[name] = round(found.value, digits) if digits else float(round(found.value))
    if "scar_segments" in values:
        values["scar_segments"] = int(values["scar_segments"])
    return values


def _rhythm(assessment: Assessment) -> dict[str, Any]:
    present = {f.code for f in assessment.own if f.present}
    rhythm = next((rhythm for code, rhythm in RHYTHMS.items() if code in present), None)
    found = {name: True for name, codes in FOUND.items() if present & set(codes)}
    return ({"rhythm": rhythm} if rhythm else {}) | found


def take(room: Modality, offer: Offer) -> None:
    """Into the form, with where it came from."""
    key = widget(room, "taken")
    origin = f"from the {ROOMS[offer.room]}, {offer.study}"
    st.session_state[key] = st.session_state.get(key, {}) | {name: (value, origin) for name, value in offer.values.items()}
    for name, value in offer.values.items():
        st.session_state[widget(room, name)] = value


def origin(room: Modality, name: str) -> str:
    """Where the value of a field was taken from; nothing where it was entered, or changed since."""
    value, words = st.session_state.get(widget(room, "taken"), {}).get(name, (None, ""))
    return words if value is not None and st.session_state.get(widget(room, name)) == value else ""


def buttons(room: Modality) -> None:
    """One button for each room of the case that has something which the form does not hold yet."""
    for offer in offers(sidebar.case()):
        if any(st.session_state.get(widget(room, name)) != value for name, value in offer.values.items()):
            st.button(f"Take from the {ROOMS[offer.room]} of this case: {plain(offer.words)}", icon=":material/download:",
                      width="stretch", key=widget(room, f"take.{offer.room}"), on_click=take, args=(room, offer))
