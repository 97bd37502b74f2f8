"""How a run goes: how far it is, its curves, and what it takes of the machine; looks again by itself. Not a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.training import plots
from core.training.state import FINISHED, State, Status, curves, machine, status
from pages.charts import chart, dark
from pages.training.words import duration, reached, size
from pages.words import plain

LOOK, SHOWN = 2.0, 8  # seconds between two looks; charts that are not folded away
EVERY, MACHINE = "All stages", "machine/"
Curves = Mapping[str, Sequence[tuple[float, float]]]


def show(one: Status) -> None:
    st.fragment(draw, run_every=None if one.state in FINISHED else LOOK)(one.room, one.name, one.state)


def draw(room: str, name: str, drawn: State) -> None:
    """``drawn``: the state that the rest of the page shows."""
    one = status(room, name)
    if one.state is not drawn:
        st.rerun()
    if one.state not in FINISHED:
        st.progress(min(one.step / one.of, 1.0) if one.of else 0.0, plain(reached(one)))
    found = curves(one)
    tiles(one, found)
    learned = {key: points for key, points in found.items() if not key.startswith(MACHINE)}
    if learned:
        courses(learned)
    else:
        st.caption("It has learned in no epochs, so there are no curves." if one.state is State.DONE else
                   "Curves appear after the first epoch.")
    taken = {key: points for key, points in found.items() if key.startswith(MACHINE) and len(points) > 1}
    if taken:
        with st.expander("What it took of the machine"):
            _grid(plots.charts(taken))


def tiles(one: Status, found: Curves) -> None:
    """Time, throughput and machine, now."""
    now = machine(one)
    if one.state is not State.RUNNING:
        return
    shown: list[tuple[str, str]] = []
    if one.seconds_left is not None:
        shown.append(("Time left", duration(one.seconds_left)))
    if one.rate:
        shown.append(("Steps per second", f"{one.rate:.3g}"))
    if (rate := plots.last(found, plots.RATE)) is not None:
        shown.append(("Learning rate", f"{rate:.2g}"))
    if "cpu" in now:
        shown.append(("CPU, of one core", f"{now['cpu']:.0f} %"))
    if "memory" in now:
        shown.append(("Memory", size(now["memory"] * 2**20)))
    if "gpu" in now:
        shown.append(("GPU", f"{now['gpu']:.0f} %"))
    if "gpu_memory" in now:
        shown.append(("GPU memory", size(now["gpu_memory"] * 2**20)))
    if shown:
        with st.container(key="training_tiles", horizontal=True):
            for label, value in shown:
                st.metric(label, value, width="content")


def courses(found: Curves) -> None:
    """A chart for each figure, a line for each stage."""
    stages = list(dict.fromkeys(key.rpartition("/")[0] for key in found))
    chosen = EVERY
    if len(stages) > 1:
        chosen = st.selectbox("Stage", [EVERY, *reversed(stages)], key="training_stage", format_func=plots.stage_words)
    of_stage = {key: points for key, points in found.items() if chosen in (EVERY, key.rpartition("/")[0])}
    charts = plots.charts(of_stage)
    _grid(charts[:SHOWN])
    if len(charts) > SHOWN:
        with st.expander(f"{len(charts) - SHOWN} more figures"):
            _grid(charts[SHOWN:])


def _grid(charts: Sequence[tuple[str, Curves]]) -> None:
    columns = st.columns(2)
    for k, (name, lines) in enumerate(charts):
        with columns[k % 2]:
            st.caption(f"**{plain(plots.figure_words(name))}**")
            chart(plots.course(name, lines, dark=dark()), f"training_curve_{name}")
