"""Where a launched run stands: read from its folder and from the lock that its process holds.

``runs/launched/<room>/<name>/`` holds ``launch.json`` (what was asked), ``queued`` (while it waits), ``run.lock`` (held by the
process that trains for as long as it lives), ``begun.json``, ``progress.json``, ``figures.jsonl``, ``machine.jsonl``,
``outcome.json`` (how it ended), ``stop`` (somebody wants it to end), ``log`` and ``weights/``. No file says that a run is
running: a power cut, or a number that another process has by now, cannot make it look so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.training import records, runs

LAUNCH, QUEUED, BEGUN, PROGRESS, OUTCOME, STOP, LOCK, LOG = (
    "launch.json", "queued", "begun.json", "progress.json", "outcome.json", "stop", "run.lock", "log")
FIGURES, MACHINE, STAGES, WEIGHTS = "figures.jsonl", "machine.jsonl", "stages", "weights"
CUT_OFF = "The process ended without a word: it was killed, or the machine went off. Resume goes on from the last whole epoch."
_POINTS, _MOST = 400, 4 * 2**20  # of a curve; bytes of figures that are read


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


FINISHED = (State.DONE, State.FAILED, State.STOPPED, State.INTERRUPTED)
RESUMABLE = (State.FAILED, State.STOPPED, State.INTERRUPTED)


@dataclass(frozen=True)
class Status:
    """Attributes:
        recipe: which of the room's (``core.training.recipes``). reason: why it ended as it did, one sentence, or empty.
        created, started, ended: epoch seconds, the last two of the last time that it ran. elapsed: seconds of training in all,
            whatever was done to the clock meanwhile.
        step, of: of the whole job. stage: in words. seconds_left, rate (steps per second): while it runs and is known.
        position: in the queue, from 1. settings: as asked. weights: their folder, once they are there to be used.
        origin: who asked, "person", "quick", "sweep". notice: what was changed to go on, such as a halved batch.
    """

    room: str
    name: str
    state: State
    reason: str = ""
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    step: int = 0
    of: int = 0
    stage: str = ""
    seconds_left: float | None = None
    rate: float | None = None
    position: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    weights: Path | None = None
    folder: Path = Path()
    log: Path = Path()
    origin: str = "person"
    notice: str = ""
    elapsed: float = 0.0
    recipe: str = "main"


def base() -> Path:
    """The folder of all launched runs."""
    return runs.settings.runs.absolute() / "launched"


def place(room: str, name: str) -> Path:
    return base() / room / name


def status(room: str, name: str) -> Status:
    """Never raises: a folder that is damaged or gone is a failed run whose reason says so."""
    found = _read(room, name)
    return _placed(found, waiting()) if found.state is State.QUEUED else found


def every() -> list[Status]:
    """All launched runs, the newest first, whatever state their folders are in."""
    found = [_read(path.parent.name, path.name) for path in _folders()]
    queue = waiting() if any(one.state is State.QUEUED for one in found) else []
    return sorted((_placed(one, queue) for one in found), key=lambda one: (one.created, one.name), reverse=True)


def waiting(where: str = "") -> list[tuple[str, str]]:
    """Room and name of the runs in the queue, in their order; ``where``: of those that are to run there alone."""
    found = []
    for path in base().glob(f"*/*/{QUEUED}"):
        order = _safe(path).get("order", float("inf"))
        if not path.parent.name.startswith(".") and (not where or _safe(path.with_name(LAUNCH)).get("where", "here") == where):
            found.append((order if isinstance(order, (int, float)) else float("inf"), path.parent.parent.name, path.parent.name))
    return [(room, name) for _, room, name in sorted(found)]


def running() -> list[tuple[str, str]]:
    """Room and name of the runs whose process lives."""
    return [(path.parent.name, path.name) for path in _folders() if records.taken(path / LOCK)]


def curves(status: Status) -> dict[str, list[tuple[float, float]]]:
    """Of each figure, ``stage/figure``, the value by epoch; of what the machine did, ``machine/cpu``, by second."""
    found: dict[str, list[tuple[float, float]]] = {}
    for line in _lines(status.folder / FIGURES):
        for key, value in line.items():
            if key not in ("time", "stage", "epoch", "steps") and _number(value):
                at = line.get("epoch", line.get("steps", len(found.get(f"{line.get('stage', '')}/{key}", ())) + 1))
                found.setdefault(f"{line.get('stage', '')}/{key}", []).append((float(at), float(value)))
    for line in _lines(status.folder / MACHINE):
        for key, value in line.items():
            if key != "seconds" and _number(value) and _number(line.get("seconds")):
                found.setdefault(f"machine/{key}", []).append((float(line["seconds"]), float(value)))
    return {key: points[:: len(points) // _POINTS + 1] + points[-1:] * (len(points) > _POINTS) for key, points in found.items()}


def machine(status: Status) -> dict[str, float]:
    """What the run takes of the machine now: cpu (% of one core), memory, gpu_memory (MB), gpu (%), as far as it is known."""
    lines = _lines(status.folder / MACHINE, 2000) if status.state is State.RUNNING else []
    return {key: value for key, value in lines[-1].items() if _number(value)} if lines else {}


def stages(folder: Path) -> list[str]:
    """Of the run in this folder: the names of their own folders, and of what the experiment tracker shows."""
    return list(dict.fromkeys(records.tail(folder / STAGES, 2**20).split()))


def _folders() -> list[Path]:
    return [path for path in base().glob("*/*") if path.is_dir() and not path.name.startswith(".")
            and not path.parent.name.startswith(".")]


def _read(room: str, name: str) -> Status:
    folder = place(room, name)
    common: dict[str, Any] = {"room": room, "name": name, "folder": folder, "log": folder / LOG}
    live = records.taken(folder / LOCK)  # before the files: who ends writes how, then lets go
    try:
        asked = records.read(folder / LAUNCH)
        if not asked or not isinstance(asked.get("settings"), dict) or not _number(asked.get("created")):
            raise ValueError(f"{LAUNCH} is missing or incomplete")
    except ValueError as error:
        created = folder.stat().st_mtime if folder.is_dir() else 0.0
        reason = f"The run's folder is damaged: {error}." if folder.is_dir() else "There is no run of that name."
        return Status(state=State.RUNNING if live else State.FAILED, reason=reason, created=created, **common)
    begun, gone = _safe(folder / BEGUN), _safe(folder / PROGRESS)
    common |= {"created": float(asked["created"]), "settings": asked["settings"], "origin": str(asked.get("origin", "person")),
               "recipe": str(asked.get("recipe", "main")), "started": _float(begun.get("started")),
               "step": int(_float(gone.get("step")) or 0), "of": int(_float(gone.get("of")) or 0),
               "notice": str(gone.get("notice", "")), "elapsed": max(_float(gone.get("seconds")) or 0.0, 0.0)}
    if live:
        stage = "Stopping" if (folder / STOP).exists() else str(gone.get("stage") or "Starting")
        return Status(state=State.RUNNING, stage=stage, rate=_float(gone.get("rate")), seconds_left=_float(gone.get("left")),
                      **common)
    if (folder / QUEUED).exists():
        return Status(state=State.QUEUED, stage="Waiting", **common)
    ended = _safe(folder / OUTCOME)
    try:
        state, reason = State(ended["state"]), str(ended.get("reason", ""))
    except (KeyError, ValueError):
        state, reason = State.INTERRUPTED, CUT_OFF
    if common["started"] is not None:
        after = _float(ended.get("after")) or _float(gone.get("since")) or 0.0  # a clock may be set back, this is none
        common["ended"] = common["started"] + max(after, 0.0)
    whole = (folder / WEIGHTS / "config.json").is_file() or (folder / WEIGHTS / "metrics.json").is_file()
    return Status(state=state, reason=reason, weights=folder / WEIGHTS if whole and state is State.DONE else None, **common)


def _placed(one: Status, queue: list[tuple[str, str]]) -> Status:
    if one.state is not State.QUEUED or (one.room, one.name) not in queue:
        return one
    return Status(**{**vars(one), "position": queue.index((one.room, one.name)) + 1})


def _safe(path: Path) -> dict[str, Any]:
    try:
        return records.read(path)
    except ValueError:
        return {}


def _lines(path: Path, most: int = _MOST) -> list[dict[str, Any]]:
    found = []
    for text in records.tail(path, most).splitlines():
        try:
            line = json.loads(text)
        except ValueError:  # the last line of a process that was killed
            continue
        if isinstance(line, dict):
            found.append(line)
    return found


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _float(value: Any) -> float | None:
    return float(value) if _number(value) else None
