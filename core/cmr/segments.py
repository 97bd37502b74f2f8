"""The left ventricle in 17 segments, as the American Heart Association divides it.

Cerqueira et al. 2002, Circulation 105:539. The standard view is the one from the apex: right ventricle on the left of
the picture, anterior wall on top. Numbers run counter-clockwise there; the anterior insertion of the right ventricle is
the border between the anterior (1, 7) and the anteroseptal segment (2, 8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cmr import rays
from core.cmr.quantify import millilitres, share
from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM

NAMES = {
    1: "basal anterior", 2: "basal anteroseptal", 3: "basal inferoseptal", 4: "basal inferior",
    5: "basal inferolateral", 6: "basal anterolateral", 7: "mid anterior", 8: "mid anteroseptal",
    9: "mid inferoseptal", 10: "mid inferior", 11: "mid inferolateral", 12: "mid anterolateral",
    13: "apical anterior", 14: "apical septal", 15: "apical inferior", 16: "apical lateral", 17: "apex",
}
LEVELS = ("basal", "mid", "apical", "apex")
INSERTION_DEG = 120.0  # of the anterior insertion in the standard view: the septum is the third on the left


@dataclass(frozen=True)
class Geometry:
    """How the heart lies in the pictures.

    Attributes:
        insertion_angle_deg: of the anterior insertion of the right ventricle around the middle of the cavity,
            counter-clockwise from the right-hand side of the picture as seen on a screen, true to scale.
        mirrored: the pictures show the heart as in a mirror (right ventricle on the right, numbers run clockwise).
        apex_first: the first slice is the apical one.
        excluded: indices of slices that a reader put out of range (above the base, below the apex, not readable).
    """

    insertion_angle_deg: float = INSERTION_DEG
    mirrored: bool = False
    apex_first: bool = True
    excluded: tuple[int, ...] = ()


@dataclass(frozen=True)
class Segment:
    """One segment. Shares are percent, None where the segment is not in the stack.

    Attributes:
        scar_share: scar in percent of the segment's myocardium.
        transmurality_mean, transmurality_max: share of the wall's thickness that is scar, over the rays that meet scar;
            0 where none does, None for the apex, whose wall no ray crosses from inside to outside.
        endocardial_extent: share of the segment's endocardial border, by angle, at which the wall is scar.
        myocardium_ml: None where the spacing is unknown. pixels: of myocardium.
    """

    number: int
    name: str
    scar_share: float | None
    transmurality_mean: float | None
    transmurality_max: float | None
    endocardial_extent: float | None
    myocardium_ml: float | None
    pixels: int


def in_range(labels: np.ndarray, geometry: Geometry) -> np.ndarray:
    """The labels ``[n, rows, columns]`` with nothing marked on excluded slices."""
    kept = labels.copy()
    kept[[i for i in geometry.excluded if 0 <= i < len(kept)]] = 0
    return kept


def levels(labels: np.ndarray, geometry: Geometry) -> list[str]:
    """The level of each slice: one of ``LEVELS``, or "" for a slice without myocardium or out of range.

    Slices at the apical end without a cavity are the apex; the others are split in thirds from the base to the apex.
    If they do not divide by three, the basal third gets the first slice left over and the middle third the second.
    A single slice counts as mid. Where no slice has a cavity, no level can be told.
    """
    labels = in_range(labels, geometry)
    found = [i for i, picture in enumerate(labels) if (picture >= MYOCARDIUM).any()]
    hollow = {i for i in found if (labels[i] == CAVITY).any()}
    named = [""] * len(labels)
    if not hollow:
        return named
    from_base = found[::-1] if geometry.apex_first else found
    while from_base[-1] not in hollow:
        named[from_base.pop()] = "apex"
    thirds = np.array_split(from_base, 3) if len(from_base) > 1 else [[], from_base, []]
    for level, third in zip(LEVELS, thirds, strict=False):
        for i in third:
            named[int(i)] = level
    return named


def numbers(angles_deg: np.ndarray, level: str, geometry: Geometry) -> np.ndarray:
    """The segment at each angle of a slice of this level, uint8 shaped like ``angles_deg``; 0 without a level."""
    towards_septum = -1 if geometry.mirrored else 1
    past = towards_septum * (np.asarray(angles_deg, float) - geometry.insertion_angle_deg)
    if level in ("basal", "mid"):
        turn = (past % 360 // 60).astype(int) % 6
        return ((turn + 1) % 6 + (1 if level == "basal" else 7)).astype(np.uint8)
    if level == "apical":  # four quarters; the septal one is centred on the septum, 60 degrees past the insertion
        turn = ((past - 15) % 360 // 90).astype(int) % 4
        return ((turn + 1) % 4 + 13).astype(np.uint8)
    return np.full(np.shape(angles_deg), 17 if level == "apex" else 0, np.uint8)


def segment_map(
    labels: np.ndarray, geometry: Geometry, spacing_mm: tuple[float, float, float] | None = None
) -> np.ndarray:
    """Segment of every myocardial pixel, ``[n, rows, columns]`` uint8: 1 to 17, 0 elsewhere."""
    placed = np.zeros(labels.shape, np.uint8)
    for i, level in enumerate(levels(labels, geometry)):
        if level:
            at = np.nonzero(labels[i] >= MYOCARDIUM)
            around = rays.angles(*at, rays.centre(labels[i]), spacing_mm)
            placed[i][at] = numbers(around, level, geometry)
    return placed


def table(
    labels: np.ndarray, geometry: Geometry, spacing_mm: tuple[float, float, float] | None = None
) -> list[Segment]:
    """The 17 segments in their order."""
    placed = segment_map(labels, geometry, spacing_mm)
    pixels = np.bincount(placed.ravel(), minlength=18)
    scar = np.bincount(placed[labels >= INFARCT], minlength=18)
    crossed: dict[int, list[tuple[float, bool]]] = {number: [] for number in NAMES}
    for i, level in enumerate(levels(labels, geometry)):
        if level and level != "apex":
            of_ray = numbers(rays.directions(), level, geometry)
            for number, depth, inner in zip(of_ray, *rays.chords(labels[i], spacing_mm), strict=False):
                if not np.isnan(depth):
                    crossed[int(number)].append((100 * float(depth), bool(inner)))
    return [_segment(number, crossed[number], int(pixels[number]), int(scar[number]), labels, spacing_mm)
            for number in NAMES]


def _segment(number: int, crossed: list[tuple[float, bool]], pixels: int, scar: int, labels: np.ndarray,
             spacing_mm: tuple[float, float, float] | None) -> Segment:
    depths = [depth for depth, _ in crossed if depth > 0] or [0.0]
    return Segment(
        number=number, name=NAMES[number], scar_share=share(scar, pixels),
        transmurality_mean=float(np.mean(depths)) if crossed else None,
        transmurality_max=max(depths) if crossed else None,
        endocardial_extent=100 * float(np.mean([inner for _, inner in crossed])) if crossed else None,
        myocardium_ml=millilitres(pixels, labels, spacing_mm), pixels=pixels,
    )
