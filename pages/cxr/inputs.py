"""The left column of the chest X-ray room: the film, its note, what else is known, and what was read."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.contract import Input, Modality
from core.cxr.publisher import CREDIT, publisher_sample
from core.uploads import InputError
from pages import form, progress, state
from pages.cxr.note import filter_effect
from pages.state import RoomState, problem_of, widget

FORMATS = "One film as DICOM, PNG, JPEG or TIFF, or a zip with it. A photograph of a film is read with a caution."
BURNED_IN = "Names burned into the picture cannot be seen by the app. Look for them before you share it."


def source(room: Modality) -> Input | None:
    """A film, an example, or the publisher's film, which stays until another one is chosen."""
    given = form.source(room, "Frontal chest film", FORMATS, needs_files=True)
    if given is not None:
        state.change(room, fetched=None)
    if st.button("Fetch a film from the NIH", icon=":material/cloud_download:", type="tertiary", key=widget(room, "fetch"),
                 on_click=partial(form.clear, room), disabled=given is not None and given.name not in form.names(room),
                 help="The first film of ChestX-ray14, from its publisher over the internet, less than a megabyte."):
        fetch(room)
    fetched = state.of(room).fetched
    if fetched is not None:
        st.caption(f"Film: {CREDIT}.")
    return given or fetched


def fetch(room: Modality) -> None:
    try:
        with st.spinner("Fetching from the publisher"):
            state.change(room, fetched=Input("NIH ChestX-ray14 sample", tuple(publisher_sample())))
    except InputError as error:
        state.change(room, fetched=None)
        progress.failed(problem_of(error))


def inputs(held: RoomState) -> None:
    """The note, with what the filter makes of it, and what the file may not say itself."""
    form.fields(held.room, ["note"], hint="For example: Progressive dyspnoea, leg swelling, known heart failure.")
    filter_effect(form.given(held.room)["note"] or "")
    form.folded(held.room, "Patient and film", [name for name in form.asked(held.room) if name != "note"])


def about(held: RoomState) -> dict[str, str]:
    """What was made of the upload."""
    study = held.study
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
    return table
