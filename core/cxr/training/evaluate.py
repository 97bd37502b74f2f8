"""Figures of chest X-ray weights on films of any layout.

The shipped weights are trained on all films of their own collections, so figures of them come from cross-validation
(``core.cxr.training.train``); this command is for films that the weights have never seen.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core import metrics
from core.cxr.labels import LABELS
from core.cxr.training.data import FOLDS, load
from core.cxr.training.outputs import probabilities
from core.cxr.training.scores import NIH_COLUMNS, aucs, pictures, table
from core.progress import Done
from core.training.generated import told
from core.training.provenance import evaluate_command
from core.training.steps import parts
from core.uploads import InputError
from core.weights import load as load_weights
from core.weights import write_metrics


def evaluate(data: Path, fold: int, out: Path, weights: str = "cxr", done: Done | None = None) -> dict:
    """Write metrics.json, metrics.csv, predictions.csv and roc_curves.png; returns the metrics.

    Args:
        fold: 0 for every film, 1 to 5 for a fifth of the patients.

    Raises:
        InputError: no known layout, or no such fold.
    """
    if not 0 <= fold <= FOLDS:
        raise InputError("fold", f"There is no fold {fold}.", f"Give 0 for every film, or 1 to {FOLDS}.")
    reading, predicting = parts(done, [1, 1])
    model, config = load_weights(weights)
    films = load(data, done=reading)
    rows = np.arange(len(films)) if fold == 0 else np.flatnonzero(films.fold == fold - 1)
    p = probabilities(model, config, films, rows, predicting)
    truth, patients = films.targets[rows], films.patient[rows]
    split, points = "every film" if fold == 0 else f"fold {fold}", config.extra["operating_points"]
    known = ~np.isnan(truth)
    judged = [k for k in range(len(LABELS)) if metrics.auc(truth[:, k], p[:, k]) is not None and config.extra["trained"][k]]
    figures = [aucs(f"AUC, {':'.join(LABELS[k])}", truth[known[:, k]], p[known[:, k]], [k], patients[known[:, k]], split)
               for k in judged]
    if set(NIH_COLUMNS) & set(judged):
        figures.insert(0, aucs("Macro AUC, findings of ChestX-ray14", truth, p, NIH_COLUMNS, patients, split))
    result = {
        "command": evaluate_command("cxr", "DIR", fold, weights, data), "dataset": told(data, f"{len(rows)} films, {split}"),
        "figures": figures,
        "calibration": metrics.calibration_of(p[:, judged], truth[:, judged], split, len(rows)),
        "thresholds": metrics.thresholds([(group, code, code) for group, code in LABELS], points, truth.T, p.T),
    }
    write_metrics(out, result)
    cuts = [point["threshold"] if trained else None for point, trained in zip(points, config.extra["trained"], strict=True)]
    table(truth, p, cuts).to_csv(out / "metrics.csv", index=False, float_format="%.4f")
    columns = {f"{kind}:{group}:{code}": values[:, k] for kind, values in (("truth", truth), ("p", p))
               for k, (group, code) in enumerate(LABELS)}
    pd.DataFrame({"patient": patients, "part": films.part[rows], **columns}).to_csv(
        out / "predictions.csv", index=False, float_format="%.6g")
    pictures(truth, p, out)
    return result
