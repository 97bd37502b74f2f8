"""What a model says of patients: survival over the years, with intervals, held against the cohort they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.heart_failure.prescriptions import flags
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.survival import survival
from core.serving import Served
from core.weights import Config

COHORTS = {"outpatient": "music", "exercise": "peakvo2", "inpatient": "support2"}  # setting -> whose baseline


@dataclass(frozen=True, eq=False)
class Prognosis:
    """Of ``n`` patients.

    Attributes:
        years: ``[g]``. log_hazard, spread: ``[n]``, with the standard error, which has the coefficients and what is unknown in
            it. survival, low, high: ``[n, g]``, shares, with the 95 % interval; NaN beyond what a patient's cohort was watched.
        slope: ``[n]``, how much of a log hazard counts in the patient's cohort; 1 where the coefficients were learned in it.
        cumulative: ``[n, g]``, the baseline hazard that each patient's curve follows.
        attention: what a model with several branches looked at, each ``[n, ...]``.
    """

    years: np.ndarray
    log_hazard: np.ndarray
    spread: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    slope: np.ndarray
    cumulative: np.ndarray
    attention: dict[str, np.ndarray] | None = None

    def at(self, year: float) -> int:
        """The place of a year on the grid."""
        return int(np.argmin(np.abs(self.years - year)))

    def risk(self, year: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Death within so many years, percent ``[n]``: value, low, high. NaN where no curve reaches as far."""
        if year > self.years[-1] + 1e-6:
            return (np.full(len(self.log_hazard), np.nan),) * 3
        at = self.at(year)
        return tuple(100 * (1 - curve[:, at]) for curve in (self.survival, self.high, self.low))


def known(study: HeartFailureStudy) -> tuple[np.ndarray, np.ndarray]:
    """What models take: numbers ``[k]`` and drug flags ``[14]``, NaN where unknown."""
    return study.numbers, flags(study.text)


def cohort_of(setting: str | None) -> str:
    """The cohort whose baseline a patient is held against; a heart-failure clinic's where it is left open."""
    return COHORTS[setting or "outpatient"]


def baseline(config: Config, setting: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Years ``[g]`` and the cohort's own mean survival ``[g]``."""
    cohort = config.extra["cohorts"][cohort_of(setting)]
    return np.array(cohort["years"]), np.array(cohort["mean_survival"])


def predict(served: Served, studies: Sequence[HeartFailureStudy]) -> Prognosis:
    """All patients in one pass; each must be told at least something that the model takes."""
    rows = [known(study) for study in studies]
    numbers, drugs = (torch.from_numpy(np.stack(part)).to(served.device) for part in zip(*rows, strict=True))
    with served.lock, torch.inference_mode():
        states, mask = served.model.texts([study.text for study in studies]) if served.model.reads_text else (None, None)
        out = served.model(numbers, drugs, states, mask, None)
    log_hazard, spread = (out[name].cpu().numpy().astype(float) for name in ("log_hazard", "spread"))
    looked = out.get("attention")
    attention = None if looked is None else {name: value.cpu().numpy() for name, value in looked.items()}
    cohorts = [cohort_of(study.values.get("setting")) for study in studies]
    years, cumulative = _baselines(served.config, cohorts)
    slope = np.array([served.config.extra["cohorts"][name].get("slope", 1.0) for name in cohorts])
    curves = survival(cumulative, slope * log_hazard, slope * spread)
    return Prognosis(years, log_hazard, spread, *curves, slope, cumulative, attention)


def _baselines(config: Config, cohorts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Years ``[g]``, the longest of the cohorts, and each patient's cumulative baseline hazard ``[n, g]``."""
    curves = {name: config.extra["cohorts"][name] for name in set(cohorts)}
    years = np.array(max((curve["years"] for curve in curves.values()), key=len))
    padded = {name: np.pad(np.array(curve["cumulative_hazard"], float), (0, len(years) - len(curve["years"])),
                           constant_values=np.nan) for name, curve in curves.items()}
    return years, np.stack([padded[name] for name in cohorts])
