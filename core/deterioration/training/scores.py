"""Figures of out-of-fold risks: discrimination by hours observed, calibration, alarms beside NEWS2's; with intervals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve

from core import metrics
from core.deterioration.risk import enough
from core.deterioration.training.calibrate import alarms, at_thresholds, crossed
from core.deterioration.training.data import Data
from core.deterioration.training.notes import HOURS
from core.deterioration.training.validate import WATCHED, Seen
from core.metrics import Figure

SPLIT = "out of fold, 5 folds"
TARGETS = {("AUROC", "vital signs"): 0.78, ("AUROC", "vital signs and note"): 0.86, ("AUPRC", "vital signs and note"): 0.52}


def auprc(truth: np.ndarray, score: np.ndarray) -> float | None:
    """Average precision; None where nobody died."""
    return float(average_precision_score(truth, score)) if truth.any() else None


def min_se_pp(truth: np.ndarray, score: np.ndarray) -> float | None:
    """The largest min(sensitivity, precision), Event 1 of the 2012 challenge."""
    if not truth.any():
        return None
    precision, recall, _ = precision_recall_curve(truth, score)
    return float(np.minimum(precision, recall).max())


STATISTICS: dict[str, Callable[[np.ndarray, np.ndarray], float | None]] = {
    "AUROC": metrics.auc, "AUPRC": auprc, "min(sensitivity, precision)": min_se_pp}


def discrimination(title: str, died: np.ndarray, score: np.ndarray, split: str = SPLIT, which: tuple[str, ...] = tuple(STATISTICS)
                   ) -> list[Figure]:
    """AUROC and its companions of one score ``[n]``."""
    truth = died.astype(float)
    return [metrics.resampled(f"{name}, {title}", lambda rows, of=STATISTICS[name]: of(truth[rows], score[rows]),
                              np.arange(len(truth)), split, target=TARGETS.get((name, title))) for name in which]


def figures(data: Data, seen: Seen, published: Seen | None) -> list[Figure]:
    """All that goes into metrics.json; the first is the one the room quotes."""
    died, last = data.died, len(HOURS) - 1
    found = discrimination("vital signs", died, seen.alone[:, -1])
    found += discrimination("vital signs and note", died, seen.both[:, -1])
    found += discrimination("note", died, seen.note[:, last])
    gain = lambda rows: metrics.auc(died[rows].astype(float), seen.both[rows, -1]) - metrics.auc(  # noqa: E731
        died[rows].astype(float), seen.alone[rows, -1])
    found.append(metrics.resampled("AUROC, gain of the note over vital signs", gain, np.arange(len(died)), SPLIT))
    for k, hour in enumerate(WATCHED):
        if hour < WATCHED[-1]:
            for title, score in (("vital signs", seen.alone), ("vital signs and note", seen.both)):
                found += discrimination(f"{title}, {hour} h observed", died, score[:, hour], which=("AUROC", "AUPRC"))
        found += discrimination(f"gradient boosting on the same features, {hour} h observed", died, seen.boosted[:, k],
                                which=("AUROC", "AUPRC"))
    found += discrimination("gradient boosting on all 36 series (the teacher)", died, seen.everything, which=("AUROC", "AUPRC"))
    found += discrimination("NEWS2, lowest it can be, 48 h", died, data.lowest[:, -1].astype(float), which=("AUROC",))
    if published is not None:
        for title, score in (("vital signs", published.alone), ("vital signs and note", published.both)):
            found += discrimination(f"network of the source, {title}", died, score[:, -1], which=("AUROC", "AUPRC"))
    return metrics.measured([*found, *calibration_figures(data, seen)])


def calibration_figures(data: Data, seen: Seen) -> list[Figure]:
    """Observed over expected deaths and Brier score of probabilities that each fold was given by the others."""
    truth, found = data.died.astype(float), []
    for title, logit in (("vital signs", seen.alone), ("vital signs and note", seen.both)):
        p = crossed(logit, data.died, seen.fold)
        for hour in WATCHED:
            ratio = lambda rows, p=p, hour=hour: float(truth[rows].mean() / p[rows, hour].mean())  # noqa: E731
            found.append(metrics.resampled(f"Observed/expected deaths, {title}, {hour} h observed", ratio, np.arange(len(truth)),
                                           SPLIT, target=1.0))
        found.append(metrics.mean(f"Brier score, {title}", (p[:, -1] - truth) ** 2, SPLIT))
    return found


def alarm_table(data: Data, seen: Seen) -> dict[str, list[dict[str, Any]]]:
    """Alarm lines of the model, and of NEWS2 at every total."""
    may = np.stack([enough(grid) for grid in data.grids])
    lines = list(range(1, int(data.lowest.max()) + 1))
    return {"vital signs": alarms(crossed(seen.alone, data.died, seen.fold), data.died, may),
            "vital signs and note": alarms(crossed(seen.both, data.died, seen.fold), data.died, may),
            "NEWS2": at_thresholds(data.lowest, data.died, [float(one) for one in lines])}


def alarm_plot(table: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Sensitivity and PPV over the rate of alerts, all scores on one plot."""
    from matplotlib.figure import Figure as Picture

    picture = Picture((9, 4))
    for axis, key, title in zip(picture.subplots(1, 2), ("sensitivity", "ppv"), ("Sensitivity", "Positive predictive value"),
                                strict=True):
        for name, rows in table.items():
            rows = [row for row in rows if row[key] is not None and row["per_100_patient_days"] <= 45]
            axis.plot([row["per_100_patient_days"] for row in rows], [row[key] for row in rows], marker="o", label=name)
        axis.set(xlabel="Alerts per 100 patient-days", ylabel=title, ylim=(0, 1))
        axis.legend(fontsize=8)
    picture.tight_layout()
    picture.savefig(path, dpi=120)
