"""One run: what it is, what may be done with it, how it goes, and where its model went. Not a page."""

from __future__ import annotations

import streamlit as st

from core import dashboard
from core.training import forms, launch, records
from core.training.recipes import MAIN
from core.training.state import FIGURES, RESUMABLE, State, Status, stages, status
from pages.charts import facts
from pages.training import held, live, results, who
from pages.training.words import badge, duration, moment
from pages.words import plain

TAIL, LINES, WIDEST = 64 * 1024, 200, 400  # of a log: bytes that are read, lines that are shown, their letters


def show(room: str, name: str, may: bool) -> None:
    st.button("All runs", icon=":material/arrow_back:", type="tertiary", key="training_back", on_click=held.change,
              kwargs={"run": ""})
    one = status(room, name)
    if not one.folder.is_dir():
        st.markdown(f"#### There is no run {plain(name)}")
        st.markdown("It was forgotten, or the address is old.")
        return
    st.markdown(f"#### {plain(name)} &ensp;{badge(one.state)}")
    st.caption(_about(one))
    _reason(one)
    if may:
        with st.container(horizontal=True, key="training_actions"):
            actions(one)
    live.show(one)
    if may and one.weights is not None:
        results.where(one)
    elsewhere(one, may)


def actions(one: Status) -> None:
    """What this state allows, the likely one first."""
    them = (one.room, one.name)
    if one.state is State.RUNNING:
        st.button("Stop", type="primary", key="training_stop", on_click=who.act, args=(launch.stop, *them),
                  help="After the step it is at. The best so far is kept, and the run can be resumed.")
        st.button("Force stop", key="training_force", on_click=who.act, args=(launch.stop, *them, True),
                  help="Ends the process within seconds. Resume goes on from the last whole epoch.")
        return
    if one.state is State.QUEUED:
        st.button("Take out of the queue", key="training_stop", on_click=who.act, args=(launch.stop, *them))
        return
    if one.state in RESUMABLE and one.settings:
        st.button("Resume", type="primary", key="training_resume", on_click=who.act, args=(launch.resume, *them),
                  help="From its last whole epoch, as if it had not been interrupted.")
    if one.weights is not None:
        results.actions(one)
    if one.settings:
        st.button("Settings into the form", key="training_copy", on_click=copy, args=(one,),
                  help="Change what was wrong, and launch a new run.")
    with st.popover("Forget"):
        st.markdown("Deletes the run with its checkpoints and its weights. What was promoted stays.")
        st.button("Delete for good", type="primary", key="training_forget", on_click=forget, args=(one,))


def copy(one: Status) -> None:
    """What was asked into the form, whatever came of it. The name is the next run's own."""
    held.change(room=one.room, recipe=one.recipe)
    given = forms.given_of(one.room, {key: value for key, value in one.settings.items() if key != "recipe"}, one.recipe)
    if one.state is State.DONE:
        given.pop("name", None)
    held.fill(given)
    held.change(said=f"The settings of {one.name} are in the form.")


def forget(one: Status) -> None:
    who.act(launch.forget, one.room, one.name, said=f"{one.name} is deleted.")
    if not one.folder.exists():
        held.change(run="")


def elsewhere(one: Status, may: bool) -> None:
    """The dashboard of all runs of the room; where things lie, and the log, for who may train."""
    if (one.folder / FIGURES).is_file():  # epochs are what is tracked
        st.link_button("In the dashboard", dashboard.address(one.room, stages(one.folder)), icon=":material/monitoring:")
    if not may:
        return
    with st.expander("Settings, folder and log"):
        facts({"Folder": str(one.folder), "Log": str(one.log)} | {
            key: str(value) for key, value in forms.flat(one.settings).items()})
        text = log(one)
        if text:
            st.code(text, language=None, height=300)
        else:
            st.caption("The log is empty.")


def log(one: Status) -> str:
    """The end of the log, however long it is."""
    lines = records.tail(one.log, TAIL).replace("\r", "\n").splitlines()[-LINES:]
    return "\n".join(line if len(line) <= WIDEST else f"{line[:WIDEST]} ..." for line in lines)


def _about(one: Status) -> str:
    kind = "" if one.recipe == MAIN else f", {one.recipe.replace('_', ' ')}"
    origin = {"quick": "a quick start", "sweep": "a trial of a sweep"}.get(one.origin, "")
    words = [f"{held.ROOMS[one.room].title if one.room in held.ROOMS else one.room}{kind}", origin,
             f"launched {moment(one.created)}", f"trained for {duration(one.elapsed)}" if one.elapsed else ""]
    return " · ".join(filter(None, words))


def _reason(one: Status) -> None:
    if one.state is State.FAILED:
        st.error(plain(one.reason or "It failed without a word."), icon=":material/error:")
    elif one.state is State.INTERRUPTED:
        st.warning(plain(one.reason), icon=":material/bolt:")
    elif one.state is State.STOPPED:
        st.info(plain(one.reason), icon=":material/stop:")
    if one.notice:
        st.warning(plain(one.notice), icon=":material/warning:")
