"""Weights of a run, tried in their room: in one session, marked on the page and in every report. Not a page.

Only folders below that of the runs can be tried, and nothing that an address says is one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from core.assessment import Assessment, Notice
from core.contract import Modality
from core.settings import settings
from core.uploads import InputError
from core.weights import CONFIG, WEIGHTS, WeightsError, read_config

KEY = "trials"


@dataclass(frozen=True)
class Trial:
    run: str
    weights: Path

    @property
    def words(self) -> str:
        return f"Trial: these are the weights of the run {self.run}, not those that the room serves. They are not released."


def begin(room: str, run: str, weights: Path) -> None:
    """Read with these weights in that room until the session or the trial ends.

    Raises:
        InputError: they do not lie below the folder of the runs, or are not a model.
    """
    there = weights.resolve()
    if not there.is_relative_to(settings.runs.resolve()) or not (there / CONFIG).is_file() or not (there / WEIGHTS).is_file():
        raise InputError("weights", f"The run {run} has no weights that can be tried.", "Wait until it is done.")
    st.session_state[KEY] = {**st.session_state.get(KEY, {}), room: Trial(run, there)}


def end(room: str) -> None:
    st.session_state[KEY] = {name: one for name, one in st.session_state.get(KEY, {}).items() if name != room}


def of(room: Modality) -> Trial | None:
    """What is tried in this room, while it is there."""
    one = st.session_state.get(KEY, {}).get(room.name)
    return one if one is not None and (one.weights / CONFIG).is_file() else None


def fits(room: str, weights: Path | None) -> bool:
    """Whether the folder holds a model of that room, and not of something else that was trained there."""
    try:
        return weights is not None and (weights / WEIGHTS).is_file() and any(
            read_config(weights).architecture.target == read_config(one).architecture.target for one in _served(room))
    except WeightsError:
        return False


def banner(room: Modality) -> None:
    """Says on the page what is tried, with the way out."""
    one = of(room)
    if one is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="trial"):
        st.warning(one.words, icon=":material/science:")
        st.button("End the trial", key=f"{room.name}_end_trial", on_click=end, args=(room.name,))


def marked(assessment: Assessment, room: Modality) -> Assessment:
    """The assessment with the trial among its notices, from which page, PDF, FHIR and JSON have it."""
    one = of(room)
    return assessment if one is None else replace(
        assessment, notices=(Notice("caution", one.words, "trial"), *assessment.notices))


def _served(room: str) -> list[Path]:
    from core.modality import get

    return [settings.weights / name for name in get(room).weights if (settings.weights / name / CONFIG).is_file()]
