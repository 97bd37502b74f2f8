"""What a dataset of chest radiographs in any known layout holds, told from its table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from core.cxr.labels import LABELS
from core.cxr.training.data import DATASETS, FOLDS
from core.cxr.training.layouts import folds, read_layout
from core.cxr.training.recipe import Recipe
from core.progress import Done
from core.training.check import Survey
from core.uploads import InputError


def survey(recipe: Recipe, done: Done | None = None) -> Survey:
    """Raises:
        InputError: no known layout, or not as published; a backbone that is no safetensors file.
    """
    try:
        with safe_open(recipe.pretrained, "np") as file:
            file.keys()
    except (SafetensorError, OSError) as error:
        raise InputError("pretrained", f"{recipe.pretrained.name} is no safetensors file ({error}).",
                         "Give the state dict of the backbone.") from error
    frame = read_layout(recipe.data)
    known = np.stack([frame[label].to_numpy(float) for label in LABELS], 1)
    labels = {(code if group != "child" else f"{code} of children"): int((known[:, k] == 1).sum())
              for k, (group, code) in enumerate(LABELS) if (known[:, k] == 1).any()}
    child = ~np.isnan(known[:, -1]) | (frame["age"].to_numpy(float) < 18)
    problems = []
    if not child.any():
        problems.append("There is no film of a child. The input gate learns from adults and children: give both.")
    if child.all():
        problems.append("There is no film of an adult. The findings are learned from adults: give both.")
    if len(frame) < recipe.batch:
        problems.append(f"There are {len(frame)} films and a batch takes {recipe.batch}. Take smaller batches.")
    patients = frame["patient"].to_numpy(str)
    own = folds(frame, FOLDS)  # raises where there are fewer patients than folds
    split = {f"fold {k + 1}": len(set(patients[own == k])) for k in range(FOLDS)}
    parts = frame["dataset"].value_counts()
    remarks = tuple(f"{DATASETS[name][0]}: {count:,} films." for name, count in parts.items())
    return Survey([Path(path) for path in frame["path"]], labels, split, tuple(problems), remarks)
