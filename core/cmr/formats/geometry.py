"""Where a stack lies in the patient: spacing, affine, mirrored or not, apex first or last. Patient axes as in DICOM
(LPS): x to the left, y to the back, z to the head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.assessment import Notice

RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # between DICOM's axes and NIfTI's
# From the apex (left, front, below) to the base (right, back, above): the usual tilt of the heart, our approximation.
APEX_TO_BASE = np.array([-1.0, 1.0, 1.0]) / np.sqrt(3)
# Short axes lie within some 35 degrees of it (cosine 0.8); axial, coronal and sagittal stacks, and files that lost
# their orientation and pass for one of these, have 0.577.
_LEAST_COSINE = 0.6
_FLAT, _SLANTED = 1e-3, 0.05  # volume of a cell by that of a box below which it is none; cosine between axes at right angles
PIXEL_MM, SLICE_MM = (0.2, 10.0), (0.5, 50.0)  # believable between rows or columns, and between slices

Spacing = Sequence[float | None]


def believable(spacing: Spacing) -> list[float | None]:
    """Row, column and slice spacing in mm, None for each that is missing or no spacing of a heart scan."""
    return [value if value is not None and low <= value <= high else None
            for value, (low, high) in zip(spacing, (PIXEL_MM, PIXEL_MM, SLICE_MM), strict=True)]


def settled(stated: Spacing, given: Spacing) -> tuple[tuple[float, float, float] | None, tuple[Notice, ...]]:
    """Spacing to work with: what the user gives wins over what the file states.

    Args:
        stated: between rows, columns, slices in mm, None where the file does not say.
        given: the same, None where the user left it open.
    """
    notices: tuple[Notice, ...] = ()
    if any(s and g and abs(s - g) > 0.01 * s for s, g in zip(stated, given, strict=True)):
        message = "The spacing that you gave differs from the one in the file; yours is used."
        notices += (Notice("caution", message, "spacing"),)
    row, column, between = (g or s for s, g in zip(stated, given, strict=True))
    if row and column and between:
        return (float(row), float(column), float(between)), notices
    known = "not fully" if row or column or between else "not"
    message = (f"The spacing of the scan is {known} stated: shares are shown, volumes and masses are not. "
               "Give the spacing to see them.")
    return None, (*notices, Notice("caution", message, "spacing"))


def placed(affine: np.ndarray, axes: tuple[int, int, int]) -> tuple[bool | None, bool | None, tuple[Notice, ...]]:
    """Whether the pictures are mirrored and whether the apex comes first.

    Shown as a workstation shows it, a short axis is seen from the apex: columns x rows points to the base.

    Args:
        affine: ``[4, 4]`` from array indices to mm, RAS.
        axes: which array axis the slices, rows and columns are.
    """
    slices, rows, columns = (_direction(RAS[:3, :3] @ affine[:3, axis]) for axis in axes)
    normal = np.cross(columns, rows)
    cosine = float(normal @ APEX_TO_BASE)
    if not np.isfinite(cosine) or abs(cosine) < _LEAST_COSINE:
        message = ("The orientation in the file is not that of a short-axis stack: this is another view, or the "
                   "orientation was lost.")
        return None, None, (Notice("caution", message, "orientation"),)
    return cosine < 0, bool(slices @ normal * cosine > 0), ()


def usable(affine: np.ndarray) -> bool:
    """Whether a matrix ``[4, 4]`` places every pixel at a point of its own: finite, and no axis without length or two alike."""
    steps = affine[:3, :3]
    if not np.isfinite(affine).all():
        return False
    return bool(abs(np.linalg.det(steps)) > _FLAT * np.prod(np.linalg.norm(steps, axis=0)) > 0)


def across(sizes: Sequence[float], affine: np.ndarray, slices: int) -> tuple[tuple[float, ...], tuple[Notice, ...]]:
    """``sizes`` of the array axes with the slices measured across the pictures, as volumes need them, not along a slanted axis.

    Args:
        sizes: lengths of the steps along the three array axes, mm. affine: usable, to mm. slices: which axis they are.
    """
    steps = affine[:3, :3]
    rows, columns = (axis for axis in range(3) if axis != slices)
    between = abs(float(np.linalg.det(steps))) / (sizes[rows] * sizes[columns])
    notices: tuple[Notice, ...] = ()
    if abs(steps[:, rows] @ steps[:, columns]) > _SLANTED * sizes[rows] * sizes[columns]:
        message = "Rows and columns of the pictures are not at right angles (shear): shapes in them are distorted."
        notices = (Notice("caution", message, "shear"),)
    if abs(between - sizes[slices]) <= 1e-3 * sizes[slices]:
        return tuple(sizes), notices
    return tuple(between if axis == slices else size for axis, size in enumerate(sizes)), notices


def affine_of(
    position: np.ndarray, rows: np.ndarray, columns: np.ndarray, step: np.ndarray, spacing: tuple[float, float]
) -> np.ndarray:
    """From (column, row, slice) indices to mm, RAS.

    Args:
        position: of the first pixel of the first slice, ``[3]``, LPS, mm.
        rows: unit vector in which the row index grows, ``[3]``, LPS. columns: the same for the column index.
        step: from a slice to the next, ``[3]``, LPS, mm.
        spacing: between rows, between columns, mm.
    """
    affine = np.eye(4)
    affine[:3] = np.column_stack([columns * spacing[1], rows * spacing[0], step, position])
    return RAS @ affine


def _direction(vector: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return vector / np.linalg.norm(vector)
