"""Figures of the weights on a dataset in EMIDEC's layout: ``python -m core evaluate cmr``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.calibration import Platt
from core.cmr.segment import segment
from core.cmr.training.data import FOLDS, dataset, folds, load
from core.cmr.training.scores import figures, judged
from core.progress import Done
from core.training.generated import told
from core.training.provenance import evaluate_command
from core.training.steps import counted
from core.uploads import InputError
from core.weights import load as load_weights
from core.weights import write_metrics


def evaluate(data: Path, fold: int, out: Path, weights: str = "cmr", done: Done | None = None) -> dict:
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
    everything = load(data)
    scans = [scan for scan, own in zip(everything, folds(everything), strict=True) if fold in (0, own + 1)]
    if not scans:
        raise InputError("fold", f"No case lies in fold {fold}.", "Give 0 for every case.")
    members, split = ([fold - 1], f"fold {fold}, the member that has not seen it") if fold else (None, "every case, the ensemble")
    found = [segment(scan.slices, model, members) for scan in counted(scans, "scans", done)]
    rows, infarct = judged(scans, found), np.array([scan.infarct for scan in scans])
    metrics = {"command": evaluate_command("cmr", "EMIDEC", fold, weights, data),
               "dataset": told(data, f"{dataset(everything)}, {len(scans)} of them: {split}"),
               "figures": figures(rows, infarct, split)}
    write_metrics(out, metrics)
    p = Platt(**config.extra["presence"]).probability(np.array([row["score"] for row in rows]))
    table = pd.DataFrame(rows).assign(infarct=infarct, infarct_present=p)
    table.insert(0, "case", [scan.name for scan in scans])
    table.to_csv(out / "cases.csv", index=False, float_format="%.4f")
    return metrics
