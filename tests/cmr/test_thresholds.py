"""Thresholds on rings with known signal."""

from __future__ import annotations

import numpy as np
import pytest

from core.cmr.quantify import agreement, share
from core.cmr.thresholds import ISLAND, fwhm, methods, n_sd, remote
from tests.cmr.rings import polar, ring, stack

MEAN, SD, SCAR = 100.0, 5.0, 200.0


def signal(labels: np.ndarray, scar: float = SCAR, seed: int = 3) -> np.ndarray:
    """Normal myocardium N(MEAN, SD), scar N(scar, SD), blood bright, no-reflow as dark as normal myocardium."""
    means = np.array([30, 230, MEAN, scar, MEAN])[labels]
    return np.random.default_rng(seed).normal(means, SD).astype(np.float32)


def test_remote_is_normal_myocardium_away_from_scar_and_borders():
    labels = stack(*[ring(0, 120)] * 3)
    slices = signal(labels)
    found = remote(slices, labels)
    assert found.dtype == bool
    assert (labels[found] == 2).all()
    assert found.any((1, 2)).all()
    radius, _ = polar()
    assert radius[found[0]].min() > 20.9
    assert radius[found[0]].max() < 39.5
    assert slices[found].mean() == pytest.approx(MEAN, abs=1.5)
    assert slices[found].std() == pytest.approx(SD, rel=0.1)


def test_remote_is_the_darkest_sector():
    labels = stack(ring(), ring())
    _, angle = polar()
    slices = signal(labels) - 40 * np.float32((angle >= 200) & (angle < 260))
    found = remote(slices, labels)
    assert angle[found[0]].min() >= 200
    assert angle[found[0]].max() <= 260


def test_nothing_to_compare_with_is_an_error():
    labels = np.where(ring() == 2, 3, ring())[None].repeat(2, 0)
    for method in (methods, fwhm, lambda s, m: n_sd(s, m, 5)):
        with pytest.raises(ValueError, match="too little normal myocardium"):
            method(signal(labels), labels)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_threshold_is_n_standard_deviations_above_remote(n):
    """Scar far above is found whole; a ramp is cut where the formula says."""
    labels = stack(ring(0, 180), ring(0, 180))
    normal = labels == 2
    slices = signal(labels)
    drawn = normal & (np.arange(labels.shape[1])[:, None] > 100)
    values = slices[0][drawn[0]]
    cut = values.mean() + n * values.std(ddof=1)
    scar = labels[0] == 3
    slices[0][scar] = np.linspace(cut - 20, cut + 60, scar.sum())  # by rows: no islands but at the border
    found = n_sd(slices, labels, n, drawn)
    assert (found[0] & scar & (slices[0] > cut)).sum() == pytest.approx((scar & (slices[0] > cut)).sum(), rel=0.02)
    assert not (found[0] & scar & (slices[0] <= cut)).sum() > 0.1 * scar.sum()
    assert found[1][labels[1] == 3].all()


def test_methods_find_the_scar_and_agree():
    labels = stack(*[ring(20, 100, (0, 0.6))] * 3)
    masks = methods(signal(labels), labels)
    assert list(masks) == ["2-SD", "3-SD", "5-SD", "FWHM"]
    rows = {row.method: row for row in agreement(labels, masks)}
    assert rows["FWHM"].dice > 0.99
    assert abs(rows["FWHM"].difference) < 0.5
    assert rows["5-SD"].dice > 0.99
    assert abs(rows["5-SD"].difference) < 0.5
    assert rows["2-SD"].scar_share >= rows["3-SD"].scar_share >= rows["5-SD"].scar_share
    for mask in masks.values():
        assert mask.dtype == bool
        assert not mask[labels < 2].any()


def test_each_slice_has_its_own_threshold():
    labels = stack(*[ring(20, 100)] * 2)
    slices = signal(labels)
    slices[1] *= 3  # a coil brightens the second
    found = n_sd(slices, labels, 5)
    for i in (0, 1):
        assert (found[i] == (labels[i] == 3)).mean() > 0.999


def test_a_slice_of_scar_alone_takes_the_threshold_of_the_stack():
    whole = np.where(ring() == 2, 3, ring())
    labels = stack(ring(0, 90), whole)
    assert n_sd(signal(labels), labels, 5)[1][whole == 3].all()


def test_half_of_the_maximum_is_counted_from_remote():
    labels = stack(ring(0, 180), ring(0, 180))
    _, angle = polar()
    slices = signal(labels)
    grey = (labels == 3) & (angle < 60)
    for level, kept in ((160.0, True), (140.0, False)):  # remote 100, scar 200: half the way is 150
        shifted = np.where(grey, np.float32(level), slices)
        for offset in (0, 1000, -500):  # the zero of the scale is arbitrary
            assert fwhm(shifted + offset, labels)[grey].mean() == pytest.approx(float(kept), abs=0.02)


def test_a_normal_heart_has_no_scar_by_fwhm_and_5_sd():
    labels = stack(*[ring()] * 4)
    masks = methods(signal(labels), labels)
    assert not masks["FWHM"].any()
    assert not masks["5-SD"].any()
    assert share(masks["2-SD"].sum(), (labels >= 2).sum()) < 3


def test_islands_are_noise():
    labels = stack(ring(0, 90), ring(0, 90))
    slices = signal(labels)
    slices[0, 120:122, 100:103] = 400  # six pixels of normal myocardium
    assert labels[0, 120:122, 100:103].tolist() == [[2] * 3] * 2
    assert 6 < ISLAND
    assert not n_sd(slices, labels, 5)[0, 120:122, 100:103].any()
    slices[0, 120:124, 100:103] = 400
    assert n_sd(slices, labels, 5)[0, 120:124, 100:103].all()


def test_a_dark_core_enclosed_by_scar_counts_as_scar():
    labels = stack(*[ring(20, 120, no_reflow=True)] * 2)  # open at both ends, as drawn
    radius, angle = polar()
    ends = ((angle - 20) % 360 < 15) | ((angle - 125) % 360 < 15)
    labels[:, ends & (labels[0] == 4)] = 3
    masks = methods(signal(labels), labels)
    assert masks["5-SD"][labels == 4].all()
    assert masks["FWHM"][labels == 4].all()


def test_a_core_between_scar_and_cavity_counts_as_scar():
    labels = stack(*[ring(20, 120)] * 2)
    radius, angle = polar()
    labels[:, (radius >= 20) & (radius < 28) & ((angle - 50) % 360 < 60)] = 4
    assert fwhm(signal(labels), labels)[labels == 4].mean() > 0.98
