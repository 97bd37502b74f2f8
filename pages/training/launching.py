"""Launch, with an answer on the button at once; however often it is pressed, one run starts. Not a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import streamlit as st

from core import access
from core.training import forms, launch, quick
from core.training.state import FINISHED, Status, status
from pages.training import held, who

FORM = "form"


def button(settings: Mapping[str, Any]) -> None:
    """The button. A press shows that it was pressed, then the run starts, then it is shown."""
    now = held.of()
    before = _unfinished(settings)
    place = st.container()
    if before is not None:
        place.button(f"Launched as {before.name}", disabled=True, width="stretch", icon=":material/check:",
                     key="training_launched")
        place.button("Launch the same again", type="tertiary", on_click=held.change, kwargs={"launched": None},
                     key="training_again")
    elif now.launching and now.how == FORM:
        place.button("Launching", type="primary", disabled=True, width="stretch", icon="spinner", key="training_launching")
    else:
        place.button("Launch", type="primary", width="stretch", key=f"training_launch_{now.token}",  # a press is of this one run
                     disabled=bool(now.launching), on_click=lambda: held.change(launching=now.token, how=FORM, problem=None))


def under_way(settings: Mapping[str, Any]) -> None:
    """At the end of the page, when the button has said that it was pressed: start what it asked for."""
    now = held.of()
    if not now.launching:
        return
    one = who.act(*((start, now.room, dict(settings)) if now.how == FORM else (quick.start, now.room)), now.launching)
    held.change(launching="", token=uuid4().hex)
    if one is not None:
        held.open_run(one.room, one.name, **({"launched": (dict(settings), one.name)} if now.how == FORM else {}))
    st.rerun()


def start(room: str, settings: Mapping[str, Any], token: str, origin: str = "person") -> Status:
    """Launch from the page.

    Raises:
        InputError: settings that the recipe does not take, or folders that the page may not read.
    """
    recipe = forms.checked(room, settings)
    for key, path in forms.folders(recipe).items():
        if not access.below_roots(key, path).exists():
            raise access.InputError(key, f"There is nothing at {path}.", "Look at the folder's name in the form.")
    return launch.launch(room, settings, token, origin)


def _unfinished(settings: Mapping[str, Any]) -> Status | None:
    """The run of these settings that this session launched, while it is not over."""
    last = held.of().launched
    if last is None or last[0] != settings:
        return None
    one = status(held.of().room, last[1])
    return None if one.state in FINISHED else one
