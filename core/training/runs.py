"""The state of a training run: one folder that a person, the training page and a resumed process all read."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.progress import Cancelled
from core.settings import settings
from core.training.identity import differences
from core.training.recipe import RecipeError
from core.uploads import InputError

IDENTITY, PROGRESS, CHECKPOINT, LOG = "recipe.json", "progress.jsonl", "checkpoint", "log"

heard: Callable[[Run, dict[str, Any]], None] | None = None  # of a launched run: told each stage, its figures and notices


@dataclass(frozen=True)
class Run:
    """``folder`` holds the identity, one JSON line per epoch, the checkpoint to resume from, and the log of what failed."""

    modality: str
    name: str

    @property
    def folder(self) -> Path:
        return settings.runs / self.modality / self.name

    @property
    def checkpoint(self) -> Path:
        return self.folder / CHECKPOINT

    def log(self, **figures: Any) -> None:
        """Append a line to the progress file and send the numbers to the experiment tracker."""
        line = {"time": round(time.time(), 1), **figures}
        if heard is not None:
            heard(self, line)
        with (self.folder / PROGRESS).open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(f"{self.name}: " + ", ".join(f"{k} {v}" for k, v in figures.items()), flush=True)
        _track(self, figures)

    def notice(self, text: str) -> None:
        """Say what was changed so that the run could go on."""
        print(f"{self.name}: {text}", flush=True)
        if heard is not None:
            heard(self, {"notice": text})

    def alert(self, title: str, text: str) -> None:
        """A notice that the experiment tracker shows, too."""
        self.notice(f"{title}: {text}")
        _tracked(self, lambda trackio: trackio.alert(title, text))

    def progress(self) -> list[dict[str, Any]]:
        path = self.folder / PROGRESS
        return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []

    @contextlib.contextmanager
    def failures_logged(self) -> Iterator[None]:
        """Whatever fails inside keeps its traceback in the log; bad input and a cancelled run are no failures."""
        try:
            yield
        except (InputError, Cancelled):
            raise
        except Exception:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / LOG).open("a") as file:
                file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}\n{traceback.format_exc()}\n")
            raise


def start(
    modality: str, name: str, *, recipe: Mapping[str, Any], data: Mapping[str, Any], architecture: Mapping[str, Any]
) -> Run:
    """Open a run, new or interrupted.

    Args:
        recipe: every setting that the outcome depends on. data: files and rows (``core.training.identity``).
        architecture: the network's arguments, and what else it starts from.

    Raises:
        RecipeError: the name belongs to a run of another recipe, of other data or of another network.
    """
    run = Run(modality, name)
    run.folder.mkdir(parents=True, exist_ok=True)
    path = run.folder / IDENTITY
    text = json.dumps({"recipe": recipe, "data": data, "architecture": architecture}, indent=1, sort_keys=True, default=str)
    if path.is_file() and (before := path.read_text()) != text:
        raise RecipeError(f"{run.folder} holds a run of another recipe: {differences(json.loads(before), json.loads(text))}.",
                          "Give this one another name or delete that run.")
    whole = path.with_suffix(f".{os.getpid()}")  # other processes of the same run write it, too
    whole.write_text(text)
    whole.replace(path)
    if heard is not None:
        heard(run, {})
    return run


def out_of_memory(error: BaseException) -> bool:
    """Whether a device, or the machine, had no memory left."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or (
        isinstance(error, RuntimeError) and any(word in str(error) for word in ("can't allocate memory", "out of memory")))


def _track(run: Run, figures: dict[str, Any]) -> None:
    numbers = {k: v for k, v in figures.items() if isinstance(v, (int, float))}
    _tracked(run, lambda trackio: trackio.log(numbers, step=figures.get("epoch")))


def _tracked(run: Run, tell: Callable[[Any], object]) -> None:
    """Tell the experiment tracker something of this run; what goes wrong in it is said, and stops no training."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # its greetings are for notebooks
            import trackio

            current = trackio.context_vars.current_run.get()
            if current is None or current.name != run.name:
                identity = json.loads((run.folder / IDENTITY).read_text())
                trackio.init(project=run.modality, name=run.name, config=identity["recipe"], resume="allow", embed=False,
                             auto_log_cpu=False)
            tell(trackio)
    except Exception as error:
        print(f"{run.name}: not tracked ({type(error).__name__}: {error})", flush=True)
