"""Explanations that take seconds run beside the page, so that it can show their progress and cancel them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from core.attribution import Progress

_pool = ThreadPoolExecutor(2, thread_name_prefix="explain")


@dataclass(frozen=True, eq=False)
class Job:
    """One computation under way; belongs to one session.

    Attributes:
        name: what is computed, in words. what: what its result is for. shares: the share done, the last one counts.
    """

    name: str
    what: tuple[str, ...]
    future: Future
    stopped: threading.Event
    shares: list[float] = field(default_factory=lambda: [0.0])
    began: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        return min(max(self.shares[-1], 0.0), 1.0)

    @property
    def seconds_left(self) -> float | None:
        """By the pace so far; None before there is one."""
        return (time.monotonic() - self.began) * (1 - self.share) / self.share if self.share > 0.02 else None


def start(name: str, what: tuple[str, ...], work: Callable[[Progress], Any]) -> Job:
    """Run ``work(progress)`` in the background; two at a time, the others wait for their turn."""
    stopped, shares = threading.Event(), [0.0]

    def progress(share: float) -> bool:
        shares.append(share)
        return not stopped.is_set()

    return Job(name, what, _pool.submit(work, progress), stopped, shares)


def stop(job: Job | None) -> None:
    """It ends within one step of its work, and its result is nobody's."""
    if job is not None:
        job.stopped.set()
        job.future.cancel()
