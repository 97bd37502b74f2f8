"""What a dataset in PTB-XL's layout holds, told from its table."""

from __future__ import annotations

import ast

import numpy as np
import pandas as pd

from core.ecg.statements import LABELS, targets, term
from core.ecg.training.data import TRAIN_FOLDS, VALIDATION_FOLD
from core.ecg.training.recipe import Recipe
from core.progress import Done
from core.training.check import Survey
from core.uploads import InputError

COLUMNS = ("ecg_id", "patient_id", "scp_codes", "strat_fold", "filename_lr")
SHOWN = ("superclass", "statement")  # groups whose labels are counted


def survey(recipe: Recipe, done: Done | None = None) -> Survey:
    """Raises:
        InputError: no table of PTB-XL.
    """
    table = recipe.data / "ptbxl_database.csv"
    if not table.is_file():
        raise InputError("data", f"{recipe.data} has no ptbxl_database.csv.", "Give the folder of PTB-XL 1.0.3 as published.")
    try:
        frame = pd.read_csv(table)
    except (ValueError, OSError) as error:
        raise InputError("data", f"{table.name} is no table ({error}).", "Download it again.") from error
    if missing := [name for name in COLUMNS if name not in frame]:
        raise InputError("data", f"{table.name} has no column {', '.join(missing)}.", "Use the published table.")
    frame = frame[frame.strat_fold.isin((*TRAIN_FOLDS, VALIDATION_FOLD))]
    learn = frame.strat_fold.isin(TRAIN_FOLDS)
    problems = [f"The table lists no record of {words}. Its column strat_fold should hold the folds as published."
                for words, rows in (("folds 1 to 8, to learn from", learn), ("fold 9, to judge on", ~learn)) if not rows.any()]
    batch = max(member.batch for member in recipe.members)
    if 0 < (count := min(int(learn.sum()), recipe.records or len(frame))) < batch:
        problems.append(f"There are {count} records to learn from and a batch takes {batch}. Take smaller batches.")
    try:
        known = np.array([targets(ast.literal_eval(text)) for text in frame.scp_codes]).reshape(-1, len(LABELS))
    except (ValueError, SyntaxError, TypeError) as error:
        raise InputError("data", f"The column scp_codes holds what is no set of statements ({error}).",
                         "Use the published table.") from error
    labels = {term(group, code).label: int(known[:, k].sum()) for shown in SHOWN for k, (group, code) in enumerate(LABELS)
              if group == shown and known[:, k].any()}
    both = set(frame.patient_id[learn]) & set(frame.patient_id[~learn])
    if both:
        problems.append(f"{len(both)} patients are in the folds to learn from and in fold 9. Keep each patient in one fold.")
    paths = [recipe.data / f"{name}{ending}" for name in frame.filename_lr for ending in (".hea", ".dat")]
    patients = {"folds 1 to 8": frame.patient_id[learn].nunique(), "fold 9": frame.patient_id[~learn].nunique()}
    return Survey([table, *paths], labels, patients, tuple(problems))
