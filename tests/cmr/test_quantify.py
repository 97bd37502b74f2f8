"""Shares, volumes and masses of rings against the formula of the annulus; agreement against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.cmr.quantify import agreement, burden, millilitres
from tests.cmr.rings import INNER, OUTER, ring, stack

SPACING = (1.0, 1.0, 10.0)


@pytest.mark.parametrize(("width", "depth"), [(90, (0, 1)), (120, (0, 0.5)), (45, (0.5, 1)), (360, (0.25, 0.75))])
def test_the_scar_share_is_that_of_the_annulus_sector(width, depth):
    labels = stack(*[ring(30, width, depth)] * 3)
    edges = [INNER + part * (OUTER - INNER) for part in depth]
    expected = 100 * width / 360 * (edges[1] ** 2 - edges[0] ** 2) / (OUTER**2 - INNER**2)
    assert burden(labels).scar_share == pytest.approx(expected, abs=0.7)
    counted = np.isin(labels, (3, 4)).sum() / np.isin(labels, (2, 3, 4)).sum()
    assert burden(labels).scar_share == pytest.approx(100 * counted)


def test_volumes_and_masses_follow_from_the_spacing():
    labels = stack(*[ring(0, 90, no_reflow=True)] * 4)
    found = burden(labels, SPACING)
    wall = np.pi * (OUTER**2 - INNER**2) * 4 * 10 / 1000
    assert found.myocardium_ml == pytest.approx(wall, rel=0.01)
    assert found.cavity_ml == pytest.approx(np.pi * INNER**2 * 4 * 10 / 1000, rel=0.01)
    assert found.myocardium_g == pytest.approx(1.05 * found.myocardium_ml)
    assert found.scar_g == pytest.approx(found.myocardium_g * found.scar_share / 100)
    assert found.no_reflow_g == pytest.approx(found.myocardium_g * found.no_reflow_share / 100)
    assert 0 < found.no_reflow_share < found.scar_share
    assert found.scar_share == pytest.approx(25, abs=0.5)


def test_another_grid_gives_the_same_answer():
    fine = burden(stack(*[ring(10, 100, (0, 0.6), (0.7, 0.7))] * 3), (0.7, 0.7, 8.0))
    skewed = burden(stack(*[ring(10, 100, (0, 0.6), (0.6, 1.4))] * 3), (0.6, 1.4, 8.0))
    assert skewed.scar_g == pytest.approx(fine.scar_g, rel=0.02)
    assert skewed.scar_share == pytest.approx(fine.scar_share, abs=0.5)


def test_without_depth_there_is_no_volume():
    labels = stack(*[ring(0, 90)] * 2)
    for found in (burden(labels), burden(labels[:1], SPACING)):
        assert found.scar_share == pytest.approx(25, abs=0.5)
        assert {found.myocardium_ml, found.myocardium_g, found.scar_g, found.no_reflow_g, found.cavity_ml} == {None}
    assert millilitres(500, labels, (1.0, 2.0, 5.0)) == pytest.approx(5.0)


def test_nothing_marked_has_no_share_and_no_mass():
    empty = burden(np.zeros((3, 8, 8), np.uint8), SPACING)
    assert empty.scar_share is None
    assert empty.no_reflow_share is None
    assert empty.myocardium_g == 0
    assert empty.scar_g == 0
    healthy = burden(stack(ring(), ring()), SPACING)
    assert healthy.scar_share == 0
    assert healthy.scar_g == 0
    assert healthy.myocardium_g > 0


def test_agreement_counts_within_the_myocardium():
    labels = np.array([[[0, 1, 2, 2, 3, 4, 2, 2]]], np.uint8)  # six of myocardium, two of scar
    mask = np.array([[[1, 1, 0, 0, 1, 0, 1, 0]]], bool)  # two within the myocardium, one of them scar
    model, same, other, none = agreement(
        labels, {"same": labels >= 3, "other": mask, "none": np.zeros(labels.shape, bool)})
    assert (model.method, model.difference, model.dice) == ("Model", None, None)
    assert model.scar_share == pytest.approx(100 / 3)
    assert (same.difference, same.dice) == (0, 1)
    assert other.scar_share == pytest.approx(100 / 3)
    assert other.dice == pytest.approx(0.5)
    assert none.difference == pytest.approx(-100 / 3)
    assert none.dice == 0


def test_agreement_of_nothing_is_not_one():
    healthy = stack(ring(), ring())
    _, row = agreement(healthy, {"FWHM": np.zeros(healthy.shape, bool)})
    assert row.dice is None
    assert row.difference == 0
    _, row = agreement(np.zeros((2, 5, 5), np.uint8), {"FWHM": np.zeros((2, 5, 5), bool)})
    assert row.scar_share is None
    assert row.difference is None
    assert row.dice is None


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="5-SD"):
        agreement(np.zeros((2, 5, 5), np.uint8), {"5-SD": np.zeros((2, 5, 6), bool)})
