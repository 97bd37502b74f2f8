"""From scores to probabilities that mean what they say: calibration, operating points, intervals.

All functions take ``truth`` [n] or [n, labels] in {0, 1} and logits or probabilities of the same shape.
"""

from __future__ import annotations

from collections.abc import Callable
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
        """95 % interval of the calibrated probability from the uncertainty of the calibration alone (delta method)."""
        ss, sb, bb = self.covariance
        spread = 1.96 * np.sqrt(max(ss * logit**2 + 2 * sb * logit + bb, 0.0))
        middle = self.scale * logit + self.bias
        return float(expit(middle - spread)), float(expit(middle + spread))


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
    """One Platt scaling per label with at least ``enough`` cases; the rarer labels of a group share one."""
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


def best_f1_threshold(probability: np.ndarray, truth: np.ndarray) -> float:
    """The threshold with the largest F1 score."""
    from sklearn.metrics import precision_recall_curve

    precision, recall, thresholds = precision_recall_curve(truth, probability)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[np.argmax(f1[:-1])])


def best_youden_threshold(probability: np.ndarray, truth: np.ndarray) -> float:
    """The threshold with the largest sensitivity + specificity - 1 (Youden 1950)."""
    from sklearn.metrics import roc_curve

    false_alarms, sensitivity, thresholds = roc_curve(truth, probability)
    return float(thresholds[1:][np.argmax((sensitivity - false_alarms)[1:])])  # the first one is infinite


def sensitivity_specificity(probability: np.ndarray, truth: np.ndarray, threshold: float) -> tuple[float, float]:
    """At ``probability >= threshold``; NaN for a class that does not occur."""
    positive, hit = truth.astype(bool), probability >= threshold
    sensitivity = hit[positive].mean() if positive.any() else float("nan")
    specificity = (~hit[~positive]).mean() if (~positive).any() else float("nan")
    return float(sensitivity), float(specificity)


def macro_auc(truth: np.ndarray, score: np.ndarray) -> float:
    """Mean area under the ROC curve over the labels that have both classes."""
    from sklearn.metrics import roc_auc_score

    both = [k for k in range(truth.shape[1]) if 0 < truth[:, k].sum() < len(truth)]
    return float(np.mean([roc_auc_score(truth[:, k], score[:, k]) for k in both]))


def bootstrap(
    figure: Callable[[np.ndarray], float], groups: np.ndarray, repeats: int = 200, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile interval of ``figure(rows)``, resampling whole groups (patients) with replacement."""
    rng = np.random.default_rng(seed)
    groups = np.unique(groups, return_inverse=True)[1]  # names will do as well as numbers
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    values = [
        figure(np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))]))
        for _ in range(repeats)
    ]
    return float(np.nanpercentile(values, 2.5)), float(np.nanpercentile(values, 97.5))
