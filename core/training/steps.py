"""How long jobs say how far they are, and stop when nobody waits any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tqdm import tqdm

from core.progress import Done, report

FINE = 100  # steps of a unit


def counted(items: Sequence[Any], title: str, done: Done | None) -> Iterator[Any]:
    """The items one by one, ``done`` told after each; a bar on the terminal where nobody is told.

    Raises:
        Cancelled: ``done`` said so.
    """
    for i, item in enumerate(tqdm(items, title, disable=done is not None)):
        yield item
        report(done, i + 1, len(items))


def parts(done: Done | None, sizes: Sequence[int]) -> list[Done | None]:
    """A ``done`` for each part of a job, which together count to the sum of the sizes, in hundredths of their unit."""
    whole = FINE * sum(sizes)

    def part(begun: int, size: int) -> Done | None:
        return None if done is None else lambda steps, of: done(FINE * begun + FINE * size * steps // max(of, 1), whole)

    return [part(sum(sizes[:i]), size) for i, size in enumerate(sizes)]
