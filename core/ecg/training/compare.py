"""What ECG weights say of the records of a fold, for a comparison with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.calibration import Platt
from core.ecg.statements import LABELS, term
from core.ecg.training.data import TRAIN_FOLDS, VALIDATION_FOLD, load
from core.ecg.training.outputs import logits
from core.ecg.training.scores import SUPERCLASSES, group_auc
from core.progress import Done
from core.training.compare import Predictions, Statistic, auc
from core.training.generated import SAID, is_generated
from core.training.steps import parts
from core.training.subgroups import age_bands
from core.weights import load as load_weights

LAST = 10  # the fold that no recipe looks at


def predictions(data: Path, fold: int | None, weights: str, done: Done | None = None) -> Predictions:
    """Calibrated probabilities ``[n, 99]``; without a fold, of the tenth where the table has it, else of the ninth.

    Raises:
        InputError: not PTB-XL as published, or no such fold.
    """
    if fold is None:
        table = data / "ptbxl_database.csv"
        there = table.is_file() and (pd.read_csv(table, usecols=["strat_fold"]).strat_fold == LAST).any()
        fold = LAST if there else VALIDATION_FOLD
    reading, asking = parts(done, [1, 1])
    model, config = load_weights(weights)
    ptbxl = load(data, (fold,), reading)
    rows = np.arange(len(ptbxl.ids))
    raw = logits(model, ptbxl, rows, fast=False, done=asking)
    p = np.stack([Platt(**scale).probability(raw[:, k]) for k, scale in enumerate(config.extra["calibration"])], 1)
    p = np.where(config.extra["trained"], p, np.nan).astype(np.float32)
    return Predictions(ptbxl.ids, ptbxl.patient, {"labels": ptbxl.targets}, {"p": p}, f"fold {fold}", _seen(config, data, fold))


def statistics(predictions: Predictions) -> dict[str, Statistic]:
    """Macro AUC of superclasses and statements as the benchmark counts them, AUC and curve of each superclass."""
    truth, p = predictions.truth["labels"].astype(float), predictions.scores["p"]
    macro = {f"Macro AUC, {words}": Statistic(lambda rows, g=group: group_auc(truth[rows], p[rows], g))
             for group, words in (("superclass", "superclasses"), ("statement", "statements"))}
    return macro | {f"AUC, {term(*LABELS[k]).label}": auc(truth[:, k], p[:, k]) for k in SUPERCLASSES}


def groups(data: Path, studies: np.ndarray) -> dict[str, np.ndarray]:
    """Sex, age band and device of records, from the publisher's table."""
    table = pd.read_csv(data / "ptbxl_database.csv", usecols=["ecg_id", "sex", "age", "device"], index_col="ecg_id").loc[studies]
    sex = table.sex.map({0: "male", 1: "female"}).fillna("")
    return {"sex": sex.to_numpy(str), "age": age_bands(table.age.to_numpy(float)),
            "device": table.device.fillna("").str.strip().to_numpy(str)}


def _seen(config, data: Path, fold: int) -> str:
    if config.training_data.startswith(SAID) != is_generated(data):
        return ""
    if fold in TRAIN_FOLDS:
        return f"It learned from fold {fold}: its figures are no better than those of an examination whose questions were known."
    return "It was calibrated on one half of this fold." if fold == VALIDATION_FOLD else ""
