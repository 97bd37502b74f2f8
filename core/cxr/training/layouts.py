"""Datasets of chest radiographs in their publishers' layouts, as one table (``core.cxr.training.film_table``).

Every function takes the dataset's folder and returns a frame with a row per frontal film: ``path``, ``patient``, ``dataset``,
``part`` (its own sub-collection), ``sex``, ``age``, ``view``, ``portable``, ``follow_up``, ``note`` and one column
per label of ``core.cxr.labels.LABELS``: 1, 0, or NaN where the dataset says nothing about the label.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from core.cxr.labels import CHILD, LABELS, NIH, NIH_LABELLED, OBSERVATIONS
from core.cxr.training import layouts_mimic, layouts_plain
from core.cxr.training.film_table import Policy, empty, find, read_csv, set_observations, sex, table
from core.uploads import InputError

READ = ("ChestX-ray14, Kermany, CheXpert, MIMIC-CXR-JPG, a CSV with a column path, "
        "or a folder that holds nih/, nih_small/ and kermany/")
TABLES = ("index.csv", "Data_Entry_2017*.csv")


def read_layout(folder: Path, policy: Policy = "ones") -> pd.DataFrame:
    """The dataset in ``folder`` (or a plain CSV file), whatever its layout; a parent of nih/, nih_small/ and kermany/ gives all.

    Args:
        policy: what the uncertain labels of CheXpert and MIMIC become, see ``core.cxr.training.film_table.set_observations``.

    Raises:
        InputError: no known layout, or a dataset that is not as published.
    """
    parts = [folder / name for name in ("nih", "nih_small", "kermany") if find(folder / name, *TABLES)]
    if parts:
        return pd.concat([read_layout(part) for part in parts], ignore_index=True)
    if layouts_mimic.recognised(folder):
        return layouts_mimic.mimic(folder, policy)
    if "Frontal/Lateral" in _header(find(folder, "train.csv", "valid.csv")):
        return chexpert(folder, policy)
    if "Finding Labels" in _header(find(folder, *TABLES)):
        return nih(folder)
    if {"image", "label", "group"} <= _header(find(folder, "index.csv")):
        return kermany(folder)
    own = [folder] if folder.is_file() else sorted(folder.glob("*.csv"))
    own = [csv for csv in own if layouts_plain.recognised(csv)]
    if len(own) == 1:
        return layouts_plain.plain(own[0])
    if own:
        raise InputError("data", f"{folder} holds several tables of films: {', '.join(csv.name for csv in own)}.",
                         "Give the CSV file itself.")
    raise InputError("data", f"{folder} is not a dataset of chest radiographs in a known layout.", f"Known are {READ}.")


def folds(frame: pd.DataFrame, count: int = 5, seed: int = 0) -> np.ndarray:
    """Fold of each film ``[n]``, 0 to ``count`` - 1; all films of a patient lie in one fold.

    Stratified by the rarest finding each film shows, so that rare findings spread over the folds.

    Raises:
        InputError: fewer patients than folds.
    """
    if frame["patient"].nunique() < count:
        raise InputError("folds", f"There are fewer than {count} patients.", "Ask for fewer folds.")
    positive = np.stack([frame[label].to_numpy(float) == 1 for label in LABELS], 1)
    order = np.argsort(positive.sum(0), kind="stable")
    stratum = np.where(positive.any(1), positive[:, order].argmax(1), -1)
    split = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    result = np.empty(len(frame), np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a finding with fewer films than folds cannot be in every fold
        for fold, (_, held_out) in enumerate(split.split(positive, stratum, frame["patient"].to_numpy(str))):
            result[held_out] = fold
    return result


def nih(folder: Path) -> pd.DataFrame:
    """NIH ChestX-ray14: ``index.csv`` or ``Data_Entry_2017*.csv`` and ``images/`` (Wang et al. 2017)."""
    rows = table(folder, *TABLES)
    names = rows["Finding Labels"].str.split("|")
    unknown = {name for row in names for name in row} - set(NIH)
    if unknown:
        raise InputError("data", f"{folder} has unknown findings: {', '.join(sorted(unknown))}.",
                         "Use the published table.")
    frame = empty(rows.index)
    for label in NIH_LABELLED:
        frame[label] = [float(any(label in NIH[name] for name in row)) for row in names]
    images = folder / "images"
    frame["path"] = [str(images / name) for name in rows["Image Index"]]
    frame["patient"] = rows["Patient ID"].astype(str)
    frame["dataset"], frame["part"] = "nih", rows.get("sources", pd.Series("nih", rows.index))
    frame["sex"] = rows["Patient Gender"].map({"M": "male", "F": "female"})
    frame["age"] = pd.to_numeric(rows["Patient Age"].astype(str).str.rstrip("Y")).where(lambda years: years <= 120)
    frame["view"] = rows["View Position"]
    frame["follow_up"] = rows["Follow-up #"].astype(float)
    return frame


def kermany(folder: Path) -> pd.DataFrame:
    """Kermany's paediatric films, ``index.csv`` and ``images/`` (doi 10.17632/rscbjbr9sj.2): child pneumonia only."""
    rows = table(folder, "index.csv")
    frame = empty(rows.index)
    frame[("child", CHILD[0])] = (rows["label"] == "PNEUMONIA").astype(float)
    frame["path"] = [str(folder / "images" / name) for name in rows["image"]]
    frame["patient"], frame["dataset"], frame["part"] = rows["group"].astype(str), "kermany", "kermany"
    return frame


def chexpert(folder: Path, policy: Policy = "ones") -> pd.DataFrame:
    """CheXpert-v1.0 or -small: ``train.csv``, ``valid.csv`` and the films below them (arXiv 1901.07031).

    Lateral films are left out. ``part`` is "chexpert train" or "chexpert valid". The order of a patient's studies
    is not dated, so ``follow_up`` stays unknown; whether a film was portable is not published.

    Raises:
        InputError: no table, or not as published; an unknown policy.
    """
    columns = ("Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *OBSERVATIONS)
    found = [name for name in ("train", "valid") if (folder / f"{name}.csv").is_file()] or ["train"]
    rows = pd.concat([table(folder, f"{name}.csv", columns=columns).assign(part=f"chexpert {name}") for name in found],
                     ignore_index=True)
    rows = rows[rows["Frontal/Lateral"] == "Frontal"].reset_index(drop=True)
    frame = empty(rows.index)
    set_observations(frame, rows, policy)
    # The tables name films from the dataset's folder on ("CheXpert-v1.0-small/train/..."), whatever it is called here.
    inside = rows["Path"].str.split("/", n=1).str[1]
    if not inside.str.match(r"\w+/patient\d+/[\w/]+\.\w+$").all():
        raise InputError("data", f"{folder} names films outside train/patient.../ or valid/patient.../.",
                         "Use the published table.")
    frame["path"] = [str(folder / name) for name in inside]
    frame["patient"] = inside.str.split("/").str[1]
    frame["dataset"], frame["part"], frame["sex"] = "chexpert", rows["part"], sex(rows["Sex"])
    frame["age"] = rows["Age"].astype(float).where(lambda years: years > 0)  # 0 stands for unknown among adults
    frame["view"] = rows["AP/PA"].astype(object).where(rows["AP/PA"].isin(("PA", "AP")), None)
    return frame


def _header(csv: Path | None) -> set[str]:
    return set(read_csv(csv, nrows=0).columns) if csv else set()
