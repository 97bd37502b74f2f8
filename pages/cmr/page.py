"""The cardiac MR room: the stack, the scar that the model marks in it, how much it is, why, and what else speaks to it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.assessment import Assessment
from core.cmr.assess import assess
from core.cmr.study import CmrStudy
from core.modality import get
from pages import room
from pages.cmr import reading as readings
from pages.cmr.inputs import about, heart_lies, inputs, said, unsaid
from pages.cmr.reading import Reading
from pages.cmr.tabs import compare_tab, findings_tab, report_tab
from pages.cmr.viewer import cmr_viewer, heat_payload, stack_payload
from pages.cmr.why import METHODS, TITLE, why_tab

ROOM = get("cmr")


def main() -> None:
    left, right = room.frame(ROOM)
    with left:
        files, weights = inputs()
        rest = st.container()  # filled when the stack is known
    study = shown = None
    with right:
        if not files:
            room.empty(ROOM, "No stack yet", "Drop a short-axis late-enhancement stack on the left, or choose an example. It "
                       "is read in memory, and segmented slice by slice within seconds.")
        elif result := room.assessed(ROOM, files, said(), "Reading the stack", forget, partial(segmented, weights), weights):
            study, assessment = result
            shown = refused(study, assessment) if assessment.refused else reading(study, assessment, weights)
    with left, rest:
        unsaid(study)
        if shown:
            heart_lies(study, shown)
        if study:
            about(study)


def segmented(weights: str, study: CmrStudy) -> Assessment:
    """The assessment, with its progress slice by slice."""
    with room.progress("Looking for the left ventricle", "Slice") as done:
        return assess(study, weights, done)


def refused(study: CmrStudy, assessment: Assessment) -> None:
    """The reason, and the stack without a mask."""
    room.badge(assessment)
    room.notices(assessment)
    cmr_viewer(stack(study), None, None, key="cmr_viewer")
    room.tabs(*(partial(st.markdown, words) for words in (
        "No findings: no left ventricle was found.", "Nothing to explain.", "Nothing to compare.",
        "Not interpreted: the stack is not what this model reads.")))


def reading(study: CmrStudy, assessment: Assessment, weights: str) -> Reading:
    """The viewer, and everything that follows from what is marked in it."""
    room.badge(assessment)
    attribution = st.session_state.get("cmr_attribution")
    heat = heat_payload(attribution, TITLE, METHODS[attribution.method]) if attribution else None
    begun = readings.start(study, assessment)
    edit = cmr_viewer(stack(study), readings.mask_of(begun), heat, key="cmr_viewer")
    shown = readings.read(study, assessment, weights, edit)
    with st.container():  # there at every run, so that the tabs below it stay open
        if shown.by_hand:
            by_hand()
        room.notices(shown.assessment)
    room.tabs(partial(findings_tab, study, shown), partial(why_tab, study, shown), partial(compare_tab, study, shown),
              partial(report_tab, study, shown))
    return shown


def by_hand() -> None:
    words, button = st.columns([3, 2], vertical_alignment="center")
    words.markdown(":orange-badge[:material/edit: Corrected by hand] &ensp;:gray[the numbers follow]")
    button.button("Back to the model's mask", icon=":material/undo:", width="stretch", key="cmr_back",
                  on_click=readings.forget)


def stack(study: CmrStudy) -> dict:
    return room.made(ROOM, "stack", lambda: stack_payload(study))


def forget() -> None:
    readings.forget()
    st.session_state.pop("cmr_attribution", None)


main()
