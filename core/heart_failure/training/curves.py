"""What a config says of each cohort: its baseline hazard under a model, its own curve, how many were watched."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.heart_failure.survival import breslow, grid, survival
from core.heart_failure.training.data import Data


def cohort_curves(data: Data, rows: np.ndarray, log_hazard: np.ndarray, spread: np.ndarray) -> dict[str, Any]:
    """The entry ``cohorts[name]`` of a config.

    Args:
        rows: of one cohort. log_hazard, spread: of these rows, by the model. A spread raises the expected hazard by half its
            square, and the curves of ``survival`` are means over it: the baseline counts with the same.
    """
    time, event = data.time[rows], data.event[rows]
    years = grid(time)
    cumulative = breslow(time, event, log_hazard + spread**2 / 2, years)
    mean = survival(cumulative, log_hazard, spread)[0].mean(0)
    return {"years": np.round(years, 4).tolist(), "cumulative_hazard": np.round(cumulative, 6).tolist(),
            "mean_survival": np.round(mean, 5).tolist(), "n": len(rows), "events": int(event.sum()),
            "at_risk": [int((time >= year).sum()) for year in years]}
