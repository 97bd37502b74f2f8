"""What takes more than a moment, a check or a comparison: one at a time, beside the page, and it can be cancelled. Not a page."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

import streamlit as st

from core.progress import Cancelled, Done
from core.uploads import InputError
from core.weights import WeightsError
from pages import jobs, progress
from pages.state import problem_of
from pages.training import held, who


def begin(name: str, into: str, by: Any, work: Callable[[Done], Any]) -> None:
    """From a callback. ``into``: what it is called when it is there, ``by``: what it depends on."""
    who.act(lambda: (jobs.stop(held.of().job), held.change(job=jobs.start(name, into, work, long=True), job_by=by)))


def made(into: str, by: Any) -> Any:
    """What was made of just this; None if nothing was."""
    what, result = held.of().made.get(into, (None, None))
    return result if what == by else None


def collect() -> None:
    """At the beginning of a run of the page: what a finished job leaves behind."""
    now = held.of()
    if now.job is None or not now.job.future.done():
        return
    held.change(job=None)
    try:
        held.change(made={**now.made, now.job.into: (now.job_by, now.job.future.result())})
    except (Cancelled, CancelledError):
        held.change(problem=progress.CANCELLED)
    except (InputError, WeightsError) as error:
        held.change(problem=problem_of(error))


def busy() -> bool:
    return held.of().job is not None


def under_way(into: str) -> None:
    """The bar of that job, while it is at work."""
    with st.container():  # there at every run: what stands below keeps its place
        job = held.of().job
        if job is not None and job.into == into:
            st.fragment(_poll, run_every=progress.POLL)(job)


def _poll(job: jobs.Job) -> None:
    if job.future.done():
        st.rerun()
    words = "Stopping" if job.stopped.is_set() else f"{job.name}{job.left}"
    progress.bar(f"training_cancel_{job.into}", jobs.stop, job).progress(job.share, words)
