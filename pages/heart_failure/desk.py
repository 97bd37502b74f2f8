"""One patient, or a cohort: the two parts of the heart-failure page. Not a page."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.contract import Modality
from pages.state import widget

PATIENT, COHORT = "One patient", "Cohort"


def switch(room: Modality) -> None:
    """Which part is open; it stands over both."""
    st.segmented_control("Part", (PATIENT, COHORT), default=PATIENT, required=True, key=widget(room, "part"),
                         label_visibility="collapsed", width="stretch", persist_state="session")


def cohort_is_open(room: Modality) -> bool:
    return st.session_state.get(widget(room, "part")) == COHORT


def cohort_desk(room: Modality) -> Modality:
    """The room under a name of its own: what is computed of a cohort is none of the patient's, and goes on beside it."""
    return replace(room, name=f"{room.name}.cohort")
