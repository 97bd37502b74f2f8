"""What a person, a page or a sweep may do to runs: launch, stop, resume, move in the queue, forget.

Every one of them may be called twice, by two at once, and from another process than the one that launched.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.training import queue, ray_jobs, records, runs
from core.training.recipe import RecipeError
from core.training.recipes import MAIN, parse
from core.training.state import (
    BEGUN,
    FINISHED,
    LAUNCH,
    LOCK,
    OUTCOME,
    QUEUED,
    RESUMABLE,
    STOP,
    State,
    Status,
    base,
    every,
    place,
    stages,
    status,
    waiting,
)
from core.uploads import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PATIENCE = 30.0  # s for a lock that nobody holds for longer than it takes to write a file
_KILLED = 10.0  # s until a process that was killed is gone


def launch(room: str, settings: Mapping[str, Any], token: str | None = None, origin: str = "person") -> Status:
    """Put a run into the queue, and see to it that the queue is worked off.

    Args:
        settings: of the room's recipe, nested as in JSON; ``recipe`` names another one than the main, ``name`` is made up where
            it is not given, ``out`` is ours: the folder of the run. token: of one press of a button; the second time the run is
            there. origin: who asks.

    Raises:
        RecipeError: settings that the recipe does not take, or a name that is taken.
    """
    asked = {key: value for key, value in settings.items() if key not in ("out", "name")}
    name = str(settings.get("name") or "")
    if name and not is_name(name):
        raise RecipeError(f"{name!r} is no name for a run.", "Take up to 64 letters, digits, dots, hyphens and underscores.")
    _, recipe = parse(room, {**asked, "name": name or room, "out": base() / "x"})
    asked |= {key: str(value.expanduser().absolute()) for key, value in recipe if key in asked and isinstance(value, Path)}
    asked |= {"name": name} if name else {}
    with records.held(base() / ".lock", _PATIENCE):
        others = every()
        if token and (same := next((one for one in others if _token(one) == token), None)) is not None:
            return same
        if name and (before := next((one for one in others if (one.room, one.name) == (room, name)), None)) is not None:
            if before.state not in FINISHED:
                return before
            if before.state is State.DONE or before.settings != asked:
                raise RecipeError(f"There is a run {name!r} already.", "Choose another name, or resume or forget that run.")
            _queue(before)
        else:
            name = name or _fresh(room, asked.get("recipe", MAIN))
            created = max([time.time(), *(one.created + 0.001 for one in others)])  # in order, though a clock be set back
            _lay(place(room, name), {"room": room, "name": name, "recipe": asked.get("recipe", MAIN), "settings": asked,
                                     "token": token, "origin": origin, "created": created, "where": queue.where()})
    _submit(room, name)
    return status(room, name)


def is_name(name: str) -> bool:
    """Whether a run may be called so."""
    return _NAME.fullmatch(name) is not None


def stop(room: str, name: str, force: bool = False) -> Status:
    """End a run: after the step that it is at, keeping the best so far and what it needs to go on; at once where forced."""
    one = status(room, name)
    if one.state in FINISHED:
        return one
    with records.held(one.folder / LOCK, 0.3) as idle:
        if idle and (one.folder / QUEUED).exists():
            records.write(one.folder / OUTCOME, {"state": State.STOPPED, "reason": "It was taken out of the queue."})
            (one.folder / QUEUED).unlink(missing_ok=True)
    if not idle:
        records.write(one.folder / STOP, {"force": force})
        if force:
            _kill(one.folder)
    return status(room, name)


def resume(room: str, name: str) -> Status:
    """Into the queue again; it goes on from its last whole epoch.

    Raises:
        InputError: no such run, or it is done.
    """
    with records.held(base() / ".lock", _PATIENCE):
        one = status(room, name)
        if one.state is State.DONE or not (one.folder / LAUNCH).is_file():
            raise InputError("name", f"{name}: {one.reason or 'This run is done.'}", "Launch a new one.")
        if one.state in RESUMABLE:
            _queue(one)
    _submit(room, name)
    return status(room, name)


def move(room: str, name: str, position: int) -> Status:
    """To that place in the queue, from 1; what does not wait stays as it is."""
    with records.held(base() / ".lock", _PATIENCE):
        order = waiting()
        if (room, name) in order:
            order.remove((room, name))
            order.insert(max(position - 1, 0), (room, name))
            for i, (their_room, their_name) in enumerate(order):
                path = place(their_room, their_name) / QUEUED
                if path.exists():
                    records.write(path, {"order": i})
    return status(room, name)


def forget(room: str, name: str) -> None:
    """Delete a run with its stages, its checkpoints and its weights.

    Raises:
        InputError: it runs or waits.
    """
    folder = place(room, name)
    if not _NAME.fullmatch(name) or not _NAME.fullmatch(room) or not folder.is_dir():
        return
    with records.held(base() / ".lock", _PATIENCE), records.held(folder / LOCK) as idle:
        if not idle or (folder / QUEUED).exists():
            raise InputError("name", f"{name} is not over.", "Stop it first.")
        for stage in stages(folder):
            if _NAME.fullmatch(stage):
                shutil.rmtree(runs.Run(room, stage).folder, ignore_errors=True)
        gone = folder.with_name(f".{name}.gone")
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _submit(room: str, name: str) -> None:
    """See to it that a run in the queue is run: here, or on the cluster it was launched to."""
    if ray_jobs.is_on_ray(place(room, name)):
        ray_jobs.submit(room, name)
    else:
        queue.begin()


def _lay(folder: Path, launched: dict[str, Any]) -> None:
    """The folder of a run, whole or not at all."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}")
    part.mkdir(parents=True)
    records.write(part / LAUNCH, launched)
    records.write(part / QUEUED, {"order": _last() + 1})
    part.rename(folder)


def _queue(one: Status) -> None:
    """Whose process is gone into the queue, as its last."""
    with records.held(one.folder / LOCK, 1.0) as idle:
        if idle:
            for over in (STOP, OUTCOME):
                (one.folder / over).unlink(missing_ok=True)
            records.write(one.folder / QUEUED, {"order": _last() + 1})


def _last() -> float:
    orders = [records.read(place(*one) / QUEUED).get("order", 0) for one in waiting()]
    return max((order for order in orders if isinstance(order, (int, float))), default=0)


def _fresh(room: str, recipe: str) -> str:
    """A name that neither a run nor a stage of one has."""
    stem = room.replace("_", "-") + ("" if recipe == MAIN else f"-{recipe}")
    used = {path.name for folder in (base() / room, runs.settings.runs / room) if folder.is_dir() for path in folder.iterdir()}
    number = 1
    while any(one == f"{stem}-{number}" or one.startswith(f"{stem}-{number}-") for one in used):
        number += 1
    return f"{stem}-{number}"


def _token(one: Status) -> str | None:
    try:
        return records.read(one.folder / LAUNCH).get("token")
    except ValueError:
        return None


def _kill(folder: Path) -> None:
    """The process that holds the run's lock and whatever it started: its number is no other's while the lock is held."""
    if ray_jobs.is_on_ray(folder):
        ray_jobs.kill(folder)
        return
    pid = records.read(folder / BEGUN).get("pid")
    if isinstance(pid, int) and records.taken(folder / LOCK):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    with records.held(folder / LOCK, _KILLED) as gone:
        if gone and not (folder / OUTCOME).exists() and not (folder / QUEUED).exists():
            queue.settle(folder, -signal.SIGKILL)
