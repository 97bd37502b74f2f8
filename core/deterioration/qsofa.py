"""qSOFA (Singer et al. 2016, JAMA 315:801): one point each for respiration, systolic pressure and mentation.

SIRS is not here: one of its four criteria is the white-cell count, which no bedside chart holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.deterioration.vitals import RESPIRATION, SYSTOLIC

SOURCE = "Singer et al. 2016, JAMA 315:801"
POSITIVE = 2
RATE, PRESSURE = 22, 100  # at least, at most


@dataclass(frozen=True)
class Qsofa:
    """``low`` and ``high`` are what the score can be; ``positive`` is None where that leaves it open."""

    low: int
    high: int
    missing: tuple[str, ...]

    @property
    def positive(self) -> bool | None:
        if self.low >= POSITIVE:
            return True
        return False if self.high < POSITIVE else None


def score(values: np.ndarray, consciousness: str | None) -> Qsofa:
    """Of one set of observations, ``[6]`` in the order of VITALS; any consciousness but alert is an altered mentation."""
    rate, pressure = np.floor(np.asarray(values, np.float64)[[RESPIRATION, SYSTOLIC]] + 0.5)
    parts = {
        "respiration": None if np.isnan(rate) else rate >= RATE,
        "systolic": None if np.isnan(pressure) else pressure <= PRESSURE,
        "consciousness": None if consciousness is None else consciousness != "A",
    }
    missing = tuple(name for name, part in parts.items() if part is None)
    low = sum(part is not None and bool(part) for part in parts.values())
    return Qsofa(low, low + len(missing), missing)
