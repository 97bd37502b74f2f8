"""A room's first figure by sex, age band, view, device: does it hold for everyone?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from core import metrics
from core.contract import Modality
from core.progress import Done
from core.uploads import InputError

FEWEST = 100  # studies of a group; of fewer nothing is said
BANDS = (0, 18, 40, 60, 80, 200)  # years


def age_bands(years: np.ndarray) -> np.ndarray:
    """Of ages ``[n]`` the words of their band, "" where unknown."""
    words = [f"under {high}" if not low else f"{low} and over" if high == BANDS[-1] else f"{low} to {high - 1}"
             for low, high in zip(BANDS[:-1], BANDS[1:], strict=True)]
    place = np.searchsorted(BANDS[1:], np.nan_to_num(years, nan=BANDS[-1]), side="right")
    return np.array([*words, ""])[place]


def by_group(room: Modality, data: Path, fold: int | None, weights: str, done: Done | None = None) -> dict[str, Any]:
    """The first of the room's ``statistics`` over all and in each group, with patients drawn anew.

    Raises:
        InputError: the room has no groups, or the data is none of its layouts.
    """
    if not room.offers("groups"):
        raise InputError("data", f"{room.title} tells no groups apart.", "Leave --data out.")
    made = room.verb("predictions")(data, fold, weights, done)
    name, statistic = next(iter(room.verb("statistics")(made).items()))
    rows = [_figure(name, "all", "", np.arange(len(made.studies)), statistic, made)]
    for title, values in room.verb("groups")(data, made.studies).items():
        for value in sorted(set(values) - {""}):
            own = np.flatnonzero(values == value)
            if len(own) >= FEWEST and statistic.of(own) is not None:
                rows.append(_figure(name, value, title, own, statistic, made))
    return {"metric": name, "split": made.split, "seen": made.seen, "groups": rows}


def _figure(name: str, value: str, title: str, own: np.ndarray, statistic: Any, made: Any) -> dict[str, Any]:
    figure = metrics.resampled(name, lambda rows: statistic.of(own[rows]), made.patients[own], made.split)
    return {"by": title, "group": value, "n": len(own), "value": figure["value"], "interval": figure["interval"]}
