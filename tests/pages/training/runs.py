"""Folders of launched runs, written as the processes write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.training import records
from core.training.state import State

NOW = 1_790_000_000.0


def lay(
    runs: Path, room: str, name: str, *, created: float = NOW, settings: Mapping[str, Any] | None = None, recipe: str = "main",
    queued: float | None = None, ended: State | None = None, reason: str = "", progress: Mapping[str, Any] | None = None,
    figures: Sequence[Mapping[str, Any]] = (), machine: Sequence[Mapping[str, Any]] = (), log: str = "", origin: str = "person",
) -> Path:
    """A run that waits if ``queued``, ended if ``ended``, and otherwise was cut off, unless somebody holds its lock."""
    folder = runs / "launched" / room / name
    folder.mkdir(parents=True)
    records.write(folder / "launch.json", {
        "room": room, "name": name, "recipe": recipe, "settings": dict(settings or {"data": "/data/set"}), "token": None,
        "origin": origin, "created": created, "where": "here"})
    if queued is not None:
        records.write(folder / "queued", {"order": queued})
        return folder
    records.write(folder / "begun.json", {"pid": 1, "started": created + 1})
    records.write(folder / "progress.json", {"step": 30, "of": 120, "stage": "Segmenter 0", "notice": "", "rate": 1.5,
                                             "left": 60.0, "seconds": 20.0, **(progress or {})})
    for file, lines in (("figures.jsonl", figures), ("machine.jsonl", machine)):
        (folder / file).write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (folder / "log").write_text(log)
    if ended is not None:
        records.write(folder / "outcome.json", {"state": ended, "reason": reason, "after": 20.0})
    return folder


def epochs(stage: str, count: int) -> list[dict[str, Any]]:
    return [{"stage": stage, "epoch": k, "loss": 1 / k, "learning_rate": 1e-3 / k, "dice": 1 - 1 / k}
            for k in range(1, count + 1)]
