"""What chest X-ray weights say of films, for a comparison with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.cxr.labels import LABELS
from core.cxr.training.data import FOLDS, load
from core.cxr.training.outputs import probabilities
from core.cxr.training.scores import NIH_COLUMNS
from core.metrics import macro_auc
from core.progress import Done
from core.training.compare import Predictions, Statistic, auc, same
from core.training.generated import is_generated
from core.training.steps import parts
from core.uploads import InputError
from core.weights import load as load_weights


def predictions(data: Path, fold: int | None, weights: str, done: Done | None = None) -> Predictions:
    """Calibrated probabilities ``[n, labels]`` of film and note; fold 1 to 5 of the patients, None or 0 of everyone.

    Raises:
        InputError: no known layout, or no such fold.
    """
    if not 0 <= (fold or 0) <= FOLDS:
        raise InputError("fold", f"There is no fold {fold}.", f"Give 0 for every film, or 1 to {FOLDS}.")
    reading, asking = parts(done, [1, 1])
    model, config = load_weights(weights)
    films = load(data, done=reading)
    rows = np.flatnonzero(films.fold == fold - 1) if fold else np.arange(len(films))
    p = probabilities(model, config, films, rows, asking).astype(np.float32)
    seen = same(config.training_data, films.describe(), is_generated(data))
    return Predictions(
        np.array([f"{films.patient[row]}/{row}" for row in rows]), films.patient[rows], {"labels": films.targets[rows]}, {"p": p},
        f"fold {fold} of {films.named(rows)}" if fold else f"every film of {films.named(rows)}",
        "It is trained on all of these films: what it says of them is learned by heart." if seen else "")


def statistics(predictions: Predictions) -> dict[str, Statistic]:
    """Macro AUC of the findings of ChestX-ray14, AUC and curve of each label."""
    truth, p = predictions.truth["labels"].astype(float), predictions.scores["p"]
    macro = {"Macro AUC, findings of ChestX-ray14": Statistic(lambda rows: macro_auc(truth[rows], p[rows], NIH_COLUMNS))}
    return macro | {f"AUC, {code if group != 'child' else f'{code.lower()} of children'}": auc(truth[:, k], p[:, k])
                    for k, (group, code) in enumerate(LABELS)}
