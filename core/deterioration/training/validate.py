"""Five-fold validation: what networks and comparators say of stays that they have not seen, at every hour."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold
from torch import Tensor, nn

from core.deterioration.features import summary
from core.deterioration.training.data import Data
from core.deterioration.training.fit import fit_compact, fit_published
from core.deterioration.training.notes import HOURS, Notes
from core.deterioration.training.recipe import Recipe
from core.deterioration.training.teacher import boosting, everything, opinions
from core.progress import Done, report
from core.training.runs import Run
from core.training.steps import parts

FOLDS = 5
WAYS = ("alone", "both", "note")  # vital signs alone, with the note, the note alone
_HELD = 256  # stays at a time


@dataclass(frozen=True, eq=False)
class Seen:
    """Attributes:
        alone, both: log odds ``[n, 49]``, with the last note written by each hour. note: ``[n, len(HOURS)]``, at its hour.
        spread: of the members ``[n, 49]``. boosted: log odds ``[n, 4]`` of gradient boosting on the same features at WATCHED.
        everything: of the teacher, which sees all series, ``[n]``. fold: ``[n]``.
    """

    alone: np.ndarray
    both: np.ndarray
    note: np.ndarray
    boosted: np.ndarray
    everything: np.ndarray
    fold: np.ndarray


WATCHED = (6, 12, 24, 48)  # hours observed


def folds(data: Data) -> np.ndarray:
    found = np.zeros(len(data), int)
    for k, (_, held) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(data.ids, data.died)):
        found[held] = k
    return found


def validate(data: Data, notes: Notes, recipe: Recipe, published: bool = False, done: Done | None = None) -> Seen:
    """Args: published: of the source's network in place of the ensemble; comparators are then NaN."""
    fold = folds(data)
    full = everything(data)
    seen = Seen(*(np.full((len(data), *shape), np.nan, np.float32) for shape in ((49,), (49,), (len(HOURS),), (4,), ())), fold)
    name = f"{recipe.name}{'-published' if published else ''}"
    folder = Run("deterioration", f"{name}-predictions").folder
    folder.mkdir(parents=True, exist_ok=True)
    for k, part in enumerate(parts(done, [1] * FOLDS)):
        learn, held = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        path = folder / f"{k}.npz"
        if not path.is_file():
            _save(path, _fold(data, notes, recipe, published, full, learn, held, f"{name}-fold{k}", part))
        with np.load(path) as kept:
            for key in kept:
                getattr(seen, key)[held] = kept[key]
        report(part, 1, 1)
    return seen


def _fold(data, notes, recipe, published, full, learn, held, name, done) -> dict[str, np.ndarray]:
    if published:
        model = fit_published(data, notes, learn, recipe.published, recipe.batch, name, done)
        return predict(_one(model), data, notes, held)
    soft = opinions(full, data.died, learn)
    model = fit_compact(data, notes, learn, soft, recipe.members, recipe.schedules, recipe.batch, name, done)
    found = predict(model.each, data, notes, held)
    with torch.no_grad():
        features = summary(torch.from_numpy(data.grids)).numpy()
    found["boosted"] = np.stack([boosting().fit(features[learn, hour], data.died[learn]).decision_function(features[held, hour])
                                 for hour in WATCHED], 1)
    found["everything"] = boosting().fit(full[learn], data.died[learn]).decision_function(full[held])
    return found


def _one(model: nn.Module):
    def each(grids: Tensor, *note: Tensor) -> tuple[Tensor, Tensor | None]:
        alone, both = model(model.inputs(grids), *note)
        return alone[None], None if both is None else both[None]

    return each


@torch.no_grad()
def predict(each, data: Data, notes: Notes, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Log odds of stays: the vital signs alone, with the last note by each hour, and the note without any vital sign."""
    found = {"alone": [], "both": [], "note": []}
    for part in np.array_split(rows, max(1, len(rows) // _HELD)):
        grids = torch.from_numpy(data.grids[part])
        alone = each(grids)[0].mean(0)
        both, only = alone.clone(), []
        for k, hour in enumerate(HOURS):
            said = *notes.of(part, np.full(len(part), k)), torch.full((len(part),), hour)
            both[:, hour:] = each(grids, *said)[1].mean(0)[:, hour:]
            only.append(each(torch.full_like(grids, torch.nan), *said)[1].mean(0)[:, hour])
        for name, value in (("alone", alone), ("both", both), ("note", torch.stack(only, 1))):
            found[name].append(value.numpy())
    return {name: np.concatenate(values) for name, values in found.items()}


def _save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    whole = path.with_suffix(".part")
    with whole.open("wb") as file:
        np.savez(file, **arrays)
    whole.replace(path)
