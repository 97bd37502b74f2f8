"""A first guess at how the heart lies in a stack, from the file and from the pictures; a reader corrects it."""

from __future__ import annotations

import numpy as np

from core.cmr import rays
from core.cmr.segments import INSERTION_DEG, Geometry
from core.cmr.study import CAVITY, MYOCARDIUM, CmrStudy

SEPTUM_DEG = 110  # width of the arc sought beside the right ventricle; the septum is a third of the ring, less its ends
WINGS_DEG = 40  # on either side of it, which should not look like blood
RING = (0.12, 0.45)  # how far outside the epicardium blood is sought, in radii of the ventricle: past the septal border
BLOOD_LIKE, BLOOD_WIDTH = 0.9, 0.45  # signal that counts as blood, from myocardium (0) to blood (1), and how strictly
PRIOR = 0.25  # how much the usual side of the right ventricle weighs against the pictures
FARTHEST_DEG = 60  # of the middle of the arc from its usual place: a heart is not turned further in a short-axis view
WORTH = 0.05  # least difference between arc and wings, 0 to 1, for which the pictures are believed
LARGE = 0.4  # slices with so much of the largest cavity are examined: the right ventricle ends before the apex


def guess(study: CmrStudy, labels: np.ndarray) -> Geometry:
    """How the heart probably lies, to be shown as a guess.

    The side of the picture and the order of the slices are the file's where it states them. Else the view is taken as
    the standard one, and the end with the smaller cavity as the apex. The anterior insertion is the upper end of the
    arc beside which the picture is as bright as blood (``insertion_angle``).
    """
    mirrored = bool(study.mirrored)
    apex_first = study.apex_first
    if apex_first is None:
        areas = [int((picture == CAVITY).sum()) for picture in labels if (picture >= MYOCARDIUM).any()]
        apex_first = not areas or areas[0] <= areas[-1]
    angle = insertion_angle(study, labels, mirrored)
    if angle is None:
        angle = 180 - INSERTION_DEG if mirrored else INSERTION_DEG
    return Geometry(insertion_angle_deg=round(angle, 1), mirrored=mirrored, apex_first=apex_first)


def insertion_angle(study: CmrStudy, labels: np.ndarray, mirrored: bool = False) -> float | None:
    """Angle of the anterior insertion of the right ventricle in degrees, None where the pictures do not show it."""
    areas = (labels == CAVITY).sum((1, 2))
    large = np.flatnonzero((areas > 0) & (areas >= LARGE * areas.max()))
    likeness = [_blood_beside(study.slices[i], labels[i], study.spacing_mm) for i in large]
    likeness = [profile for profile in likeness if profile is not None]
    if not likeness:
        return None
    profile, at = np.mean(likeness, axis=0), rays.directions()
    away = np.abs((at[None] - at[:, None] + 180) % 360 - 180)  # [middle of the arc, ray]
    arc, wings = away < SEPTUM_DEG / 2, (away >= SEPTUM_DEG / 2) & (away < SEPTUM_DEG / 2 + WINGS_DEG)
    difference = (arc @ profile) / arc.sum(1) - (wings @ profile) / wings.sum(1)
    turned = (at - (0 if mirrored else 180) + 180) % 360 - 180
    score = difference + PRIOR * np.cos(np.radians(turned))
    best = int(np.argmax(np.where(np.abs(turned) <= FARTHEST_DEG, score, -np.inf)))
    if difference[best] < WORTH:
        return None
    return float((at[best] + (1 if mirrored else -1) * SEPTUM_DEG / 2) % 360)


def _blood_beside(picture: np.ndarray, labels: np.ndarray, spacing_mm: tuple[float, ...] | None) -> np.ndarray | None:
    """How much the surroundings of the epicardium look like blood, 0 to 1 for each ray."""
    heart = rays.filled(labels > 0)
    myocardium = picture[labels == MYOCARDIUM]
    if not myocardium.size:
        return None
    blood, dark = np.median(picture[labels == CAVITY]), np.median(myocardium)
    if blood <= dark:
        return None
    middle, size = rays.centre(labels), rays.step(spacing_mm)
    radius = float(np.sqrt(heart.sum() * np.prod(rays.pixel_size(spacing_mm)) / np.pi))
    reach = rays.reach_of(labels, middle, spacing_mm) + RING[1] * radius
    inside = rays.cast(heart.astype(np.uint8), middle, reach, spacing_mm)
    border = inside.shape[1] - 1 - inside[:, ::-1].argmax(1)
    beyond = border[:, None] + np.arange(int(RING[0] * radius / size), int(np.ceil(RING[1] * radius / size)))
    along = rays.cast(picture, middle, reach, spacing_mm)
    ring = np.take_along_axis(along, np.minimum(beyond, along.shape[1] - 1), axis=1)
    brightness = (ring - dark) / (blood - dark)
    return np.exp(-(((brightness - BLOOD_LIKE) / BLOOD_WIDTH) ** 2)).mean(1)
