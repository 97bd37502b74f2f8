"""An array of three axes, as NIfTI and NRRD files hold it, to a stack of slices."""

from __future__ import annotations

import numpy as np

from core.cmr.formats.geometry import Spacing, believable, placed, settled
from core.cmr.formats.limits import check_size, finite
from core.cmr.study import CmrStudy

_LARGER = 1.5  # times the other spacings: slices of late enhancement are 5 to 10 mm apart, pixels 1 to 2 mm


def axes_of(shape: tuple[int, int, int], spacing: Spacing | None) -> tuple[int, int, int]:
    """Which axis the slices, rows and columns are: (2, 1, 0) as usual.

    The slices lie along the axis with by far the largest spacing; where none is, along the one that is by far the
    shortest, else along the last.

    Args:
        spacing: along the three axes in mm, or None where it cannot be believed.
    """
    slices = 2
    shortest, second = np.argsort(shape, kind="stable")[:2]
    if spacing is not None and max(spacing) > _LARGER * sorted(spacing)[1]:
        slices = int(np.argmax(spacing))
    elif 2 * shape[shortest] <= shape[second]:
        slices = int(shortest)
    columns, rows = (axis for axis in range(3) if axis != slices)
    return slices, rows, columns


def stack(
    values: np.ndarray, axes: tuple[int, int, int], affine: np.ndarray | None, spacing: Spacing | None, given: Spacing,
    oriented: bool, source: dict[str, str],
) -> CmrStudy:
    """The study of an array.

    Args:
        values: three axes, any real type.
        axes: from ``axes_of``.
        affine: from array indices to mm, RAS, or None.
        spacing: along the axes of ``values`` in mm, None where the file does not say.
        given: what the user says of the spacing between rows, columns, slices.
        oriented: whether the directions of ``affine`` are meant.
        source: what is worth showing of the file.
    """
    slices, notices = finite(np.transpose(values, axes))
    stated = believable([spacing[axis] for axis in (*axes[1:], axes[0])]) if spacing is not None else [None] * 3
    spacing_mm, more = settled(stated, given)
    mirrored = apex_first = None
    notices += more
    if affine is not None and oriented:
        mirrored, apex_first, more = placed(affine, axes)
        notices += more
    count, rows, columns = slices.shape
    return CmrStudy(slices, affine, axes, spacing_mm, mirrored, apex_first, source=source | {
        "size": f"{columns} x {rows}", "slices": str(count)}, notices=notices)


def check_shape(shape: tuple[int, int, int], axes: tuple[int, int, int]) -> None:
    """Refuse sizes that are not read, by the header.

    Raises:
        InputError: see ``limits.check_size``.
    """
    check_size(*(shape[axis] for axis in axes))
