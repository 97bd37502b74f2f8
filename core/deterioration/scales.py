"""How a stay is drawn, on the page and in print alike: where axes end, where a trace is broken, what states are called."""

from __future__ import annotations

import numpy as np

from core.deterioration.news2 import CARRY
from core.deterioration.vitals import Vital

AWAKE = {"A": "alert", "C": "new confusion", "V": "responds to voice", "P": "responds to pain", "U": "unresponsive"}
OXYGEN = {0.0: "room air", 1.0: "oxygen"}
MARKED = 200  # points of a trajectory that are still marked one by one
URGENT, EMERGENCY = 5, 7  # NEWS2 totals where the response changes (RCP 2017)
MOST = 20  # points of NEWS2
_TOPS = (25, 50, 100)  # %


def connected(hours: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The measurements of one vital sign, parted by NaN where none was made for longer than a value counts."""
    known = ~np.isnan(values)
    x, y = hours[known], values[known].astype(np.float64)
    gaps = np.flatnonzero(np.diff(x) > CARRY + 1e-6) + 1
    return np.insert(x, gaps, (x[gaps] + x[gaps - 1]) / 2), np.insert(y, gaps, np.nan)


def ends(vital: Vital, values: np.ndarray) -> tuple[float, float]:
    """What the axis of a vital sign spans: what is usual, and beyond it whatever was measured."""
    known = values[~np.isnan(values)]
    return float(min([vital.usual[0], *known])), float(max([vital.usual[1], *known]))


def top(percent: float) -> int:
    """Where the axis of the risk ends: in few steps, so that it stands still while the risk moves."""
    return next((one for one in _TOPS if percent <= one), _TOPS[-1])
