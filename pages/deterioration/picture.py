"""The picture of the deterioration room: the alarm line, and the stay that can be replayed. Not a page."""

from __future__ import annotations

import streamlit as st

from pages.deterioration import alarm
from pages.deterioration.viewer import stay_viewer
from pages.state import RoomState, widget


def picture(held: RoomState) -> None:
    """Nothing of a refused stay but what was read."""
    if held.assessment.refused:
        return
    place = st.container()
    with place:
        alarm.slider(held)
    point = alarm.chosen(held)
    stay_viewer(held.study, held.assessment, alarm=None if point is None else 100 * point["threshold"],
                attribution=held.attribution, key=widget(held.room, "viewer"))
    if not alarm.points(held):
        st.caption("These weights name no alarm line.")
