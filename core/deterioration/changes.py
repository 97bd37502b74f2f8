"""What moved the risk within one hour: each vital sign that is not what it was, the note if it was written then, and the hour."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from core.deterioration import judged, risk
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import VITALS
from core.serving import get

NOTE, TIME = "note", "time"  # codes beside those of the vital signs


@dataclass(frozen=True)
class Reason:
    """One thing that was new. ``before`` and ``now`` are None of what is no vital sign, ``before`` of a first measurement.

    Attributes:
        effect: on the log odds, before they are calibrated; all effects of an hour sum to its change.
    """

    code: str
    label: str
    before: float | None
    now: float | None
    effect: float


@dataclass(frozen=True)
class Change:
    """From the hour before to ``hour``: the risk in percent, and what moved it, the largest first."""

    hour: float
    before: float
    now: float
    reasons: tuple[Reason, ...]


def changes(study: DeteriorationStudy, weights: str = "deterioration", hour: float | None = None) -> Change | None:
    """What changed since the hour before; None at the first hour.

    Against the same hour with the values as they were last measured (a first measurement: not made) and without a note that was
    written in it. What was new shares the difference by Shapley values: how the log odds move when it becomes known, on
    average over the orders in which all that was new does. The rest is the hour alone: the same values one hour on.

    Args:
        hour: of the stay; the last observation where None.

    Raises:
        InputError: a refused stay, or an hour that is not judged.
    """
    served = get(weights)
    stay = judged.at(served, study, hour)
    if stay.row == 0:
        return None
    fresh = np.flatnonzero(stay.cells[:, 0] == stay.row)
    written = stay.noted and study.note_hour > study.start + stay.row - 1 + 1e-6
    coalitions = np.array(list(itertools.product([False, True], repeat=len(fresh) + written)), bool)
    kept = np.ones((len(coalitions), len(stay.cells)), bool)
    kept[:, fresh] = coalitions[:, : len(fresh)]
    notes = [study.note if known else "" for known in coalitions[:, -1]] if written else None
    before = np.array([_before(study, row, k) for row, k in stay.cells[fresh]], np.float32)
    others = stay.values.numpy().copy()
    others[fresh] = before
    odds = stay.with_cells(kept, notes=notes, others=others)
    effects = _shapley(coalitions, odds)
    previous = judged.at(served, study, study.start + stay.row - 1)
    earlier = float(previous.with_cells(np.ones((1, len(previous.cells)), bool))[0])
    reasons = [_vital(int(stay.cells[cell, 1]), was, float(stay.values[cell]), float(effect))
               for cell, was, effect in zip(fresh, before, effects, strict=False)]
    if written:
        reasons.append(Reason(NOTE, "Note", None, None, float(effects[-1])))
    reasons.append(Reason(TIME, "The hour alone", None, None, float(odds[0]) - earlier))
    running = risk.running(served, study)
    risks = (round(100 * float(running.risk[row]), 2) for row in (stay.row - 1, stay.row))
    return Change(float(study.start + stay.row), *risks, tuple(sorted(reasons, key=lambda one: -abs(one.effect))))


def _before(study: DeteriorationStudy, row: int, k: int) -> float:
    """The last hourly value before a row of the grid, NaN for none."""
    earlier = study.grid[:row, k]
    earlier = earlier[np.isfinite(earlier)]
    return float(earlier[-1]) if earlier.size else np.nan


def _vital(k: int, was: float, now: float, effect: float) -> Reason:
    return Reason(VITALS[k].code, VITALS[k].label, None if np.isnan(was) else float(was), now, effect)


def _shapley(coalitions: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """Exact Shapley values ``[p]``. Args: coalitions: all ``[2^p, p]`` in the order of counting. worth: ``[2^p]``."""
    players = coalitions.shape[1]
    sizes, places = coalitions.sum(1), np.arange(len(coalitions))
    share = np.array([math.factorial(n) * math.factorial(players - n - 1) / math.factorial(players) if n < players else 0.0
                      for n in range(players + 1)])
    found = []
    for k in range(players):
        without = places[~coalitions[:, k]]
        added = worth[without + (1 << (players - 1 - k))] - worth[without]
        found.append(float((share[sizes[without]] * added).sum()))
    return np.array(found)
