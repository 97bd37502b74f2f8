"""The left column of the cardiac MR room: what a file does not say, how the heart lies, and what was read."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.cmr.orientation import insertion_angle
from core.cmr.segments import INSERTION_DEG
from pages import form, state
from pages.cmr.reading import Reading, go_on
from pages.state import RoomState, widget

FORMATS = ("NIfTI, NRRD, DICOM series or multi-frame, PNG slices in their order; several files of one study, or a zip (DICOM "
           "files without an ending as a zip).")
UNKNOWN = ("The file does not say how far pixels and slices lie apart. Without it shares are given, but no millilitres and no "
           "grams.")


def inputs(held: RoomState) -> None:
    """Fields for spacing and series, open where the file leaves them open; then how the heart lies."""
    study = held.study
    unknown = study is not None and study.spacing_mm is None
    several = study is not None and any(notice.subject == "series" for notice in study.notices)
    form.folded(held.room, "What the file may not say", form.asked(held.room), unknown or several, UNKNOWN if unknown else "")
    if held.own is not None:
        orientation(held)


def orientation(held: RoomState) -> None:
    """How the heart lies in the pictures; the segments follow."""
    room, geometry = held.room, held.own.geometry
    st.markdown("##### Orientation")
    keys = {name: widget(room, name) for name in ("insertion_angle_deg", "mirrored", "apex_first")}
    st.session_state.update({keys["insertion_angle_deg"]: round(geometry.insertion_angle_deg) % 360,
                             keys["mirrored"]: geometry.mirrored, keys["apex_first"]: geometry.apex_first})
    follow = {name: {"key": key, "on_change": turned, "args": (held, name)} for name, key in keys.items()}
    st.slider("Anterior insertion, degrees", 0, 359, **follow["insertion_angle_deg"],
              help="Where the right ventricle meets the anterior wall: around the middle of the cavity, counter-clockwise "
                   "from the right-hand side of the picture. The handle in the viewer says the same.")
    st.toggle("Mirrored view", help="The right ventricle lies on the right of the picture.", **follow["mirrored"])
    st.toggle("First slice is the apex", **follow["apex_first"])
    st.button("Guess the insertion", icon=":material/explore:", type="tertiary", key=widget(room, "guess"),
              on_click=partial(guessed, held))


def turned(held: RoomState, name: str) -> None:
    """The reader said how the heart lies."""
    go_on(held.room, **{name: st.session_state[widget(held.room, name)]})


def guessed(held: RoomState) -> None:
    """The insertion as the pictures show it, for the side that the reader chose."""
    reading: Reading = state.of(held.room).own
    mirrored = reading.geometry.mirrored
    angle = insertion_angle(held.study, reading.kept, mirrored)
    if angle is None:
        angle = 180 - INSERTION_DEG if mirrored else INSERTION_DEG
    go_on(held.room, insertion_angle_deg=round(angle, 1))


def about(held: RoomState) -> dict[str, str]:
    """What was made of the upload."""
    table = {"Spacing": "not known"}
    if held.study.spacing_mm is not None:
        down, across, between = held.study.spacing_mm
        table = {"Pixel": f"{across:.3g} x {down:.3g} mm", "Slice distance": f"{between:.3g} mm"}
    return {name.capitalize(): value for name, value in held.study.source.items()} | table
