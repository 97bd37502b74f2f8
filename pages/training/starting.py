"""A start for everyone: a minute's run of the room on data that our own code makes. Not a page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.settings import settings
from core.training import launch, records
from core.training.quick import held as unseen_part
from core.training.quick import quick
from core.training.recipes import MAIN
from core.training.state import Status
from core.uploads import InputError
from pages.training import held

QUICK = "quick"


def button() -> None:
    now = held.of()
    if now.recipe != MAIN:
        return
    with st.container(key="training_quick"):
        st.caption("No dataset? Our own code makes one, and the room learns from it in about a minute.")
        under_way = now.launching and now.how == QUICK
        st.button("Preparing data" if under_way else "Start the 60-second run", key=f"training_quick_{now.token}",
                  width="stretch", icon="spinner" if under_way else ":material/bolt:", disabled=bool(now.launching),
                  on_click=lambda: held.change(launching=now.token, how=QUICK, problem=None))


def start(room: str, token: str) -> Status:
    """Make the data, once for all such runs, and launch.

    Raises:
        InputError: they are being made by somebody else, for longer than one waits.
    """
    folder = place(room)
    folder.mkdir(parents=True, exist_ok=True)
    with records.held(folder / ".lock", 120.0) as mine:
        if not mine:
            raise InputError("data", "The data are being made for somebody else.", "Try again in a minute.")
        asked = quick(room, folder)
    return launch.launch(room, asked, token, QUICK)


def place(room: str) -> Path:
    """Where the generated data of a room lie."""
    return settings.runs.absolute() / "generated" / room


def unseen(room: str) -> Path:
    """Generated data that no run has learned from."""
    return unseen_part(place(room))
