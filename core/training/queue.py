"""One run at a time: a process of its own works the queue off, and goes on when the app that started it is gone.

    python -m core.training.queue
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from core.settings import ROOT
from core.training import records, runs
from core.training.state import LOG, OUTCOME, QUEUED, STOP, State, base, place, running, waiting

HERE = "here"
_WORKER = ".worker.lock"
_LOOK = 0.3  # s between two looks at a run that another worker started


def where() -> str:
    """Where a run that is launched now will run."""
    return "ray" if os.environ.get("RAY_ADDRESS") else HERE


def reconcile() -> None:
    """At start-up: what waits is worked off. What was cut off needs nothing: its lock is free, and says so."""
    if base().is_dir():
        begin()


def begin() -> None:
    """Start the worker, unless there is one, or nothing for it to do.

    One that holds its lock now looks at the queue again after letting go of it, so that nothing is left behind.
    """
    if waiting(HERE) and not records.taken(base() / _WORKER):
        with (base() / ".worker.log").open("w") as log:
            subprocess.Popen([sys.executable, "-m", "core.training.queue"], env=environment(), stdin=subprocess.DEVNULL,
                             stdout=log, stderr=log, start_new_session=True)


def environment() -> dict[str, str]:
    """Of a process of ours: the same code and the same folders, wherever it is started."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "CARDIOSCOPE_RUNS": str(runs.settings.runs.absolute()),
                         "CARDIOSCOPE_WEIGHTS": str(runs.settings.weights.absolute())}


def starter() -> list[str]:
    """What starts the process of a run, or its processes: Accelerate's own configuration says how many, and whether with FSDP."""
    return shlex.split(runs.settings.launcher) or [sys.executable]


def work() -> None:
    """Run what waits, one after the other, until nothing does."""
    while True:
        while running():  # of a worker that was killed
            time.sleep(_LOOK)
        queue = waiting(HERE)
        if not queue:
            return
        folder = place(*queue[0])
        with (folder / LOG).open("a") as log:
            child = subprocess.Popen([*starter(), "-m", "core.training.child", *queue[0]], env=environment(),
                                     stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        settle(folder, child.wait())


def settle(folder: Path, code: int) -> None:
    """Say how a process ended that could not say so itself."""
    if code == 0 or (folder / OUTCOME).exists() or not folder.is_dir():
        return
    if (folder / STOP).exists():
        state, reason = State.STOPPED, "It was stopped by force. Resume goes on from the last whole epoch."
    elif code < 0:
        state, reason = State.INTERRUPTED, (
            f"The process was killed ({signal.Signals(-code).name}), as a machine does that runs out of memory. "
            "Resume goes on from the last whole epoch.")
    else:
        last = next((line.strip() for line in reversed(records.tail(folder / LOG).splitlines()) if line.strip()), "")
        state, reason = State.FAILED, f"The process ended with {code}: {last[:300] or 'it left no word'}."
    records.write(folder / OUTCOME, {"state": state, "reason": reason})
    (folder / QUEUED).unlink(missing_ok=True)


def main() -> None:
    while waiting(HERE):
        with records.held(base() / _WORKER, 1.0) as mine:
            if not mine:
                return
            work()


if __name__ == "__main__":
    main()
