"""Is what was marked a left ventricle in late enhancement? Its size, its shape over the slices, and the blood in it.

The limits are wide: they leave out what no heart is, not what few hearts are. Masses: Petersen et al. 2017, J Cardiovasc
Magn Reson 19:18 (normal 4 to 8 g/cm), doubled for hypertrophy and dilation. Shape and blood are those of every training stack
with room to spare (``tests/cmr/test_plausible.py``).
"""

from __future__ import annotations

import numpy as np

from core.assessment import Notice
from core.cmr.quantify import burden
from core.cmr.study import CAVITY, MYOCARDIUM, CmrStudy

MASS_G, CAVITY_ML = (40.0, 400.0), (30.0, 500.0)
WIDTH_MM = (35.0, 130.0)  # of the ventricle with its wall, in its largest slice
WHOLE = 5  # slices with a ventricle from which a stack is long enough to have a least mass
RAYS, CLOSED, ROUND = 36, 0.6, 0.6  # directions; share of them that meet the wall; share of the ellipse in its box that is filled
FEWEST = 20  # pixels of the ventricle from which a slice is looked at
BRIGHTER = 1.0  # signal of the wall by that of the blood: contrast agent makes blood brighter than normal wall


def doubt(study: CmrStudy, labels: np.ndarray) -> Notice | None:
    """Why the mask ``[n, rows, columns]`` cannot be believed, as a refusal; None where it can."""
    for reason in (_shape(labels), _size(study, labels), _blood(study, labels)):
        if reason:
            return Notice("refuse", reason, "heart")
    return None


def _size(study: CmrStudy, labels: np.ndarray) -> str:
    if study.spacing_mm is None:
        return ""
    found, shown = burden(labels, study.spacing_mm), int((labels > 0).any((1, 2)).sum())
    width = max(_widths(labels, study.spacing_mm), default=0.0)
    wrong = []
    if not WIDTH_MM[0] <= width <= WIDTH_MM[1]:
        wrong.append(f"be {width:.0f} mm wide")
    measured = ((found.myocardium_g, "g", "weigh", MASS_G), (found.cavity_ml, "ml", "hold", CAVITY_ML))
    for value, unit, verb, (low, high) in measured:
        if value is not None and (value > high or value < low and shown >= WHOLE):
            wrong.append(f"{verb} {value:,.0f} {unit}")
    if not wrong:
        return ""
    return (f"The left ventricle that was marked would {' and '.join(wrong)}: these are no short-axis late-enhancement slices, "
            "or the spacing is wrong; give the right one to go on.")


def _widths(labels: np.ndarray, spacing_mm: tuple[float, float, float]) -> list[float]:
    """Diameter in mm of the circle as large as the ventricle, for each slice that shows it."""
    areas = (labels > 0).sum((1, 2)) * spacing_mm[0] * spacing_mm[1]
    return [float(np.sqrt(4 * area / np.pi)) for area in areas if area]


def _shape(labels: np.ndarray) -> str:
    rings = [ring(picture) for picture in labels if (picture > 0).sum() >= FEWEST]
    closed, filled = np.median(rings, axis=0) if rings else (0.0, 0.0)
    if closed >= CLOSED and filled >= ROUND:
        return ""
    return ("What was marked is no ring of myocardium around a cavity in most slices: these are no short-axis late-enhancement "
            "slices of the heart.")


def ring(labels: np.ndarray) -> tuple[float, float]:
    """Of one slice ``[rows, columns]``: the share of directions from the middle that meet wall, and how much of the ellipse in
    the ventricle's box is filled; both as good where pixels are not square."""
    rows, columns = np.nonzero(labels > 0)
    middle = (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2
    size = np.ptp(rows) + 1, np.ptp(columns) + 1
    at = np.nonzero(labels >= MYOCARDIUM)
    angle = np.arctan2((at[0] - middle[0]) / size[0], (at[1] - middle[1]) / size[1])
    met = np.unique(((angle + np.pi) / (2 * np.pi) * RAYS).astype(int) % RAYS).size / RAYS
    return met, rows.size / (np.pi / 4 * size[0] * size[1])


def _blood(study: CmrStudy, labels: np.ndarray) -> str:
    """Nothing where too little of either is there to compare."""
    shares = []
    for picture, marked in zip(study.slices, labels, strict=True):
        wall, blood = picture[marked == MYOCARDIUM], picture[marked == CAVITY]
        if min(wall.size, blood.size) >= FEWEST:
            low = float(np.quantile(picture, 0.02))
            shares.append((float(np.median(wall)) - low) / max(float(np.median(blood)) - low, 1e-6))
    if not shares or np.median(shares) < BRIGHTER:
        return ""
    return ("The cavity is not brighter than its wall: this is no late enhancement (dark-blood, STIR or a map, for example), "
            "and scar cannot be told in it.")
