"""Calibration and operating points from the predictions of unseen films."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from core.calibration import Platt, fit_platt
from core.cxr.labels import LABELS
from core.cxr.training.data import Films
from core.cxr.training.scores import NIH_COLUMNS
from core.metrics import best_youden_threshold, calibration_of, crossed, halves, operating_point

ENOUGH = 8  # films with a finding for a calibration and a threshold of its own
FLATTEST = 0.05  # slope of a calibration
Judged = list[np.ndarray]


def judged_on(films: Films) -> Judged:
    """Per label the films it is judged on ``[n]``: the less confounded part where the collection has one."""
    known, part = ~np.isnan(films.targets), films.enriched
    return [known[:, k] & part if (known[:, k] & part).any() else known[:, k] for k in range(len(LABELS))]


def rising(score: np.ndarray, truth: np.ndarray) -> Platt:
    """A calibration never turns a ranking round: where the score is no better than chance, nearly the prevalence."""
    scale = fit_platt(score, truth)
    if scale.scale >= FLATTEST:
        return scale
    bias = float(np.log(truth.mean() / (1 - truth.mean())) - FLATTEST * score.mean())
    return Platt(FLATTEST, bias, (0.0, 0.0, scale.covariance[2]))


def operating_points(seen: np.ndarray, films: Films, judged: Judged) -> tuple[list[Platt], list[dict[str, Any]]]:
    scales, points = [], []
    for k in range(len(LABELS)):
        truth, score = films.targets[judged[k], k], seen[judged[k], k]
        enough = judged[k].any() and ENOUGH <= truth.sum() <= len(truth) - ENOUGH
        scale = rising(score, truth) if enough else Platt()
        p = np.asarray(scale.probability(score))
        cut = best_youden_threshold(p, truth) if enough else 0.5
        scales.append(scale)
        points.append({**operating_point(p, truth, cut), "chosen": "Youden" if enough else "0.5"})
    return scales, points


def macro_f1_threshold(seen: np.ndarray, scales: list[Platt], films: Films, judged: Judged) -> tuple[float, float]:
    """The one threshold of the low-rank scores, 0.1 to 0.9 in steps of 0.05, with the largest macro F1, and that F1."""
    def macro(cut: float) -> float:
        return float(np.mean([f1_score(films.targets[judged[k], k], scales[k].probability(seen[judged[k], k]) >= cut,
                                       zero_division=0) for k in NIH_COLUMNS if judged[k].any()] or [0.0]))

    best = max((round(0.1 + 0.05 * step, 2) for step in range(17)), key=macro)
    return best, macro(best)


def halves_calibrated(seen: np.ndarray, films: Films, judged: Judged) -> dict[str, Any]:
    """The entry "calibration" of metrics.json: half of the patients calibrated on the other half, both ways round."""
    first, p = halves(films.patient), np.full((len(NIH_COLUMNS), len(films)), np.nan)
    for own, k in zip(p, NIH_COLUMNS, strict=True):
        own[judged[k]] = crossed(seen[judged[k], k], films.targets[judged[k], k], first[judged[k]], rising)
    return calibration_of(p, films.targets[:, NIH_COLUMNS].T, "each half of the patients calibrated on the other",
                          int(judged[NIH_COLUMNS[0]].sum()))


def entries(scales: list[Platt]) -> list[dict[str, Any]]:
    """For config.json."""
    return [asdict(scale) for scale in scales]
