"""One blood pressure where a chart holds several, and whose it is: the arterial line's where it can be right, else the cuff's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.assessment import Notice
from core.deterioration.vitals import DIASTOLIC, SOURCES, SYSTOLIC, VITALS

Pair = tuple[np.ndarray, np.ndarray]
LINE, CUFF = 1.0, 0.0  # whose a pressure is; NaN where nobody says
NAMED = {"abp": LINE, "nibp": CUFF, "nbp": CUFF}  # of a column of both, 120/80


def chosen(pairs: Sequence[Pair], kinds: Sequence[float] = (LINE, CUFF)) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Systolic, diastolic and the kind of its source ``[n]``, in each row all of one source.

    Args:
        pairs: of ``[n]`` each, the preferred source first. A source is passed over in a row where it holds nothing, or
            nothing that can be a pressure, and a later one does. kinds: LINE, CUFF or NaN of each.
    """
    systolic, diastolic = (np.array(values, np.float64) for values in pairs[0])
    whose = np.where(np.isnan(systolic) & np.isnan(diastolic), np.nan, kinds[0])
    good = _sound(systolic, diastolic)
    for (other_systolic, other_diastolic), kind in zip(pairs[1:], kinds[1:], strict=True):
        sound = _sound(other_systolic, other_diastolic)
        empty = np.isnan(systolic) & np.isnan(diastolic)
        take = ~good & (sound | empty)
        systolic[take], diastolic[take] = other_systolic[take], other_diastolic[take]
        whose[take] = np.where(np.isnan(systolic[take]) & np.isnan(diastolic[take]), np.nan, kind)
        good |= sound
    return systolic, diastolic, whose


def apart(values: np.ndarray, line: np.ndarray) -> np.ndarray:
    """The pressures in the order of SOURCES ``[n, 4]``, NaN where the source is another or not known.

    Args:
        values: ``[n, 6]``. line: ``[n]``, LINE, CUFF or NaN.
    """
    found = np.full((len(values), len(SOURCES)), np.nan, np.float32)
    for k, kind in enumerate((CUFF, LINE)):
        rows = line == kind
        found[rows, 2 * k: 2 * k + 2] = values[rows][:, [SYSTOLIC, DIASTOLIC]]
    return found


def _sound(systolic: np.ndarray, diastolic: np.ndarray) -> np.ndarray:
    """Where something was measured and all of it is possible."""
    sys_, dia = VITALS[SYSTOLIC], VITALS[DIASTOLIC]
    possible = (np.isnan(systolic) | ((systolic >= sys_.low) & (systolic <= sys_.high))) & (
        np.isnan(diastolic) | ((diastolic >= dia.low) & (diastolic <= dia.high))) & ~(systolic < diastolic)
    return possible & ~(np.isnan(systolic) & np.isnan(diastolic))


BOTH = Notice("info", "Pressures of an arterial line and of a cuff were recorded; where both were, the line's are used.",
              "systolic")
