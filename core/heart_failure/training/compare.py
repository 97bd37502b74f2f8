"""What heart-failure weights say of the patients of cohorts, for a comparison with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.heart_failure.layouts import MUSIC_TABLE, tables_in
from core.heart_failure.prognosis import predict
from core.heart_failure.read import study
from core.heart_failure.training.data import TITLES, joined, kept
from core.heart_failure.training.recipe import DATA
from core.heart_failure.training.scores import HORIZONS, Pairs, reached
from core.heart_failure.training.validate import FOLDS, folds
from core.progress import Done
from core.serving import get
from core.training.compare import Predictions, Statistic, auc, same
from core.training.generated import is_generated
from core.training.steps import counted
from core.uploads import InputError

BATCH = 256


def predictions(data: Path, fold: int | None, weights: str, done: Done | None = None) -> Predictions:
    """Log hazards and risks of every patient with an outcome; fold 1 to 5 of the first validation, None or 0 of everyone.

    Args:
        data: a table in any layout, or a folder of several.

    Raises:
        InputError: no such fold, no table, or one without outcomes.
    """
    if not 0 <= (fold or 0) <= FOLDS:
        raise InputError("fold", f"There is no fold {fold}.", f"Give 0 for everyone, or 1 to {FOLDS}.")
    served, read = get(weights), [kept(path) for path in tables(data)]
    rows, table = [row for some, _ in read for row in some], joined([one for _, one in read])
    chosen = np.flatnonzero(folds(table, 0) == fold - 1) if fold else np.arange(len(table))
    told, risks = [], []
    for first in counted(range(0, len(chosen), BATCH), "patients", done):
        part = predict(served, [study(rows[i].values, {}) for i in chosen[first: first + BATCH]])
        told.append(part.slope * part.log_hazard)
        risks.append(np.stack([part.risk(year)[0] / 100 for year in HORIZONS], 1))
    seen = [TITLES.get(name, name) for name in dict.fromkeys(table.cohort[chosen].tolist())
            if _learned(served.config.training_data, table.describe(table.rows(name)), is_generated(data))]
    names = np.array([f"{cohort}/{one}" for cohort, one in zip(table.cohort[chosen], table.ids[chosen], strict=True)])
    return Predictions(
        names, names, {"time": table.time[chosen], "event": table.event[chosen], "cohort": table.cohort[chosen]},
        {"log_hazard": np.concatenate(told), "risk": np.concatenate(risks)},
        f"{table.describe(chosen)}{f', fold {fold} of the validation' if fold else ''}",
        f"It is fitted on all of {' and '.join(seen)}." if seen else "")


def statistics(predictions: Predictions) -> dict[str, Statistic]:
    """C-index within each cohort, AUC and curve of death within a year and three."""
    truth, log_hazard = predictions.truth, predictions.scores["log_hazard"]
    found = {}
    for cohort in dict.fromkeys(truth["cohort"].tolist()):
        rows = np.flatnonzero(truth["cohort"] == cohort)
        found[f"C-index, {TITLES.get(cohort, cohort)}"] = Statistic(_concordance(truth, log_hazard, rows))
    for k, year in enumerate(HORIZONS):
        died = reached(truth["time"], truth["event"], year)
        found[f"AUC, death within {year} year{'s' * (year > 1)}"] = auc(died, predictions.scores["risk"][:, k])
    return found


def tables(data: Path) -> list[Path]:
    """The table at a path, or those of a folder and of MUSIC's folder in it.

    Raises:
        InputError: none.
    """
    if data.is_file():
        return [data]
    found = tables_in(data) if data.is_dir() else []
    found += [path for path in sorted(data.glob(f"*/{MUSIC_TABLE}"))] if (data / MUSIC_TABLE) not in found else []
    if not found:
        raise InputError("data", f"{data.name} has no tables.", "Give a table, or a folder with tables.")
    return found


def _learned(training_data: str, described: str, generated: bool) -> bool:
    """Whether weights say that they are fitted on this cohort; the release names its cohorts without their deaths."""
    short = described.rsplit(",", 1)[0].replace("MUSIC,", "MUSIC 1.0.1,")
    return same(training_data, described, generated) or not generated and training_data == DATA and short in DATA


def _concordance(truth, log_hazard: np.ndarray, own: np.ndarray):
    """Of drawn rows, those of one cohort."""
    pairs = Pairs(truth["time"][own], truth["event"][own])
    right, place = pairs.right(log_hazard[None, own]), np.full(len(log_hazard), -1)
    place[own] = np.arange(len(own))

    def of(rows: np.ndarray) -> float | None:
        here = place[rows]
        return pairs.of(right, here[here >= 0])

    return of
