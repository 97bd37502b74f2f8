"""Real text beside real vital signs: what it adds, by networks of the same kind fitted within each of two small data sets.

eICU demo: death in hospital, from the first 24 h; diagnosis, history and drug orders as they were entered. KTAS triage: the
expert's level 1 or 2 of 5, from one set of vital signs; the complaint as the nurse wrote it.
"""

from __future__ import annotations

import csv
import lzma
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import StratifiedGroupKFold

from core import metrics
from core.deterioration.formats import tables
from core.deterioration.sentences import sentences, vectors
from core.deterioration.study import HOURS
from core.deterioration.training.data import Data, load
from core.deterioration.training.fit import fit_compact
from core.deterioration.training.notes import HOURS as WRITTEN
from core.deterioration.training.notes import VARIANTS, Notes
from core.deterioration.training.recipe import Recipe
from core.deterioration.training.render import LONGEST
from core.deterioration.training.validate import predict
from core.deterioration.vitals import VITALS
from core.metrics import Figure

FOLDS = 5
DAY = 24.0
_KTAS = ("HR", "RR", "BT", "SBP", "DBP", "Saturation")  # in the order of VITALS
URGENT = 2  # level; 1 is resuscitation, 2 emergency


def eicu(folder: Path) -> Data:
    """The first day of each stay. Stays are grouped by ``uniquepid``."""
    data = load(folder, until=DAY)
    there = tables.below(folder)
    person = dict(tables.select(there, "patient", "patientunitstayid", "uniquepid"))
    return Data(**{**vars(data), "patients": np.array([person[stay] for stay in data.ids])})


def ktas(path: Path) -> Data:
    """Visits as stays of one row; a vital sign outside its bounds is left out."""
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["KTAS_expert"]]
    grids = np.full((len(rows), HOURS + 1, len(VITALS)), np.nan, np.float32)
    for k, row in enumerate(rows):
        for column, (name, vital) in enumerate(zip(_KTAS, VITALS, strict=True)):
            value = _number(row[name])
            if vital.low < value <= vital.high:
                grids[k, 0, column] = value
    names = np.array([str(k) for k in range(len(rows))])
    level = np.array([int(row["KTAS_expert"]) for row in rows])
    none = np.zeros((len(rows), HOURS + 1), np.int8)
    return Data(names, level <= URGENT, grids, none, none, [{}] * len(rows), [None] * len(rows), names,
                [(0.0, row["Chief_complain"]) for row in rows])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def notes_of(data: Data) -> Notes:
    """The real notes, the same at every hour at which one is written."""
    parts = [sentences(text)[:LONGEST] for _, text in data.notes]
    said = sorted({one for part in parts for one in part})
    place = {one: k for k, one in enumerate(said)}
    index = np.full((len(data), len(WRITTEN), VARIANTS, LONGEST), -1, np.int32)
    for row, part in enumerate(parts):
        index[row, :, :, : len(part)] = [place[one] for one in part]
    return Notes(torch.from_numpy(vectors(said)), said, index)


def crossed(data: Data, recipe: Recipe, name: str) -> dict[str, np.ndarray]:
    """Log odds of stays by networks that had not seen them nor others of the patient: alone, both ``[n]``."""
    notes, found = notes_of(data), {"alone": np.empty(len(data)), "both": np.empty(len(data))}
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for k, (learn, held) in enumerate(folds.split(data.ids, data.died, data.patients)):
        truth = data.died[learn].astype(np.float32)
        model = fit_compact(data, notes, learn, truth, 1, recipe.schedules, recipe.batch, f"{recipe.name}-{name}{k}")
        for way, values in predict(model.each, data, notes, held).items():
            if way in found:
                found[way][held] = values[:, -1]
    return found


def figures(recipe: Recipe) -> list[Figure]:
    """AUROC of vital signs alone and with the text, and the gain, of what the recipe names."""
    return [one for title, data, name in _named(recipe) for one in _measured(title, data, crossed(data, recipe, name))]


def _named(recipe: Recipe) -> Iterator[tuple[str, Data, str]]:
    if recipe.eicu is not None:
        yield "eICU demo, death in hospital", eicu(recipe.eicu), "eicu"
    if recipe.ktas is not None:
        yield "KTAS triage, expert level 1 or 2", ktas(recipe.ktas), "ktas"


def _measured(title: str, data: Data, found: dict[str, np.ndarray]) -> list[Figure]:
    truth, split = data.died.astype(float), "out of fold, 5 folds by patient; fitted within this data"
    auc = lambda way: lambda rows: metrics.auc(truth[rows], found[way][rows])  # noqa: E731
    gain = lambda rows: auc("both")(rows) - auc("alone")(rows)  # noqa: E731
    return [metrics.resampled(f"{title}: AUROC, vital signs", auc("alone"), data.patients, split),
            metrics.resampled(f"{title}: AUROC, vital signs and real text", auc("both"), data.patients, split),
            metrics.resampled(f"{title}: gain of the real text", gain, data.patients, split)]
