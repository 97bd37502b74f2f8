"""The EMIDEC layout (Lalande et al. 2020, Data 5:89): ``Case_P001/Images/*.nii.gz`` with ``Contours/*.nii.gz``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np

from core.uploads import InputError

FOLDS = 5
TOGETHER = (("Case_P059", "Case_P072"),)  # near-duplicates: always in one fold


@dataclass(frozen=True, eq=False)
class Case:
    """One stack: ``slices`` ``[n, rows, columns]`` float32, ``labels`` uint8 of the same shape (0 to 4)."""

    name: str
    slices: np.ndarray
    labels: np.ndarray

    @property
    def infarct(self) -> bool:
        return self.name.startswith("Case_P")


def load(folder: Path) -> list[Case]:
    """All cases of a folder, by name.

    Raises:
        InputError: no case, or a case whose picture and contour do not fit.
    """
    cases = [_case(path) for path in sorted(folder.glob("Case_*")) if path.is_dir()]
    if not cases:
        raise InputError("data", f"{folder} has no Case_* folders.", "Give the folder of EMIDEC as published.")
    return cases


def _case(folder: Path) -> Case:
    arrays = []
    for part in ("Images", "Contours"):
        files = sorted((folder / part).glob("*.nii*"))
        if not files:
            raise InputError("data", f"{folder.name} has no {part}.", "Fetch the case again.")
        arrays.append(np.asanyarray(nibabel.load(files[0]).dataobj).transpose(2, 1, 0))
    if arrays[0].shape != arrays[1].shape:
        raise InputError("data", f"Picture and contour of {folder.name} differ in size.", "Fetch the case again.")
    return Case(folder.name, np.ascontiguousarray(arrays[0], np.float32), np.ascontiguousarray(arrays[1].round(), np.uint8))


def folds(cases: list[Case], count: int = FOLDS, seed: int = 0) -> np.ndarray:
    """Fold of each case, stratified by infarct; near-duplicates share one."""
    rng, fold = np.random.default_rng(seed), np.zeros(len(cases), int)
    for infarct in (True, False):
        members = [i for i, case in enumerate(cases) if case.infarct == infarct]
        fold[rng.permutation(members)] = np.arange(len(members)) % count
    at = {case.name: i for i, case in enumerate(cases)}
    for group in TOGETHER:
        known = [at[name] for name in group if name in at]
        fold[known] = fold[known[:1]] if known else 0
    return fold
