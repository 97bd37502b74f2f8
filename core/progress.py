"""How a long verb says how far it is, and how nobody waiting for it any more stops it."""

from __future__ import annotations

from collections.abc import Callable

Done = Callable[[int, int], bool]  # done(steps, of) -> whether to go on


class Cancelled(Exception):
    """``done`` answered that nobody waits any more."""


def report(done: Done | None, steps: int, of: int) -> None:
    """Say how far it is.

    Raises:
        Cancelled: ``done`` returned False; None, of a function that answers nothing, goes on.
    """
    if done is not None and done(steps, of) is False:
        raise Cancelled(f"Cancelled after {steps} of {of} steps.")
