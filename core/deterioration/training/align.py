"""Vital signs and notes of the same stays side by side, as ``multimodal_data.npz``."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from core.deterioration import grid, layouts
from core.deterioration.judge import judged
from core.uploads import InputError


def align(vitals: Path, features: Path, embeddings: Path, out: Path) -> dict[str, int]:
    """Joins by the id of the stay; where no id is shared and there are as many stays as notes, by their order.

    ``X`` float32 [stays, 49, 6] are hourly means of the first 48 h, NaN where not measured; ``y`` 1 died, 0 survived, -1 unknown;
    ``embeddings`` float32 [stays, 384], the mean of the stay's notes; ``ids``; ``has_note``. Every stay is kept, with or without
    a note.

    Returns:
        stays, stays with a note, stays that could not be read, and whether they were joined by order.

    Raises:
        InputError: no stay is readable, or no note belongs to one.
    """
    grids, died, names, refused = [], [], [], 0
    for chart in layouts.charts(vitals):
        try:
            sound = judged(chart, None, None, None)
        except InputError:
            refused += 1
            continue
        grids.append(grid.hourly(sound.hours, sound.values))
        died.append(-1 if chart.outcome is None else int(chart.outcome))
        names.append(chart.stay)
    if not grids:
        raise InputError("vitals", "None of the stays could be read.", "Give a table, a folder or an npz of stays.")
    rows = _rows(features)
    by_order = not rows.keys() & set(names)
    if by_order:
        if sum(map(len, rows.values())) != len(names) + refused or refused:
            raise InputError("vitals", "No note carries the id of a stay.",
                             "Name notes and stays by the same ids, or give as many notes as stays, in the same order.")
        rows = {name: [k] for k, name in enumerate(names)}
    vectors = np.load(embeddings, mmap_mode="r")
    joined, has = np.zeros((len(names), vectors.shape[1]), np.float32), np.zeros(len(names), bool)
    for k, name in enumerate(names):
        if name in rows:
            joined[k], has[k] = vectors[rows[name]].mean(0), True
    np.savez_compressed(out, X=np.stack(grids), y=np.array(died, np.int8), embeddings=joined, ids=np.array(names), has_note=has)
    return {"stays": len(names), "stays_with_a_note": int(has.sum()), "stays_not_read": refused, "joined_by_order": int(by_order)}


def _rows(features: Path) -> dict[str, list[int]]:
    """Id -> rows of its notes in the table of features."""
    found: dict[str, list[int]] = {}
    with features.open(newline="") as file:
        reader = csv.reader(file)
        next(reader)
        for k, row in enumerate(reader):
            found.setdefault(row[0], []).append(k)
    return found
