"""Curves of survival: of a model from its baseline hazard, of a cohort as it was observed. Numpy only; time in years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STEP, LONGEST = 12, 5  # of the grid: per year, years
REMAIN = 0.1  # share of a cohort that is still watched where its curve ends
Z = 1.959964  # of a 95 % interval
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class KaplanMeier:
    """Steps of an observed curve, all ``[steps]``: the first is (0, 1). ``at_risk`` just before each step."""

    years: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray

    def at(self, years: np.ndarray | float) -> np.ndarray:
        """Survival at any times, 1 before the first death."""
        return self.survival[np.searchsorted(self.years, years, side="right") - 1]


def grid(time: np.ndarray) -> np.ndarray:
    """Months from 0 on, as years ``[g]``, as long as a tenth of the patients is still watched, five years at most."""
    months = np.arange(STEP * LONGEST + 1) / STEP
    return months[[bool((time >= month).mean() >= REMAIN) for month in months]]


def breslow(time: np.ndarray, event: np.ndarray, log_hazard: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Cumulative baseline hazard ``[g]`` at ``years``: of a patient whose log hazard is 0 (Breslow 1972)."""
    order = np.argsort(time)
    time, event, weight = time[order], event[order].astype(bool), np.exp(log_hazard[order].astype(float))
    at_risk = np.cumsum(weight[::-1])[::-1][np.searchsorted(time, time)]  # patients who leave together are at risk together
    total = np.concatenate([[0.0], np.cumsum(np.where(event, 1 / at_risk, 0.0))])
    return total[np.searchsorted(time, years, side="right")]


def survival(cumulative: np.ndarray, log_hazard: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Survival ``[n, g]`` with its 95 % interval, where the log hazard is only known as a normal distribution.

    The value is the mean over the distribution, so that it is right on average also where little is known; the bounds are
    the survival at its 2.5th and 97.5th percentile.

    Args:
        cumulative: baseline ``[g]`` or ``[n, g]``. log_hazard, spread: ``[n]``, mean and standard deviation.
    """
    cumulative = np.broadcast_to(cumulative, (len(log_hazard), np.shape(cumulative)[-1])).astype(float)
    at = lambda z: np.exp(-cumulative * np.exp(log_hazard + z * spread)[:, None])  # noqa: E731
    mean = sum(w * at(z) for z, w in zip(_NODES, _WEIGHTS, strict=True))
    return np.minimum(mean, 1.0), at(Z), at(-Z)


def kaplan_meier(time: np.ndarray, event: np.ndarray) -> KaplanMeier:
    """The observed curve with Greenwood's variance, intervals on the log(-log) scale (Kalbfleisch and Prentice 2002).

    Raises:
        ValueError: no patient.
    """
    if not len(time):
        raise ValueError("a curve of no patients")
    order = np.sort(time)
    steps, deaths = np.unique(time[event.astype(bool)], return_counts=True)
    at_risk = len(time) - np.searchsorted(order, steps)
    value = np.cumprod(1 - deaths / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(deaths / (at_risk * (at_risk - deaths).astype(float)))
        width = Z * np.sqrt(variance) / np.abs(np.log(value))
        low, high = value ** np.exp(width), value ** np.exp(-width)
    gone = value <= 0  # nobody is left: no variance
    low, high = np.where(gone, 0.0, low), np.where(gone, 0.0, high)
    first = np.ones(1)
    return KaplanMeier(np.concatenate([0 * first, steps]), *(np.concatenate([first, x]) for x in (value, low, high)),
                       np.concatenate([[len(time)], at_risk]))


def slope(time: np.ndarray, event: np.ndarray, log_hazard: np.ndarray, stratum: np.ndarray | None = None) -> float:
    """Calibration slope: the Cox coefficient of the log hazard itself; 1 where it is neither too bold nor too shy.

    Raises:
        ValueError: no event.
    """
    if not event.any():
        raise ValueError("no event")
    stratum = np.zeros(len(time), int) if stratum is None else stratum
    beta = 0.0
    for _ in range(50):
        gradient = information = 0.0
        for one in np.unique(stratum):
            rows = stratum == one
            order = np.argsort(time[rows])
            t, d, x = time[rows][order], event[rows][order].astype(bool), log_hazard[rows][order].astype(float)
            x = x - x.mean()
            first = np.searchsorted(t, t)
            s0, s1, s2 = (np.cumsum((np.exp(beta * x) * x**power)[::-1])[::-1][first] for power in range(3))
            gradient += (x - s1 / s0)[d].sum()
            information += (s2 / s0 - (s1 / s0) ** 2)[d].sum()
        if information <= 1e-12:  # all alike: nothing to be bold about
            return float("nan")
        step = gradient / information
        beta += float(np.clip(step, -2, 2))
        if abs(step) < 1e-8:
            break
    return float(beta)
