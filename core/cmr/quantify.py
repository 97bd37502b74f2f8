"""How much of the left ventricle is scar: shares, volumes and masses of a mask, and how methods agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM, NO_REFLOW

DENSITY_G_PER_ML = 1.05  # of myocardium: Schulz-Menger et al. 2020, J Cardiovasc Magn Reson 22:19


@dataclass(frozen=True)
class Burden:
    """What a mask says in numbers.

    Attributes:
        scar_share, no_reflow_share: percent of the myocardium; scar includes no-reflow. None without myocardium.
        myocardium_ml ... cavity_ml: None where the spacing is unknown or there is one slice only.
    """

    scar_share: float | None
    no_reflow_share: float | None
    myocardium_ml: float | None
    myocardium_g: float | None
    scar_g: float | None
    no_reflow_g: float | None
    cavity_ml: float | None


@dataclass(frozen=True)
class Agreement:
    """One method beside the model.

    Attributes:
        scar_share: percent of the myocardium, None without myocardium.
        difference: from the model in percentage points, None for the model itself or without myocardium.
        dice: overlap with the model's scar, 0 to 1; None for the model itself or where neither marks scar.
    """

    method: str
    scar_share: float | None
    difference: float | None
    dice: float | None


def share(part: int, whole: int) -> float | None:
    """Percent; None of nothing."""
    return 100 * float(part) / float(whole) if whole else None


def millilitres(pixels: int, labels: np.ndarray, spacing_mm: tuple[float, float, float] | None) -> float | None:
    """Volume of so many pixels of the stack ``labels``; the slice distance (thickness and gap) is their depth.

    None where the spacing is unknown, or where a single slice says nothing of the depth of what it cuts.
    """
    if spacing_mm is None or len(labels) < 2:
        return None
    return float(pixels) * float(np.prod(spacing_mm)) / 1000


def burden(labels: np.ndarray, spacing_mm: tuple[float, float, float] | None = None) -> Burden:
    """Shares, volumes and masses of ``labels`` ``[n, rows, columns]``.

    Args:
        spacing_mm: between rows, columns and slices.
    """
    counts = np.bincount(labels.ravel(), minlength=NO_REFLOW + 1)
    cavity, myocardium, scar, no_reflow = (
        int(counts[CAVITY]), int(counts[MYOCARDIUM:].sum()), int(counts[INFARCT:].sum()), int(counts[NO_REFLOW:].sum()))

    def grams(pixels: int) -> float | None:
        volume = millilitres(pixels, labels, spacing_mm)
        return None if volume is None else DENSITY_G_PER_ML * volume

    return Burden(
        scar_share=share(scar, myocardium), no_reflow_share=share(no_reflow, myocardium),
        myocardium_ml=millilitres(myocardium, labels, spacing_mm), myocardium_g=grams(myocardium),
        scar_g=grams(scar), no_reflow_g=grams(no_reflow), cavity_ml=millilitres(cavity, labels, spacing_mm),
    )


def agreement(labels: np.ndarray, masks: Mapping[str, np.ndarray], model: str = "Model") -> list[Agreement]:
    """The model's scar share, then that of each method with its difference and overlap.

    Args:
        masks: scar by name of the method, bool shaped like ``labels``; what lies outside the myocardium is left out.

    Raises:
        ValueError: a mask has another shape.
    """
    myocardium, scar = labels >= MYOCARDIUM, labels >= INFARCT
    reference = share(scar.sum(), myocardium.sum())
    rows = [Agreement(model, reference, None, None)]
    for method, mask in masks.items():
        if mask.shape != labels.shape:
            raise ValueError(f"the mask of {method} is {mask.shape}, the labels are {labels.shape}")
        marked = mask.astype(bool) & myocardium
        found = share(marked.sum(), myocardium.sum())
        both = int(marked.sum()) + int(scar.sum())
        rows.append(Agreement(
            method, found, None if found is None else found - reference,
            2 * float((marked & scar).sum()) / both if both else None))
    return rows
