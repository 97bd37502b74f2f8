"""The picture of the deterioration room: the alarm line, and the stay that can be replayed. Not a page."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.deterioration.names import TARGET
from pages import progress, state
from pages.deterioration import alarm, why
from pages.deterioration.viewer import hour_asked, stay_viewer
from pages.state import RoomState, widget


def picture(held: RoomState) -> None:
    """Nothing of a refused stay but what was read."""
    if held.assessment.refused:
        return
    alarm.slider(held)
    point = alarm.chosen(held)
    stay_viewer(held.study, held.assessment, alarm=None if point is None else 100 * point["threshold"],
                attribution=held.attribution, key=widget(held.room, "viewer"),
                asked=partial(explain_hour, held))
    if not alarm.points(held):
        st.caption("These weights name no alarm line.")


def explain_hour(held: RoomState) -> None:
    """Callback of the viewer: begin to explain the hour that it shows."""
    room, now = held.room, state.of(held.room)
    hour = hour_asked(st.session_state.get(widget(room, "viewer"), {}).get("explain"), held.assessment)
    if hour is None or now.key != held.key or now.job is not None or not room.methods:
        return
    st.session_state[widget(room, "hour")] = hour
    method = st.session_state.get(widget(room, "method")) or room.methods[0]
    progress.launch(room, f"What makes the risk at {hour:g} h", "attribution",
                    lambda done: why.explain(held, TARGET, method, done, hour))
