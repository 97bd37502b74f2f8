"""What a config says of each cohort: its baseline hazard under a model, its own curve, how many were watched."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.heart_failure.survival import breslow, grid, slope, survival
from core.heart_failure.training.data import Data


def cohort_curves(
    data: Data, rows: np.ndarray, log_hazard: np.ndarray, spread: np.ndarray, learned: bool = True
) -> dict[str, Any]:
    """The entry ``cohorts[name]`` of a config.

    Args:
        rows: of one cohort. learned: whether the coefficients come from it, too; the log hazards of another cohort are told
            with its own calibration slope, from 0 to 1.
        log_hazard, spread: of these rows, by the model. A spread raises the expected hazard by half its
            square, and the curves of ``survival`` are means over it: the baseline counts with the same.
    """
    time, event = data.time[rows], data.event[rows]
    years, counted = grid(time), 1.0
    if not learned:
        counted = round(float(np.clip(np.nan_to_num(slope(time, event, log_hazard)), 0, 1)), 4)
    log_hazard, spread = counted * log_hazard, counted * spread
    cumulative = breslow(time, event, log_hazard + spread**2 / 2, years)
    mean = survival(cumulative, log_hazard, spread)[0].mean(0)
    return {"years": np.round(years, 4).tolist(), "cumulative_hazard": np.round(cumulative, 6).tolist(),
            "mean_survival": np.round(mean, 5).tolist(), "slope": counted, "n": len(rows), "events": int(event.sum()),
            "at_risk": [int((time >= year).sum()) for year in years]}
