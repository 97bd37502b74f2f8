"""A short-axis late-enhancement stack, typed, and the way of a mask back to the scan it was read from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from pydicom import Dataset

from core.assessment import Notice

BACKGROUND, CAVITY, MYOCARDIUM, INFARCT, NO_REFLOW = range(5)  # labels of a mask, as EMIDEC writes them
CLASSES = 5


@dataclass(frozen=True, eq=False)
class CmrStudy:
    """What ``read`` made of an upload. Carries no patient identity.

    Attributes:
        slices: ``[n, rows, columns]`` float32, finite, intensities as stored. With the usual NIfTI array (x, y, z) a
            row is y and a column x, so that a scan read from DICOM stands as a workstation shows it.
        affine: ``[4, 4]`` float64 from indices of the input array (i, j, k) to millimetres, RAS, or None.
        axes: which axis of the input array the slices, rows and columns are; (2, 1, 0) for NIfTI as usual.
        spacing_mm: between rows, between columns, between slices; None where the file does not say. Then no volume or
            mass can be given, only shares.
        mirrored: True where the pictures show the heart as in a mirror (septum on the wrong side of the standard view
            from the apex), False where they do not, None where the geometry is unknown.
        apex_first: True where the first slice is the apical one; None where the geometry is unknown.
        references: DICOM headers of the slices in their order, without pixels and identity, for a DICOM SEG; else empty.
        source: format, device and whatever else is worth showing; strings only.
        notices: what was noticed in reading.
    """

    slices: np.ndarray
    affine: np.ndarray | None = None
    axes: tuple[int, int, int] = (2, 1, 0)
    spacing_mm: tuple[float, float, float] | None = None
    mirrored: bool | None = None
    apex_first: bool | None = None
    references: tuple[Dataset, ...] = ()
    source: dict[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def on_grid(study: CmrStudy, mask: np.ndarray) -> np.ndarray:
    """A mask ``[n, rows, columns]`` on the grid of the input array, for which ``affine`` speaks."""
    return np.transpose(mask, np.argsort(study.axes))
