"""What a session holds of the training page; the address says it, too, so that a reload comes back to it. Not a page.

``?room=ecg&run=ecg-1&view=Runs&set.alignment.epochs=10``: settings of the form that are not the recipe's stand there as on the
command line. The admin token stands nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import streamlit as st

from core.modality import MODALITIES
from core.training import forms
from core.training.forms import Entry
from core.training.recipes import MAIN, recipes
from pages.jobs import Job
from pages.state import Problem

RUNS, COMPARE, SWEEPS, VERSIONS = VIEWS = ("Runs", "Compare", "Sweeps", "Versions")
ROOMS = {modality.name: modality for modality in MODALITIES if modality.built}
KEY, VIEW, SET = "training", "training.view", "set."


@dataclass(frozen=True, eq=False)
class Held:
    """Attributes:
        room, recipe: of the form, and of the run that is shown. view: what stands on the right. run: its name, or empty.
        values: of the form that are not the recipe's, by room and recipe. problem: of the last thing that was tried.
        said: what came of it, if it went well. token: of the next launch. launching: its token, while it is under way.
        how: what is launched, the form or a quick start. launched: settings and name of the last run of this session.
        job: a check or a comparison beside the page. job_by: what it depends on. made: results of such, with what they depend on.
    """

    room: str
    recipe: str = MAIN
    view: str = RUNS
    run: str = ""
    values: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    problem: Problem | None = None
    said: str = ""
    token: str = field(default_factory=lambda: uuid4().hex)
    launching: str = ""
    how: str = "form"
    job: Job | None = None
    job_by: Any = None
    made: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    launched: tuple[Mapping[str, Any], str] | None = None


def of() -> Held:
    if KEY not in st.session_state:
        st.session_state[KEY] = _from_address(st.query_params.to_dict())
    return st.session_state[KEY]


def change(**values: Any) -> Held:
    st.session_state[KEY] = replace(of(), **values)
    return st.session_state[KEY]


def open_run(room: str, name: str, **more: Any) -> None:
    """Show that run; the form goes to its room. The recipe of the form stays where it is one of the room."""
    recipe = of().recipe if of().room == room else MAIN
    change(**{"room": room, "recipe": recipe, "run": name, "view": RUNS, "problem": None, **more})


def values() -> Mapping[str, Any]:
    """Of the form that is shown, those that are not the recipe's."""
    return of().values.get((of().room, of().recipe), {})


def keep(given: Mapping[str, Any]) -> None:
    change(values={**of().values, (of().room, of().recipe): dict(given)})


def view_chooser() -> None:
    """What stands on the right."""
    st.session_state[VIEW] = of().view
    st.segmented_control("View", VIEWS, key=VIEW, label_visibility="collapsed", on_change=_chosen)


def _chosen() -> None:
    """Pressing the view that is shown leads to its beginning, from a run to all of them."""
    view = st.session_state[VIEW]
    change(view=view or of().view, run=of().run if view else "")


def widget(name: str) -> str:
    """The key of a setting's widget."""
    return f"{KEY}.{of().room}.{of().recipe}.{name}"


def fill(given: Mapping[str, Any]) -> None:
    """Put values into the form of this room and recipe, and the recipe's own into the rest; from a callback."""
    keep(given)
    for entry in forms.entries(of().room, of().recipe):
        st.session_state.pop(widget(entry.key), None)


def say_in_address() -> None:
    """Let the address say what is shown."""
    held = of()
    wanted = {"room": held.room} | ({"recipe": held.recipe} if held.recipe != MAIN else {})
    wanted |= ({"view": held.view} if held.view != RUNS else {}) | ({"run": held.run} if held.run else {})
    wanted |= {f"{SET}{key}": _text(value) for key, value in values().items()}
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def _from_address(said: Mapping[str, str]) -> Held:
    """Whatever it says that is not there is left out: an address may be old, or typed."""
    room = said.get("room", "")
    room = room if room in ROOMS else next(iter(ROOMS))
    recipe = said.get("recipe", MAIN)
    recipe = recipe if recipe in recipes(room) else MAIN
    view = said.get("view", RUNS)
    asked = {entry.key: entry for entry in forms.entries(room, recipe)}
    given = {key.removeprefix(SET): _value(asked[key.removeprefix(SET)], text) for key, text in said.items()
             if key.startswith(SET) and key.removeprefix(SET) in asked}
    given = {key: value for key, value in given.items() if value is not None}
    return Held(room, recipe, view if view in VIEWS else RUNS, said.get("run", ""), {(room, recipe): given})


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _value(entry: Entry, text: str) -> Any:
    """As the form's widget takes it; None where it does not."""
    if entry.choices:
        return text if text in entry.choices else None
    if entry.kind is bool:
        return {"true": True, "false": False}.get(text)
    if entry.kind not in (int, float):
        return text
    try:
        number = entry.kind(text)
    except ValueError:
        return None
    return number if (entry.low is None or entry.low <= number) and (entry.high is None or number <= entry.high) else None
