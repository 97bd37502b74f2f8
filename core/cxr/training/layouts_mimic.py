"""MIMIC-CXR-JPG 2 as published on PhysioNet (Johnson et al. 2019, arXiv 1901.07042; access by agreement)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from core.cxr.labels import OBSERVATIONS
from core.cxr.notes import filter_sections
from core.cxr.training.film_table import Policy, empty, find, set_observations, table

VERSION = "mimic-cxr-2.0.0"
FILM = ("dicom_id", "subject_id", "study_id")


def mimic(folder: Path, policy: Policy = "ones") -> pd.DataFrame:
    """MIMIC-CXR-JPG: the tables ``mimic-cxr-2.0.0-{chexpert,metadata,split}.csv[.gz]`` and ``files/``.

    Only films whose metadata say PA or AP are taken: lateral films and films of unknown view are not. ``part`` is the
    published split (train, validate, test). ``follow_up`` counts the patient's earlier studies by date and time.
    ``note`` holds the sections of the report that were written before the film was read, where the reports
    (MIMIC-CXR, ``files/p10/p10000032/s50414267.txt``) lie beside the films. The collection holds neither sex nor age.

    Raises:
        InputError: a table is missing or is not the published one; an unknown policy.
    """
    films = _table(folder, "metadata", (*FILM, "ViewPosition", "StudyDate", "StudyTime"))
    films["follow_up"] = _earlier_studies(films)
    films = films.merge(_table(folder, "split", ("dicom_id", "split"))[["dicom_id", "split"]], on="dicom_id")
    study = ("subject_id", "study_id")
    films = films.merge(_table(folder, "chexpert", (*study, *OBSERVATIONS)), on=study)
    films = films[films["ViewPosition"].isin(("PA", "AP"))].reset_index(drop=True)
    frame = empty(films.index)
    set_observations(frame, films, policy)
    people = "p" + films["subject_id"].astype(str)
    studies = [folder / "files" / person[:3] / person / f"s{study}" for person, study in
               zip(people, films["study_id"], strict=True)]
    frame["path"] = [str(study / f"{name}.jpg") for study, name in zip(studies, films["dicom_id"], strict=True)]
    frame["patient"], frame["dataset"], frame["part"], frame["view"] = people, "mimic", films["split"], films["ViewPosition"]
    frame["follow_up"] = films["follow_up"].astype(float)
    step = "PerformedProcedureStepDescription"
    if step in films:
        portable = films[step].astype(str).str.contains("PORTABLE", case=False)
        frame["portable"] = portable.astype(object).where(films[step].notna(), None)
    notes = {study: _note(study.with_suffix(".txt")) for study in dict.fromkeys(studies)}
    frame["note"] = [notes[study] for study in studies]
    return frame


def recognised(folder: Path) -> bool:
    return find(folder, f"{VERSION}-chexpert.csv", f"{VERSION}-chexpert.csv.gz") is not None


def _table(folder: Path, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    return table(folder, f"{VERSION}-{name}.csv", f"{VERSION}-{name}.csv.gz", columns=columns)


def _earlier_studies(films: pd.DataFrame) -> pd.Series:
    """Per film: how many studies of the same patient were made before its own."""
    when = films["StudyDate"].astype(float) * 1e6 + films["StudyTime"].astype(float)
    first = when.groupby(films["study_id"]).transform("min")  # the films of a study share one moment
    return first.groupby(films["subject_id"]).rank(method="dense") - 1


def _note(report: Path) -> str:
    """History and indication of a report; findings and impression would give the answer away."""
    return filter_sections(report.read_text("utf-8", "replace")).kept if report.is_file() else ""
