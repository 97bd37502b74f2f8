"""The Compare tab: NEWS2 and qSOFA over the stay beside the model, and how well each finds who dies. Not a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.deterioration import alarms, figures, qsofa
from core.deterioration.names import WITHOUT, curve
from core.deterioration.news2 import SOURCE
from pages import charts
from pages.charts import chart, dark
from pages.deterioration import alarm
from pages.deterioration.tabs import firsts
from pages.state import RoomState, widget
from pages.words import plain

MODEL = "Model"
POINTS = {"NEWS2": "points", "qSOFA": "points"}  # units of the lines of rules; the model's are percent


def compare(held: RoomState) -> None:
    """This stay on the left, the stays that were tested on the right."""
    first, second = st.columns(2, gap="large")
    with first:
        st.markdown("##### In this stay")
        point = alarm.chosen(held)
        chart(figures.courses(held.study, held.assessment, alarm=None if point is None else 100 * point["threshold"],
                              dark=dark()), widget(held.room, "courses"))
        charts.table(firsts(held))
        st.caption("The rules answer different questions: the model the risk of death in this stay, NEWS2 how soon to look "
                   f"again, qSOFA a poor outcome of an infection. An area is what a score can be. NEWS2: {SOURCE}. "
                   f"qSOFA: {qsofa.SOURCE}.")
    with second:
        st.markdown("##### At equal alerts, in the stays that were tested")
        tested(held)


def tested(held: RoomState) -> None:
    """Sensitivity and predictive value of the model and of each score, on one plot, and at the alarm line."""
    point, measured = alarm.chosen(held), alarm.rules(held)
    if point is None:
        st.caption("These weights carry no measured alarms.")
        return
    mine = alarms.ALONE if curve(held.assessment, WITHOUT) is None else alarms.BOTH
    others = {name: rows for name, rows in measured.items() if name not in (alarms.ALONE, alarms.BOTH)}
    rules = {MODEL: measured.get(mine) or alarm.points(held), **others}
    chart(figures.alarms(rules, chosen=point[alarm.RATE], dark=dark()), widget(held.room, "alarms"))
    rows = [_row(MODEL, point, f"{100 * point['threshold']:.1f} %")]
    for name, points in others.items():
        near = min(points, key=lambda one: abs(one[alarm.RATE] - point[alarm.RATE]))
        rows.append(_row(name, near, f"{near['threshold']:g} {POINTS.get(name, '')}".strip()))
    charts.table(rows)
    st.caption(_explained(held, rows, "qSOFA" in others))


def _explained(held: RoomState, rows: Sequence[Mapping[str, str]], sepsis: bool) -> str:
    said = ["Sensitivity: of those who died, the share with an alert. PPV, positive predictive value: of those with an alert, "
            "the share who died."]
    if len({row["Alerts"] for row in rows}) > 1:
        said.append("Scores move in whole points: the nearest number of alerts is shown.")
    if not sepsis:
        said.append("qSOFA was not measured there.")
    if where := alarm.dataset(held):
        said.append(f"Measured on {plain(where)}; the model out of fold.")
    return " ".join(said)


def _row(rule: str, point: Mapping[str, Any], line: str) -> dict[str, str]:
    told = {name: f"{100 * point[key]:.0f} %" if point.get(key) is not None else "–"
            for name, key in (("Sensitivity", "sensitivity"), ("PPV", "ppv"))}
    return {"Rule": rule, "Line": line, "Alerts": f"{point[alarm.RATE]:.3g}", **told}
