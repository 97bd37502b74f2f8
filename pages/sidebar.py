"""The sidebar: the patient case that rooms contribute to, and the permanent research-use line. Not a page.

The case lives in the session and dies with it: under ``case``, one contribution per room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.assessment import Assessment
from core.contract import Modality
from core.export.entry import CaseEntry, case_json
from pages import jobs, keep
from pages.report import Download, button, case_fhir, pdf, zone
from pages.state import RoomState
from pages.understood import UNDERSTOOD
from pages.words import plain, short

RESEARCH_USE = "Research use only. Not a medical device. Uploads stay in memory and die with the session."


@dataclass(frozen=True, eq=False)
class Contribution:
    """What a room adds to the case. ``entry`` makes its part of a report, in a language."""

    room: Modality
    study: str
    assessment: Assessment
    entry: Callable[[str], CaseEntry]


def contribute(part: Contribution) -> None:
    """Put a room's result into the patient case; a newer one of the same room replaces it."""
    st.session_state["case"] = {**case(), part.room.name: part}


def case() -> dict[str, Contribution]:
    return st.session_state.get("case", {})


def new_patient() -> None:
    """Forget everything this session holds."""
    for held in st.session_state.values():
        if isinstance(held, RoomState):
            jobs.stop(held.job)
    patient, knows = st.session_state.get("patient", 0) + 1, st.session_state.get(UNDERSTOOD)
    st.session_state.clear()
    st.session_state["patient"] = patient
    if knows:
        st.session_state[UNDERSTOOD] = knows


def files(parts: list[Contribution]) -> tuple[Download, ...]:
    """The whole case as a report."""
    makers = [part.entry for part in parts]
    return (
        Download("PDF", partial(pdf, makers), "cardioscope-case.pdf", "application/pdf", ""),
        Download("JSON", lambda: case_json([make("en") for make in makers], datetime.now(UTC)), "cardioscope-case.json",
                 "application/json", ""),
        Download("FHIR", partial(case_fhir, makers, zone=zone()), "cardioscope-case-fhir.json", "application/fhir+json", ""),
    )


def frame() -> DeltaGenerator:
    """Lay the sidebar out before the page runs; returns where the case goes."""
    place = st.sidebar.container(key="case_place")
    with st.sidebar.container(key="research_use"):
        st.caption(RESEARCH_USE)
    return place


def show_case(place: DeltaGenerator) -> None:
    with place:
        contents()
    with st.sidebar:
        keep.watch(bool(case()))


def contents() -> None:
    """What the case holds, and its reports."""
    st.markdown("##### Patient case")
    if not case():
        st.caption("Empty. Each room adds its findings to the case and to its report.")
        return
    for part in case().values():
        st.markdown(f"**{part.room.title}** :gray[{plain(short(part.study))}]")
        st.caption(headline(part.assessment))
    st.caption("Report of the case")
    for place, file in zip(st.columns(3, gap="xsmall"), files(list(case().values())), strict=True):
        button(file, f"case.{file.label}", place)
    st.button("New patient", icon=":material/person_add:", on_click=new_patient, width="stretch", key="new_patient")


def headline(assessment: Assessment) -> str:
    """The three most certain of the findings present, in words; of a model that looks for one thing, or tells a course, how
    much there is."""
    if assessment.refused:
        return "Refused: not what this model reads."
    if (len(assessment.own) <= 1 or assessment.curves) and assessment.report.get("en"):
        return plain(assessment.report["en"][0])
    present = sorted((f for f in assessment.own if f.present), key=lambda f: -f.probability)
    labels = list(dict.fromkeys(plain(f.label) for f in present))
    if not labels:
        return "No finding above its threshold."
    rest = len(labels) - 3
    return "; ".join(labels[:3]) + (f"; {rest} more" if rest > 0 else "")
