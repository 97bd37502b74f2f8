"""What deterioration weights say of stays after 48 hours, for a comparison with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.deterioration.training.data import load
from core.deterioration.training.evaluate import predicted
from core.deterioration.training.scores import auprc
from core.deterioration.training.validate import FOLDS, folds
from core.progress import Done
from core.serving import get
from core.training.compare import Predictions, Statistic, auc, same
from core.training.generated import is_generated
from core.uploads import InputError


def predictions(data: Path, fold: int | None, weights: str, done: Done | None = None) -> Predictions:
    """Calibrated risks ``[n]`` of the vital signs, and with the rendered note where there is one to render.

    Args:
        fold: 1 to 5, that fold of the validation; None or 0, everyone.

    Raises:
        InputError: no such fold, or a stay that cannot be read. RecipeError: no outcomes.
    """
    if not 0 <= (fold or 0) <= FOLDS:
        raise InputError("fold", f"There is no fold {fold}.", f"Give 0 for everyone, or 1 to {FOLDS}.")
    served, table = get(weights), load(data, done)
    seen = same(served.config.training_data, table.describe(), is_generated(data))
    if fold:
        table = table.rows(np.flatnonzero(folds(table) == fold - 1))
    told = {title: p[:, -1] for title, p in predicted(served, table).items()}
    return Predictions(table.ids, table.patients, {"died": table.died}, told,
                       f"{f'fold {fold} of the validation' if fold else 'every stay'}, {table.describe()}",
                       "It is fitted on all of these stays." if seen else "")


def statistics(predictions: Predictions) -> dict[str, Statistic]:
    died, found = predictions.truth["died"].astype(float), {}
    for title, p in predictions.scores.items():
        found[f"AUROC, {title}"] = auc(died, p)
        found[f"AUPRC, {title}"] = Statistic(lambda rows, p=p: auprc(died[rows], p[rows]))
        found[f"Brier score, {title}"] = Statistic(lambda rows, p=p: float(np.mean((p[rows] - died[rows]) ** 2)), larger=False)
    return found
