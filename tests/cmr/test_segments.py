"""Segments, transmurality and orientation of rings whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cmr import rays
from core.cmr.orientation import guess, insertion_angle
from core.cmr.segments import NAMES, Geometry, in_range, levels, numbers, segment_map, table
from core.cmr.study import CmrStudy
from tests.cmr.rings import polar, ring, stack

STANDARD = Geometry(120, apex_first=False)
CAP = np.where(ring() == 1, 2, 0).astype(np.uint8)  # myocardium without a cavity


def at(angle: float, level: str, geometry: Geometry = STANDARD) -> int:
    return int(numbers(np.array([angle % 360]), level, geometry)[0])


def test_the_standard_view_is_that_of_the_association():
    """Anterior on top, septum on the left, inferior below, lateral on the right; numbers run counter-clockwise."""
    assert [at(a, "basal") for a in (90, 150, 210, 270, 330, 30)] == [1, 2, 3, 4, 5, 6]
    assert [at(a, "mid") for a in (90, 150, 210, 270, 330, 30)] == [7, 8, 9, 10, 11, 12]
    assert [at(a, "apical") for a in (90, 180, 270, 0)] == [13, 14, 15, 16]
    assert at(77, "apex") == 17
    assert at(77, "") == 0
    assert (at(119.9, "basal"), at(120.1, "basal")) == (1, 2)  # the insertion parts anterior from anteroseptal
    assert (at(239.9, "basal"), at(240.1, "basal")) == (3, 4)  # and 120 degrees on inferoseptal from inferior
    assert [NAMES[n] for n in (1, 9, 14)] == ["basal anterior", "mid inferoseptal", "apical septal"]


def test_a_mirrored_picture_turns_the_numbers():
    mirrored = Geometry(60, mirrored=True, apex_first=False)
    for level in ("basal", "mid", "apical"):
        for angle in np.arange(3.0, 360, 11):
            assert at(180 - angle, level, mirrored) == at(angle, level)
    labels = stack(*[ring(130, 40, (0, 0.5))] * 3)
    for a, b in zip(table(labels[..., ::-1], mirrored), table(labels, STANDARD), strict=False):
        assert (a.name, a.pixels, a.scar_share) == (b.name, b.pixels, b.scar_share)
        assert a.transmurality_mean == pytest.approx(b.transmurality_mean)


def test_a_full_ring_has_equal_segments():
    rows = table(stack(*[ring()] * 3), STANDARD, (1.0, 1.0, 8.0))
    assert [row.number for row in rows] == list(range(1, 18))
    one = (ring() == 2).sum()
    for row in rows[:16]:
        assert row.pixels == pytest.approx(one / (6 if row.number < 13 else 4), rel=0.02)
        assert row.scar_share == row.transmurality_mean == row.transmurality_max == row.endocardial_extent == 0
        assert row.myocardium_ml == pytest.approx(row.pixels * 8 / 1000)
    assert sum(row.pixels for row in rows) == 3 * one
    assert rows[16].pixels == 0
    assert rows[16].scar_share is None


@pytest.mark.parametrize(("depth", "transmurality", "endocardial"), [
    ((0, 0.5), 50, 100), ((0, 0.25), 25, 100), ((0, 1), 100, 100), ((0.5, 1), 50, 0), ((0.3, 0.6), 30, 0)])
def test_transmurality_is_the_depth_of_the_scar(depth, transmurality, endocardial):
    whole = table(stack(*[ring(120, 60, depth)] * 3), STANDARD)
    assert whole[1].transmurality_mean == pytest.approx(transmurality, abs=2)
    assert whole[1].transmurality_max == pytest.approx(transmurality, abs=6)
    assert whole[1].endocardial_extent == pytest.approx(endocardial, abs=7)
    for other in (0, 2, 3, 4, 5):
        assert whole[other].scar_share < 0.5
        assert whole[other].endocardial_extent < 7
    edges = [20 + 20 * part for part in depth]
    assert whole[1].scar_share == pytest.approx(100 * (edges[1] ** 2 - edges[0] ** 2) / 1200, abs=2)


def test_half_a_segment_of_scar_keeps_its_depth():
    row = table(stack(*[ring(150, 30, (0, 0.5))] * 3), STANDARD)[1]
    assert row.transmurality_mean == pytest.approx(50, abs=5)
    assert row.endocardial_extent == pytest.approx(50, abs=7)
    assert row.scar_share == pytest.approx(50 * 500 / 1200, abs=1.5)


def test_unequal_spacing_gives_the_same_answer():
    spacing = (0.6, 1.3, 8.0)
    round_ = table(stack(*[ring(100, 170, (0, 0.4))] * 6), STANDARD, (1.0, 1.0, 8.0))
    skewed = table(stack(*[ring(100, 170, (0, 0.4), spacing[:2])] * 6), STANDARD, spacing)
    for a, b in zip(round_[:16], skewed[:16], strict=False):
        assert b.myocardium_ml == pytest.approx(a.myocardium_ml, rel=0.03)
        assert b.scar_share == pytest.approx(a.scar_share, abs=2)
        assert b.endocardial_extent == pytest.approx(a.endocardial_extent, abs=7)
        assert b.transmurality_mean == pytest.approx(a.transmurality_mean, abs=4)


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 360), st.booleans())
def test_turning_the_heart_and_its_insertion_changes_nothing(turn, mirrored):
    sign = -1 if mirrored else 1
    start = sign * 130 - (80 if mirrored else 0)

    def shares(by: float) -> list[float]:
        labels = stack(*[ring((start + by) % 360, 80, (0, 0.5))] * 3)
        return [s.scar_share for s in table(labels, Geometry((sign * 120 + by) % 360, mirrored, False))[:16]]

    np.testing.assert_allclose(shares(turn), shares(0), atol=2.5)


def test_levels_are_thirds_and_the_base_takes_the_remainder():
    def of(n: int, apex_first: bool = False) -> list[str]:
        return levels(stack(*[ring()] * n), Geometry(120, apex_first=apex_first))

    assert of(6) == ["basal"] * 2 + ["mid"] * 2 + ["apical"] * 2
    assert of(7) == ["basal"] * 3 + ["mid"] * 2 + ["apical"] * 2
    assert of(8) == ["basal"] * 3 + ["mid"] * 3 + ["apical"] * 2
    assert of(8, True) == of(8)[::-1]
    assert of(1) == ["mid"]
    assert of(2) == ["basal", "mid"]


def test_the_apex_is_what_has_no_cavity_at_the_apical_end():
    nothing = np.zeros_like(CAP)
    labels = stack(nothing, CAP, ring(), ring(), ring(), CAP, CAP)
    base_first = levels(labels, STANDARD)
    assert base_first == ["", "basal", "basal", "mid", "apical", "apex", "apex"]
    assert levels(labels, Geometry(apex_first=True)) == ["", "apex", "apical", "mid", "mid", "basal", "basal"]
    assert levels(stack(CAP, CAP), STANDARD) == ["", ""]  # no cavity anywhere: no level can be told
    assert levels(stack(nothing), STANDARD) == [""]
    rows = table(np.where((labels == 2) & (np.arange(7)[:, None, None] > 4), 3, labels), STANDARD)
    assert rows[16].scar_share == 100
    assert rows[16].transmurality_mean is None
    assert rows[16].pixels == 2 * (CAP > 0).sum()


def test_excluded_slices_are_out_of_everything():
    labels = stack(*[ring(0, 90)] * 5)
    geometry = Geometry(120, apex_first=False, excluded=(0, 4, 99))
    assert levels(labels, geometry) == ["", "basal", "mid", "apical", ""]
    assert not segment_map(labels, geometry)[[0, 4]].any()
    assert segment_map(labels, geometry)[1:4].any()
    assert not in_range(labels, geometry)[[0, 4]].any()
    assert labels[0].any()
    np.testing.assert_array_equal(in_range(labels, geometry)[1:4], labels[1:4])


def test_the_map_covers_the_myocardium_and_nothing_else():
    labels = stack(*[ring(0, 200, no_reflow=True)] * 5)
    placed = segment_map(labels, STANDARD)
    assert placed.dtype == np.uint8
    np.testing.assert_array_equal(placed > 0, labels >= 2)
    _, angle = polar()
    basal = placed[0]
    assert set(basal[(labels[0] >= 2) & (angle > 61) & (angle < 119)]) == {1}


def test_the_middle_is_that_of_the_filled_cavity():
    labels = ring()
    radius, angle = polar()
    labels[(radius > 5) & (radius < 14) & (angle < 60)] = 0  # a papillary muscle
    assert rays.centre(labels) == pytest.approx((90, 100), abs=0.05)
    assert rays.centre(CAP) == pytest.approx((90, 100), abs=0.05)
    assert rays.centre(np.zeros((9, 9), np.uint8)) is None
    shares, inner = rays.chords(np.zeros((9, 9), np.uint8))
    assert np.isnan(shares).all()
    assert not inner.any()


def scan(septum: float, mirrored: bool = False) -> tuple[CmrStudy, np.ndarray]:
    """Bright cavity, dark wall and lung, and beside 110 degrees of the wall the bright right ventricle, with noise."""
    radius, angle = polar()
    picture = np.where(radius < 20, 200.0, 30.0)
    picture[(radius >= 31) & (radius < 60) & (np.abs((angle - septum + 180) % 360 - 180) < 55)] = 190
    picture += np.random.default_rng(0).normal(0, 8, picture.shape)
    slices = stack(*[picture.astype(np.float32)] * 4)
    return CmrStudy(slices, mirrored=mirrored), stack(*[ring(outer=30)] * 4)


@pytest.mark.parametrize("turn", [-40, 0, 35])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_guess_finds_the_right_ventricle(turn, mirrored):
    septum = (0 if mirrored else 180) + turn
    study, labels = scan(septum, mirrored)
    expected = septum + 55 if mirrored else septum - 55
    assert insertion_angle(study, labels, mirrored) == pytest.approx(expected % 360, abs=6)
    assert guess(study, labels).insertion_angle_deg == pytest.approx(expected % 360, abs=6)


def test_pictures_that_do_not_show_it_are_not_believed():
    study, labels = scan(180)
    assert insertion_angle(CmrStudy(-study.slices), labels) is None  # blood darker than the wall
    radius, _ = polar()
    alone = np.where(radius < 20, 200, 30).astype(np.float32)
    assert insertion_angle(CmrStudy(stack(*[alone] * 4)), labels) is None


def test_the_guess_prefers_what_the_file_says():
    labels = stack(ring(inner=10), ring(), ring(inner=30))
    flat = np.zeros(labels.shape, np.float32)
    assert guess(CmrStudy(flat), labels) == Geometry(120, False, True)
    assert guess(CmrStudy(flat), labels[::-1]) == Geometry(120, False, False)
    assert guess(CmrStudy(flat, apex_first=False, mirrored=True), labels) == Geometry(60, True, False)
    assert guess(CmrStudy(flat), np.zeros_like(labels)) == Geometry(120, False, True)
