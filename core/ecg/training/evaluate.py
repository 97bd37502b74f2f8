"""Figures of ECG weights on a fold of PTB-XL: ``python -m core evaluate ecg``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from core import metrics
from core.calibration import Platt
from core.ecg.model import EcgNet
from core.ecg.statements import LABELS, term
from core.ecg.training.data import VALIDATION_FOLD, PtbXl, calibration_halves, load
from core.ecg.training.outputs import read_all
from core.ecg.training.scores import figures, latent_figures, pictures
from core.progress import Done
from core.training.generated import told
from core.training.provenance import evaluate_command
from core.training.steps import parts
from core.weights import Config, write_metrics
from core.weights import load as load_weights


def evaluate(data: Path, fold: int, out: Path, weights: str = "ecg", done: Done | None = None) -> dict:
    """Write metrics.json, predictions.csv, roc.png and calibration.png for one fold; returns the metrics.

    Raises:
        InputError: the data is not PTB-XL as published, or has no such fold.
    """
    reading, predicting = parts(done, [1, 1])
    model, config = load_weights(weights)
    ptbxl = load(data, (fold,), reading)
    result, truth, p = measured(model, config, ptbxl, fold, evaluate_command("ecg", "PTB-XL", fold, weights, data), predicting)
    result["dataset"] = told(data, result["dataset"])
    write_metrics(out, result)
    columns = {f"{kind}:{group}:{code}": values[:, k] for kind, values in (("truth", truth), ("p", p))
               for k, (group, code) in enumerate(LABELS)}
    ids = ptbxl.ids[ptbxl.rows(fold)]
    pd.DataFrame({"ecg_id": ids, **columns}).to_csv(out / "predictions.csv", index=False, float_format="%.6g")
    pictures(truth, p, result, out)
    return result


def measured(
    model: EcgNet, config: Config, ptbxl: PtbXl, fold: int, command: str, done: Done | None = None
) -> tuple[dict, np.ndarray, np.ndarray]:
    """What goes into metrics.json of a fold; truth and calibrated probabilities ``[n, 99]`` of its records."""
    rows = ptbxl.rows(fold)
    z, missed = read_all(model, ptbxl, rows, done)
    raw = (model.head(torch.from_numpy(z))).numpy()
    p = np.stack([Platt(**scale).probability(raw[:, k]) for k, scale in enumerate(config.extra["calibration"])], 1)
    truth, split = ptbxl.targets[rows], f"fold {fold}"
    validating = fold == VALIDATION_FOLD  # half of it was calibrated on
    held = np.isin(rows, calibration_halves(ptbxl)[1]) if validating else np.full(len(rows), True)
    result = {
        "command": command,
        "dataset": f"{ptbxl.describe(rows)}, 100 Hz",
        "figures": figures(truth, p, ptbxl.patient[rows], split, held, split + (", held-out half" if validating else ""))
        + latent_figures(model, config.extra["bank"], ptbxl, rows, z, missed, split),
        "calibration": metrics.calibration_of(p[held], truth[held], split + (", half not calibrated on" if validating else ""),
                                              int(held.sum())),
        "thresholds": metrics.thresholds([(group, code, term(group, code).label) for group, code in LABELS],
                                         config.extra["operating_points"], truth.T, p.T),
    }
    return result, truth, p
