"""The page of a room: what goes in on the left, what comes out on the right; the same frame and states everywhere. Not a page.

``plain_page(ROOM)`` is a whole page. A room that has more to show gives ``page`` a ``Layout`` with its own parts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from core import serving
from core.assessment import Assessment, Notice
from core.contract import Input, Modality
from core.uploads import InputError, Upload
from core.weights import WeightsError
from pages import form, jobs, plain, progress, report, sidebar, state, trial, why
from pages.charts import facts
from pages.report import Download
from pages.sidebar import Contribution
from pages.state import RoomState, problem_of


def nowhere(notice: Notice) -> bool:
    """No notice stands at another place."""
    return False


@dataclass(frozen=True)
class Layout:
    """What a room makes its own of its page; each part draws from the RoomState that it is given.

    Attributes:
        title: over what goes in. widths: of the two columns. empty: heading and words while nothing is there. doing: said
        while it is read; step: what ``assess`` counts. elsewhere: whether the page shows a notice at another place.
        source: an upload or an example. inputs: the rest of the left column; there may be no study yet. about: what was
        read, as names and values; small_print: below it.
        picture: the study and what is drawn over it; it may change what is held. findings, why, compare: the tabs.
        options: keyword arguments of the room's ``entry``. files: beside the reports. headline: the line of the report that
        stands first. note: said of the files.
    """

    title: str = "Study"
    widths: tuple[float, float] = (1, 3.2)
    empty: tuple[str, str] = ("Nothing here yet", "Fill in the left column, or choose an example.")
    doing: str = "Reading"
    step: str = "Step"
    elsewhere: Callable[[Notice], bool] = nowhere
    source: Callable[[Modality], Input | None] = form.source
    inputs: Callable[[RoomState], None] = plain.inputs
    about: Callable[[RoomState], dict[str, str]] = plain.about
    small_print: str = ""
    picture: Callable[[RoomState], None] = plain.picture
    findings: Callable[[RoomState], None] = plain.findings
    why: Callable[[RoomState], None] = why.tab
    compare: Callable[[RoomState], None] = plain.compare
    options: Callable[[RoomState], dict[str, Any]] = plain.options
    files: Callable[[RoomState], list[Download]] = plain.files
    headline: int | None = None
    note: str = ""


def plain_page(room: Modality) -> None:
    """The page of a room that has nothing of its own to show."""
    page(room, Layout())


def page(room: Modality, layout: Layout) -> None:
    """The whole page."""
    progress.collect(room)
    st.title(room.title, anchor=False)
    st.markdown(room.summary)
    trial.banner(room)
    left, right = st.columns(layout.widths, gap="medium")
    with left:
        st.markdown(f"##### {layout.title}")
        given, weights = layout.source(room), form.model(room)
        rest = st.container()  # filled when the study is known
    with right, st.container(key=None if given is None else "result"):  # on a tablet it stands above the form
        if given is None:
            empty(room, *layout.empty)
            held = RoomState(room)
        else:
            held = assessed(room, given, weights, layout)
            if held.assessment is not None:
                result(held, layout)
                held = state.of(room)
    with left, rest:
        layout.inputs(held)
        if held.study is not None:
            about(held, layout)


def empty(room: Modality, heading: str, what_to_do: str) -> None:
    with st.container(key=f"{room.name}_empty"):
        st.markdown(f"#### {heading}")
        st.markdown(what_to_do)


def assessed(room: Modality, given: Input, weights: str, layout: Layout) -> RoomState:
    """The study and its assessment, computed once per input, or the problem that stands where they would."""
    fields = form.given(room)
    key, held = identity(given, fields, weights), state.of(room)
    working = st.empty()  # there at every run: what stands below keeps its place, and tabs stay open
    if held.key != key or held.assessment is None and held.problem is None:
        jobs.stop(held.job)
        held = state.put(RoomState(room, fetched=held.fetched, dropped=held.dropped, key=key, name=given.name, weights=weights))
        try:
            with working.container(), progress.watched(room, layout.doing, layout.step) as done:
                study = room.verb("read")(given.files, **fields)
                assessment = trial.marked(room.verb("assess")(study, weights, done), room)
                held = state.change(room, study=study, assessment=assessment)
        except InputError as error:
            held = state.change(room, study=None, problem=problem_of(error))
        except WeightsError as error:  # not kept: they may be there the next time
            progress.failed(problem_of(error))
            return held
        finally:
            working.empty()
    if held.problem is not None:
        progress.failed(held.problem)
    if held.problem == progress.CANCELLED:
        st.button("Read it again", key=state.widget(room, "again"), on_click=state.change, args=(room,), kwargs={"problem": None})
    return held


def identity(given: Input, fields: dict[str, Any], weights: str) -> str:
    """Tells one input from another: files, fields and weights, which are others of the same name when a run is promoted."""
    digest = hashlib.sha256(repr((sorted(fields.items()), weights, serving.stamp(weights))).encode())
    for file in given.files:
        digest.update(file.name.encode() + file.data if isinstance(file, Upload) else str(file).encode())
    return digest.hexdigest()


def result(held: RoomState, layout: Layout) -> None:
    """Picture, notices and tabs; of a refused study the reason, what was read, and nothing found."""
    room, refused = held.room, held.assessment.refused
    badge(held.assessment)
    if refused:
        notices(held.assessment, layout.elsewhere)
    elif layout.headline is not None:
        report.conclusion(held, layout.headline)
    layout.picture(held)
    held = state.of(room)
    with st.container():  # there at every run, as above
        if not refused:
            notices(held.assessment, layout.elsewhere)
    progress.under_way(room)
    make = partial(report.entry, held, layout.options(held))
    sidebar.contribute(Contribution(room, held.name, held.assessment, make))
    shows = [partial(st.markdown, words) for words in (
        "No findings: the study is not what this model reads.", "Nothing to explain.", "Nothing to compare.")] if refused else [
        partial(show, held) for show in (layout.findings, layout.why, layout.compare)]
    shows.append(partial(report.tab, held, make, layout.files(held), layout.headline, layout.note))
    for tab, show in zip(st.tabs(["Findings", "Why", "Compare", "Report"]), shows, strict=True):
        with tab:
            show()


def badge(assessment: Assessment) -> None:
    model, total = assessment.model, sum(assessment.timings_ms.values())
    st.markdown(f":gray-badge[{model.name} {model.version}] :gray-badge[{model.device}] "
                f":gray-badge[{total:.0f} ms] &ensp;:gray[SHA-256 {model.sha256[:12]}]")


def notices(assessment: Assessment, elsewhere: Callable[[Notice], bool] = nowhere) -> None:
    """The assessment's notices, the reason of a refusal first, the quiet ones small.

    Args:
        elsewhere: whether the page shows one at another place.
    """
    show = {"refuse": st.error, "caution": st.warning}
    icons = {"refuse": ":material/block:", "caution": ":material/warning:"}
    shown = [notice for notice in assessment.notices if not elsewhere(notice)]
    for notice in sorted(shown, key=lambda notice: notice.level != "refuse"):
        if notice.level in show:
            show[notice.level](notice.message, icon=icons[notice.level])
    quiet = [notice.message for notice in shown if notice.level == "info"]
    if quiet:
        st.caption("  \n".join(quiet))


def about(held: RoomState, layout: Layout) -> None:
    """What was made of the input."""
    rows = layout.about(held)
    if rows:
        st.markdown("##### What was read")
        facts(rows)
    if layout.small_print:
        st.caption(layout.small_print)
