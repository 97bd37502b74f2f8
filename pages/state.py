"""What a session holds of a room: one frozen RoomState under the room's name, replaced on each change. Not a page.

Forgetting is replacing it. Nothing else about a study is kept in the session but what its widgets hold, under keys of
``widget``, and the patient case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from core.assessment import Assessment, Attribution
from core.contract import Input, Modality
from core.uploads import InputError
from core.weights import WeightsError
from pages.jobs import Job


@dataclass(frozen=True)
class Problem:
    """Why there is no result: what went wrong, what to do, and which field it speaks of."""

    message: str
    remedy: str = ""
    field: str = ""


def problem_of(error: InputError | WeightsError) -> Problem:
    if isinstance(error, WeightsError):
        return Problem("The weights of this room cannot be used.", str(error))
    return Problem(error.message, error.remedy, error.field)


@dataclass(frozen=True, eq=False)
class RoomState:
    """A room as one session sees it.

    Attributes:
        wanted: the example that the overview asked for. fetched: a study that is neither uploaded nor an example.
        dropped: the files that were uploaded last: the field that took them forgets them when another page is shown.
        key: of the input that was read, with its fields and the weights. name, study, weights: of it.
        assessment: of now; a reader's corrections are in it. problem: why there is none.
        attribution: what is drawn over the study. job: what is computed beside the page. ended: what the last job had to
        say, if it had no result. made: what was computed of this input, by name, with what it depends on. own: what only
        this room keeps, frozen too.
    """

    room: Modality
    wanted: str = ""
    fetched: Input | None = None
    dropped: Input | None = None
    key: str = ""
    name: str = ""
    study: Any = None
    weights: str = ""
    assessment: Assessment | None = None
    problem: Problem | None = None
    attribution: Attribution | None = None
    job: Job | None = None
    ended: Problem | None = None
    made: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    own: Any = None


def of(room: Modality) -> RoomState:
    return st.session_state.get(room.name) or RoomState(room)


def put(state: RoomState) -> RoomState:
    st.session_state[state.room.name] = state
    return state


def change(room: Modality, **values: Any) -> RoomState:
    """Replace some of what is held; returns what is held now."""
    return put(replace(of(room), **values))


def made(room: Modality, name: str, work: Callable[[], Any], by: Any = None) -> Any:
    """What ``work`` makes of the present input, computed once.

    Args:
        by: what it depends on beside the input; another one replaces it.
    """
    if name not in of(room).made or of(room).made[name][0] != by:
        result = work()
        change(room, made={**of(room).made, name: (by, result)})
    return of(room).made[name][1]


def known(room: Modality, name: str) -> Any:
    """What was made under this name; None if nothing was."""
    return of(room).made.get(name, (None, None))[1]


def widget(room: Modality, name: str) -> str:
    """The key of a widget. "New patient" makes it void: upload fields outlive a cleared session."""
    return f"{room.name}.{name}:{st.session_state.get('patient', 0)}"
