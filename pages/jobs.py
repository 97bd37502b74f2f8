"""What takes seconds runs beside the page, so that it can show how far it is and cancel it. Not a page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from core.progress import Done

_pool = ThreadPoolExecutor(2, thread_name_prefix="explain")
_long = ThreadPoolExecutor(1, thread_name_prefix="cohort")  # minutes: nobody's explanation waits for it


@dataclass(frozen=True, eq=False)
class Job:
    """One computation under way; belongs to one session.

    Attributes:
        name: what is computed, in words. into: where the result goes, "attribution" or a name of what is ``made``.
        reached: steps done and all steps, the last one counts.
    """

    name: str
    into: str
    future: Future
    stopped: threading.Event
    reached: list[tuple[int, int]]
    began: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        steps, of = self.reached[-1]
        return min(max(steps / max(of, 1), 0.0), 1.0)

    @property
    def left(self) -> str:
        return time_left(self.began, self.share)


def start(name: str, into: str, work: Callable[[Done], Any], long: bool = False) -> Job:
    """Run ``work(done)`` in the background; two at a time, of long ones one, the others wait for their turn."""
    stopped, reached = threading.Event(), [(0, 1)]

    def done(steps: int, of: int) -> bool:
        reached.append((steps, of))
        return not stopped.is_set()

    return Job(name, into, (_long if long else _pool).submit(work, done), stopped, reached)


def stop(job: Job | None) -> None:
    """It ends within one step of its work, and its result is nobody's."""
    if job is not None:
        job.stopped.set()
        job.future.cancel()


def time_left(began: float, share: float) -> str:
    """", about 12 s left" by the pace so far; nothing before there is one, and at the end."""
    seconds = (time.monotonic() - began) * (1 - share) / share if share > 0.02 else 0.0
    return f", about {seconds:.0f} s left" if seconds >= 1 else ""
