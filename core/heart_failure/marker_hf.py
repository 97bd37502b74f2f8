"""MARKER-HF: 200 boosted trees on eight values of the chart (Adler et al. 2020, Eur J Heart Fail 22:139).

The trees are in ``marker_hf.json``, theirs and the survival function's licence in ``MARKER_HF_LICENSE``.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

from core.heart_failure.variables import Values

SOURCE = "MARKER-HF (Adler et al. 2020, Eur J Heart Fail 22:139, doi 10.1002/ejhf.1628)"
BOUNDS = {"diastolic": (20, 120), "creatinine": (0, 25), "bun": (0, 160), "haemoglobin": (2, 20), "leukocytes": (0, 40),
          "platelets": (0, 1500), "albumin": (0, 6), "rdw": (10, 30)}  # what the authors' code takes
_SPLIT = 0.45  # of the score; above it the published survival falls exponentially
_P = (0.0678405, 13.6102, 0.458810, 0.594762)


def missing(values: Values) -> tuple[str, ...]:
    """What it needs and is not known."""
    return tuple(name for name in BOUNDS if values.get(name) is None)


def outside(values: Values) -> tuple[str, ...]:
    """What is known and outside of what it takes."""
    return tuple(name for name, (low, high) in BOUNDS.items() if values.get(name) is not None and not low <= values[name] <= high)


def score(values: Values) -> float | None:
    """-1 (survives) to 1; None where an input is unknown or outside the bounds."""
    if missing(values) or outside(values):
        return None
    trees = _trees()
    return sum(weight * _vote(tree, values) for weight, tree in trees) / sum(weight for weight, _ in trees)


def survival_1y(score: float) -> float:
    """The share alive after one year, as the authors fitted it."""
    p0, p1, p2, p3 = _P
    alive = p0 * (1 - p1 * math.erf((min(score, _SPLIT) - p2) / p3))
    return alive * math.exp(-3 * max(score - _SPLIT, 0))


def _vote(tree: list | int, values: Values) -> int:
    """A tree is [field, "<" or ">=", cut, where that holds, where not], or a vote of -1 or 1."""
    while isinstance(tree, list):
        name, relation, cut, holds, fails = tree
        tree = holds if (values[name] >= cut) == (relation == ">=") else fails
    return tree


@cache
def _trees() -> tuple[tuple[float, list | int], ...]:
    return tuple((weight, tree) for weight, tree in json.loads((Path(__file__).parent / "marker_hf.json").read_text())["trees"])
