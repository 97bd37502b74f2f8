"""Polar view of a short-axis slice: its centre, the angle of every pixel, and rays from the centre outwards.

Angles are degrees, counter-clockwise from the right-hand side of the picture as seen on a screen (row 0 on top), true
to scale: with unequal spacing a ring that is round in the body is round here.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM

CHORDS = 100  # per slice, as the centreline method draws them: Sheehan et al. 1986, Circulation 74:293
STEP = 0.25  # of a pixel's shorter side, between samples of a ray


def filled(mask: np.ndarray) -> np.ndarray:
    """A mask ``[rows, columns]`` with what it encloses, bool."""
    whole = mask.astype(bool)
    for part in ndimage.find_objects(whole.astype(np.uint8)):  # one box around all: a large picture costs no more
        whole[part] = ndimage.binary_fill_holes(whole[part])
    return whole


def centre(labels: np.ndarray) -> tuple[float, float] | None:
    """Row and column of the middle of the cavity with its papillary muscles, of the marked area where there is none.

    None where nothing is marked.
    """
    for area in (labels == CAVITY, labels >= MYOCARDIUM):
        rows, columns = np.nonzero(filled(area))
        if rows.size:
            return float(rows.mean()), float(columns.mean())
    return None


def pixel_size(spacing_mm: tuple[float, ...] | None) -> tuple[float, float]:
    """Row and column distance; pixels count as square where the spacing is unknown."""
    return (float(spacing_mm[0]), float(spacing_mm[1])) if spacing_mm else (1.0, 1.0)


def angles(
    rows: np.ndarray, columns: np.ndarray, middle: tuple[float, float], spacing_mm: tuple[float, ...] | None = None
) -> np.ndarray:
    """Angles of pixels around ``middle`` (row, column), 0 to 360 degrees, float64 shaped like ``rows``."""
    height, width = pixel_size(spacing_mm)
    return np.degrees(np.arctan2(-(rows - middle[0]) * height, (columns - middle[1]) * width)) % 360


def directions(count: int = CHORDS) -> np.ndarray:
    """Angles of the rays, ``[count]`` degrees. None lies on an axis of the picture."""
    return (np.arange(count) + 0.5) * 360 / count


def cast(
    picture: np.ndarray, middle: tuple[float, float], reach: float, spacing_mm: tuple[float, ...] | None = None,
    count: int = CHORDS,
) -> np.ndarray:
    """Values of ``[rows, columns]`` along rays from ``middle``: ``[count, samples]``, nearest pixel, 0 outside.

    Args:
        reach: length of the rays in mm, or in pixels without spacing. Samples are ``step(spacing_mm)`` apart.
    """
    height, width = pixel_size(spacing_mm)
    along = np.arange(0, reach, step(spacing_mm))
    theta = np.radians(directions(count))[:, None]
    at = np.stack([middle[0] - along * np.sin(theta) / height, middle[1] + along * np.cos(theta) / width])
    return ndimage.map_coordinates(picture, at, order=0, mode="constant", cval=0)


def step(spacing_mm: tuple[float, ...] | None) -> float:
    """Distance of the samples of a ray, in mm, or in pixels without spacing."""
    return STEP * min(pixel_size(spacing_mm))


def reach_of(labels: np.ndarray, middle: tuple[float, float], spacing_mm: tuple[float, ...] | None = None) -> float:
    """Distance from ``middle`` to the farthest marked pixel and one pixel more, in mm, or in pixels without spacing."""
    height, width = pixel_size(spacing_mm)
    rows, columns = np.nonzero(labels)
    return float(np.hypot((rows - middle[0]) * height, (columns - middle[1]) * width).max() + max(height, width))


def chords(labels: np.ndarray, spacing_mm: tuple[float, ...] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """How far through the wall the scar reaches, along the rays of one slice ``[rows, columns]``.

    Returns:
        ``[CHORDS]`` share of the wall crossed that is scar, 0 to 1, NaN where the ray meets no wall;
        ``[CHORDS]`` bool, whether the innermost part of the wall is scar.
    """
    middle = centre(labels)
    if middle is None:
        return np.full(CHORDS, np.nan), np.zeros(CHORDS, bool)
    samples = cast(labels, middle, reach_of(labels, middle, spacing_mm), spacing_mm)
    wall, scar = samples >= MYOCARDIUM, samples >= INFARCT
    length = wall.sum(1)
    share = np.where(length, scar.sum(1) / np.maximum(length, 1), np.nan)
    innermost = scar[np.arange(CHORDS), wall.argmax(1)]
    return share, innermost & (length > 0)
