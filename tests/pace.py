"""How the time of a step grows with its input: what a busy machine cannot change. Milliseconds are for ``benchmarks/``."""

from __future__ import annotations

import time
from collections.abc import Callable

FLOOR = 0.002  # s; less is noise
GROWN = 4  # how much larger the larger input is
LINEAR = 2.5 * GROWN  # what is allowed; a quadratic step takes 16 times as long


def linear(step: Callable[[], object], larger: Callable[[], object], turns: int = 3) -> bool:
    """Whether a step on an input ``GROWN`` times as large takes about as many times as long, on this thread."""
    return spent(larger, turns) <= LINEAR * max(spent(step, turns), FLOOR)


def spent(step: Callable[[], object], turns: int = 3) -> float:
    """Seconds of processor time on this thread, the least of some turns."""
    took = []
    for _ in range(turns):
        began = time.thread_time()
        step()
        took.append(time.thread_time() - began)
    return min(took)
