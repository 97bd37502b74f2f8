"""The alarm line: how many alerts per 100 patient-days are put up with. Not a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core import serving
from core.deterioration import alarms
from core.deterioration.names import WITHOUT, curve
from core.weights import Config, WeightsError
from pages.state import RoomState, widget

RATE = alarms.RATE
USUAL = 10  # alerts per 100 patient-days that the line begins at; our choice


def points(held: RoomState) -> Sequence[Mapping[str, Any]]:
    """Alarm lines of the weights by rising rate of alerts, each with what was measured of it."""
    config = _config(held)
    if config is None:
        return ()
    noted = curve(held.assessment, WITHOUT) is not None
    known = {one[RATE]: one for one in rules(held).get(alarms.BOTH if noted else alarms.ALONE, ())}
    return [{**one, **{name: value for name, value in known.get(one[RATE], {}).items() if name in ("sensitivity", "ppv")}}
            for one in alarms.points(config, noted)]


def rules(held: RoomState) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """What metrics.json says of alarms, by rule; nothing where it is silent."""
    return _measured(held).get("rules", {})


def dataset(held: RoomState) -> str:
    """On which stays they were measured."""
    return _measured(held).get("dataset", "")


def _measured(held: RoomState) -> Mapping[str, Any]:
    config = _config(held)
    return {} if config is None else alarms.measured(held.weights, config.sha256)


def _config(held: RoomState) -> Config | None:
    try:
        return serving.get(held.weights).config
    except WeightsError:  # gone since they were loaded
        return None


def slider(held: RoomState) -> None:
    """Draws it, where there are several lines, with what the line finds; ``chosen`` says which it is."""
    rates = [one[RATE] for one in points(held)]
    if not rates:
        return
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    if len(rates) > 1:
        key = widget(held.room, "alarm")
        if st.session_state.get(key) not in rates:
            st.session_state[key] = min(rates, key=lambda rate: abs(rate - USUAL))
        left.select_slider("Alarm line, alerts per 100 patient-days", rates, key=key, format_func=lambda rate: f"{rate:g}",
                           help="Fewer alerts miss more patients. All lines, and those of NEWS2, stand under Compare.")
    else:
        left.markdown(f"Alarm line at {rates[0]:g} alerts per 100 patient-days")
    point = chosen(held)
    told = [words.format(100 * point[name]) for name, words in (
        ("sensitivity", "finds {:.0f} % of those who die"), ("ppv", "{:.0f} % of its alerts are right"))
        if point.get(name) is not None]
    right.caption(": ".join(filter(None, [f"Alarm from {100 * point['threshold']:.1f} % on", ", ".join(told)])) + ".")


def chosen(held: RoomState) -> Mapping[str, Any] | None:
    """The operating point of the line; None where the weights name none."""
    there = points(held)
    if not there:
        return None
    rate = st.session_state.get(widget(held.room, "alarm"), USUAL)
    return min(there, key=lambda one: abs(one[RATE] - rate))
