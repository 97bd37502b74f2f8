"""The quarter of a cohort that a patient is most like, and what was observed in it. No single patient is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.heart_failure.prognosis import cohort_of
from core.heart_failure.survival import grid, kaplan_meier
from core.weights import Config

QUARTERS = ("lowest quarter of risk", "second quarter of risk", "third quarter of risk", "highest quarter of risk")


@dataclass(frozen=True)
class Stratum:
    """What was observed in a quarter: Kaplan-Meier with its 95 % interval, years ``[g]``, shares ``[g]``.

    Attributes:
        below: the log hazards of the quarter end here; None of the last. at_risk: patients at 0, 1, 2 ... years.
    """

    label: str
    cohort: str
    below: float | None
    n: int
    events: int
    years: tuple[float, ...]
    survival: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]


def quarters(cohort: str, log_hazard: np.ndarray, time: np.ndarray, event: np.ndarray) -> list[Stratum]:
    """The four quarters of a cohort by its out-of-fold log hazards ``[n]``; time in years, event true where it was death."""
    edges = np.quantile(log_hazard, [0.25, 0.5, 0.75])
    of = np.searchsorted(edges, log_hazard, side="right")
    found = []
    for k, label in enumerate(QUARTERS):
        rows = of == k
        seen, years = kaplan_meier(time[rows], event[rows]), grid(time)
        at = np.searchsorted(seen.years, years, side="right") - 1
        curves = (tuple(np.round(curve[at], 4).tolist()) for curve in (seen.survival, seen.low, seen.high))
        at_risk = tuple(int((time[rows] >= year).sum()) for year in range(int(years[-1]) + 1))
        found.append(Stratum(label, cohort, round(float(edges[k]), 4) if k < 3 else None, int(rows.sum()), int(event[rows].sum()),
                             tuple(np.round(years, 4).tolist()), *curves, at_risk))
    return found


def nearest(config: Config, setting: str | None, log_hazard: float) -> Stratum | None:
    """The quarter that a patient of this log hazard would be in; None where the weights know no quarters of the cohort."""
    known = (one for one in config.extra.get("strata", ()) if one["cohort"] == cohort_of(setting))
    return next((_stratum(one) for one in known if one["below"] is None or log_hazard < one["below"]), None)


def _stratum(entry: dict) -> Stratum:
    return Stratum(**{name: tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
                      for name, value in entry.items()})
