"""The one table every dataset of chest radiographs becomes, and what its readers share.

A row per frontal film: ``path``, ``patient`` (unique over all datasets), ``dataset``, ``part`` (its sub-collection), ``sex``,
``age`` in years, ``view``, ``portable``, ``follow_up`` (number of earlier studies), ``note`` and one column per label
of ``core.cxr.labels.LABELS``: 1, 0, or NaN where the dataset says nothing about the label. A NaN is masked in
training, never taken for a negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.cxr.labels import LABELS, OBSERVATIONS
from core.uploads import InputError

FIELDS = {"path": "", "patient": "", "dataset": "", "part": "", "sex": None, "age": np.nan, "view": None, "portable": None,
          "follow_up": np.nan, "note": ""}
SEXES = {"m": "male", "male": "male", "f": "female", "female": "female"}
POLICIES = {"ones": 1.0, "zeros": 0.0, "ignore": np.nan}  # what CheXpert's "uncertain" (-1) becomes

Policy = str | Mapping[str, str]


def find(folder: Path, *patterns: str) -> Path | None:
    """The first file that one of the patterns names, or None."""
    return next((path for pattern in patterns for path in sorted(folder.glob(pattern))), None)


def table(folder: Path, *patterns: str, columns: Sequence[str] = ()) -> pd.DataFrame:
    """The CSV file (plain or gzip) that one of the patterns names.

    Raises:
        InputError: no such file, no table, or without the ``columns`` it should have.
    """
    path = find(folder, *patterns)
    if path is None:
        raise InputError("data", f"{folder} has no {' or '.join(patterns)}.", "Give the dataset's folder as published.")
    rows = read_csv(path)
    if missing := [name for name in columns if name not in rows]:
        raise InputError("data", f"{path.name} has no column {', '.join(missing)}.", "Use the published table.")
    return rows


def read_csv(path: Path, **options: Any) -> pd.DataFrame:
    """``pandas.read_csv`` with one kind of error.

    Raises:
        InputError: the file is no table.
    """
    try:
        return pd.read_csv(path, **options)
    except (OSError, EOFError, ValueError) as error:
        raise InputError("data", f"{path.name} cannot be read as a table.", "Fetch or export it again.") from error


def empty(index: pd.Index) -> pd.DataFrame:
    """A table of that index in which nothing is known yet."""
    frame = pd.DataFrame({label: np.nan for label in LABELS}, index=index)
    frame.columns = pd.Index(list(frame.columns), tupleize_cols=False)
    for column, value in FIELDS.items():
        frame[column] = value
    return frame


def sex(values: pd.Series) -> pd.Series:
    """ "M", "Female" ... -> "male", "female" or None."""
    known = values.astype(str).str.strip().str.lower().map(SEXES)
    return known.astype(object).where(known.notna(), None)


def set_observations(frame: pd.DataFrame, labels: pd.DataFrame, policy: Policy) -> None:
    """Fill the 14 observations from the CheXpert labeller's columns: 1, 0, -1 (uncertain), blank (not mentioned).

    A report that does not mention an observation counts as negative for it, as Irvin et al. (2019, arXiv 1901.07031)
    train; ``policy`` says what uncertain means: "ones", "zeros", "ignore" (U-Ones, U-Zeros, U-Ignore of that paper), or
    a mapping of observation to one of them, "ignore" for observations it does not name. ``labels`` has all 14 columns.

    Raises:
        InputError: unknown policy or observation, or a value that is none of the four.
    """
    chosen = _per_label(policy)
    for name in OBSERVATIONS:
        values = pd.to_numeric(labels[name], errors="coerce")
        if (labels[name].notna() & ~values.isin((1, 0, -1))).any():
            raise InputError("data", f"The column {name} holds something else than 1, 0, -1 or nothing.",
                             "Use the published table.")
        frame[("observation", name)] = values.fillna(0.0).where(values != -1, POLICIES[chosen[name]]).to_numpy(float)


def _per_label(policy: Policy) -> dict[str, str]:
    if isinstance(policy, str):
        chosen = dict.fromkeys(OBSERVATIONS, policy)
    else:
        chosen = dict.fromkeys(OBSERVATIONS, "ignore") | dict(policy)
    wrong = [repr(name) for name in chosen if name not in OBSERVATIONS]
    wrong += [repr(value) for value in chosen.values() if value not in POLICIES]
    if wrong:
        raise InputError("policy", f"{wrong[0]} is neither an observation nor a way to treat uncertain labels.",
                         f"Choose {', '.join(POLICIES)}, or give one of them for each observation.")
    return chosen
