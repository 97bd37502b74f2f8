"""Which patients were most like this one in risk, and how they fared: a whole stratum of a cohort, never a single patient.

Strata are parts of a cohort by the log hazard that the model gave each patient while it did not know them (out of fold).
``config.extra["strata"][cohort]`` lists them from the lowest: ``bounds`` (null is open), ``n``, ``events``, the steps of
Kaplan and Meier ``years, survival, low, high`` (shares), and ``at_risk`` at the whole years 0, 1, 2 ...
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.heart_failure.prognosis import cohort_of
from core.weights import Config


@dataclass(frozen=True)
class Stratum:
    """Observed, not modelled. ``number`` counts from 1, the lowest risk. ``survival, low, high`` are shares at ``years``."""

    cohort: str
    number: int
    of: int
    n: int
    events: int
    years: tuple[float, ...]
    survival: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]

    def alive(self, year: float) -> tuple[float, float, float] | None:
        """Share alive after so many years with its 95 % interval; None where nobody was watched as long."""
        if year >= len(self.at_risk) or not self.at_risk[math.floor(year)]:
            return None
        k = max(k for k, step in enumerate(self.years) if step <= year)
        return self.survival[k], self.low[k], self.high[k]


def stratum(log_hazard: float, config: Config, setting: str | None) -> Stratum | None:
    """The stratum of that log hazard in the cohort of the setting; None where the weights have none."""
    cohort = cohort_of(setting)
    found = config.extra.get("strata", {}).get(cohort)
    if not found:
        return None
    number = next((k for k, one in enumerate(found) if one["bounds"][1] is None or log_hazard < one["bounds"][1]), len(found) - 1)
    one = found[number]
    steps = (tuple(one[name]) for name in ("years", "survival", "low", "high"))
    return Stratum(cohort, number + 1, len(found), one["n"], one["events"], *steps, tuple(one["at_risk"]))
