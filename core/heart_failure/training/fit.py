"""Fitting of the marginal Cox model: bounds and scales, the joint distribution of the inputs, then the coefficients.

Unknown inputs count as what the known ones let expect (regression calibration), in training as in use. The baseline is
stratified by cohort; the coefficients are shared. numpy in double precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.heart_failure.cox import MarginalCox
from core.heart_failure.training.data import Data
from core.heart_failure.variables import scaled

ROUNDS = 12  # of expectation and maximisation


@dataclass(frozen=True)
class Ridge:
    """How strongly coefficients are held, as the inverse variance of what is expected of one (inputs have variance 1).

    A first fit holds all alike; then each is held by what the last fit found of it (an adaptive ridge), within bounds.

    Attributes:
        first: penalty of the first fit. again: further fits. least, most: bounds of their penalties.
        wisdom: so many patients more, whose inputs are independent, in the covariance of the inputs.
        tail: share of a cohort beyond each bound, which counts as the bound.
    """

    first: float = 600.0
    again: int = 1
    least: float = 80.0
    most: float = 1000.0
    wisdom: float = 100.0
    tail: float = 0.01


def fit_cox(data: Data, rows: np.ndarray, ridge: Ridge = Ridge()) -> MarginalCox:
    """The model of those rows."""
    raw = np.concatenate([scaled(data.numbers[rows]), data.flags[rows]], 1).astype(float)
    cohort = data.cohort[rows]
    low, high = bounds(raw, cohort, ridge.tail)
    raw = np.clip(raw, low, high)
    mean, deviation = scale(raw)
    x = (raw - mean) / deviation
    centre, covariance = joint(x, ridge.wisdom)
    mean, x = mean + centre * deviation, x - centre
    full = completed(x, covariance)
    outcome = data.time[rows], data.event[rows], cohort
    beta, spread = newton(full, *outcome, np.full(full.shape[1], ridge.first))
    for _ in range(ridge.again):
        penalty = np.clip(1 / (beta**2 + np.diag(spread) / 2), ridge.least, ridge.most)
        beta, spread = newton(full, *outcome, penalty)
    seen = ~np.isnan(x).all(0)
    beta[~seen], spread[~seen], spread[:, ~seen] = 0, 0, 0
    model = MarginalCox(data.numbers.shape[1], data.flags.shape[1])
    triangle = np.tril_indices(len(beta))
    for name, value in (("mean", mean), ("deviation", deviation), ("low", low), ("high", high), ("beta", beta),
                        ("inputs", covariance[triangle]), ("coefficients", spread[triangle])):
        getattr(model, name).copy_(torch.from_numpy(value))
    return model.eval().requires_grad_(False)


def bounds(raw: np.ndarray, cohort: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """The widest of the cohorts' percentiles, by column ``[p]``; no bounds for what is yes or no, or not there."""
    low, high = np.full(raw.shape[1], -np.inf), np.full(raw.shape[1], np.inf)
    for column in range(raw.shape[1]):
        parts = [part[~np.isnan(part)] for one in np.unique(cohort) if len(part := raw[cohort == one, column])]
        parts = [part for part in parts if len(np.unique(part)) > 5]
        if parts:
            edges = np.array([np.percentile(part, [100 * tail, 100 * (1 - tail)]) for part in parts])
            low[column], high[column] = edges[:, 0].min(), edges[:, 1].max()
    return low, high


def scale(raw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of what is known, by column; 0 and 1 where nothing is, or all are alike."""
    known = ~np.isnan(raw)
    count = np.maximum(known.sum(0), 1)
    mean = np.where(known, raw, 0).sum(0) / count
    deviation = np.sqrt((np.where(known, raw - mean, 0) ** 2).sum(0) / count)
    return mean, np.where(deviation > 1e-6, deviation, 1.0)


def joint(x: np.ndarray, wisdom: float, rounds: int = ROUNDS) -> tuple[np.ndarray, np.ndarray]:
    """Mean ``[p]`` and covariance ``[p, p]`` of a normal distribution with values missing (Dempster et al. 1977).

    Args:
        x: ``[n, p]`` standardised, NaN where unknown. wisdom: so many patients more, whose inputs are independent.
    """
    n, p = x.shape
    mean, covariance = np.zeros(p), np.eye(p)
    known = ~np.isnan(x)
    patterns, member = np.unique(known, axis=0, return_inverse=True)
    groups = [(pattern, x[member == k]) for k, pattern in enumerate(patterns)]
    for _ in range(rounds):
        first, second = np.zeros(p), wisdom * np.eye(p)
        for o, values in groups:
            full = np.tile(mean, (len(values), 1))
            full[:, o] = values[:, o]
            if o.any() and not o.all():
                weight = np.linalg.solve(covariance[np.ix_(o, o)], covariance[np.ix_(o, ~o)])
                full[:, ~o] += (values[:, o] - mean[o]) @ weight
                rest = covariance[np.ix_(~o, ~o)] - covariance[np.ix_(~o, o)] @ weight
            else:
                rest = covariance[np.ix_(~o, ~o)]
            first += full.sum(0)
            centred = full - mean
            second += centred.T @ centred
            second[np.ix_(~o, ~o)] += len(values) * rest
        shift = first / n - mean
        covariance = (second - n * np.outer(shift, shift)) / (n + wisdom)
        mean = mean + shift
    return mean, covariance


def completed(x: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """What is unknown as the known lets expect, ``[n, p]``; inputs have mean 0."""
    known = ~np.isnan(x)
    full = np.where(known, x, 0.0)
    patterns, member = np.unique(known, axis=0, return_inverse=True)
    for k, o in enumerate(patterns):
        if o.any() and not o.all():
            rows = np.flatnonzero(member == k)
            weight = np.linalg.solve(covariance[np.ix_(o, o)], covariance[np.ix_(o, ~o)])
            full[np.ix_(rows, ~o)] = x[np.ix_(rows, o)] @ weight
    return full


def newton(
    x: np.ndarray, time: np.ndarray, event: np.ndarray, stratum: np.ndarray, penalty: np.ndarray, steps: int = 25
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients ``[p]`` of largest penalised partial likelihood, stratified, ties after Breslow; their covariance.

    The covariance is the inverse of the penalised information: the posterior one, where the ridge is the prior.
    """
    parts = []
    for one in np.unique(stratum):
        rows = np.flatnonzero(stratum == one)
        rows = rows[np.argsort(time[rows])]
        t, d = time[rows], event[rows].astype(bool)
        parts.append((x[rows], np.searchsorted(t, t)[d], np.searchsorted(t, t, side="right"), d))
    beta = np.zeros(x.shape[1])
    for _ in range(steps):
        gradient, information = -penalty * beta, np.diag(penalty).astype(float)
        for z, first, last, d in parts:
            weight = np.exp(np.clip(z @ beta, -30, 30))
            s0 = np.cumsum(weight[::-1])[::-1][first]
            s1 = np.cumsum((weight[:, None] * z)[::-1], 0)[::-1][first] / s0[:, None]
            hazard = np.concatenate([[0.0], np.cumsum(np.bincount(np.flatnonzero(d), 1 / s0, len(d)))])[last]
            gradient += (z[d] - s1).sum(0)
            information += (z * (weight * hazard)[:, None]).T @ z - s1.T @ s1
        step = np.linalg.solve(information, gradient)
        beta += step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-7:
            break
    return beta, np.linalg.inv(information)
