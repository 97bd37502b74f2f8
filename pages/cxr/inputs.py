"""The left column of the chest X-ray room: the film, its note, what else is known, and what was read."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.cxr.notes import LONGEST
from core.cxr.publisher import CREDIT, publisher_sample
from core.cxr.study import CxrStudy
from core.modality import get
from core.uploads import InputError, Upload
from pages import room
from pages.cxr.note import filter_effect
from pages.sidebar import patient_key

ROOM = get("cxr")
BURNED_IN = "Names burned into the picture cannot be seen by the app. Look for them before you share it."
PUBLISHED = "cxr_published"  # the publisher's film while it is the one shown


def inputs() -> tuple[list[Upload], dict[str, Any]]:
    """What goes in: a film or an example, the note, and what the file may not say itself."""
    files = film()
    st.markdown("##### Clinical note")
    note = st.text_area(
        "History and indication", key=patient_key("cxr_note"), height=120, max_chars=LONGEST,
        placeholder="For example: Progressive dyspnoea, leg swelling, known heart failure.",
        help="A whole report may be pasted. What was written with the film in view is left out.",
    )
    filter_effect(note)
    open_fields = ("view", "sex", "age", "portable", "follow_up")
    with st.expander("Patient and film", expanded=st.session_state.get("cxr_field") in open_fields):
        fields = {
            "sex": st.segmented_control("Sex", ["female", "male"], key=patient_key("cxr_sex")),
            "age": st.number_input("Age, years", 0, 130, None, key=patient_key("cxr_age"), placeholder="from the file"),
            "view": st.segmented_control("View", ["PA", "AP", "lateral"], key=patient_key("cxr_view")),
            "portable": st.segmented_control("Bedside film", ["yes", "no"], key=patient_key("cxr_portable")),
            "follow_up": st.number_input("Earlier films", 0, 1000, None, key=patient_key("cxr_follow_up"),
                                         placeholder="not known"),
        }
    return files, fields | {"note": note or ""}


def film() -> list[Upload]:
    st.markdown("##### Film")
    given = st.file_uploader(
        "Frontal chest film", type=list(ROOM.accepts), key=patient_key("cxr_files"), accept_multiple_files=True,
        help="One film as DICOM, PNG, JPEG or TIFF, or a zip with it. A photograph of a film is read with a caution.",
    )
    examples, choice = ROOM.verb("examples")(), patient_key("cxr_choice")
    wanted = st.session_state.pop("cxr_example", None)
    if wanted in examples:
        st.session_state[choice] = wanted
        forget_published()
    chosen = st.selectbox("or an example", list(examples), index=None, placeholder="Choose an example", key=choice,
                          disabled=bool(given), on_change=forget_published)
    if st.button("Fetch a film from the NIH", icon=":material/cloud_download:", type="tertiary", disabled=bool(given),
                 key="cxr_fetch", on_click=lambda: st.session_state.update({choice: None}),
                 help="The first film of ChestX-ray14, from its publisher over the internet, less than a megabyte."):
        fetch()
    published = st.session_state.get(PUBLISHED)
    if given:
        st.session_state["cxr_name"] = ", ".join(file.name for file in given)
        return [Upload(file.name, file.getvalue()) for file in given]
    if chosen:
        st.session_state["cxr_name"] = chosen
        return examples[chosen]()
    if published:
        st.caption(f"Film: {CREDIT}.")
        st.session_state["cxr_name"] = "NIH ChestX-ray14 sample"
        return published
    return []


def fetch() -> None:
    try:
        with st.spinner("Fetching from the publisher"):
            st.session_state[PUBLISHED] = publisher_sample()
    except InputError as error:
        forget_published()
        room.failed(error.message, error.remedy)


def forget_published() -> None:
    st.session_state.pop(PUBLISHED, None)


def about(study: CxrStudy) -> None:
    """What the reader made of the upload."""
    st.markdown("##### What was read")
    rows, columns = study.pixels.shape
    table = {"Size": f"{columns} x {rows} pixels"}
    if study.spacing:
        table["Pixel"] = f"{study.spacing[0]:.3g} x {study.spacing[1]:.3g} mm"
    table |= {name.capitalize(): value for name, value in study.source.items()}
    patient = [study.sex, f"{study.age:g} years" if study.age is not None else None]
    bedside = {True: "bedside", False: "not bedside", None: None}[study.portable]
    earlier = f"{study.follow_up} earlier films" if study.follow_up is not None else None
    for name, parts in (("Patient", patient), ("View", [study.view, bedside, earlier])):
        known = [part for part in parts if part]
        if known:
            table[name] = ", ".join(known)
    room.facts(table)
    st.caption(BURNED_IN)
