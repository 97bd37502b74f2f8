"""The left column of the heart-failure room: the form in groups, prescriptions, and what was computed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.assessment import Notice
from core.contract import Input, Modality
from core.heart_failure.renal import egfr
from core.heart_failure.variables import GROUPS
from pages import form
from pages.heart_failure import imports, units
from pages.heart_failure.desk import switch
from pages.heart_failure.prescriptions import recognised
from pages.state import RoomState, widget
from pages.words import plain

FORMATS = "CSV with one patient, as a cohort has it: MUSIC, peakVO2, SUPPORT2, UCI, or with a mapping file beside it."
CONTEXT = ("setting", "scar_adjustment")  # say nothing of the patient alone
FEWEST = 2  # values from which on there is something to tell
HINT = "For example: bisoprolol 5 mg od, sacubitril/valsartan 49/51 mg bd; spironolactone stopped (potassium)"
FIRST, SCAR = "Patient", "Cardiac MR"


def source(room: Modality) -> Input | None:
    """The form, which an example or a table with one patient may begin."""
    switch(room)
    chosen = form.example(room, "Example", fresh=True, persist_state="session")
    with st.container(horizontal=True, gap="small", key=f"{room.name}_tools"):
        units.choices(room)
        st.button("Clear the form", icon=":material/ink_eraser:", width="stretch", key=widget(room, "clear"), on_click=clear,
                  args=(room,))
    with st.expander("From a table"):
        dropped = form.upload(room, "Table with one patient", FORMATS)
    imports.buttons(room)
    if dropped or chosen:
        return dropped or chosen
    known = [name for name, value in form.given(room).items() if value is not None and name not in CONTEXT]
    return Input(form.BY_HAND) if len(known) >= FEWEST else None


def clear(room: Modality) -> None:
    """Nothing is known of the patient any more; units stay as they are."""
    form.clear(room)
    form.forget(room)
    form.fill(room, Input(form.BY_HAND), fresh=True)


def inputs(held: RoomState) -> None:
    """The groups of the form, the first one open, and the prescriptions."""
    room, given = held.room, form.given(held.room)
    cautions, lines = spoken_of(held), computed(held)
    with st.container(key=f"{room.name}_form", gap="small"):
        for title, names in GROUPS.items():
            group(held, title, given, cautions, [words for name, words in lines if name in names])
            if title == FIRST:
                units.draw(room, "prescriptions", HINT)
                recognised(given["prescriptions"] or "")


def group(
    held: RoomState, title: str, given: Mapping[str, Any], cautions: Mapping[str, Sequence[str]], lines: Sequence[str]
) -> None:
    """Fields under a heading, with how many are filled, and whether one of them asks to be looked at.

    Args:
        given: by field. cautions: what stands beside fields. lines: what was computed of them, below.
    """
    room, names, open_ = held.room, GROUPS[title], widget(held.room, f"group.{title}")
    if held.problem is not None and held.problem.field in names:
        st.session_state[open_] = True  # and stays so while it is mended
    filled = sum(given[name] is not None for name in names)
    with st.container(key=f"{room.name}_group_{names[0]}", gap=None):
        mark = ":orange[:material/warning:] " if any(name in cautions for name in names) else ""
        st.markdown(f"{mark}:gray[{filled} of {len(names)}]")  # over the heading: another heading would fold it
        with st.expander(title, expanded=title == FIRST or open_ in st.session_state):
            for name in names:
                units.draw(room, name)
                for words in cautions.get(name, ()):
                    st.caption(f":orange[{plain(words)}]")
                if words := imports.origin(room, name):
                    st.caption(plain(words[0].upper() + words[1:]))
            if lines:
                st.caption("  \n".join(lines))


def beside_its_field(notice: Notice) -> bool:
    """A caution on one value stands beside it; one on the scar line stands under that line."""
    return notice.level == "caution" and any(notice.subject in names for title, names in GROUPS.items() if title != SCAR)


def spoken_of(held: RoomState) -> dict[str, list[str]]:
    """What stands beside fields, by field."""
    found: dict[str, list[str]] = {}
    for notice in held.assessment.notices if held.assessment is not None else ():
        if beside_its_field(notice):
            found.setdefault(notice.subject, []).append(notice.message)
    return found


def computed(held: RoomState) -> list[tuple[str, str]]:
    """What follows from what was entered: the field it belongs to, and a line."""
    if held.study is None:
        return []
    values: Any = held.study.values
    fields = form.asked(held.room)
    lines = [(name, f"{fields[name].field.label} **{values[name]:.0f}** {fields[name].field.unit}, of {how}")
             for name, how in held.study.computed.items()]
    if {"creatinine", "age", "sex"} <= values.keys() and values["age"] >= 18:
        rate = egfr(values["creatinine"], values["age"], values["sex"])
        lines.append(("creatinine", f"eGFR **{rate:.0f}** ml/min/1.73 m² (CKD-EPI 2021)"))
    return lines


def about(held: RoomState) -> dict[str, str]:
    """How much is known, and where it comes from."""
    study = held.study
    rows = {name.capitalize(): value for name, value in study.source.items()}
    entered = len(study.values) - len(study.computed)
    return rows | {"Values": f"{entered} given, {len(study.computed)} computed",
                   "Prescriptions": "given" if study.text else "not given"}
