"""From scores to probabilities that mean what they say.

All functions take ``truth`` [n] or [n, labels] in {0, 1} and logits or probabilities of the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit


@dataclass(frozen=True)
class Platt:
    """Platt scaling ``p = sigmoid(scale * logit + bias)`` with the covariance of (scale, bias)."""

    scale: float = 1.0
    bias: float = 0.0
    covariance: tuple[float, float, float] = (0.0, 0.0, 0.0)  # var(scale), cov, var(bias)

    def probability(self, logit: np.ndarray | float) -> np.ndarray | float:
        return expit(self.scale * np.asarray(logit) + self.bias)

    def interval(self, logit: float) -> tuple[float, float]:
        """95 % interval of the calibrated probability from the uncertainty of the calibration alone."""
        low, high = self.bounds(logit)
        return float(low), float(high)

    def bounds(self, logit: np.ndarray | float, error: np.ndarray | float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """95 % interval from the uncertainty of the calibration and the logit's own standard error (delta method)."""
        ss, sb, bb = self.covariance
        variance = np.maximum(ss * np.square(logit) + 2 * sb * logit + bb, 0.0) + np.square(self.scale * error)
        middle, spread = self.scale * logit + self.bias, 1.96 * np.sqrt(variance)
        return expit(middle - spread), expit(middle + spread)


def fit_platt(logits: np.ndarray, truth: np.ndarray, strength: float = 1.0) -> Platt:
    """Platt (1999), as a logistic regression on the logit with a weak ridge.

    Raises:
        ValueError: only one class in ``truth``.
    """
    from sklearn.linear_model import LogisticRegression  # a second to import, and serving only applies what was fitted

    model = LogisticRegression(C=strength).fit(logits[:, None], truth)
    scale, bias = float(model.coef_[0, 0]), float(model.intercept_[0])
    p = expit(scale * logits + bias)
    design = np.stack([logits, np.ones_like(logits)], 1)
    information = (design * (p * (1 - p))[:, None]).T @ design + np.diag([1 / strength, 0])
    covariance = np.linalg.inv(information)
    return Platt(scale, bias, (float(covariance[0, 0]), float(covariance[0, 1]), float(covariance[1, 1])))


def fit_platt_pooled(logits: np.ndarray, truth: np.ndarray, enough: int) -> list[Platt]:
    """One Platt scaling per label with at least ``enough`` positives; the rarer labels of a group share one."""
    positives = truth.sum(0)
    common = (positives >= enough) & (positives <= len(truth) - enough)
    rare = ~common
    shared = fit_platt(logits[:, rare].ravel(), truth[:, rare].ravel()) if rare.any() and positives[rare].any() else Platt()
    return [fit_platt(logits[:, k], truth[:, k]) if common[k] else shared for k in range(truth.shape[1])]


def reliability(probability: np.ndarray, truth: np.ndarray, bins: int = 10) -> list[dict[str, float]]:
    """Mean predicted against observed frequency in ``bins`` equal-width bins; empty bins are left out."""
    probability, truth = probability.ravel(), truth.ravel()
    index = np.minimum((probability * bins).astype(int), bins - 1)
    return [
        {"predicted": float(probability[index == b].mean()), "observed": float(truth[index == b].mean()),
         "n": int((index == b).sum())}
        for b in range(bins) if (index == b).any()
    ]


def expected_calibration_error(probability: np.ndarray, truth: np.ndarray, bins: int = 10) -> float:
    """ECE (Guo et al. 2017): mean |predicted - observed| over the bins, weighted by their counts."""
    rows = reliability(probability, truth, bins)
    return float(sum(r["n"] * abs(r["predicted"] - r["observed"]) for r in rows) / sum(r["n"] for r in rows))
