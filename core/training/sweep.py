"""Many runs of a room with other settings each, chosen by Optuna from what came of those before (TPE; median pruning).

A trial is a launched run (``core.training.launch``): it waits in the same queue, one at a time, and can be looked at like any
other. The study lies in SQLite below the runs folder, or in the database that is named (``CARDIOSCOPE_SWEEPS``). Whoever
directs a sweep holds its lock; killed, it goes on where it was, its runs with it. A trial that fails is marked and the next one
begins. Each trial is drawn with a seed of its own number, so that a sweep that was cut off draws what an uninterrupted one does.

    python -m core.training.sweep ROOM NAME     direct a sweep that was laid down (``begin``)
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.progress import Done, report
from core.training import queue, records, runs
from core.training.director import Director
from core.training.grids import Goal
from core.training.grids import goal as usual_goal
from core.training.launch import is_name
from core.training.recipe import RecipeError
from core.training.recipes import parse
from core.training.space import Space, distributions, first, merged
from core.training.studies import Study, lock, open_study, read, stop_file, stored, study_names


def sweep(room: str, space: Space, trials: int, storage: str | None = None, *, settings: Mapping[str, Any],
          goal: Goal | None = None, name: str | None = None, seed: int = 0, at_once: int = 1, source: str = "",
          done: Done | None = None) -> Study:
    """Lay a sweep down and direct it until its trials are through; of that name and these values it goes on.

    Args:
        space: ``core.training.space``. trials: how many are trained, failed ones among them. settings: of the recipe, for all
            of them. at_once: more than one only on a cluster, where the queue is not of one machine. done: told after every
            look at the trial that runs; cancelled, that trial is stopped, and the sweep can go on later.

    Raises:
        RecipeError: settings that the recipe does not take, or a name with another sweep.
        Cancelled: ``done`` said so.
    """
    study = lay(room, space, trials, storage, settings=settings, goal=goal, name=name, seed=seed, source=source, at_once=at_once)
    return direct(room, study.name, storage, done)


def begin(room: str, space: Space, trials: int, storage: str | None = None, **options: Any) -> Study:
    """Lay a sweep down and have a process of its own direct it, which goes on when this one ends. Options: of ``lay``."""
    study = lay(room, space, trials, storage, **options)
    go_on(room, study.name, storage)
    return read(room, study.name, storage)


def go_on(room: str, name: str, storage: str | None = None) -> None:
    """A process of its own directs the sweep, unless one does."""
    stop_file(room, name).unlink(missing_ok=True)
    if records.taken(lock(room, name)):
        return
    with lock(room, name).with_name("log").open("a") as log:
        subprocess.Popen([sys.executable, "-m", "core.training.sweep", room, name],
                         env=queue.environment() | ({"CARDIOSCOPE_SWEEPS": storage} if storage else {}),
                         stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


def end(room: str, name: str) -> None:
    """Stop a sweep and the trial that runs; ``go_on`` takes both up again."""
    if records.taken(lock(room, name)):
        records.write(stop_file(room, name), {})


def lay(room: str, space: Space, trials: int, storage: str | None = None, *, settings: Mapping[str, Any],
        goal: Goal | None = None, name: str | None = None, seed: int = 0, source: str = "", at_once: int = 1) -> Study:
    """The study with all that its director needs to know.

    Raises:
        RecipeError: as of ``sweep``.
    """
    distributions(space)
    if trials < 1:
        raise RecipeError(f"{trials} trials are none.", "Take one or more.")
    settings = {key: value for key, value in json.loads(json.dumps(dict(settings), default=str)).items()
                if key not in ("name", "out")}
    if name is not None and not is_name(f"{name}-000"):
        raise RecipeError(f"{name!r} is no name for a sweep.", "Take up to 60 letters, digits, dots, hyphens and underscores.")
    parse(room, {**merged(settings, first(space)), "name": "trial", "out": Path("out")})
    about = {"room": room, "space": json.loads(json.dumps(dict(space))), "settings": settings, "seed": seed,
             "goal": asdict(goal or usual_goal(room)), "source": source}
    with records.held(runs.settings.runs / "sweeps" / ".lock", 30.0):
        if name is None:
            used, number = study_names(room, storage), 1
            while f"sweep-{number}" in used:
                number += 1
            name = f"sweep-{number}"
        study = open_study(room, name, storage, direction=about["goal"]["direction"])
        before = {key: study.user_attrs.get(key) for key in about}
        if "room" in study.user_attrs and before != about:
            wrong = ", ".join(key for key in about if before[key] != about[key])
            raise RecipeError(f"There is a sweep {name!r} with another {wrong}.", "Take another name.")
        for key, value in (about | {"trials": trials, "at_once": at_once}).items():
            study.set_user_attr(key, value)
        if "created" not in study.user_attrs:
            study.set_user_attr("created", time.time())
    return read(room, name, storage)


def direct(room: str, name: str, storage: str | None = None, done: Done | None = None) -> Study:
    """Direct a sweep that is laid down, until its trials are through or it is stopped.

    Raises:
        RecipeError: another process directs it.
        Cancelled: ``done`` said so.
    """
    with records.held(lock(room, name)) as mine:
        if not mine:
            raise RecipeError(f"{name} is directed by another process already.", "Wait for it, or stop it.")
        director = Director(room, name, open_study(room, name, storage))
        try:
            while not director.through() and not stop_file(room, name).exists():
                director.look()
                report(done, director.trained(), director.trials)
        finally:
            director.let_go()
    return read(room, name, storage)


def main(room: str, name: str) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what runs is let go
    found = direct(room, name, stored())
    print(f"{found.name}: {found.state}, best {found.best}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
