"""Training: launch a run on the left; watch, resume, compare and promote on the right."""

from __future__ import annotations

import streamlit as st

from pages.training import held, launching, overview, run, setup, who

now, may = held.of(), who.allowed()
st.title("Training", anchor=False)
st.markdown("Train a room's weights on data of your own, watch how it goes, and let the room serve what came of it.")
who.outcome()
left, right = st.columns((1, 2.1), gap="large")
settings = {}
with left:
    if may:
        st.markdown("##### New run")
        setup.room_and_recipe()
        settings = setup.settings(setup.form())
        launching.button(settings)
    else:
        who.door()
with right:
    if now.run:
        run.show(now.room, now.run, may)
    else:
        overview.show(may)
held.say_in_address()
if may:
    launching.under_way(settings)
