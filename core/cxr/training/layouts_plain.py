"""A plain CSV of one's own films: path, note, and a column for each label that was looked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core.cxr.labels import FURTHER, LABELS, NIH, OBSERVATIONS
from core.cxr.training.film_table import empty, read_csv, sex
from core.uploads import InputError

COLUMNS = ("path", "note", "patient", "sex", "age", "view")
# Every way to write a label's column: "child:Pneumonia", "Pleural Effusion", and NIH's own "Effusion".
SPELLINGS: dict[str, tuple[str, str]] = (
    {name: raised[0] for name, raised in NIH.items()}
    | {code: ("further", code) for code in FURTHER} | {code: ("observation", code) for code in OBSERVATIONS}
    | {f"{group}:{code}": (group, code) for group, code in LABELS}
)


def plain(csv: Path) -> pd.DataFrame:
    """``path`` and ``note``, optionally ``patient``, ``sex``, ``age``, ``view``, and label columns of 1, 0 or nothing.

    Paths are relative to the CSV's folder and stay inside it. A label without a column, and an empty cell, is unknown.
    Films without ``patient`` count as one patient each; rows whose view is lateral are left out. A column named by a
    finding of ChestX-ray14 sets that finding alone: what a mass says about other opacities is not known here.

    Raises:
        InputError: no such file, no ``path`` column, unknown columns, other values, or films that are missing.
    """
    rows = read_csv(csv, dtype=str, keep_default_na=False)
    unknown = [name for name in rows if name not in COLUMNS and name not in SPELLINGS]
    if "path" not in rows or unknown:
        raise InputError("data", f"{csv.name} has unknown columns: {', '.join(unknown)}." if unknown else
                         f"{csv.name} has no column path.",
                         f"Columns are {', '.join(COLUMNS)}, and labels such as Pleural Effusion or child:Pneumonia.")
    view = rows.get("view", pd.Series("", rows.index)).str.strip()
    rows = rows[view.str.lower() != "lateral"].reset_index(drop=True)
    frame = empty(rows.index)
    frame["path"] = _paths(rows["path"], csv)
    frame["patient"] = frame["path"]
    if "patient" in rows:
        frame["patient"] = rows["patient"].where(rows["patient"] != "", frame["path"])
    frame["dataset"] = frame["part"] = "plain"
    if "note" in rows:
        frame["note"] = rows["note"]
    if "sex" in rows:
        frame["sex"] = sex(rows["sex"])
    if "age" in rows:
        frame["age"] = _numbers(rows["age"], "age", lambda v: (v >= 0) & (v <= 130), "years from 0 to 130")
    if "view" in rows:
        view = rows["view"].str.strip().str.upper().astype(object)
        frame["view"] = view.where(view.isin(("PA", "AP")), None)
    for name in rows.columns.intersection(list(SPELLINGS), sort=False):
        frame[SPELLINGS[name]] = _numbers(rows[name], name, lambda v: v.isin((0, 1)), "1, 0 or nothing")
    return frame


def recognised(path: Path) -> bool:
    """Whether a file is a CSV whose header names ``path``."""
    if path.suffix.lower() != ".csv" or not path.is_file():
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return "path" in [name.strip('"') for name in file.readline().strip().split(",")]


def _paths(names: pd.Series, csv: Path) -> list[str]:
    inside, result = csv.parent.resolve(), []
    for name in names:
        path = (inside / name).resolve()
        if not path.is_relative_to(inside):
            raise InputError("data", f"{csv.name} names a film outside its own folder: {name}.",
                             "Put the films beside the CSV and give relative paths.")
        if not path.is_file():
            raise InputError("data", f"{csv.name} names a film that is not there: {name or '(nothing)'}.",
                             "Correct the path, or take the row out.")
        result.append(str(path))
    return result


def _numbers(cells: pd.Series, name: str, allowed, words: str) -> np.ndarray:
    """Cells as float, NaN where empty; every other cell must be ``allowed``."""
    values, filled = pd.to_numeric(cells, errors="coerce"), cells.str.strip() != ""
    wrong = cells[filled & ~allowed(values)]
    if len(wrong):
        raise InputError("data", f"The column {name} holds {wrong.iloc[0]!r}.", f"It takes {words}.")
    return values.to_numpy(float)
