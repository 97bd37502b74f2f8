"""How cardiac MR weights do on scans, for a comparison with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.calibration import Platt
from core.cmr.segment import segment
from core.cmr.training.data import FOLDS, description, folds, load
from core.cmr.training.scores import STRUCTURES, judged
from core.progress import Done
from core.training.compare import Predictions, Statistic, auc, same
from core.training.generated import is_generated
from core.training.steps import counted
from core.uploads import InputError
from core.weights import load as load_weights

KINDS = (*STRUCTURES, "share")


def predictions(data: Path, fold: int | None, weights: str, done: Done | None = None) -> Predictions:
    """Dice of each structure, the infarct share and the probability of an infarct of every scan ``[n]``.

    Args:
        fold: 1 to 5, those scans by the member that has not seen them; None or 0, every scan by the whole ensemble.

    Raises:
        InputError: no such fold, or no dataset in this layout.
    """
    if not 0 <= (fold or 0) <= FOLDS:
        raise InputError("fold", f"There is no fold {fold}.", f"Give 0 for every case, or 1 to {FOLDS}.")
    model, config = load_weights(weights)
    everything = load(data)
    scans = [scan for scan, own in zip(everything, folds(everything), strict=True) if (fold or 0) in (0, own + 1)]
    found = [segment(scan.slices, model, [fold - 1] if fold else None) for scan in counted(scans, "scans", done)]
    rows = judged(scans, found)
    names, column = np.array([scan.name for scan in scans]), lambda key: np.array([row[key] for row in rows], float)
    seen = not fold and same(config.training_data, description(everything), is_generated(data))
    return Predictions(
        names, names, {"infarct": np.array([scan.infarct for scan in scans]), "share": column("true_share")},
        {kind: column(kind) for kind in KINDS} | {"p": Platt(**config.extra["presence"]).probability(column("score"))},
        f"fold {fold}, the member that has not seen it" if fold else "every case, the ensemble",
        "Its members are trained on these scans, each on four fifths of them. Choose a fold to ask the member that has not "
        "seen it." if seen else "")


def statistics(predictions: Predictions) -> dict[str, Statistic]:
    infarct, truth, scores = predictions.truth["infarct"], predictions.truth["share"], predictions.scores
    error = np.abs(scores["share"] - truth)
    dice = {name: np.where(infarct, scores[name], np.nan) if name == "infarct" else scores[name] for name in STRUCTURES}
    axes = "share of the scans", "Dice"
    found = {f"Dice, {name.replace('_', '-')}": Statistic(_mean(values), curve=_sorted(values), axes=axes)
             for name, values in dice.items()}
    return found | {"Infarct share, mean absolute error (percentage points)": Statistic(_mean(error), larger=False),
                    "AUC, infarct against none": auc(infarct.astype(float), scores["p"])}


def _mean(values: np.ndarray):
    def of(rows: np.ndarray) -> float | None:
        known = values[rows][~np.isnan(values[rows])]
        return float(known.mean()) if len(known) else None

    return of


def _sorted(values: np.ndarray):
    """Every scan's value, the worst first."""
    known = np.sort(values[~np.isnan(values)])
    return lambda: ((np.arange(len(known)) + 0.5) / max(len(known), 1), known)
