"""The chest X-ray room: the film, what the models find on it with the clinical note, why, and what else speaks to it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.assessment import Assessment
from core.cxr.study import CxrStudy
from core.modality import get
from pages import jobs, room
from pages.cxr.inputs import about, inputs
from pages.cxr.tabs import compare_tab, findings_tab, report_tab
from pages.cxr.viewer import cxr_viewer, film_payload, map_payload
from pages.cxr.why import METHODS, ranked_targets, why_tab

ROOM = get("cxr")


def main() -> None:
    left, right = room.frame(ROOM)
    with left:
        files, fields = inputs()
    with right:
        if not files:
            room.empty(ROOM, "No film yet", "Drop a frontal chest film on the left, or choose an example. It is read in "
                       "memory, and assessed with and without its clinical note within a second.")
            return
        result = room.assessed(ROOM, files, fields, "Reading the film", forget)
        if result is None:
            return
        study, assessment = result
        room.badge(assessment)
        if assessment.refused:
            room.notices(assessment, elsewhere=("identity",))
        film(study, assessment)
        if not assessment.refused:
            room.notices(assessment, elsewhere=("identity",))
        room.tabs(*(partial(show, study, assessment) for show in (findings_tab, why_tab, compare_tab, report_tab)))
    with left:
        about(study)


def film(study: CxrStudy, assessment: Assessment) -> None:
    """The film, and over it the map of the finding that was chosen."""
    names = {} if assessment.refused else ranked_targets(assessment)
    if names:
        asked = st.session_state.pop("cxr_asked", None)
        if asked in names:
            with st.spinner("Drawing the map"):
                st.session_state["cxr_attribution"] = ROOM.verb("explain")(study, asked)
        attribution = st.session_state.get("cxr_attribution")
        st.session_state["cxr_over"] = attribution.target if attribution else None  # the Why tab may have changed it
        st.selectbox("Heat map over the film", list(names), index=None, format_func=names.get, key="cxr_over",
                     placeholder="No heat map", on_change=ask)
    attribution = st.session_state.get("cxr_attribution")
    heat = map_payload(attribution, names[attribution.target], METHODS[attribution.method]) if attribution else None
    cxr_viewer(room.made(ROOM, "film", lambda: film_payload(study)), heat, key="cxr_viewer")


def ask() -> None:
    """Another finding was chosen over the film: its Grad-CAM, or no map."""
    st.session_state.pop("cxr_attribution", None)
    st.session_state["cxr_asked"] = st.session_state["cxr_over"]


def forget() -> None:
    jobs.stop(st.session_state.pop("cxr_job", None))
    for name in ("cxr_attribution", "cxr_asked", "cxr_said"):
        st.session_state.pop(name, None)


main()
