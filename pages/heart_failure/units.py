"""In which unit each laboratory value is entered; the field itself is always kept in its own. Not a page.

What ``read`` gets lies under the field's key. A field in another unit is drawn under a key of its own, which writes there: to
switch to and fro changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import streamlit as st

from core.contract import Modality
from core.fields import Asked
from core.heart_failure.variables import FIELDS, UNITS, in_ours
from pages import form
from pages.state import widget

DIGITS = 4  # of a value that was converted, as it is shown
SI = {"creatinine": "µmol/l", "bun": "urea, mmol/l", "haemoglobin": "g/l", "albumin": "g/l", "cholesterol": "mmol/l",
      "ldl": "mmol/l", "hdl": "mmol/l", "glucose": "mmol/l", "uric_acid": "µmol/l", "bilirubin": "µmol/l"}


def own(name: str) -> str:
    """The unit of the field."""
    return FIELDS[name].unit


def chosen(room: Modality, name: str) -> str:
    """The unit that a field is entered in."""
    return st.session_state.get(widget(room, f"unit.{name}")) or own(name)


def choose(room: Modality, units: dict[str, str]) -> None:
    """Enter these fields in these units, all others in their own."""
    for name in UNITS:
        st.session_state[widget(room, f"unit.{name}")] = units.get(name, own(name))


def choices(room: Modality) -> None:
    """All at once, or one by one."""
    with st.popover("Units", icon=":material/straighten:", width="stretch", key=widget(room, "units")):
        mass, si = st.columns(2)
        mass.button("mg/dl, g/dl", width="stretch", key=widget(room, "units_mass"), on_click=choose, args=(room, {}))
        si.button("SI", width="stretch", key=widget(room, "units_si"), on_click=choose, args=(room, SI),
                  help="All but weight, height, duration and NT-proBNP, which is reported in ng/l by most laboratories.")
        with st.container(key=f"{room.name}_units", gap="xsmall"):
            for name in UNITS:
                key = widget(room, f"unit.{name}")
                st.session_state.setdefault(key, own(name))
                st.selectbox(FIELDS[name].label, [own(name), *dict(UNITS[name])], key=key, persist_state="session")


def draw(room: Modality, name: str, hint: str = "") -> None:
    """A field of the form, in the unit that was chosen for it."""
    one, key, unit = form.asked(room)[name], widget(room, name), chosen(room, name) if name in UNITS else ""
    if unit in ("", one.field.unit):
        form.draw(one, key, hint=hint, persist_state="session")
        return
    shown, other, value = in_unit(one, unit), widget(room, f"{name}.{unit}"), st.session_state.get(key)
    if not _same(name, st.session_state.get(other), unit, value):
        st.session_state[other] = None if value is None else _shown(shown, value / in_ours(name, 1.0, unit))
    form.draw(shown, other, persist_state="session", on_change=partial(entered, room, name, unit))


def entered(room: Modality, name: str, unit: str) -> None:
    """What was entered in another unit reaches the field."""
    value, field = st.session_state[widget(room, f"{name}.{unit}")], FIELDS[name]
    if value is not None:
        value = min(max(in_ours(name, value, unit), field.low), field.high)  # a bound in another unit is a rounded one
    st.session_state[widget(room, name)] = value


def in_unit(one: Asked, unit: str) -> Asked:
    """The field with its bounds in another unit; "urea, mmol/l" is a unit of another name for it."""
    label, _, short = unit.rpartition(", ")
    factor = in_ours(one.name, 1.0, unit)
    low, high = (None if bound is None else float(f"{bound / factor:.10g}") for bound in (one.field.low, one.field.high))
    return replace(one, field=replace(one.field, label=label.capitalize() or one.field.label, unit=short, low=low, high=high))


def _same(name: str, shown: float | None, unit: str, value: float | None) -> bool:
    if shown is None or value is None:
        return shown is value
    return math.isclose(in_ours(name, shown, unit), value, rel_tol=1e-9)


def _shown(one: Asked, value: float) -> float:
    return min(max(float(f"{value:.{DIGITS}g}"), one.field.low), one.field.high)
