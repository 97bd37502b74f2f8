"""The left column of the cardiac MR room: the stack, what its file does not say, the model, and how the heart lies."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.cmr.study import CmrStudy
from core.modality import get
from core.uploads import Upload
from core.weights import WeightsError, resolve
from pages import room
from pages.cmr import reading as readings
from pages.cmr.reading import Reading
from pages.sidebar import patient_key

ROOM = get("cmr")
MODELS = {"cmr": "U-Net cascade (default)", "cmr_dae_former": "DAE-Former"}
SPACINGS = {"row_spacing": ("Rows, mm", 0.2, 10.0), "column_spacing": ("Columns, mm", 0.2, 10.0),
            "slice_distance": ("Slices, mm", 0.5, 50.0)}
LIES = {"insertion_angle_deg": "cmr_angle", "mirrored": "cmr_mirrored", "apex_first": "cmr_apex_first"}


def inputs() -> tuple[list[Upload], str]:
    """The files and the weights that segment them."""
    st.markdown("##### Stack")
    files = room.uploads(ROOM, "Short-axis late-enhancement stack", "NIfTI, NRRD, DICOM series or multi-frame, PNG slices "
                         "in their order; several files of one study, or a zip (DICOM files without an ending as a zip).")
    there = [name for name in ROOM.weights if installed(name)]
    if len(there) < 2:
        return files, ROOM.weights[0]
    return files, st.selectbox("Model", there, format_func=MODELS.get, key=patient_key("cmr_model"))


def installed(weights: str) -> bool:
    try:
        return resolve(weights).is_dir()
    except WeightsError:
        return False


def said() -> dict[str, Any]:
    """What the reader gave where the file says nothing; the fields themselves are drawn when the stack is known."""
    given = {name: st.session_state.get(patient_key(f"cmr_{name}")) for name in SPACINGS}
    return given | {"series": st.session_state.get(patient_key("cmr_series")) or None}


def unsaid(study: CmrStudy | None) -> None:
    """Fields for spacing and series, open where the file leaves them open."""
    several = study is not None and any(notice.subject == "series" for notice in study.notices)
    asked = st.session_state.get("cmr_field") in (*SPACINGS, "series")
    unknown = study is not None and study.spacing_mm is None
    with st.expander("What the file may not say", expanded=asked or unknown or several):
        if unknown:
            st.caption("The file does not say how far pixels and slices lie apart. Without it shares are given, but no "
                       "millilitres and no grams.")
        for name, (label, least, most) in SPACINGS.items():
            st.number_input(label, least, most, None, step=0.05, key=patient_key(f"cmr_{name}"), placeholder="from the file")
        st.text_input("DICOM series", key=patient_key("cmr_series"), max_chars=64, placeholder="the likeliest",
                      help="The number of a series, or the end of its UID, as the notice lists them.")


def heart_lies(study: CmrStudy, reading: Reading) -> None:
    """How the heart lies in the pictures; the segments follow."""
    st.markdown("##### Orientation")
    for field, key in LIES.items():
        value = getattr(reading.geometry, field)
        st.session_state[key] = round(value) % 360 if field == "insertion_angle_deg" else value
    follow = {"on_change": readings.turned, "args": (LIES,)}
    st.slider("Anterior insertion, degrees", 0, 359, key=LIES["insertion_angle_deg"], **follow,
              help="Where the right ventricle meets the anterior wall: around the middle of the cavity, counter-clockwise "
                   "from the right-hand side of the picture. The handle in the viewer says the same.")
    st.toggle("Mirrored view", key=LIES["mirrored"], help="The right ventricle lies on the right of the picture.", **follow)
    st.toggle("First slice is the apex", key=LIES["apex_first"], **follow)
    st.button("Guess the insertion", icon=":material/explore:", type="tertiary", key="cmr_guess",
              on_click=readings.guessed, args=(study,))


def about(study: CmrStudy) -> None:
    """What the reader made of the upload."""
    st.markdown("##### What was read")
    table = {"Spacing": "not known"}
    if study.spacing_mm is not None:
        down, across, between = study.spacing_mm
        table = {"Pixel": f"{across:.3g} x {down:.3g} mm", "Slice distance": f"{between:.3g} mm"}
    room.facts({name.capitalize(): value for name, value in study.source.items()} | table)
