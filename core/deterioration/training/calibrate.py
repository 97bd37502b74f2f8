"""From out-of-fold log odds to probabilities by hours observed, and to alarm lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.calibration import Platt, fit_platt

GROUPS = (6, 12, 24, 36, 48)  # hours up to and including, each with a scaling of its own, fitted on its last hour
ALERTS = (2, 5, 10, 15, 20, 30, 40)  # per 100 patient-days


def scalings(logit: np.ndarray, died: np.ndarray) -> list[dict[str, Any]]:
    """Platt scaling of each group of hours, of log odds ``[n, 49]``."""
    found = []
    for hour in GROUPS:
        platt = fit_platt(logit[:, hour].astype(np.float64), died.astype(int))
        found.append({"hour": hour, "scale": platt.scale, "bias": platt.bias, "covariance": list(platt.covariance)})
    return found


def calibrated(logit: np.ndarray, scaling: list[dict[str, Any]]) -> np.ndarray:
    """Probabilities ``[n, 49]``."""
    found, first = np.empty(logit.shape), 0
    for one in scaling:
        found[:, first: one["hour"] + 1] = Platt(one["scale"], one["bias"]).probability(logit[:, first: one["hour"] + 1])
        first = one["hour"] + 1
    return found


def crossed(logit: np.ndarray, died: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Probabilities of each fold by the scalings of the others."""
    found = np.empty(logit.shape)
    for k in np.unique(fold):
        found[fold == k] = calibrated(logit[fold == k], scalings(logit[fold != k], died[fold != k]))
    return found


def alarms(score: np.ndarray, died: np.ndarray, enough: np.ndarray, rates: tuple[float, ...] = ALERTS) -> list[dict[str, Any]]:
    """The line that gives each rate of alerts. A stay alarms once, when its score first reaches the line.

    Sensitivity: share of those who died in whom it sounded within 48 h; PPV: share of the alarms of patients who died.

    Args:
        score: ``[n, 49]``. enough: bool ``[n, 49]``, where it may sound.
    """
    highest = np.where(enough, score, -np.inf).max(1)
    days = score.shape[0] * (score.shape[1] - 1) / 24
    found = []
    for rate in rates:
        count = int(round(rate * days / 100))
        if 0 < count <= np.isfinite(highest).sum():
            found.append(_line(float(np.sort(highest)[-count]), highest, died, days, rate))
    return found


def at_thresholds(score: np.ndarray, died: np.ndarray, lines: list[float]) -> list[dict[str, Any]]:
    """What given lines do, for a score of whole points such as NEWS2."""
    days, highest = score.shape[0] * (score.shape[1] - 1) / 24, score.max(1)
    return [_line(line, highest, died, days) for line in lines]


def _line(line: float, highest: np.ndarray, died: np.ndarray, days: float, rate: float | None = None) -> dict[str, Any]:
    rung = highest >= line
    return {"per_100_patient_days": round(100 * rung.sum() / days, 1) if rate is None else rate, "threshold": round(line, 4),
            "sensitivity": round(float(rung[died].mean()), 4),
            "ppv": round(float(died[rung].mean()), 4) if rung.any() else None}
