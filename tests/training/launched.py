"""Launched runs of the toy room: what their tests share."""

from __future__ import annotations

import json
import time
from pathlib import Path

from core.training import records, state
from core.training.state import State, Status

ROOM = "toyroom"


def until(name: str, *states: State, seconds: float = 60.0, room: str = ROOM) -> Status:
    """The status, once it is one of those; fails with the log."""
    end = time.monotonic() + seconds
    while (found := state.status(room, name)).state not in states:
        if time.monotonic() > end:
            workers = records.tail(state.base() / ".worker.log")
            raise AssertionError(f"{name} is {found.state} ({found.reason})\n{records.tail(found.log)}\n{workers}")
        time.sleep(0.03)
    return found


def step(name: str, least: int, seconds: float = 60.0) -> Status:
    """The status, once it runs and is so far."""
    end = time.monotonic() + seconds
    while (found := state.status(ROOM, name)).state is not State.RUNNING or found.step < least:
        assert time.monotonic() < end, (found, records.tail(found.log))
        time.sleep(0.02)
    return found


def result(found: Status) -> float:
    return json.loads((found.weights / "metrics.json").read_text())["sum"]


def lay(name: str, settings: dict, created: float = 0.0) -> Path:
    """A folder as launch makes it, which no worker knows of."""
    folder = state.place(ROOM, name)
    folder.mkdir(parents=True)
    records.write(folder / state.LAUNCH, {"room": ROOM, "name": name, "recipe": settings.get("recipe", "main"),
                                          "settings": settings, "created": created})
    return folder
