"""Figures of what a model does, each with its interval, split and number; every metrics.json is made of these.

``truth`` is [n] or [n, labels] in {0, 1}, NaN where unknown; scores and probabilities have the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata
from sklearn.metrics import precision_recall_curve, roc_curve

from core import calibration

Figure = dict[str, Any]


def number(value: float | None) -> float | None:
    """To four decimals; None for NaN, which JSON has not."""
    return None if value is None or np.isnan(value) else round(float(value), 4)


def figure(
    name: str, value: float | None, split: str, n: int, interval: tuple[float, float] | None = None, unit: str | None = None,
    target: float | None = None,
) -> Figure:
    """An entry of metrics.json. ``target`` is the value aimed at, if any."""
    return {"name": name, "value": number(value), "interval": None if interval is None else [number(v) for v in interval],
            "split": split, "n": n, "unit": unit, "target": target}


def resampled(
    name: str, statistic: Callable[[np.ndarray], float | None], patients: np.ndarray, split: str, n: int | None = None,
    unit: str | None = None, target: float | None = None,
) -> Figure:
    """The figure ``statistic(rows)`` over all rows, with the 95 % interval of patients drawn anew."""
    everyone = np.arange(len(patients))
    interval = bootstrap(statistic, patients) if len(patients) else None
    return figure(name, statistic(everyone) if len(patients) else None, split, len(patients) if n is None else n, interval, unit,
                  target)


def mean(
    name: str, values: np.ndarray, split: str, patients: np.ndarray | None = None, unit: str | None = None,
    target: float | None = None,
) -> Figure:
    """The mean of the values that are known, with its interval; each is a patient's own unless ``patients`` says whose."""
    known = ~np.isnan(values)
    values, patients = values[known], np.arange(known.sum()) if patients is None else patients[known]
    return resampled(name, lambda rows: float(values[rows].mean()), patients, split, unit=unit, target=target)


def measured(figures: Iterable[Figure]) -> list[Figure]:
    """Those that have a value: nothing is said of what the data does not hold."""
    return [figure for figure in figures if figure["value"] is not None]


def bootstrap(
    statistic: Callable[[np.ndarray], Any], patients: np.ndarray, repeats: int = 200, seed: int = 0
) -> tuple[Any, Any]:
    """95 % percentile interval of ``statistic(rows)``, one number or an array, all rows of a patient drawn together."""
    rng = np.random.default_rng(seed)
    groups = np.unique(patients, return_inverse=True)[1]  # names will do as well as numbers
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    values = np.array([
        statistic(np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])) for _ in range(repeats)
    ], float)  # None becomes NaN
    if np.isnan(values).all():
        return np.nan, np.nan
    low, high = np.nanpercentile(values, [2.5, 97.5], axis=0)
    return low, high


def halves(patients: np.ndarray) -> np.ndarray:
    """Which rows are of the first half of the patients: every second one, by name."""
    return np.isin(patients, np.unique(patients)[::2])


def auc(truth: np.ndarray, score: np.ndarray) -> float | None:
    """Area under the ROC curve where truth and score are known; None with one class only."""
    known = ~np.isnan(truth) & ~np.isnan(score)
    positive, ranks = truth[known] == 1, rankdata(score[known])  # Mann and Whitney's form; a bootstrap needs it quick
    ones, zeros = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros)) if ones and zeros else None


def macro_auc(truth: np.ndarray, score: np.ndarray, columns: Iterable[int] | None = None) -> float | None:
    """Mean AUC over the columns (all, unless named) that have both classes; None if none has."""
    every = range(truth.shape[1]) if columns is None else columns
    values = [value for k in every if (value := auc(truth[:, k], score[:, k])) is not None]
    return float(np.mean(values)) if values else None


def best_f1_threshold(probability: np.ndarray, truth: np.ndarray) -> float:
    """The threshold with the largest F1 score."""
    precision, recall, thresholds = precision_recall_curve(truth, probability)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[np.argmax(f1[:-1])])


def best_youden_threshold(probability: np.ndarray, truth: np.ndarray) -> float:
    """The threshold with the largest sensitivity + specificity - 1 (Youden 1950)."""
    false_alarms, sensitivity, thresholds = roc_curve(truth, probability)
    return float(thresholds[1:][np.argmax((sensitivity - false_alarms)[1:])])  # the first one is infinite


def sensitivity_specificity(probability: np.ndarray, truth: np.ndarray, threshold: float) -> tuple[float, float]:
    """At ``probability >= threshold``; NaN for a class that does not occur."""
    positive, hit = truth.astype(bool), probability >= threshold
    sensitivity = hit[positive].mean() if positive.any() else np.nan
    specificity = (~hit[~positive]).mean() if (~positive).any() else np.nan
    return float(sensitivity), float(specificity)


def operating_point(probability: np.ndarray, truth: np.ndarray, threshold: float) -> dict[str, Any]:
    """What a threshold does on rows whose truth is known: an entry of config.json."""
    sensitivity, specificity = sensitivity_specificity(probability, truth, threshold)
    return {"threshold": round(threshold, 4), "sensitivity": number(sensitivity), "specificity": number(specificity),
            "n_positive": int(truth.sum())}


def thresholds(
    labels: Sequence[tuple[str, str, str]], points: Sequence[dict], truth: Sequence[np.ndarray], score: Sequence[np.ndarray]
) -> list[dict[str, Any]]:
    """The operating points as a table. ``labels`` are group, code and wording; truth and score go label by label."""
    return [{"group": group, "code": code, "label": label, **point, "auc": number(auc(t, s))}
            for (group, code, label), point, t, s in zip(labels, points, truth, score, strict=True)]


def crossed(
    score: np.ndarray, truth: np.ndarray, first: np.ndarray, fit: Callable[..., calibration.Platt] = calibration.fit_platt
) -> np.ndarray:
    """Probabilities ``[n]``, each half calibrated on the other; NaN where the other half has one class only."""
    result = np.full(len(score), np.nan)
    for learn, held in ((first, ~first), (~first, first)):
        if 0 < truth[learn].sum() < learn.sum():
            result[held] = fit(score[learn], truth[learn]).probability(score[held])
    return result


def calibration_of(probability: np.ndarray, truth: np.ndarray, split: str, n: int) -> dict[str, Any]:
    """The entry "calibration" of metrics.json, over all labels whose probability and truth are known; empty if none is."""
    known = ~np.isnan(probability) & ~np.isnan(truth)
    if not known.any():
        return {}
    return {"split": split, "n": n, "ece": calibration.expected_calibration_error(probability[known], truth[known]),
            "bins": calibration.reliability(probability[known], truth[known])}
