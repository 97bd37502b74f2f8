"""How many died of how many were expected to, from the fifth of least to the fifth of most predicted risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.heart_failure.survival import kaplan_meier

FEWEST = 50  # patients whose course is known; fewer say nothing by fifths
PARTS = 5


@dataclass(frozen=True)
class Fifth:
    """Percent who died: as predicted on average, and as observed (Kaplan-Meier) with its 95 % interval."""

    n: int
    predicted: float
    observed: float
    low: float
    high: float


def fifths(risk: np.ndarray, time: np.ndarray, event: np.ndarray, year: float) -> tuple[Fifth, ...]:
    """Calibration by fifths of predicted risk; nothing where too few courses are known, or none reaches as far.

    Args:
        risk: percent ``[n]``, death within ``year``. time: years. event: 1 of a death. NaN is unknown in all three.
    """
    known = np.isfinite(risk) & np.isfinite(time) & np.isfinite(event)
    risk, time, event = risk[known].astype(float), time[known].astype(float), event[known] > 0
    if len(risk) < FEWEST or time.max() < year:
        return ()
    found = []
    for part in np.array_split(np.argsort(risk, kind="stable"), PARTS):
        curve = kaplan_meier(time[part], event[part])
        at = int(np.searchsorted(curve.years, year, side="right")) - 1
        observed, low, high = (100 * (1 - float(x[at])) for x in (curve.survival, curve.high, curve.low))
        found.append(Fifth(len(part), float(risk[part].mean()), observed, low, high))
    return tuple(found)
