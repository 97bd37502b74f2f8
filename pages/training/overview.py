"""All runs: what is under way, the queue in its order, and what is over, page by page. Not a page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.training import launch
from core.training.state import FINISHED, State, Status, every, running, waiting
from pages.training import held, who
from pages.training.words import badge, duration, moment, reached
from pages.words import plain

PAGE, LOOK = 10, 3.0  # runs on a page; seconds between two looks
ALL = "All"


def show(may: bool) -> None:
    """Looks again by itself while something is under way."""
    st.fragment(draw, run_every=LOOK if running() or waiting() else None)(may)


def draw(may: bool) -> None:
    if held.of().run or held.of().problem is not None or held.of().said:  # a press: the page shows what it asked for
        st.rerun()
    runs = every()
    if not runs:
        with st.container(key="training_empty"):
            st.markdown("#### No run yet")
            st.markdown("Fill in the left column and launch one. It goes on when this page is closed, and is found here again."
                        if may else "Nobody has trained here yet.")
        return
    for one in (one for one in runs if one.state is State.RUNNING):
        under_way(one, may)
    queue(sorted((one for one in runs if one.state is State.QUEUED), key=lambda one: one.position or 0), may)
    over([one for one in runs if one.state in FINISHED])


def under_way(one: Status, may: bool) -> None:
    with st.container(key=f"training_active_{one.room}_{one.name}"):
        line = st.container(horizontal=True, vertical_alignment="center")
        title(one, line)
        if may:
            line.button("Stop", key=f"training_list_stop_{one.room}_{one.name}", on_click=who.act,
                        args=(launch.stop, one.room, one.name),
                        help="After the step it is at; the best so far is kept, and it can be resumed.")
        st.progress(min(one.step / one.of, 1.0) if one.of else 0.0, reached(one))


def queue(runs: Sequence[Status], may: bool) -> None:
    if not runs:
        return
    st.markdown("##### Queue")
    st.caption("One run at a time, in this order.")
    for one in runs:
        line = st.container(horizontal=True, vertical_alignment="center", key=f"training_queue_{one.room}_{one.name}")
        title(one, line)
        if not may:
            continue
        key, place = f"{one.room}_{one.name}", one.position or 1
        line.button("", icon=":material/arrow_upward:", key=f"training_up_{key}", help="Earlier", disabled=place == 1,
                    on_click=who.act, args=(launch.move, one.room, one.name, place - 1))
        line.button("", icon=":material/arrow_downward:", key=f"training_down_{key}", help="Later",
                    disabled=place == len(runs), on_click=who.act, args=(launch.move, one.room, one.name, place + 1))
        line.button("", icon=":material/close:", key=f"training_out_{key}", help="Take out of the queue; it can be resumed",
                    on_click=who.act, args=(launch.stop, one.room, one.name))


def over(runs: Sequence[Status]) -> None:
    """What is over, filtered and page by page."""
    if not runs:
        return
    st.markdown("##### Over")
    rooms = list(dict.fromkeys(one.room for one in runs))
    states = [state for state in FINISHED if any(one.state is state for one in runs)]
    if len(runs) > PAGE // 2 and (len(rooms) > 1 or len(states) > 1):
        left, right = st.columns(2)
        room = left.selectbox("Room", [ALL, *rooms], key="training_filter_room", format_func=_title)
        state = right.selectbox("State", [ALL, *states], key="training_filter_state", format_func=str.capitalize)
        runs = [one for one in runs if room in (ALL, one.room) and state in (ALL, one.state)]
    pages = -(-len(runs) // PAGE) or 1
    st.session_state["training_page"] = min(st.session_state.get("training_page", 1), pages)
    first = (st.session_state["training_page"] - 1) * PAGE
    for one in runs[first: first + PAGE]:
        with st.container(key=f"training_over_{one.room}_{one.name}", gap=None):
            title(one, st.container(horizontal=True, vertical_alignment="center"))
            st.caption(plain(reached(one)))
    if pages > 1:
        st.pagination(pages, key="training_page")
    st.caption(f"{len(runs):,} runs" if len(runs) != 1 else "1 run")


def title(one: Status, line: DeltaGenerator) -> None:
    line.markdown(badge(one.state), width="content")
    line.button(one.name, key=f"training_open_{one.room}_{one.name}", type="tertiary", on_click=held.open_run,
                args=(one.room, one.name))
    words = [_title(one.room), moment(one.created)] + ([duration(one.elapsed)] if one.state in FINISHED and one.elapsed else [])
    line.markdown(f":gray[:small[{' · '.join(words)}]]", width="stretch")


def _title(room: str) -> str:
    return held.ROOMS[room].title if room in held.ROOMS else room
