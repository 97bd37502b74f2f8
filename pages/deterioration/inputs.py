"""The left column of the deterioration room: a table, which stay of it, the note, and what the table may not say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import streamlit as st

from core.contract import Input, Modality
from core.deterioration.vitals import VITALS
from core.uploads import Upload
from pages import form, state
from pages.deterioration import stays, table
from pages.room import identity
from pages.state import RoomState, widget

FORMATS = ("CSV with a column of times and one per vital sign: hours or dates; °C or °F, mmHg or kPa. Also a stay of the 2012 "
           "challenge, and tables of eICU or MIMIC.")
UNITS = ("temperature_unit", "pressure_unit", "saturation_unit", "time_unit")
OF_THE_FILE = ("stay", *UNITS)  # belong to one table: another one is asked again
HINT = "For example: Newly confused, mottled knees. ?urosepsis, cultures taken."
PATIENT = ("age", "sex", "unit_type", "hypercapnic")
WHOLE = ("oxygen", "consciousness")


def source(room: Modality) -> Input | None:
    """A table that was dropped, typed or pasted, or an example; of several stays the chosen one."""
    given = form.source(room, "Vital signs over time", FORMATS, needs_files=True)
    before, now = _replaced(room, "given", given)
    if before != now:
        state.change(room, fetched=None)
        if before and now and given.name not in form.names(room):
            _forget(room, [name for name in form.asked(room) if name not in OF_THE_FILE])  # another patient's
    typed = state.of(room).fetched
    if typed is not None:
        st.button("Leave the typed table", type="tertiary", icon=":material/undo:", key=widget(room, "untyped"),
                  on_click=state.change, args=(room,), kwargs={"fetched": None})
    given = typed or given
    before, now = _replaced(room, "read", given)
    if before != now:
        _forget(room, OF_THE_FILE)
    if given is not None:
        _stay(room, given.files)
    return given


def _replaced(room: Modality, name: str, given: Input | None) -> tuple[str, str]:
    """What was there under this name in the last run, and what is there now; empty for nothing."""
    key, now = widget(room, f"{name}.identity"), identity(given, {}, "") if given else ""
    before = st.session_state.get(key, "")
    st.session_state[key] = now
    return before, now


def _forget(room: Modality, names: Iterable[str]) -> None:
    for name in names:
        one = form.asked(room)[name]
        st.session_state[widget(room, name)] = "" if one.kind is str and not one.choices else None


def _stay(room: Modality, files: Sequence[Upload]) -> None:
    """Which one, right where the table was given."""
    key, found = widget(room, "stay"), stays.names(files)
    if 1 < len(found) <= stays.MOST:
        if st.session_state.get(key) not in found:
            st.session_state[key] = None
        st.selectbox(f"Which of the {len(found)} stays?", found, index=None, placeholder="Choose a stay", key=key,
                     format_func=lambda name: name or "(without a name)")
        st.session_state[widget(room, "listed")] = True
    else:
        st.session_state[widget(room, "listed")] = False


def _asked(held: RoomState) -> None:
    """What the table leaves open, and nothing else: a unit, or which of more stays than a list holds."""
    room, problem = held.room, held.problem
    names = UNITS if st.session_state.get(widget(room, "listed")) else OF_THE_FILE
    asked = [name for name in names if problem is not None and problem.field == name or form.given(room)[name] is not None]
    if asked:
        form.fields(room, asked)


def inputs(held: RoomState) -> None:
    """What the table asks back, the note with its hour, the patient, and what holds for the whole stay."""
    room = held.room
    _asked(held)
    table.button(room, held.study)
    form.fields(room, ["note"], hint=HINT)
    if form.given(room)["note"]:
        form.fields(room, ["note_hour"])
    form.folded(room, "Patient and ward", PATIENT)
    form.folded(room, "Oxygen and consciousness", WHOLE, words="For the whole stay, where the table has no column for them.")


def about(held: RoomState) -> dict[str, str]:
    """What was made of the table."""
    study = held.study
    rows = {name.capitalize(): value for name, value in study.source.items()}
    known = np.isfinite(study.values)
    rows["Rows"] = f"{len(study.hours):,}, {study.hours[0]:.4g} to {study.last_hour:.4g} h"
    rows["Measured"] = f"{known.sum():,} values"
    lacking = [vital.label.lower() for vital, there in zip(VITALS, known.any(0), strict=True) if not there]
    if lacking:
        rows["Not measured"] = ", ".join(lacking)
    patient = [study.sex, f"{study.age:g} years" if study.age is not None else None]
    if any(patient):
        rows["Patient"] = ", ".join(filter(None, patient))
    if study.hypercapnic:
        rows["SpO2"] = "scale 2"
    return rows
