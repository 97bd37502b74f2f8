"""Numbers of any range to brightness 0 to 1."""

from __future__ import annotations

import numpy as np

_TAILS = (0.5, 99.5)  # per cent, where nothing says which values to show


def stretched(values: np.ndarray, left_out: np.ndarray | None = None) -> np.ndarray:
    """``[height, width]`` scaled so that 0.5 and 99.5 per cent of the values lie at 0 and 1; float32.

    Args:
        left_out: ``[height, width]`` bool, values that do not count.
    """
    part = thinned(values)
    if left_out is not None and not (skipped := thinned(left_out)).all():
        part = part[~skipped]
    return between(values, *np.percentile(part, _TAILS))


def between(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """``low`` to 0 and ``high`` to 1, the rest clipped; float32."""
    span = high - low if high > low else 1.0
    return np.clip((values.astype(np.float32) - np.float32(low)) / np.float32(span), 0, 1)


def thinned(values: np.ndarray, most: int = 1_000_000) -> np.ndarray:
    """Evenly spaced rows and columns, about ``most`` values: percentiles of a film need no more."""
    step = max(1, int(np.sqrt(values.size / most)))
    return values[::step, ::step]
