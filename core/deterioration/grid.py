"""Hourly means, the 48 hours that are judged, and very long recordings made short enough to look at."""

from __future__ import annotations

import warnings

import numpy as np

from core.deterioration.study import HOURS

MOST = 5000  # rows of a study; 48 h of minutes are 2,880
_EXACT = 6  # decimals of an hour: times that were minutes or seconds come out of a division


def window(last: float) -> int:
    """The hour at which the judged hours begin: 0, or 48 h before the end of a longer stay."""
    return max(0, int(np.ceil(np.round(last, _EXACT))) - HOURS)


def rows(hours: np.ndarray, start: int = 0) -> np.ndarray:
    """The row of the grid that each hour of the stay belongs to; outside 0 to 48 it is not judged."""
    return np.ceil(np.round(hours - start, _EXACT)).astype(int)


def hourly(hours: np.ndarray, values: np.ndarray, start: int = 0) -> np.ndarray:
    """Means of the measurements of each hour, NaN for none.

    Args:
        hours: ``[n]``. values: ``[n, m]``, NaN where not measured. start: hour of the stay at row 0.

    Returns:
        float32 ``[49, m]``: row k is of (start + k - 1, start + k].
    """
    at = rows(hours, start)
    inside = (at >= 0) & (at <= HOURS)
    sums, counts = np.zeros((HOURS + 1, values.shape[1])), np.zeros((HOURS + 1, values.shape[1]))
    np.add.at(sums, at[inside], np.nan_to_num(values[inside]))
    np.add.at(counts, at[inside], np.isfinite(values[inside]))
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).astype(np.float32)


def thinned(
    hours: np.ndarray, values: np.ndarray, oxygen: np.ndarray, consciousness: tuple[str | None, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[str | None, ...], float]:
    """At most MOST rows: of equal stretches the medians, and the last that is known of oxygen and consciousness.

    Returns:
        hours (the end of each stretch that holds a row), values, oxygen, consciousness, and the stretch in minutes.
    """
    span = hours[-1] - hours[0]
    minutes = float(np.ceil(60 * span / (MOST - 1)))
    at = np.ceil(np.round((hours - hours[0]) * 60 / minutes, _EXACT)).astype(int)
    starts = np.flatnonzero(np.diff(at, prepend=-1))
    ends = np.append(starts[1:], len(at))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a stretch without a measurement has no median: NaN
        medians = np.stack([np.nanmedian(values[a:b], 0) for a, b in zip(starts, ends, strict=True)])
    told = np.array([_last(oxygen[a:b]) for a, b in zip(starts, ends, strict=True)], np.float32)
    awake = tuple(next((c for c in reversed(consciousness[a:b]) if c), None) for a, b in zip(starts, ends, strict=True))
    return hours[0] + at[starts] * minutes / 60, medians.astype(np.float32), told, awake, minutes


def _last(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known[-1]) if known.size else np.nan
