"""The EMIDEC layout (Lalande et al. 2020, Data 5:89): ``Case_P001/Images/*.nii.gz`` with ``Contours/*.nii.gz``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import numpy as np

from core.training import identity
from core.uploads import InputError

FOLDS = 5
TOGETHER = (("Case_P059", "Case_P072"),)  # near-duplicates: always in one fold
PUBLISHED = {(100, 67), (80, 53)}  # scans and scans with infarct: the training part of EMIDEC, and what it was recovered to


@dataclass(frozen=True, eq=False)
class Scan:
    """One stack: ``slices`` ``[n, rows, columns]`` float32, ``labels`` uint8 of the same shape (0 to 4); read from ``files``."""

    name: str
    slices: np.ndarray
    labels: np.ndarray
    files: tuple[Path, ...] = ()

    @property
    def infarct(self) -> bool:
        return self.name.startswith("Case_P")


def load(folder: Path) -> list[Scan]:
    """All scans of a folder, by name.

    Raises:
        InputError: no scan, or one whose picture and contour do not fit.
    """
    scans = [_scan(path) for path in sorted(folder.glob("Case_*")) if path.is_dir()]
    if not scans:
        raise InputError("data", f"{folder} has no Case_* folders.", "Give the folder of EMIDEC as published.")
    return scans


def _scan(folder: Path) -> Scan:
    arrays, read = [], []
    for part in ("Images", "Contours"):
        files = sorted((folder / part).glob("*.nii*"))
        if not files:
            raise InputError("data", f"{folder.name} has no {part}.", "Fetch the case again.")
        arrays.append(np.asanyarray(nibabel.load(files[0]).dataobj).transpose(2, 1, 0))
        read.append(files[0])
    if arrays[0].shape != arrays[1].shape:
        raise InputError("data", f"Picture and contour of {folder.name} differ in size.", "Fetch the case again.")
    return Scan(folder.name, np.ascontiguousarray(arrays[0], np.float32),
                np.ascontiguousarray(arrays[1].round(), np.uint8), tuple(read))


def dataset(scans: list[Scan]) -> str:
    """What a set of scans is, as far as it can be told from them."""
    if _counts(scans) in PUBLISHED:
        return f"EMIDEC, {len(scans)} cases"
    return f"{len(scans)} scans in EMIDEC's layout"


def description(scans: list[Scan]) -> str:
    """The same for a card."""
    count, infarct = _counts(scans)
    if (count, infarct) in PUBLISHED:
        return f"EMIDEC, {count} of its 100 training cases, {infarct} with infarct (Lalande et al. 2020, Data 5:89)"
    return f"{count} scans in EMIDEC's layout, {infarct} with infarct"


def _counts(scans: list[Scan]) -> tuple[int, int]:
    return len(scans), sum(scan.infarct for scan in scans)


def identity_of(scans: list[Scan]) -> dict[str, Any]:
    """What a run that learns from these scans is known by (``core.training.identity``)."""
    files = [path for scan in scans for path in scan.files]
    held = [(scan.name, identity.of_rows(np.arange(len(scan.slices)), scan.slices, scan.labels)) for scan in scans]
    return {**identity.of_files(files, files[0].parents[2] if files else Path()),
            "scans": len(scans), "contents of the scans": identity.digest(held)}


def folds(scans: list[Scan], count: int = FOLDS, seed: int = 0) -> np.ndarray:
    """Fold of each scan, stratified by infarct; near-duplicates share one."""
    rng, fold = np.random.default_rng(seed), np.zeros(len(scans), int)
    for infarct in (True, False):
        members = [i for i, scan in enumerate(scans) if scan.infarct == infarct]
        fold[rng.permutation(members)] = np.arange(len(members)) % count
    at = {scan.name: i for i, scan in enumerate(scans)}
    for group in TOGETHER:
        known = [at[name] for name in group if name in at]
        fold[known] = fold[known[:1]] if known else 0
    return fold
