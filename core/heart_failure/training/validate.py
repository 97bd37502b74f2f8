"""Repeated five-fold cross-validation within cohorts: every model, every subset of inputs, on the same folds.

Each fold is saved when it is done, and a run that was cut off goes on after the last one. Out-of-fold predictions stay under
the runs folder, so that every figure can be computed anew.

    python -m core.heart_failure.training.validate --data MUSIC --peakvo2 PEAKVO2 --models ridge cox
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.heart_failure.survival import breslow
from core.heart_failure.training.data import Data, load
from core.heart_failure.training.inputs import OF_COHORT, SUBSETS, Subset
from core.heart_failure.training.models import MODELS, TITLES, Predictor, settings_of
from core.heart_failure.training.seen import YEARS, Seen
from core.progress import Done
from core.training import runs
from core.training.steps import counted

FOLDS = 5
TRAINED = ("music", "peakvo2")  # cohorts that share the coefficients


def folds(data: Data, repeat: int) -> np.ndarray:
    """Fold ``[n]`` of every patient: by cohort, deaths spread evenly."""
    rng, result = np.random.default_rng(repeat), np.zeros(len(data), int)
    for cohort in dict.fromkeys(data.cohort):
        for died in (False, True):
            rows = rng.permutation(np.flatnonzero((data.cohort == cohort) & (data.event == died)))
            result[rows] = np.arange(len(rows)) % FOLDS
    return result


def validate(data: Data, model: str, repeats: int = 5, name: str = "validate", done: Done | None = None) -> dict[str, Seen]:
    """Predictions of one model on the patients of each cohort that it was trained on, none by a fit that had seen them.

    Raises:
        RecipeError: the runs folder has another validation of that name.
        Cancelled: ``done`` said so.
    """
    run = runs.start("heart_failure", f"{name}-{model}", data=data.identity(), architecture={},
                     recipe={"model": model, "folds": FOLDS, **settings_of(model)})
    rows, parts = data.rows(*TRAINED), {}
    for repeat, k in counted([(repeat, k) for repeat in range(repeats) for k in range(FOLDS)], TITLES[model], done):
        path = run.folder / f"{repeat}-{k}.npz"
        if not path.is_file():
            fold = folds(data, repeat)
            learn, held = rows[fold[rows] != k], rows[fold[rows] == k]
            _save(path, _predicted(MODELS[model](data, learn, FOLDS * repeat + k), data, learn, held))
        with np.load(path) as kept:
            parts[repeat, k] = dict(kept)
    return {cohort: _joined(data, cohort, parts, repeats) for cohort in TRAINED if (data.cohort == cohort).any()}


def _predicted(predict: Predictor, data: Data, learn: np.ndarray, held: np.ndarray) -> dict[str, np.ndarray]:
    """By cohort and subset: log hazards and spreads of the held rows, and the baseline of the rows learned from."""
    result = {}
    for cohort in np.unique(data.cohort[held]):
        for name in OF_COHORT[cohort]:
            own, asked = learn[data.cohort[learn] == cohort], held[data.cohort[held] == cohort]
            log_hazard, spread = predict(data, own, SUBSETS[name])
            result[f"{cohort}/{name}/cumulative"] = breslow(data.time[own], data.event[own], log_hazard + spread**2 / 2, YEARS)
            result[f"{cohort}/{name}/log_hazard"], result[f"{cohort}/{name}/spread"] = predict(data, asked, SUBSETS[name])
        result[f"{cohort}/rows"] = asked
    return result


def _save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    whole = path.with_suffix(".part")
    with whole.open("wb") as file:
        np.savez(file, **arrays)
    whole.replace(path)


def _joined(data: Data, cohort: str, parts: dict[tuple[int, int], dict[str, np.ndarray]], repeats: int) -> Seen:
    rows = data.rows(cohort)
    place = {row: at for at, row in enumerate(rows.tolist())}
    empty = lambda *more: np.full((repeats, len(rows), *more), np.nan)  # noqa: E731
    seen = Seen(*({name: empty(*more) for name in OF_COHORT[cohort]} for more in ((), (), (len(YEARS),))),
                np.zeros((repeats, len(rows)), int))
    for (repeat, k), part in parts.items():
        at = [place[row] for row in part[f"{cohort}/rows"].tolist()]
        seen.fold[repeat, at] = k
        for name in OF_COHORT[cohort]:
            for kind in ("log_hazard", "spread", "cumulative"):
                getattr(seen, kind)[name][repeat, at] = part[f"{cohort}/{name}/{kind}"]
    return seen


def across(data: Data, model: str) -> dict[tuple[str, str], np.ndarray]:
    """Log hazards of one cohort by a model that was trained on the other alone: (trained on, tested on) -> ``[n]``."""
    everything: Subset = SUBSETS["everything"]
    cohorts = [one for one in TRAINED if (data.cohort == one).any()]
    return {(a, b): MODELS[model](data, data.rows(a), 0)(data, data.rows(b), everything)[0]
            for a in cohorts for b in cohorts if a != b}


def main(arguments: Sequence[str] | None = None) -> None:
    from core.heart_failure.training.scores import Pairs, table  # they speak of what is seen here

    parser = argparse.ArgumentParser(prog="python -m core.heart_failure.training.validate")
    parser.add_argument("--data", type=Path, required=True, help="MUSIC")
    parser.add_argument("--peakvo2", type=Path)
    parser.add_argument("--models", nargs="+", default=["ridge", "cox", "indicators", "boosted"], choices=list(MODELS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--name", default="validate")
    options = parser.parse_args(arguments)
    data = load([path for path in (options.data, options.peakvo2) if path is not None])
    seen = {model: validate(data, model, options.repeats, options.name) for model in options.models}
    print(data.describe())
    print(table(data, seen))
    for model in options.models:
        for (learned, tested), log_hazard in across(data, model).items():
            rows = data.rows(tested)
            value = Pairs(data.time[rows], data.event[rows]).c_index(log_hazard[None])
            print(f"{TITLES[model]}: trained on {learned}, tested on {tested}: C-index {value:.3f}")


if __name__ == "__main__":
    main()
