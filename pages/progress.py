"""How far a long computation is, the time that is left, and the way out of it: one bar for all. Not a page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.contract import Modality
from core.progress import Cancelled, Done
from core.uploads import InputError
from core.weights import WeightsError
from pages import jobs, state
from pages.jobs import Job
from pages.state import Problem, problem_of

SOON, POLL = 1.5, 0.5  # seconds: waited for before a bar is shown, and between two looks at a job
CANCELLED = Problem("Cancelled.")


def bar(key: str, cancel: Callable[..., Any], *arguments: Any, **named: Any) -> DeltaGenerator:
    """The place of a bar, beside a button that calls ``cancel``."""
    line, button = st.columns([4, 1], vertical_alignment="bottom")
    button.button("Cancel", key=key, width="stretch", on_click=cancel, args=arguments, kwargs=named)
    return line.empty()


@contextmanager
def watched(room: Modality, doing: str, step: str) -> Iterator[Done]:
    """A spinner while the page itself computes, and a bar once that takes time; yields the ``done`` that moves it.

    Cancel, as any other press, ends this run of the page; its callback keeps the next one from beginning again.

    Args:
        doing: said while it is not known how far it is. step: what a step is, as in "Slice 3 of 8".
    """
    place, began, line = st.container(), time.monotonic(), None

    def done(steps: int, of: int) -> bool:
        nonlocal line
        if line is None and time.monotonic() - began > SOON:
            with place:
                line = bar(state.widget(room, "cancel_reading"), state.change, room, problem=CANCELLED)
        if line is not None:
            share = min(steps / max(of, 1), 1.0)
            line.progress(share, f"{step} {steps} of {of}{jobs.time_left(began, share)}")
        return True

    with st.spinner(doing):
        yield done


def launch(room: Modality, name: str, into: str, work: Callable[[Done], Any], long: bool = False) -> Job:
    """Start a job of the room; also from a widget's callback.

    Args:
        into: where the result goes, "attribution" or a name of what is ``made``. long: it takes minutes.
    """
    job = jobs.start(name, into, work, long)
    state.change(room, job=job, ended=None)
    return job


def begin(room: Modality, name: str, into: str, work: Callable[[Done], Any], long: bool = False) -> None:
    """``launch``, and show what is done soon without a bar. Ends this run of the page."""
    with st.spinner("Computing"):
        wait(launch(room, name, into, work, long))
    st.rerun()  # of the whole page: it draws the result, or begins to look at the job


def wait(job: Job) -> None:
    """Until it is done, or is no longer done soon."""
    with suppress(TimeoutError, CancelledError):
        job.future.exception(max(SOON - (time.monotonic() - job.began), 0))


def collect(room: Modality) -> None:
    """At the beginning of a run: what a finished job leaves behind is put where the page looks for it."""
    held = state.of(room)
    if held.job is not None:
        wait(held.job)
    if held.job is None or not held.job.future.done():
        return
    state.change(room, job=None)
    try:
        result = held.job.future.result()
    except (Cancelled, CancelledError):
        state.change(room, ended=CANCELLED)
    except (InputError, WeightsError) as error:
        state.change(room, ended=problem_of(error))
    else:
        if held.job.into == "attribution":
            state.change(room, attribution=result)
        else:
            state.made(room, held.job.into, lambda: result)


def under_way(room: Modality) -> None:
    """The bar of the room's job, or what the last one had to say."""
    held = state.of(room)
    with st.container():  # there at every run, so that what stands below keeps its place
        if held.job is not None:
            st.fragment(_poll, run_every=POLL)(room, held.job)
        elif held.ended is not None:
            failed(held.ended)
            state.change(room, ended=None)


def _poll(room: Modality, job: Job) -> None:
    if job.future.done():
        st.rerun()
    words = "Stopping" if job.stopped.is_set() else f"{job.name}{job.left}"
    bar(state.widget(room, "cancel"), jobs.stop, job).progress(job.share, words)


def failed(problem: Problem) -> None:
    """What went wrong and what to do; quietly where nothing is to be done."""
    if problem.remedy:
        st.error(f"**{problem.message}**  \n{problem.remedy}", icon=":material/error:")
    else:
        st.caption(problem.message)
