"""Training: launch a run on the left; watch, resume, compare and promote on the right."""

from __future__ import annotations

from importlib import import_module

import streamlit as st

from pages.training import checking, held, launching, overview, run, setup, starting, versions, who, work

work.collect()
now, may = held.of(), who.allowed()
st.title("Training", anchor=False)
st.markdown("Train a room's weights on data of your own, watch how it goes, and let the room serve what came of it.")
who.outcome()
left, right = st.columns((1, 2.1), gap="large")
settings = {}
with left:
    st.markdown("##### New run" if may else "##### Runs of")
    setup.room_and_recipe()
    if may:
        starting.button()
        settings = setup.settings(setup.form())
        checking.button(settings)
        launching.button(settings)
    else:
        who.door()
with right:
    held.view_chooser()
    if now.view == held.COMPARE:
        import_module("pages.training.comparing").show(may)  # with scikit-learn: when it is asked for
    elif now.view == held.SWEEPS:
        import_module("pages.training.sweeps").show(may, settings)  # with Optuna
    elif now.view == held.VERSIONS:
        versions.show(may)
    elif now.run:
        run.show(now.room, now.run, may)
    else:
        overview.show(may)
held.say_in_address()
if may:
    launching.under_way(settings)
