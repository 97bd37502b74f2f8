"""The state of a training run: one folder that a person, the training page and a resumed process all read."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.settings import settings

RECIPE, PROGRESS, CHECKPOINT = "recipe.json", "progress.jsonl", "checkpoint"


@dataclass(frozen=True)
class Run:
    """``folder`` holds the recipe, one JSON line per epoch and the checkpoint to resume from."""

    modality: str
    name: str
    folder: Path

    @property
    def checkpoint(self) -> Path:
        return self.folder / CHECKPOINT

    def log(self, **figures: Any) -> None:
        """Append a line to the progress file and send the numbers to the experiment tracker."""
        line = {"time": round(time.time(), 1), **figures}
        with (self.folder / PROGRESS).open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(f"{self.name}: " + ", ".join(f"{k} {v}" for k, v in figures.items()), flush=True)
        _track(self, figures)

    def progress(self) -> list[dict[str, Any]]:
        path = self.folder / PROGRESS
        return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def start(modality: str, name: str, recipe: dict[str, Any]) -> Run:
    """Open a run, new or interrupted.

    Raises:
        ValueError: the name belongs to a run with another recipe.
    """
    folder = settings.runs / modality / name
    folder.mkdir(parents=True, exist_ok=True)
    path, text = folder / RECIPE, json.dumps(recipe, indent=1, sort_keys=True, default=str)
    if path.is_file() and path.read_text() != text:
        raise ValueError(f"{folder} holds a run with another recipe; give this one another name or delete it.")
    path.write_text(text)
    return Run(modality, name, folder)


def _track(run: Run, figures: dict[str, Any]) -> None:
    os.environ.setdefault("TRACKIO_DIR", str(settings.runs / "trackio"))
    import trackio

    if trackio.context_vars.current_run.get() is None or trackio.context_vars.current_run.get().name != run.name:
        recipe = json.loads((run.folder / RECIPE).read_text())
        with contextlib.redirect_stdout(io.StringIO()):  # its greeting is for notebooks
            trackio.init(
                project=run.modality, name=run.name, config=recipe, resume="allow", embed=False, auto_log_cpu=False
            )
    trackio.log({k: v for k, v in figures.items() if isinstance(v, (int, float))}, step=figures.get("epoch"))
