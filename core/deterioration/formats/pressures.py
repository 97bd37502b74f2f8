"""One blood pressure where a chart holds several: the arterial line's where it can be right, else the cuff's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.assessment import Notice
from core.deterioration.vitals import DIASTOLIC, SYSTOLIC, VITALS

Pair = tuple[np.ndarray, np.ndarray]


def chosen(pairs: Sequence[Pair]) -> tuple[np.ndarray, np.ndarray]:
    """Systolic and diastolic ``[n]``, in each row both from one source.

    Args:
        pairs: of ``[n]`` each, the preferred source first. A source is passed over in a row where it holds nothing, or
            nothing that can be a pressure, and a later one does.
    """
    systolic, diastolic = (np.array(values, np.float64) for values in pairs[0])
    good = _sound(systolic, diastolic)
    for other_systolic, other_diastolic in pairs[1:]:
        sound = _sound(other_systolic, other_diastolic)
        empty = np.isnan(systolic) & np.isnan(diastolic)
        take = ~good & (sound | empty)
        systolic[take], diastolic[take] = other_systolic[take], other_diastolic[take]
        good |= sound
    return systolic, diastolic


def _sound(systolic: np.ndarray, diastolic: np.ndarray) -> np.ndarray:
    """Where something was measured and all of it is possible."""
    sys_, dia = VITALS[SYSTOLIC], VITALS[DIASTOLIC]
    possible = (np.isnan(systolic) | ((systolic >= sys_.low) & (systolic <= sys_.high))) & (
        np.isnan(diastolic) | ((diastolic >= dia.low) & (diastolic <= dia.high))) & ~(systolic < diastolic)
    return possible & ~(np.isnan(systolic) & np.isnan(diastolic))


BOTH = Notice("info", "Pressures of an arterial line and of a cuff were recorded; where both were, the line's are used.",
              "systolic")
