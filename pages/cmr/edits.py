"""Corrections as the viewer sends them: what is believed of what comes back from the browser. Not a page."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from core.cmr.study import NO_REFLOW

LONGEST = 512  # pixels of a slice's longer side that the browser gets
MOST = 12_000_000  # pixels of all slices together: what the browser of a tablet still paints
RUN = np.dtype([("label", "u1"), ("length", "<u2")])  # of a run-length coded mask


@dataclass(frozen=True, eq=False)
class Edit:
    """What the reader changed. ``labels`` ``[n, rows, columns]`` uint8 on the study's grid; ``excluded``: slices from 0."""

    labels: np.ndarray
    excluded: tuple[int, ...]
    insertion_angle_deg: float


def read_edit(value: Any, mask: Mapping[str, Any]) -> Edit | None:
    """What the browser sent, on the grid of ``mask``; None for anything but a correction of just this mask.

    Args:
        mask: of ``mask_payload``.
    """
    if not isinstance(value, Mapping) or value.get("id") != mask["id"]:
        return None
    before, excluded, angle = mask["labels"], value.get("excluded"), value.get("insertion_angle_deg")
    shape = browser_grid(before.shape)
    small = unpack(value.get("labels"), (len(before), *shape))
    if small is None or isinstance(angle, bool) or not isinstance(angle, int | float) or not 0 <= angle <= 360:
        return None
    if not isinstance(excluded, list) or any(type(k) is not int or not 0 <= k < len(before) for k in excluded):
        return None
    there = nearest(before.shape[1:], shape)
    changed = small != before[:, *there]
    fine = nearest(shape, before.shape[1:])  # only what was changed leaves the fine grid
    labels = np.where(changed[:, *fine], small[:, *fine], before)
    excluded, same_angle = sorted(set(excluded)), math.isclose(angle, mask["insertion_angle_deg"], abs_tol=1e-6)
    if same_angle and excluded == mask["excluded"] and not changed.any():
        return None
    return Edit(labels, tuple(excluded), float(angle) % 360)


def browser_grid(shape: tuple[int, ...]) -> tuple[int, int]:
    """Rows and columns of a slice in the browser, of a stack ``(n, rows, columns)``."""
    count, rows, columns = shape
    share = min(1.0, LONGEST / max(rows, columns), math.sqrt(MOST / (count * rows * columns)))
    longest = max(1, math.floor(share * max(rows, columns)))
    small = longest / max(rows, columns)
    return max(1, round(rows * small)), max(1, round(columns * small))


def nearest(full: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Row and column indices into a grid ``full`` that lie under the middles of the pixels of a grid ``wanted``."""
    rows, columns = (((np.arange(count) + 0.5) * size / count).astype(int) for size, count in zip(full, wanted, strict=True))
    return rows[:, None], columns[None]


def pack(labels: np.ndarray) -> str:
    """Labels as base64 of runs: one byte of label and two of length, low byte first."""
    flat = labels.ravel()
    starts = np.r_[0, np.flatnonzero(np.diff(flat)) + 1, flat.size]
    runs = []
    for start, end in pairwise(starts):
        runs += [(flat[start], min(0xFFFF, end - at)) for at in range(start, end, 0xFFFF)]
    return base64.b64encode(np.array(runs, RUN).tobytes()).decode("ascii")


def unpack(text: Any, shape: tuple[int, int, int]) -> np.ndarray | None:
    """The labels of ``pack``, uint8 of this shape; None for anything else, before memory is taken."""
    size = math.prod(shape)
    if not isinstance(text, str) or len(text) > 4 * size:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) % RUN.itemsize:
        return None
    runs = np.frombuffer(raw, RUN)
    if int(runs["length"].sum(dtype=np.int64)) != size or (runs["label"] > NO_REFLOW).any():
        return None
    return np.repeat(runs["label"], runs["length"]).reshape(shape)
