"""Where a map points, in words and against a lung mask."""

from __future__ import annotations

import numpy as np

STRONGEST = 0.05  # share of the film whose middle names the region
MIDLINE = 0.08  # half width of the central strip, share of the film's width
BOTH = 0.25  # share of the strongest weight that each side needs for the map to point to both


def region(values: np.ndarray) -> str:
    """Where ``[height, width]`` values speak most for a finding: "left lower zone", "both mid zones" or the like.

    The patient's left is on the right of the film. Zones are thirds of the film, not of the lung.

    Returns:
        Empty where no value is above zero.
    """
    weight = np.maximum(np.nan_to_num(np.asarray(values, np.float64)), 0)
    if not weight.any():
        return ""
    weight = np.where(weight >= np.quantile(weight, 1 - STRONGEST), weight, 0)
    rows, columns = (np.arange(n) + 0.5 for n in weight.shape)
    height = float(weight.sum(1) @ rows / weight.sum() / len(rows))
    zone = ("upper", "mid", "lower")[min(int(3 * height), 2)]
    across = weight.sum(0) / weight.sum()
    offset = columns / len(columns) - 0.5
    sides = across[offset < -MIDLINE].sum(), across[offset > MIDLINE].sum()
    if min(sides) > BOTH:
        return f"both {zone} zones"
    middle = float(across @ offset)
    side = "central" if abs(middle) <= MIDLINE else "left" if middle > 0 else "right"
    return f"{side} {zone} zone"


def mass_inside(values: np.ndarray, mask: np.ndarray) -> float:
    """Share of the positive weight of ``[height, width]`` values inside a mask of the same shape; NaN without weight.

    Raises:
        ValueError: the shapes differ.
    """
    if values.shape != mask.shape:
        raise ValueError(f"values {values.shape} and mask {mask.shape} differ in shape")
    weight = np.maximum(np.asarray(values, np.float64), 0)
    return float(weight[mask.astype(bool)].sum() / weight.sum()) if weight.any() else float("nan")
