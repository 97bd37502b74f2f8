"""The same patient with one value changed: what the model would say; an association, never the effect of a change. Not a page."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.contract import Modality
from core.drugs import CLASSES
from core.heart_failure import figures
from core.heart_failure.drugs import FLAGS
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import FIELDS, MODIFIABLE, UNITS, USUAL, in_ours
from core.heart_failure.what_if import Variation, vary, with_class
from core.uploads import InputError
from pages import progress, state
from pages.charts import chart, dark
from pages.heart_failure import units
from pages.heart_failure.risks import RISKS, percent
from pages.state import RoomState, problem_of, widget

POINTS = 13  # of the curve
YES_NO = {True: "yes", False: "no"}
CAUTION = "Association in the cohort, not the effect of changing it."


@st.fragment
def what_if(held: RoomState) -> None:
    """Choose a value that treatment changes; the risks follow."""
    room = held.room
    st.markdown("##### If one value were another")
    name = st.selectbox("Value", MODIFIABLE, index=None, placeholder="Choose a value", format_func=label,
                        key=widget(room, "if"), label_visibility="collapsed")
    if name is None:
        st.caption(f"{CAUTION} Choose a value that changes with treatment; the model says what risk such a patient would have.")
        return
    st.markdown(f":orange[:material/warning: {CAUTION}]")
    try:
        if name in USUAL:
            of_number(held, name)
        elif name == "prescriptions":
            of_drug(held)
        else:
            of_choice(held, name, (False, True), [YES_NO[False], YES_NO[True]])
    except InputError as error:
        progress.failed(problem_of(error))


def label(name: str) -> str:
    return "A class of drugs" if name == "prescriptions" else FIELDS[name].label


def of_number(held: RoomState, name: str) -> None:
    """The curve over what one sees, in the unit of the form, and one value on a slider."""
    unit, (low, high) = shown_in(held.room, name), USUAL[name]
    factor = in_ours(name, 1.0, unit) if unit != units.own(name) else 1.0
    values = np.geomspace(low, high, POINTS) if name == "nt_probnp" else np.linspace(low, high, POINTS)
    found = state.made(held.room, f"if.{name}", partial(within, held.study, name, tuple(values.tolist()), held.weights))
    title = f"{label(name)}, {unit.rpartition(', ')[2]}"
    now = held.study.values.get(name)
    ends = [float(f"{value / factor:.3g}") for value in (found.values[0], found.values[-1])]
    start = min(max((values[POINTS // 2] if now is None else now) / factor, ends[0]), ends[1])
    step = 10.0 ** np.floor(np.log10((ends[1] - ends[0]) / 50))
    left, right = st.columns([1, 1.7], gap="medium")
    with left:
        chosen = st.slider(title, *ends, float(f"{start:.3g}"), step, key=widget(held.room, f"if.{name}.{unit}.{now}"))
        ours = min(max(chosen * factor, FIELDS[name].low), FIELDS[name].high)
        change(held, within(held.study, name, (ours,), held.weights), 0, f"{chosen:g}")
    figure = figures.variation(replace(found, values=tuple(value / factor for value in found.values)), title=title, dark=dark())
    if name == "nt_probnp":
        figure.update_xaxes(type="log")
    figure.add_vline(x=chosen, line={"dash": "dot", "width": 1.5})
    with right:
        chart(figure, widget(held.room, "if.chart"))


def within(study: HeartFailureStudy, name: str, values: tuple[float, ...], weights: str) -> Variation:
    """As ``vary``; values that do not fit the patient's others are left out.

    Raises:
        InputError: none fits.
    """
    try:
        return vary(study, name, values, weights)
    except InputError:
        fitting = tuple(value for value in values if fits(study, name, value, weights))
        return vary(study, name, fitting or values, weights)


def fits(study: HeartFailureStudy, name: str, value: float, weights: str) -> bool:
    try:
        vary(study, name, (value,), weights)
    except InputError:
        return False
    return True


def of_drug(held: RoomState) -> None:
    code = st.selectbox("Class of drugs", FLAGS, format_func=CLASSES.get, key=widget(held.room, "if.class"))
    texts = tuple(with_class(held.study.text, code, taken) for taken in (False, True))
    of_choice(held, "prescriptions", texts, ["not taken", "taken"], CLASSES[code])


def of_choice(held: RoomState, name: str, values: tuple[Any, ...], words: list[str], what: str = "") -> None:
    """Two values beside each other."""
    found = vary(held.study, name, values, held.weights)
    left, right = st.columns([1, 1.7], gap="medium")
    with left:
        for k, word in enumerate(words):
            change(held, found, k, word)
    with right:
        chart(figures.variation(found, words, title=what or label(name), dark=dark()), widget(held.room, "if.chart"))


def change(held: RoomState, found: Variation, k: int, word: str) -> None:
    """The risk of one variation, and by how much it differs from the patient's."""
    told = []
    for code, (year, _) in RISKS.items():
        value, now = float(found.prognosis.risk(year)[0][k]), held.assessment.measured(code).value
        if np.isfinite(value) and now is not None:
            told.append(f"{year} year{'s' * (year > 1)} **{percent(value)}** :gray[{round(value - now, 1) + 0.0:+.1f} points]")
    st.markdown("  \n".join([f"With **{word}**", *told]))


def shown_in(room: Modality, name: str) -> str:
    return units.chosen(room, name) if name in UNITS else units.own(name)
