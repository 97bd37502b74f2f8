"""The process that trains: it holds the run's lock, says how far it is, looks whether it is to stop, and says how it ended.

    python -m core.training.child ROOM NAME

Its outcome is written before the lock is free, so that nobody sees it gone without a word unless it was killed.
"""

from __future__ import annotations

import _thread
import errno
import json
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.progress import Cancelled
from core.settings import settings
from core.training import queue, records, runs
from core.training.machine import figures
from core.training.recipe import Recipe
from core.training.recipes import Kind, parse
from core.training.state import (
    BEGUN,
    FIGURES,
    LAUNCH,
    LOCK,
    LOG,
    MACHINE,
    OUTCOME,
    PROGRESS,
    QUEUED,
    STAGES,
    STOP,
    WEIGHTS,
    State,
    place,
)
from core.uploads import InputError

LONGEST_LOG = 10 * 2**20  # bytes; what is older is one file of as many
GRACE = 10.0  # s in which a stop waits for the next step; then what is at work is interrupted
CUT, STARTING = 3, 60.0  # exit status of processes that are to end together; s for the first of them to begin
_TOLD = 0.4  # s between two lines of progress
_WATCHED, _FEW = 60.0, 4  # s over which the rate is taken, or so many steps where they are long
_MACHINE = 5.0  # s between two looks at the machine
_RESERVE = 64 * 1024  # bytes kept so that a full disk leaves room for saying so


class Recorder:
    """Writes how far a run is. ``done`` is the verb's; ``heard`` is told of every stage and its figures."""

    def __init__(self, folder: Path):
        before = _before(folder)
        self.folder, self.stage, self.notice = folder, "", ""
        self.began, self.earlier = time.monotonic(), max(before.get("seconds", 0.0), 0.0)
        self.step, self.of, self.told = before.get("step", 0), before.get("of", 0), -1e9
        self.points: deque[tuple[float, int]] = deque()
        self.ended = ""  # why it is to end: "stop" or "signal"

    def done(self, steps: int, of: int) -> bool:
        now = time.monotonic()
        self.step, self.of = steps, of
        if not self.points or self.points[-1][1] != steps:
            self.points.append((now, steps))
        while len(self.points) > _FEW and now - self.points[0][0] > _WATCHED:
            self.points.popleft()
        if now - self.told > _TOLD or steps >= of:
            self.write()
        if not self.ended and (self.folder / STOP).exists():
            self.ended = "stop"
        return not self.ended

    def write(self) -> None:
        """A disk that is full stops no training by this."""
        self.told = now = time.monotonic()
        rate = None
        if len(self.points) > 1 and (seconds := self.points[-1][0] - self.points[0][0]) > 0:
            rate = max(self.points[-1][1] - self.points[0][1], 0) / seconds or None
        since = now - self.began
        with suppress(OSError):
            records.write(self.folder / PROGRESS, {
                "step": self.step, "of": self.of, "stage": self.stage, "notice": self.notice, "rate": rate,
                "left": (self.of - self.step) / rate if rate else None, "since": since, "seconds": self.earlier + since})

    def heard(self, run: runs.Run, figures: dict[str, Any]) -> None:
        """Of ``runs``: a stage begins, says its figures of an epoch, or gives notice."""
        name = run.name.removeprefix(self.folder.name).strip("-") or "training"
        with suppress(OSError):
            if not figures:
                with (self.folder / STAGES).open("a") as file:
                    file.write(f"{run.name}\n")
            elif "notice" in figures:
                self.notice = str(figures["notice"])
            else:
                with (self.folder / FIGURES).open("a") as file:
                    file.write(json.dumps({"stage": name, **figures}) + "\n")
        self.stage = name.replace("-", " ").replace("_", " ").capitalize()
        self.write()


def main(room: str, name: str) -> int:
    """0 where it ended by itself, or where nobody else waits for it; of several processes the first speaks for all."""
    folder = place(room, name)
    if int(os.environ.get("RANK", 0)) > 0:
        return _beside(room, name, folder)
    with records.held(folder / LOCK, 5.0) as mine:
        if not mine or not (folder / QUEUED).exists():
            return 0
        (folder / OUTCOME).unlink(missing_ok=True)
        records.write(folder / BEGUN, {"pid": os.getpid(), "started": time.time()})
        (folder / QUEUED).unlink()
        (folder / ".reserve").write_bytes(bytes(_RESERVE))
        recorder = Recorder(folder)
        recorder.write()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been told to ignore it
        signal.signal(signal.SIGTERM, lambda *_: _end(recorder))
        threading.Thread(target=_watch, args=(recorder,), daemon=True).start()
        runs.heard = recorder.heard
        state, reason = _trained(room, name, folder, recorder)
        recorder.write()
        (folder / ".reserve").unlink(missing_ok=True)
        records.write(folder / OUTCOME, {"state": state, "reason": reason, "after": time.monotonic() - recorder.began})
    queue.begin()  # whoever started this process may be gone, and others wait
    return 0 if state is State.DONE or int(os.environ.get("WORLD_SIZE", 1)) == 1 else CUT  # so that the others are ended


def _beside(room: str, name: str, folder: Path) -> int:
    """One of several processes, not the first: it trains with it, says nothing, and ends with it."""
    end = time.monotonic() + STARTING
    while not records.taken(folder / LOCK):
        if time.monotonic() > end:
            return CUT
        time.sleep(0.05)
    kind, recipe = _asked(room, name, folder)
    kind.train(recipe, lambda steps, of: True)
    return 0


def _asked(room: str, name: str, folder: Path) -> tuple[Kind, Recipe]:
    return parse(room, {**records.read(folder / LAUNCH)["settings"], "name": name, "out": folder / WEIGHTS})


def _trained(room: str, name: str, folder: Path, recorder: Recorder) -> tuple[State, str]:
    """How it ended, and why in one sentence."""
    try:
        kind, recipe = _asked(room, name, folder)
        with suppress(OSError):
            os.nice(5)  # whoever looks at a page comes first
        kind.train(recipe, recorder.done)
        return State.DONE, ""
    except (Cancelled, KeyboardInterrupt):
        if recorder.ended == "stop" or (folder / STOP).exists():
            return State.STOPPED, "It was stopped. Resume goes on from the last whole epoch."
        return State.INTERRUPTED, "The machine or its session ended. Resume goes on from the last whole epoch."
    except InputError as error:
        print(f"{error}", file=sys.stderr, flush=True)
        return State.FAILED, str(error)
    except Exception as error:
        traceback.print_exc()
        return State.FAILED, said(error)


def said(error: BaseException) -> str:
    """What went wrong, in a sentence."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left on device" in str(error):
        return "The disk is full. Make room, then resume: the last whole epoch is kept."
    if isinstance(error, MemoryError) or runs.out_of_memory(error):
        return "The memory is too small for this recipe. Take a smaller batch, or a smaller preset."
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "no word of why")
    return f"{type(error).__name__}: {first[:300]}"


def _end(recorder: Recorder) -> None:
    recorder.ended = recorder.ended or "signal"
    threading.Timer(GRACE, _thread.interrupt_main).start()


def _watch(recorder: Recorder) -> None:
    """Beside the training: the log stays short, the machine is looked at, and a stop does not wait for ever."""
    asked, looked = None, -1e9
    while True:
        time.sleep(0.5)
        now = time.monotonic()
        with suppress(OSError):
            shorten(recorder.folder / LOG)
            if now - looked > _MACHINE:
                looked = now
                with (recorder.folder / MACHINE).open("a") as file:
                    file.write(json.dumps({"seconds": round(recorder.earlier + now - recorder.began, 1), **figures()}) + "\n")
                if now - recorder.told > _MACHINE:
                    recorder.write()
        if (recorder.folder / STOP).exists():
            asked = asked or now
            if now - asked > GRACE:
                recorder.ended = "stop"
                asked = now
                _thread.interrupt_main()


def shorten(log: Path, most: int = LONGEST_LOG) -> None:
    """Keep the end of a log that grew too long, in a file beside it; who writes to its end goes on doing so."""
    if log.is_file() and (size := log.stat().st_size) > most:
        with log.open("rb") as file, log.with_name(f"{log.name}.old").open("wb") as old:
            file.seek(size - min(size, most))
            shutil.copyfileobj(file, old)
        os.truncate(log, 0)


def _before(folder: Path) -> dict[str, Any]:
    try:
        return records.read(folder / PROGRESS)
    except ValueError:
        return {}


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {' '.join(sys.argv[1:])}, runs in {settings.runs}", flush=True)
    sys.exit(main(*sys.argv[1:]))
