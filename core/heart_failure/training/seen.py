"""What a cross-validation saw: predictions for patients that none of the models that made them had learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.heart_failure.survival import LONGEST, STEP, survival

YEARS = np.arange(STEP * LONGEST + 1) / STEP  # of every saved baseline; figures end where a cohort's curve does


@dataclass(frozen=True, eq=False)
class Seen:
    """Out-of-fold predictions of one model on one cohort, by subset of inputs; each ``[repeats, n]``.

    Attributes:
        log_hazard, spread: by subset. cumulative: ``[repeats, n, g]`` baseline hazard of the fold that each was predicted by.
        fold: which fold each patient was in.
    """

    log_hazard: dict[str, np.ndarray]
    spread: dict[str, np.ndarray]
    cumulative: dict[str, np.ndarray]
    fold: np.ndarray

    def risk(self, subset: str, year: float) -> np.ndarray:
        """Death within so many years, ``[repeats, n]``, shares."""
        return self.risks(subset)[..., int(round(year * STEP))]

    def risks(self, subset: str, baseline: str | None = None) -> np.ndarray:
        """``[repeats, n, g]`` at ``YEARS``, with the baseline that belongs to the subset, unless another one is named."""
        return np.stack([1 - survival(c, h, s)[0] for c, h, s in zip(
            self.cumulative[baseline or subset], self.log_hazard[subset], self.spread[subset], strict=True)])
