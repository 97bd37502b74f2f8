"""What a dataset in EMIDEC's layout holds."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np

from core.cmr.training.data import FOLDS
from core.cmr.training.recipe import Recipe
from core.progress import Done, report
from core.training.check import Survey
from core.uploads import InputError

LABELS = {1: "cavity", 2: "myocardium", 3: "infarct", 4: "no-reflow"}  # of the contours


def survey(recipe: Recipe, done: Done | None = None) -> Survey:
    """Raises:
        InputError: no Case_* folders.
    """
    cases = [path for path in sorted(recipe.data.glob("Case_*")) if path.is_dir()] if recipe.data.is_dir() else []
    if not cases:
        raise InputError("data", f"{recipe.data} has no Case_* folders.", "Give the folder of EMIDEC as published.")
    paths, problems, counts = [], [], dict.fromkeys(LABELS, 0)
    for k, case in enumerate(cases):
        report(done, k, len(cases))
        files = [next(iter(sorted((case / part).glob("*.nii*"))), None) for part in ("Images", "Contours")]
        if None in files:
            problems.append(f"{case.name} has no {'Images' if files[0] is None else 'Contours'}. Fetch the case again.")
            continue
        paths += files
        problems += _wrong(case.name, *files, counts)
    infarct = sum(case.name.startswith("Case_P") for case in cases)
    if not 0 < infarct < len(cases):
        problems.append("The scans are all with infarct, or all without. Give both: Case_P* and Case_N* folders.")
    if len(cases) < 2 * FOLDS:
        problems.append(f"There are {len(cases)} scans; {FOLDS} folds want two each at least. Give more.")
    labels = {"Infarct": infarct, "Normal": len(cases) - infarct} | {
        f"Scans with {name}": counts[label] for label, name in LABELS.items()}
    return Survey(paths, labels, {f"{FOLDS} folds": len(cases)}, tuple(problems))


def _wrong(case: str, picture: Path, contour: Path, counts: dict[int, int]) -> list[str]:
    """What is wrong with a case; its labels are counted."""
    try:
        shape, labels = nibabel.load(picture).shape, np.asanyarray(nibabel.load(contour).dataobj)
    except (nibabel.filebasedimages.ImageFileError, OSError, EOFError, ValueError) as error:
        return [f"{case} cannot be read ({error}). Fetch it again."]
    found = np.unique(labels.round().astype(int))
    for label in set(found.tolist()) & counts.keys():
        counts[label] += 1
    if shape != labels.shape:
        return [f"Picture and contour of {case} differ in size. Fetch the case again."]
    if strange := sorted(set(found.tolist()) - {0, *LABELS}):
        return [f"The contour of {case} holds the label {strange[0]}; EMIDEC has 0 to 4."]
    return []
