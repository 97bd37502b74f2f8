"""Chest radiographs of any layout as arrays, read once: pixels, labels with gaps, notes of real fields."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from core.cxr.image import STORED, square
from core.cxr.labels import LABELS
from core.cxr.negation import without_negated
from core.cxr.notes import filter_sections, render
from core.cxr.training.layouts import folds, read_layout
from core.settings import settings
from core.uploads import InputError

FOLDS = 5


@dataclass(frozen=True, eq=False)
class Films:
    """Attributes: ``images`` uint8 [n, 256, 256], ``targets`` float32 [n, labels] with NaN where a label is unknown,
    ``notes`` of the fields of the row, ``fields`` float32 [n, 4] the same as numbers (age in decades, male, AP, log of
    the follow-up number; what is unknown is the mean), ``part`` sub-collection, ``patient`` unique over all parts,
    ``child`` [n], ``fold`` [n] 0 to 4 by patient."""

    images: np.ndarray
    targets: np.ndarray
    notes: tuple[str, ...]
    fields: np.ndarray
    part: np.ndarray
    patient: np.ndarray
    child: np.ndarray
    fold: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def load(folder: Path, progress: bool = True) -> Films:
    """Read a dataset in its publisher's layout; the pixels are cached as one array under the runs folder.

    Raises:
        InputError: no known layout, or a film that cannot be read.
    """
    frame = read_layout(folder)
    targets = np.stack([frame[label].to_numpy(np.float32) for label in LABELS], 1)
    children = ~np.isnan(targets[:, -1]) | (frame["age"].to_numpy(float) < 18)
    return Films(
        images=_images(list(frame["path"]), progress), targets=targets, notes=tuple(note_of(row) for row in _rows(frame)),
        fields=_fields(frame), part=frame["part"].to_numpy(str), patient=frame["patient"].to_numpy(str), child=children,
        fold=folds(frame, FOLDS),
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
    said = without_negated(filter_sections(known["note"]).kept) if known["note"] else ""
    return " ".join(filter(None, [fields, said]))


def _images(paths: list[str], progress: bool) -> np.ndarray:
    key = hashlib.sha256(f"{STORED} {paths}".encode()).hexdigest()[:16]
    cached = settings.runs / "cache" / f"cxr-{key}.npy"
    if cached.is_file():
        return np.load(cached, mmap_mode="r")
    images = np.zeros((len(paths), STORED, STORED), np.uint8)
    for i, path in enumerate(tqdm(paths, "films", disable=not progress)):
        try:
            with Image.open(path) as film:
                images[i] = square(np.asarray(film.convert("F"), np.float32) / 255, STORED)
        except OSError as error:
            raise InputError("data", f"{Path(path).name} cannot be read ({error}).", "Download the film again.") from error
    cached.parent.mkdir(parents=True, exist_ok=True)
    np.save(cached, images)
    return images
