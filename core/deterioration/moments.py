"""A stay as it was known at one hour: what had been measured by then, and nothing that came later."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.deterioration.study import HOURS, DeteriorationStudy

_NEAR = 1e-6  # hours


@dataclass(frozen=True)
class Last:
    """The last measurement of one vital sign. ``hour`` is of the stay."""

    value: float
    hour: float


def hours(study: DeteriorationStudy) -> np.ndarray:
    """Hours of the stay at the rows of the grid, ``[49]``."""
    return study.start + np.arange(HOURS + 1, dtype=np.float64)


def last_row(study: DeteriorationStudy) -> int:
    """The row of the grid at which the stay is judged: of its last observation, which may be the note."""
    known = [study.last_hour] if study.hours.size else []
    if study.note and counts(study):
        known.append(study.note_hour)
    return int(np.clip(np.ceil(max(known, default=study.start) - study.start - _NEAR), 0, HOURS))


def counts(study: DeteriorationStudy) -> bool:
    """Whether the note was written within the hours that are judged."""
    return study.note_hour <= study.start + HOURS + _NEAR


def until(study: DeteriorationStudy, hour: float) -> DeteriorationStudy:
    """The stay as it was known at an hour of the grid: all that came after it is not there.

    Args:
        hour: of the stay; in between two rows of the grid the earlier of them.
    """
    row = int(np.clip(np.floor(hour - study.start + _NEAR), 0, HOURS))
    kept = int(np.searchsorted(study.hours, study.start + row + _NEAR, side="right"))
    grid = study.grid.copy()
    grid[row + 1:] = np.nan
    sources = None
    if study.sources is not None:
        sources = study.sources.copy()
        sources[row + 1:] = np.nan
    written = study.note if study.note_hour <= study.start + row + _NEAR else ""
    return replace(study, hours=study.hours[:kept], values=study.values[:kept], oxygen=study.oxygen[:kept],
                   consciousness=study.consciousness[:kept], grid=grid, sources=sources, note=written,
                   note_hour=study.note_hour if written else 0.0)


def last(study: DeteriorationStudy) -> tuple[Last | None, ...]:
    """The last measurement of each vital sign, None where there is none."""
    found = []
    for column in study.values.T:
        known = np.flatnonzero(~np.isnan(column))
        found.append(Last(float(column[known[-1]]), float(study.hours[known[-1]])) if known.size else None)
    return tuple(found)
