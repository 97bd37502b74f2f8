"""Ventricles drawn by formula: rings with scar of exact angle and depth, so that every answer is known."""

from __future__ import annotations

import numpy as np

INNER, OUTER = 20.0, 40.0  # radii of the wall in mm
MIDDLE = (90.0, 100.0)  # of the ventricle in mm from the upper left corner: not the middle of the picture
FIELD = 192.0  # side of the picture in mm


def polar(spacing: tuple[float, float] = (1.0, 1.0)) -> tuple[np.ndarray, np.ndarray]:
    """Radius in mm and angle in degrees (counter-clockwise from the right, y up) of every pixel."""
    rows, columns = round(FIELD / spacing[0]), round(FIELD / spacing[1])
    down, right = np.meshgrid(np.arange(rows) * spacing[0] - MIDDLE[0], np.arange(columns) * spacing[1] - MIDDLE[1],
                              indexing="ij")
    return np.hypot(down, right), np.degrees(np.arctan2(-down, right)) % 360


def ring(
    start: float = 0.0, width: float = 0.0, depth: tuple[float, float] = (0.0, 1.0),
    spacing: tuple[float, float] = (1.0, 1.0), inner: float = INNER, outer: float = OUTER, no_reflow: bool = False,
) -> np.ndarray:
    """One slice of labels: scar from ``start`` over ``width`` degrees, between two shares of the wall's thickness.

    With ``no_reflow`` the middle third of the scar's thickness is no-reflow.
    """
    radius, angle = polar(spacing)
    labels = np.zeros(radius.shape, np.uint8)
    labels[radius < inner] = 1
    wall = (radius >= inner) & (radius < outer)
    labels[wall] = 2
    at = (radius - inner) / (outer - inner)
    scar = wall & ((angle - start) % 360 < width) & (at >= depth[0]) & (at < depth[1])
    labels[scar] = 3
    if no_reflow:
        third = (depth[1] - depth[0]) / 3
        labels[scar & (at >= depth[0] + third) & (at < depth[1] - third)] = 4
    return labels


def stack(*slices: np.ndarray) -> np.ndarray:
    return np.stack(slices)
