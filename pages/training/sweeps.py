"""Sweeps: runs with other settings each; the ready ones of the source systems, and what came of those that ran. Not a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from core import access
from core.training import forms
from core.training.grids import Grid, grids
from core.training.space import merged
from core.training.studies import Study, importance, studies
from core.training.sweep import begin, end, go_on
from core.training.sweep_figures import course_figure, importance_figure, slice_figure
from pages.charts import chart, dark, table
from pages.training import held, who
from pages.training.words import moment
from pages.words import plain

LOOK, SHOWN = 5.0, 12
COLOURS = {"running": "blue", "done": "green", "stopped": "gray"}


def show(may: bool, settings: Mapping[str, Any]) -> None:
    """``settings``: of the form, for all trials."""
    room = held.of().room
    if may:
        start(room, settings)
    found = studies(room)
    if not found:
        st.caption(f"Nobody has swept {held.ROOMS[room].title} yet.")
        return
    names = [one.name for one in found]
    name = st.selectbox("Sweep", names, key=f"training_sweep_{room}") if len(names) > 1 else names[0]
    active = any(one.name == name and one.state == "running" for one in found)
    st.fragment(draw, run_every=LOOK if active else None)(room, name, may, active)


def start(room: str, settings: Mapping[str, Any]) -> None:
    """A ready sweep, with what the form says for all of its trials."""
    ready = grids(room)
    if not ready:
        return
    with st.container(border=True, key="training_ready"):
        st.markdown("##### A ready sweep")
        title = st.selectbox("Ready sweep", list(ready), key=f"training_grid_{room}", label_visibility="collapsed")
        grid = ready[title]
        st.caption(plain(grid.source))
        table([{"Setting": plain(name), "Values": plain(_values(values))} for name, values in grid.space.items()])
        if grid.needs:
            st.warning(f"It takes {plain(grid.needs)}.", icon=":material/memory:")
        every = grid.combinations
        left, right = st.columns((1, 2), vertical_alignment="bottom")
        trials = left.number_input("Trials", 1, every or 1000, min(every or 20, 20), key=f"training_trials_{room}_{title}",
                                   help="Chosen by what came of those before."
                                        + (f" There are {every:,} combinations." if every else ""))
        right.button("Start the sweep", type="primary", key="training_sweep_start", on_click=who.act,
                     args=(launched, room, grid, trials, dict(settings)), kwargs={"said": f"{trials} trials, one by one."})
        st.caption("The dataset and all that is not varied are taken from the form on the left.")


def launched(room: str, grid: Grid, trials: int, settings: Mapping[str, Any]) -> Study:
    """Raises:
        InputError: settings that the recipe does not take, or folders that the page may not read.
    """
    whole = merged(grid.settings, {key: value for key, value in settings.items() if key not in ("name", "recipe")})
    for key, path in forms.folders(forms.checked(room, whole)).items():
        if not access.below_roots(key, Path(path)).exists():
            raise access.InputError(key, f"There is nothing at {path}.", "Look at the folder's name in the form.")
    return begin(room, grid.space, trials, settings=whole, goal=grid.goal, source=grid.source)


def draw(room: str, name: str, may: bool, drawn_active: bool) -> None:
    if held.of().problem is not None or held.of().said or held.of().run:
        st.rerun()
    one = next((one for one in studies(room) if one.name == name), None)
    if one is None or (one.state == "running") is not drawn_active:
        st.rerun()
    over = sum(trial.state != "running" for trial in one.trials)
    line = st.container(horizontal=True, vertical_alignment="center")
    line.markdown(f"#### {plain(name)} &ensp;:{COLOURS[one.state]}-badge[{one.state.capitalize()}]", width="stretch")
    if may and one.state == "running":
        line.button("Stop the sweep", key="training_sweep_stop", on_click=who.act, args=(end, room, name))
    if may and one.state == "stopped":
        line.button("Go on", type="primary", key="training_sweep_on", on_click=who.act, args=(go_on, room, name))
    st.progress(min(over / one.wanted, 1.0) if one.wanted else 0.0,
                f"{over} of {one.wanted} trials, begun {moment(one.created)}; judged by {plain(one.goal.figure)}")
    best = one.best
    if best is None:
        st.caption("Nothing has come of it yet.")
    else:
        st.markdown(f"Best: **{best.value:.4g}** with {plain(', '.join(f'{key} {value}' for key, value in best.values.items()))}")
        st.button(f"Open {best.run}", key="training_best", type="tertiary", icon=":material/arrow_forward:",
                  on_click=held.open_run, args=(room, best.run))
        plots(one)
    with st.expander("Trials"):
        table([_row(trial) for trial in reversed(one.trials[-SHOWN:])])
        if len(one.trials) > SHOWN:
            st.caption(f"The last {SHOWN} of {len(one.trials):,}; each is a run in the list of runs.")


def plots(one: Study) -> None:
    shares = importance(one)
    if shares:
        st.markdown("##### Which settings matter")
        chart(importance_figure(shares, dark=dark()), f"training_importance_{one.name}")
    st.markdown("##### What each value came to")
    chart(slice_figure(one, dark=dark()), f"training_slices_{one.name}")
    chart(course_figure(one, dark=dark()), f"training_course_{one.name}")


def _row(trial: Any) -> dict[str, str]:
    result = plain(trial.reason) if trial.value is None else f"{trial.value:.4g}"
    return {"Run": plain(trial.run), "State": trial.state, "Result": result or "–",
            "Values": plain(", ".join(f"{key} {value}" for key, value in trial.values.items()))}


def _values(values: Any) -> str:
    if isinstance(values, Mapping):
        return f"{values['low']} to {values['high']}"
    return ", ".join(map(str, values))
