"""Figures of deterioration weights on stays with an outcome: ``python -m core evaluate deterioration``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from core import metrics
from core.deterioration.risk import enough
from core.deterioration.training.calibrate import alarms, at_thresholds, calibrated
from core.deterioration.training.data import Data, load
from core.deterioration.training.notes import render_all
from core.deterioration.training.scores import alarm_plot, discrimination
from core.deterioration.training.validate import FOLDS, WATCHED, folds, predict
from core.progress import Done
from core.serving import get
from core.training.generated import told as told_of
from core.training.provenance import evaluate_command
from core.uploads import InputError
from core.weights import write_metrics


def evaluate(data: Path, fold: int, out: Path, weights: str = "deterioration", done: Done | None = None) -> dict:
    """Write metrics.json, predictions.csv and alarms.png; returns the metrics.

    Notes are rendered where the data holds more than the six vital signs (set A and B of the 2012 challenge).

    Args:
        data: stays with outcomes in any layout of ``layouts.charts``. fold: 0, everyone; 1 to 5, that fold of the validation,
            which is no fold of these weights: they are fitted on all of set A.

    Raises:
        InputError: no such fold, or a stay that cannot be read. RecipeError: no outcomes.
    """
    if not 0 <= fold <= FOLDS:
        raise InputError("fold", f"There is no fold {fold}.", f"Give 0 for everyone, or 1 to {FOLDS}.")
    served, table = get(weights), load(data, done)
    chosen = np.arange(len(table)) if fold == 0 else np.flatnonzero(folds(table) == fold - 1)
    table = table.rows(chosen)
    told = predicted(served, table)
    split = f"{'everyone' if fold == 0 else f'fold {fold} of the validation'}; stays of set A are not unseen by these weights"
    found = []
    for title, p in told.items():
        for hour in WATCHED[::-1]:
            label = title if hour == WATCHED[-1] else f"{title}, {hour} h observed"
            found += discrimination(label, table.died, p[:, hour], split)
    truth, first = table.died.astype(float), next(iter(told.values()))
    found.append(metrics.resampled("Observed/expected deaths", lambda rows: float(truth[rows].mean() / first[rows, -1].mean()),
                                   np.arange(len(truth)), split, target=1.0))
    may = np.stack([enough(grid) for grid in table.grids])
    lines = {title: alarms(p, table.died, may) for title, p in told.items()}
    lines["NEWS2"] = at_thresholds(table.lowest, table.died, [float(one) for one in range(1, int(table.lowest.max()) + 1)])
    result = {"command": evaluate_command("deterioration", "STAYS", fold, weights), "dataset": told_of(data, table.describe()),
              "figures": metrics.measured(found), "alarms": lines,
              "calibration": metrics.calibration_of(first[:, -1], truth, split, len(truth))}
    write_metrics(out, result)
    pd.DataFrame({"stay": table.ids, "died": table.died.astype(int), **{
        f"{title}, {hour} h": p[:, hour] for title, p in told.items() for hour in WATCHED}}).to_csv(
            out / "predictions.csv", index=False, float_format="%.6g")
    alarm_plot(lines, out / "alarms.png")
    return result


def predicted(served, table: Data) -> dict[str, np.ndarray]:
    """Calibrated risks ``[n, 49]``, without and, where it can be rendered, with a note."""
    scaling = served.config.extra["calibration"]
    if not any(table.extra):
        with torch.no_grad():
            alone = served.model.each(torch.from_numpy(table.grids))[0].mean(0).numpy()
        return {"vital signs": calibrated(alone, scaling["alone"])}
    found = predict(served.model.each, table, render_all(table), np.arange(len(table)))
    return {"vital signs": calibrated(found["alone"], scaling["alone"]),
            "vital signs and note": calibrated(found["both"], scaling["both"])}
