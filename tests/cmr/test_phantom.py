"""The phantom shows what its parameters say: anatomy, contrast of inversion recovery, infarct, noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.cmr.phantom import ZERO, Heart, Scar, phantom
from core.cmr.phantom_body import TISSUES
from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM, NO_REFLOW

SMALL = Heart(slices=4, rows=144, columns=128, spacing_mm=(2.0, 2.0, 20.0), noise=0.005, bias=0.0)
INFERIOR = replace(SMALL, scars=(Scar(225, 315, (0.2, 0.9), 0.9, 0.6),))
SLICES, LABELS = phantom(INFERIOR, 1)


def test_same_arguments_same_stack_other_seed_other_stack():
    again = phantom(INFERIOR, 1)
    assert np.array_equal(SLICES, again[0])
    assert np.array_equal(LABELS, again[1])
    assert not np.array_equal(SLICES, phantom(INFERIOR, 2)[0])


def test_shape_range_and_labels():
    assert SLICES.shape == LABELS.shape == (4, 144, 128)
    assert SLICES.dtype == np.float32
    assert LABELS.dtype == np.uint8
    assert SLICES.min() >= 0
    assert SLICES.max() <= 4095
    assert set(np.unique(LABELS)) == {0, 1, 2, 3, 4}
    assert np.array_equal(SLICES, np.round(SLICES))


def test_ventricle_lies_where_it_is_put_and_tapers_to_the_apex():
    rows, columns = np.nonzero(LABELS[2] > 0)
    x, y = (columns.mean() + 0.5 - 64) * 2, (rows.mean() + 0.5 - 72) * 2
    assert x == pytest.approx(SMALL.centre_mm[0], abs=6)
    assert y == pytest.approx(SMALL.centre_mm[1], abs=6)
    areas = [(mask == CAVITY).sum() for mask in LABELS]
    assert areas == sorted(areas)
    assert areas[0] < 0.6 * areas[-1]
    area = (LABELS[3] == CAVITY).sum() * 4
    assert area == pytest.approx(np.pi * SMALL.cavity_mm**2, rel=0.15)


@pytest.mark.parametrize("sensitive", [True, False])
def test_contrast_is_that_of_inversion_recovery(sensitive: bool):
    slices, labels = phantom(replace(INFERIOR, phase_sensitive=sensitive), 1)
    blood, remote, infarct, core = (np.median(slices[labels == k]) for k in (CAVITY, MYOCARDIUM, INFARCT, NO_REFLOW))
    zero = ZERO if sensitive else 0.0
    assert min(blood, infarct) - zero > 3 * abs(remote - zero), "normal myocardium is nulled"
    assert (core < remote) == sensitive, "a core without agent is still inverted: black with the sign, grey without"
    density, t1 = TISSUES["infarct"]
    wanted = density * (1 - 2 * np.exp(-SMALL.inversion_ms / t1) + np.exp(-SMALL.repetition_ms / t1))
    assert infarct - zero == pytest.approx(3600 * wanted, rel=0.25)


def test_septum_is_on_the_left_lung_above_and_liver_below():
    slices, labels = phantom(SMALL, 1)
    rows, columns = np.nonzero(labels[3] > 0)
    left, middle = columns.min(), round(rows.mean())
    right_ventricle = slices[3, middle - 4:middle + 4, left - 8:left - 4].mean()
    beside = slices[3, middle - 4:middle + 4, columns.max() + 5:columns.max() + 10].mean()
    liver = slices[3, rows.max() + 8:rows.max() + 14, left:left + 8].mean()
    assert right_ventricle > liver > beside + 50
    assert slices[3, :12, :12].mean() == pytest.approx(ZERO, abs=15), "air in the corner"


@pytest.mark.parametrize(("start", "end", "side"), [(45, 135, "above"), (225, 315, "below"), (135, 225, "left"),
                                                    (315, 45, "right")])
def test_infarct_lies_in_its_sector_and_depth(start: float, end: float, side: str):
    labels = phantom(replace(SMALL, scars=(Scar(start, end, transmurality=0.5),), shift_mm=0.0), 1)[1][2]
    wall, infarct = (np.argwhere(mask).mean(0) for mask in (labels > 0, labels == INFARCT))
    down, across = infarct - wall
    assert {"above": -down, "below": down, "left": -across, "right": across}[side] > 8
    share = (labels == INFARCT).sum() / (labels >= MYOCARDIUM).sum()
    assert 0.07 < share < 0.13, "the inner half of a quarter, a little less at its sides"


def test_infarct_keeps_to_its_levels_and_core_lies_within():
    per_slice = [(mask >= INFARCT).any() for mask in LABELS]
    assert per_slice == [False, True, True, True]
    for row, column in np.argwhere(LABELS[2] == NO_REFLOW):
        around = LABELS[2, row - 2:row + 3, column - 2:column + 3]
        assert (around == INFARCT).any()


def test_no_heart_means_no_label_and_no_ring():
    slices, labels = phantom(replace(SMALL, present=False), 1)
    assert not labels.any()
    assert slices.std() > 100


def test_magnitude_noise_is_rician():
    slices, _ = phantom(replace(SMALL, phase_sensitive=False, noise=0.02), 1)
    air = slices[:, :10, :20].ravel() / 3600
    assert air.mean() == pytest.approx(0.02 * np.sqrt(np.pi / 2), rel=0.05)
