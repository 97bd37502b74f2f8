"""Figures of chest X-ray weights on films of any layout.

The shipped weights are trained on all films of their own collections, so figures of them come from cross-validation
(``core.cxr.training.crossval``); this command is for films that the weights have never seen.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from core import calibration
from core.cxr.image import tensor
from core.cxr.labels import LABELS
from core.cxr.training.data import FOLDS, load
from core.cxr.training.features import upright
from core.cxr.training.scores import NIH_COLUMNS, auc, figure, pictures, table
from core.cxr.training.train import note_states
from core.uploads import InputError
from core.weights import METRICS
from core.weights import load as load_weights


def evaluate(data: Path, fold: int, out: Path, weights: str = "cxr") -> dict:
    """Write metrics.json, metrics.csv, predictions.csv and roc_curves.png; returns the metrics.

    Args:
        fold: 0 for every film, 1 to 5 for a fifth of the patients.

    Raises:
        InputError: no known layout, or no such fold.
    """
    if not 0 <= fold <= FOLDS:
        raise InputError("fold", f"There is no fold {fold}.", f"Give 0 for every film, or 1 to {FOLDS}.")
    model, config = load_weights(weights)
    films = load(data)
    rows = np.arange(len(films)) if fold == 0 else np.flatnonzero(films.fold == fold - 1)
    p = _probabilities(model, config, films, rows)
    truth, patients = films.targets[rows], films.patient[rows]
    split = "every film" if fold == 0 else f"fold {fold}"
    points = config.extra["operating_points"]
    known = ~np.isnan(truth)
    judged = [k for k in range(len(LABELS)) if auc(truth[:, k], p[:, k]) is not None and config.extra["trained"][k]]
    figures = [figure(f"AUC, {':'.join(LABELS[k])}", truth[known[:, k]], p[known[:, k]], [k], patients[known[:, k]], split)
               for k in judged]
    if set(NIH_COLUMNS) & set(judged):
        figures.insert(0, figure("Macro AUC, findings of ChestX-ray14", truth, p, NIH_COLUMNS, patients, split))
    flat = known[:, judged]
    metrics = {
        "command": f"python -m core evaluate cxr --data DIR --fold {fold} --out DIR", "dataset": f"{len(rows)} films, {split}",
        "figures": figures,
        "calibration": {"split": split, "ece": calibration.expected_calibration_error(p[:, judged][flat], truth[:, judged][flat]),
                        "bins": calibration.reliability(p[:, judged][flat], truth[:, judged][flat])} if judged else {},
        "thresholds": [{"group": group, "code": code, "label": code, **points[k], "auc": auc(truth[:, k], p[:, k])}
                       for k, (group, code) in enumerate(LABELS)],
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / METRICS).write_text(json.dumps(metrics, indent=1) + "\n")
    cuts = [point["threshold"] if trained else None for point, trained in zip(points, config.extra["trained"], strict=True)]
    table(truth, p, cuts).to_csv(out / "metrics.csv", index=False, float_format="%.4f")
    columns = {f"{kind}:{group}:{code}": values[:, k] for kind, values in (("truth", truth), ("p", p))
               for k, (group, code) in enumerate(LABELS)}
    pd.DataFrame({"patient": patients, "part": films.part[rows], **columns}).to_csv(
        out / "predictions.csv", index=False, float_format="%.6g")
    pictures(truth, p, out)
    return metrics


@torch.no_grad()
def _probabilities(model, config, films, rows: np.ndarray, batch: int = 32) -> np.ndarray:
    states, padding = note_states([films.notes[row] for row in rows], model, config.extra["text_encoder"]["id"])
    parts = []
    for first in range(0, len(rows), batch):
        part = slice(first, first + batch)
        pixels = tensor(upright(films.images[rows[part]]))
        parts.append(model(pixels, states[part].float(), padding[part]))
    logits = torch.cat(parts).numpy()
    scales = [calibration.Platt(**c) for c in config.extra["calibration"]]
    p = np.stack([scale.probability(logits[:, k]) for k, scale in enumerate(scales)], 1)
    return np.where(config.extra["trained"], p, np.nan)
