"""Chest radiographs of any layout as arrays, read once: pixels, labels with gaps, notes of real fields."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from core.cxr.image import STORED, square
from core.cxr.labels import LABELS
from core.cxr.notes import filter_sections, render
from core.cxr.training.layouts import folds, read_layout
from core.cxr.training.note_generator import generate
from core.negation import without_negated
from core.progress import Done
from core.training import cache, identity
from core.training.steps import counted
from core.uploads import InputError

FOLDS = 5
ENRICHED = "enriched part of ChestX-ray14"
DATASETS = {  # name in figures, wording in the card
    "nih": ("NIH ChestX-ray14", "NIH ChestX-ray14, {} films (Wang et al. 2017)"),
    "kermany": ("Kermany", "Kermany, {} children's films (CC BY 4.0, Kermany et al. 2018)"),
    "chexpert": ("CheXpert", "CheXpert, {} films (Irvin et al. 2019)"),
    "mimic": ("MIMIC-CXR-JPG", "MIMIC-CXR-JPG, {} films (Johnson et al. 2019)"),
    "plain": ("one's own films", "{} films of one's own"),
}


@dataclass(frozen=True, eq=False)
class Films:
    """Attributes: ``images`` uint8 [n, 256, 256], ``targets`` float32 [n, labels] with NaN where a label is unknown,
    ``notes`` of the fields of the row, ``fields`` float32 [n, 4] the same as numbers (age in decades, male, AP, log of
    the follow-up number; what is unknown is the mean), ``dataset`` key of DATASETS, ``part`` sub-collection, ``patient``
    unique over all parts, ``child`` [n], ``fold`` [n] 0 to 4 by patient, ``files`` what is known of the files read."""

    images: np.ndarray
    targets: np.ndarray
    notes: tuple[str, ...]
    fields: np.ndarray
    dataset: np.ndarray
    part: np.ndarray
    patient: np.ndarray
    child: np.ndarray
    fold: np.ndarray
    files: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def enriched(self) -> np.ndarray:
        """``[n]``: of the part of ChestX-ray14 that is enriched for findings and less confounded."""
        return (self.dataset == "nih") & (np.char.find(self.part, "jrzech") >= 0)

    def identity(self, rows: np.ndarray) -> dict[str, Any]:
        """What a run that learns from these rows is known by (``core.training.identity``)."""
        return {**self.files, **identity.of_rows(rows, self.targets, self.images),
                "notes of the rows": identity.digest([self.notes[row] for row in rows])}

    def describe(self) -> str:
        """For a card."""
        return "; ".join(DATASETS[name][1].format(int((self.dataset == name).sum())) for name in dict.fromkeys(self.dataset))

    def named(self, rows: np.ndarray) -> str:
        """Where these rows are from, in few words."""
        if len(rows) and self.enriched[rows].all():
            return ENRICHED
        return " and ".join(DATASETS[name][0] for name in dict.fromkeys(self.dataset[rows]))


def load(folder: Path, notes: str = "fields", done: Done | None = None) -> Films:
    """Read a dataset in its publisher's layout; the pixels are cached as one array under the runs folder.

    Args:
        notes: "fields", the notes of real fields; "generated", notes that give the labels away, for the published
            reproduction alone (``core.cxr.training.note_generator``).

    Raises:
        InputError: no known layout, or a film that cannot be read.
    """
    frame = read_layout(folder)
    targets = np.stack([frame[label].to_numpy(np.float32) for label in LABELS], 1)
    children = ~np.isnan(targets[:, -1]) | (frame["age"].to_numpy(float) < 18)
    files = identity.of_files(map(Path, frame["path"]), folder)
    written = tuple(_generated(row, i) for i, row in enumerate(targets)) if notes == "generated" else \
        tuple(note_of(row) for row in _rows(frame))
    return Films(
        images=_images(list(frame["path"]), files, done), targets=targets, notes=written, fields=_fields(frame),
        dataset=frame["dataset"].to_numpy(str), part=frame["part"].to_numpy(str), patient=frame["patient"].to_numpy(str),
        child=children, fold=folds(frame, FOLDS), files=files,
    )


def _fields(frame: pd.DataFrame) -> np.ndarray:
    columns = [frame["age"].astype(float) / 10, frame["sex"].map({"male": 1.0, "female": 0.0}),
               frame["view"].map({"AP": 1.0, "PA": 0.0}), np.log1p(frame["follow_up"].astype(float))]
    return np.stack([c.fillna(c.mean() if c.notna().any() else 0.0) for c in columns], 1).astype(np.float32)


def _rows(frame: pd.DataFrame) -> list[dict]:
    return frame[["note", "age", "sex", "view", "portable", "follow_up"]].to_dict("records")


def note_of(row: dict) -> str:
    """What ``core.cxr.notes.compose`` makes of a study: the fields as sentences, then what may be read of the row's note."""
    known = {k: None if v is None or (isinstance(v, float) and math.isnan(v)) else v for k, v in row.items()}
    fields = render(known["age"], known["sex"], known["view"], known["portable"],
                    None if known["follow_up"] is None else int(known["follow_up"]))
    kept = without_negated(filter_sections(known["note"]).kept) if known["note"] else ""
    return " ".join(filter(None, [fields, kept]))


def _generated(targets: np.ndarray, seed: int) -> str:
    return generate({code: int(value == 1) for (group, code), value in zip(LABELS, targets, strict=True)
                     if group == "observation"}, seed)


def _images(paths: list[str], files: Mapping[str, Any], done: Done | None) -> np.ndarray:
    def fill(images: np.ndarray) -> None:
        for i, path in enumerate(counted(paths, "films", done)):
            try:
                with Image.open(path) as film:
                    images[i] = square(np.asarray(film.convert("F"), np.float32) / 255, STORED)
            except OSError as error:
                raise InputError("data", f"{Path(path).name} cannot be read ({error}).", "Download the film again.") from error

    key = identity.digest([STORED, paths, files, identity.written(map(Path, paths))])
    return cache.kept("cxr", key, (len(paths), STORED, STORED), np.uint8, fill)
