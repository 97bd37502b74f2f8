"""Figures of the weights on a dataset in EMIDEC's layout: ``python -m core evaluate cmr``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from core import calibration
from core.cmr.segment import segment
from core.cmr.training.crossval import judged
from core.cmr.training.data import FOLDS, folds, load
from core.cmr.training.scores import figures
from core.uploads import InputError
from core.weights import METRICS
from core.weights import load as load_weights


def evaluate(data: Path, fold: int, out: Path, weights: str = "cmr") -> dict:
    """Write ``metrics.json`` and ``cases.csv`` (Dice, distances, infarct shares of every case).

    Args:
        fold: 1 to 5, that fold of EMIDEC by the member that has not seen it; 0, every case by the whole ensemble, for
            cases that no member was trained on.

    Raises:
        InputError: no such fold, or no dataset in this layout.
    """
    if not 0 <= fold <= FOLDS:
        raise InputError("fold", f"There is no fold {fold}.", f"Give 0 for every case, or 1 to {FOLDS}.")
    model, config = load_weights(weights)
    cases = load(data)
    if fold:
        cases = [case for case, own in zip(cases, folds(cases), strict=True) if own == fold - 1]
    members, split = ([fold - 1], f"fold {fold}, the member that has not seen it") if fold else (None, "every case, the ensemble")
    found = [segment(case.slices, model, members) for case in tqdm(cases, "cases")]
    rows, infarct = judged(cases, found), np.array([case.infarct for case in cases])
    p = calibration.Platt(**config.extra["presence"]).probability(np.array([row["score"] for row in rows]))
    metrics = {"command": f"python -m core evaluate cmr --data DIR --fold {fold} --out DIR", "dataset": f"{len(cases)} cases, {split}",
               "figures": figures(rows, infarct, split)}
    out.mkdir(parents=True, exist_ok=True)
    (out / METRICS).write_text(json.dumps(metrics, indent=1) + "\n")
    table = pd.DataFrame(rows).assign(infarct=infarct, infarct_present=p)
    table.insert(0, "case", [case.name for case in cases])
    table.to_csv(out / "cases.csv", index=False, float_format="%.4f")
    return metrics
