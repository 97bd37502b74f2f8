"""A minute's training of the cardiac MR room: drawn hearts as EMIDEC is laid out."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import nibabel
import numpy as np

from core.cmr.phantom import Heart, Scar, phantom

SCANS = {"learn": 10, "held": 10}
SLICES, SIDE, SPACING = 3, 80, (3.0, 3.0, 10.0)  # coarse: a minute is short


def generate(folder: Path, learn: bool, seed: int) -> None:
    """``Case_P001/Images/*.nii.gz`` and ``Contours``; about half of the hearts with an infarct, some with no-reflow."""
    rng = np.random.default_rng(seed)
    for k in range(SCANS["learn" if learn else "held"]):
        scars = ()
        if k % 2:
            start = float(rng.uniform(0, 360))
            scars = (Scar(start, start + float(rng.uniform(70, 140)), transmurality=float(rng.uniform(0.6, 1.0)),
                          no_reflow=0.5 if k % 4 == 3 else 0.0),)
        heart = Heart(slices=SLICES, rows=SIDE, columns=SIDE, spacing_mm=SPACING, scars=scars, wall_mm=float(rng.uniform(10, 13)),
                      centre_mm=tuple(rng.uniform(-20, 5, 2).tolist()), cavity_mm=float(rng.uniform(20, 25)))
        slices, labels = phantom(heart, 1000 * seed + k)
        name = f"Case_{'P' if scars else 'N'}{k + 1:03d}"
        for part, array in (("Images", slices.astype(np.int16)), ("Contours", labels)):
            (folder / name / part).mkdir(parents=True)
            image = nibabel.Nifti1Image(array.transpose(2, 1, 0), np.eye(4))  # EMIDEC as it was recovered has no spacing, either
            (folder / name / part / f"{name}.nii.gz").write_bytes(gzip.compress(image.to_bytes(), mtime=0))


def quick(folder: Path) -> dict[str, Any]:
    """The U-Net cascade of the room, a few epochs of each of its ten networks."""
    short = {"learning_rate": 3e-3, "averaging": 0.8, "precision": "fp32"}
    return {"data": str(folder), "batch": 6, "localiser": short | {"epochs": 3}, "segmenter": short | {"epochs": 2}}
