"""MARKER-HF against what its authors' own code prints, and its trees one by one where they can be told apart."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.heart_failure import marker_hf

NAMES = tuple(marker_hf.BOUNDS)
EXAMPLE = dict(zip(NAMES, (80, 12, 100, 16, 30, 1000, 4.2, 27), strict=True))  # of the authors' README
TREES = json.loads((Path(marker_hf.__file__).parent / "marker_hf.json").read_text())["trees"]


def test_example_of_the_authors():
    assert marker_hf.score(EXAMPLE) == pytest.approx(-0.102185, abs=1e-6)


def test_trees_are_whole():
    assert len(TREES) == 200
    assert sum(weight for weight, _ in TREES) == pytest.approx(59.83754259471197, rel=1e-15)  # what their code divides by
    cuts = [(node[0], node[2]) for _, tree in TREES for node in nodes(tree)]
    assert all(float(np.float32(cut)) == cut for _, cut in cuts)  # trained in single precision: a digit lost would show
    assert all(marker_hf.BOUNDS[name][0] <= cut <= marker_hf.BOUNDS[name][1] for name, cut in cuts)


def nodes(tree):
    if isinstance(tree, list):
        yield tree
        yield from nodes(tree[3])
        yield from nodes(tree[4])


def test_first_tree_by_hand():
    # albumin from 3.32 and platelets from 127.6: for life; either below: against it
    def vote(albumin, platelets):
        return marker_hf._vote(TREES[0][1], {**EXAMPLE, "albumin": albumin, "platelets": platelets})
    assert (vote(4, 200), vote(4, 100), vote(3, 200), vote(3, 100)) == (-1, 1, 1, 1)


def test_worse_values_score_higher():
    well = dict(zip(NAMES, (82, 0.9, 12, 14.2, 6.5, 240, 4.5, 13.0), strict=True))
    ill = dict(zip(NAMES, (42, 3.5, 70, 7.5, 18, 100, 2.2, 21.0), strict=True))
    assert -1 <= marker_hf.score(well) < -0.2 < 0.2 < marker_hf.score(ill) <= 1
    assert marker_hf.survival_1y(marker_hf.score(well)) > 0.9
    assert marker_hf.survival_1y(marker_hf.score(ill)) < 0.5


def test_survival_as_published():
    assert marker_hf.survival_1y(0.45881 - 0.594762) == pytest.approx(0.0678405 * (1 + 13.6102 * 0.8427008), abs=1e-6)  # erf(-1)
    below, above = marker_hf.survival_1y(0.45), marker_hf.survival_1y(0.55)
    assert above == pytest.approx(below * 0.740818, rel=1e-5)  # exp(-0.3)
    falling = [marker_hf.survival_1y(x / 20) for x in range(-20, 21)]
    assert all(a > b for a, b in zip(falling, falling[1:], strict=False))
    assert 0 < falling[-1] < falling[0] < 1


def test_without_an_input_or_outside_there_is_no_score():
    lacking = {k: v for k, v in EXAMPLE.items() if k != "rdw"}
    assert marker_hf.score(lacking) is None
    assert marker_hf.missing(lacking) == ("rdw",)
    assert marker_hf.score({**EXAMPLE, "diastolic": 130}) is None
    assert marker_hf.outside({**EXAMPLE, "diastolic": 130}) == ("diastolic",)
