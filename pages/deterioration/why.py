"""What the deterioration room adds to the Why tab: the hour, what changed within it, the trajectories and the note's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from html import escape

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.assessment import Attribution
from core.deterioration import figures
from core.deterioration.changes import Change, changes
from core.deterioration.names import RISK, curve
from core.deterioration.report import percent
from core.figures import rgba
from core.plot_style import palette
from core.progress import Done
from pages import state
from pages import why as shared
from pages.charts import chart, dark
from pages.state import RoomState, widget
from pages.why import Why

STRONG = 0.5  # log odds at which a word is coloured fully


def tab(held: RoomState) -> None:
    """Which hour is explained, then as in every room."""
    hours, key = list(curve(held.assessment, RISK).x), widget(held.room, "hour")
    if len(hours) > 1:
        if st.session_state.get(key) not in hours:
            st.session_state[key] = hours[-1]
        st.select_slider("Hour that is explained", hours, key=key, format_func=lambda hour: f"{hour:g} h")
    chosen = st.session_state.get(key, hours[-1])
    shown = held.attribution.parameters["hour"] if held.attribution is not None else chosen
    shared.tab(at_hour(held, shown), replace(WHY, explain=partial(explain, hour=chosen)))


def at_hour(held: RoomState, hour: float) -> RoomState:
    """The room with its finding as it was at an hour: what the tab names is what it explains."""
    assessment, risk = held.assessment, curve(held.assessment, RISK)
    probability = risk.y[risk.x.index(hour)] / 100
    findings = tuple(replace(one, label=f"{one.label}, at {hour:g} h", probability=probability, interval=None)
                     for one in assessment.own)
    return replace(held, assessment=replace(assessment, findings=findings))


def explain(held: RoomState, target: str, method: str, done: Done, hour: float | None = None) -> Attribution:
    """Args: hour: of the stay; the last observation where None."""
    return held.room.verb("explain")(held.study, target, method, held.weights, done, hour=hour)


def by_vital(held: RoomState, attribution: Attribution) -> None:
    """What each vital sign adds, and what the hour itself brought."""
    about = attribution.parameters
    st.markdown(f"###### What makes the risk at {about['hour']:g} h")
    rows = [(label, value) for _, label, value in about["vitals"]]
    if held.study.note and held.study.note_hour <= about["hour"]:
        rows.append(("Note", about["note"]))
    rows.sort(key=lambda row: -abs(row[1]))
    chart(reasons(rows), widget(held.room, "by_vital"))
    st.caption("By hour it lies under the trajectories above. " + {
        "integrated_gradients": "Measured from a patient with average values.",
        "occlusion": "Each value left out in turn."}.get(attribution.method, ""))
    change = state.made(held.room, "change", partial(changes, held.study, held.weights, about["hour"]), about["hour"])
    if change is not None:
        of_the_hour(held, change)


def of_the_hour(held: RoomState, change: Change) -> None:
    st.markdown(f"###### What changed within the hour before {change.hour:g} h")
    before, now = percent(change.before, "en"), percent(change.now, "en")
    st.markdown(f"Risk {before} → {now} %" if before != now else f"Risk unchanged at {now} %")
    rows = [(one.label if one.before is None or one.now is None else f"{one.label} {one.before:.4g} → {one.now:.4g}", one.effect)
            for one in change.reasons]
    chart(reasons(rows), widget(held.room, "changed"))


def reasons(rows: Sequence[tuple[str, float]]) -> go.Figure:
    """The bars in half a page: their title is short."""
    return figures.changed(rows, dark=dark()).update_xaxes(title="log odds, raises →")


def words_of_note(held: RoomState, attribution: Attribution) -> None:
    st.markdown("###### Words of the note")
    note, about = held.study.note, attribution.parameters
    if not note:
        st.caption("There is no note: the vital signs alone speak.")
    elif not about["sentences"]:
        st.caption(f"At {about['hour']:g} h the note had not been written.")
    else:
        st.html(note_html(note, about["words"], dark=dark()))
        st.caption("Warm: the word raises the risk; blue: it lowers it. Each was left out once; the number, in log odds, shows "
                   "when you point at it.")


def note_html(text: str, words: list[list], *, dark: bool) -> str:
    """The note with a ground behind each word that was left out. Every word is escaped."""
    p, parts, at = palette(dark), [], 0
    for start, end, value in words:
        parts.append(escape(text[at:start]))
        ground = rgba(p.sequential[2] if value > 0 else p.opposing[3], round(0.6 * min(abs(value) / STRONG, 1), 2))
        parts.append(f"<span style='background:{ground};border-radius:3px' title='{value:+.2f}'>{escape(text[start:end])}</span>")
        at = end
    parts.append(escape(text[at:]))
    return f"<div class='note-words'>{''.join(parts).replace(chr(10), '<br>')}</div>"


def completeness(held: RoomState, attribution: Attribution) -> None:
    """Whether the parts sum to what they explain, of integrated gradients."""
    check = attribution.faithfulness
    if "complete" in check:
        words = f"The parts sum to {check['sum']:+.2f} log odds; the difference that they explain is {check['difference']:+.2f}"
        shared.verdict(check["complete"], f"{words}.", f"{words}: some of it is missed.")
    if not np.any(attribution.values):
        st.caption("No vital sign adds anything.")


WHY = Why(
    meaning={
        "integrated_gradients": "What each hourly value adds to the log odds at the chosen hour, measured from average values.",
        "occlusion": "What the log odds lose when one hourly value is unknown. Values that say the same hide each other.",
    },
    explain=explain,
    shown=by_vital, beside=words_of_note, below=completeness, erased="Leaving out",
    axes={"quantity": "log odds", "removed": "share of the hourly values left out"},
)
