"""The Compare tab: NEWS2 and qSOFA over the stay beside the model, and how well each finds who dies. Not a page."""

from __future__ import annotations

import streamlit as st

from core.deterioration import figures, qsofa
from core.deterioration.news2 import SOURCE
from pages import charts
from pages.charts import chart, dark
from pages.deterioration import alarm
from pages.deterioration.tabs import firsts
from pages.state import RoomState, widget


def compare(held: RoomState) -> None:
    """This stay on the left, the stays that were tested on the right."""
    first, second = st.columns(2, gap="large")
    with first:
        st.markdown("##### In this stay")
        charts.table(firsts(held))
        st.caption(f"The rules answer different questions: the model the risk of death in this stay, NEWS2 how soon to look "
                   f"again, qSOFA a poor outcome of an infection. NEWS2: {SOURCE}. qSOFA: {qsofa.SOURCE}.")
        charts.comparators(held.assessment.comparators, "No score can be computed of what was recorded.")
    with second:
        st.markdown("##### At equal alerts, in the stays that were tested")
        tested(held)


def tested(held: RoomState) -> None:
    """Sensitivity and predictive value of the model and of NEWS2 at the alarm line."""
    model, score, point = alarm.points(held), alarm.points(held, "alarms_news2"), alarm.chosen(held)
    if point is None:
        st.caption("These weights carry no measured alarms.")
        return
    rate = point[alarm.RATE]
    rows = [_row("Model", point, f"{100 * point['threshold']:.1f} %")]
    if score:
        near = min(score, key=lambda one: abs(one[alarm.RATE] - rate))
        rows.append(_row("NEWS2", near, f"{near['threshold']:g} points"))
    charts.table(rows)
    if score and rows[1]["Alerts"] != rows[0]["Alerts"]:
        st.caption("NEWS2 moves in whole points: the nearest number of alerts is shown.")
    chart(figures.alarms(model, score, chosen=rate, dark=dark()), widget(held.room, "alarms"))
    st.caption("Sensitivity: of those who died, the share with an alert. Positive predictive value: of those with an alert, the "
               "share who died. Alerts are counted per 100 patient-days.")


def _row(rule: str, point: dict, line: str) -> dict[str, str]:
    told = {name: f"{100 * point[key]:.0f} %" if point.get(key) is not None else "–"
            for name, key in (("Sensitivity", "sensitivity"), ("PPV", "ppv"))}
    return {"Rule": rule, "Line": line, "Alerts": f"{point[alarm.RATE]:.3g}", **told}
