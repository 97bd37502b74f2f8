"""Where a map points: radiological convention, two spots, no spot, and shares inside a mask."""

from __future__ import annotations

import numpy as np
import pytest

from core.cxr.regions import mass_inside, region


def spot(y: float, x: float, shape: tuple[int, int] = (224, 180)) -> np.ndarray:
    rows, columns = np.mgrid[:shape[0], :shape[1]]
    return np.exp(-((rows / shape[0] - y) ** 2 + (columns / shape[1] - x) ** 2) / 0.01)


@pytest.mark.parametrize(("y", "x", "words"), [
    (0.8, 0.75, "left lower zone"), (0.2, 0.25, "right upper zone"), (0.5, 0.3, "right mid zone"),
    (0.5, 0.5, "central mid zone"),
])
def test_region_in_radiological_convention(y, x, words):
    assert region(spot(y, x)) == words


def test_region_of_two_spots_of_none_and_of_what_speaks_against():
    assert region(spot(0.8, 0.2) + spot(0.8, 0.8)) == "both lower zones"
    assert region(np.zeros((20, 20))) == ""
    assert region(spot(0.2, 0.2) - 2 * spot(0.8, 0.8)) == "right upper zone"
    one = np.zeros((224, 224))
    one[10, 200] = 1
    assert region(one) == "left upper zone"


def test_mass_inside_counts_what_speaks_for():
    values = np.array([[3.0, 1.0], [-5.0, 0.0]])
    assert mass_inside(values, np.array([[True, False], [True, False]])) == pytest.approx(0.75)
    assert np.isnan(mass_inside(np.zeros((2, 2)), np.ones((2, 2), bool)))
    with pytest.raises(ValueError, match="shape"):
        mass_inside(values, np.ones((3, 3), bool))
