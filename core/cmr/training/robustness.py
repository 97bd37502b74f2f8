"""What becomes of the scans when they are moved, and of pictures without the heart: asked of members that saw neither."""

from __future__ import annotations

import numpy as np

from core.cmr.model import CmrNet
from core.cmr.presence import passes
from core.cmr.segment import Segmentation, segment
from core.cmr.training.data import Scan
from core.cmr.training.scores import scan_scores
from core.metrics import Figure, figure, mean, measured
from core.progress import Done
from core.training.steps import counted

REACH = 80  # pixels of the random shifts
NARROWEST = 32  # pixels of a window without the heart


def shifted(scans: list[Scan], fold: np.ndarray, model: CmrNet, rows: list[dict], done: Done | None = None) -> list[Figure]:
    """How much Dice changes when the picture is moved by up to 80 pixels, and what leaves the frame is lost."""
    rng, change = np.random.default_rng(0), {"myocardium": [], "infarct": []}
    for scan, k, row in counted(list(zip(scans, fold, rows, strict=True)), "moved scans", done):
        down, right = rng.integers(-REACH, REACH + 1, 2)
        slices, labels = move(scan.slices, down, right), move(scan.labels, down, right)
        found = segment(slices, model, [k])
        moved = scan_scores(np.zeros_like(labels) if found is None else found.labels, labels)
        for name, values in change.items():
            values.append(moved[name] - row[name] if not np.isnan(row[name]) else np.nan)
    split = f"the same cases moved by up to {REACH} pixels either way"
    return measured(mean(f"Dice, {name}, change when moved", np.array(values), split, target=0.01)
                    for name, values in change.items())


def refused(
    scans: list[Scan], fold: np.ndarray, model: CmrNet, seen: list[Segmentation | None], limits: dict[str, float], split: str,
    done: Done | None = None,
) -> list[Figure]:
    """Shares refused of proper scans, and of what lies above, below, left and right of the heart in the same pictures."""
    empty = []
    for scan, k in counted(list(zip(scans, fold, strict=True)), "without the heart", done):
        shown = (scan.labels > 0).any(0)
        rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
        for window in (scan.slices[:, : rows[0]], scan.slices[:, rows[-1] + 1:], scan.slices[:, :, : columns[0]],
                       scan.slices[:, :, columns[-1] + 1:]):
            if min(window.shape[1:]) >= NARROWEST:
                empty.append(not passes(segment(window, model, [k]), limits))
    proper = [not passes(found, limits) for found in seen]
    return [figure(f"Input gate, refused: {name}", float(np.mean(values)), split, len(values)) for name, values in
            (("proper cases", proper), ("windows of the body without the heart", empty)) if values]


def move(stack: np.ndarray, down: int, right: int) -> np.ndarray:
    """``[n, rows, columns]`` moved, zero where nothing comes in."""
    result = np.zeros_like(stack)
    rows, columns = stack.shape[1:]
    result[:, max(down, 0): rows + min(down, 0), max(right, 0): columns + min(right, 0)] = \
        stack[:, max(-down, 0): rows + min(-down, 0), max(-right, 0): columns + min(-right, 0)]
    return result
