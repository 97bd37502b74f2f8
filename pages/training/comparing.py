"""Runs beside each other and beside the weights that serve, on the same studies: is the difference real? Not a page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core import access
from core.training import plots
from core.training.compare import Comparison, Difference, compare
from core.training.quick import usual_data
from core.training.state import State, every
from pages import form
from pages.charts import chart, dark, table
from pages.training import held, work
from pages.words import plain

COMPARE = "compare"


def show(may: bool) -> None:
    room = held.of().room
    runs = [one for one in every() if one.room == room and one.state is State.DONE and one.weights is not None]
    if not runs:
        st.markdown(f"#### No run of {held.ROOMS[room].title} is done yet")
        st.markdown("A run that is done can be compared here with the weights that serve, and with other runs.")
        return
    if not may:
        st.caption("To compare, give the admin token.")
        return
    shipped = [name for name in held.ROOMS[room].weights if form.installed(name)]
    usual = held.of().run if any(one.name == held.of().run for one in runs) else runs[0].name
    sources = st.multiselect("Runs and weights", [*(one.name for one in runs), *shipped], key=f"training_sources_{room}",
                             default=[usual, *shipped[:1]])
    first = next((one for one in runs if one.name in sources), runs[0])
    data = st.text_input("Dataset folder", key=f"training_compared_{room}_{first.name}", value=usual_data(first),
                         help="The same studies for all; best such as none of them has learned from.")
    fold = st.number_input("Fold or split", 0, 100, None, key=f"training_fold_{room}", placeholder="what no recipe learns from",
                           help="As the room's evaluation numbers them.")
    by = (room, tuple(sources), data, fold)
    st.button("Compare", type="primary", key="training_compare", disabled=work.busy() or len(sources) < 1 or not data,
              on_click=work.begin, args=("Comparing", COMPARE, by, lambda done: compare(
                  room, sources, access.below_roots("data", Path(data)), fold, done)))
    work.under_way(COMPARE)
    found = work.made(COMPARE, by)
    if found is not None:
        results(found)


def results(found: Comparison) -> None:
    st.markdown("##### On the same studies")
    st.caption(f"{found.studies:,} studies of {found.patients:,} patients: {plain(found.split)}")
    for row in found.rows:
        if row.seen:
            st.warning(f"**{plain(row.label)}**: {plain(row.seen)}", icon=":material/warning:")
    names = [one["name"] for one in found.rows[0].figures]
    table([{"Figure": plain(name)} | {plain(row.label): _figure(row.figures[k]) for row in found.rows}
           for k, name in enumerate(names)])
    if found.differences:
        st.markdown("##### Is the difference real?")
        for one in found.differences:
            st.markdown(sentence(one))
        st.caption("Paired bootstrap by patient: both are asked about the same patients, drawn anew each time. A difference is "
                   "called real where its 95 % interval holds no zero.")
    columns = st.columns(2)
    for k, (name, lines) in enumerate(found.curves.items()):
        with columns[k % 2]:
            st.caption(f"**{plain(name)}**")
            chart(plots.compared(lines, found.axes[name], dark=dark()), f"training_compared_curve_{k}")


def sentence(one: Difference) -> str:
    low, high = one.interval
    span = f"{one.value:+.3f} (95 % {low:+.3f} to {high:+.3f}, n = {one.n:,})"
    verdict = f":green-badge[The difference is real] {plain(one.better)} is better" if one.real else (
        ":gray-badge[It may be chance]")
    return f"**{plain(one.metric)}**, {plain(one.a)} against {plain(one.b)}: {span} &ensp;{verdict}"


def _figure(figure: dict) -> str:
    span = figure.get("interval")
    return f"{figure['value']:.3f}" + (f" ({span[0]:.3f} to {span[1]:.3f})" if span else "")
