"""What is no late-enhancement heart is refused in one sentence: by its words, its size, its shape, its blood."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.cmr.formats.sequence import other
from core.cmr.phantom import Heart, phantom
from core.cmr.plausible import doubt, ring
from core.cmr.study import CmrStudy
from tests.cmr import rings

HEART = Heart()
SLICES, LABELS = phantom(HEART, 1)
STUDY = CmrStudy(SLICES, spacing_mm=HEART.spacing_mm)


@pytest.mark.parametrize("words", [
    "MOLLI_T1_map_SAX", "t2_stir_sax", "SAX STIR", "perfusion rest", "FirstPass", "LGE_4ch_PSIR", "PSIR 4 chamber", "cine_sax",
    "patient001_frame01.nii.gz", "A1D0_SA_ED.nii.gz", "gre_field_mapping", "ti_scout", "localizer"])
def test_words_that_say_something_else(words):
    assert other(words)


@pytest.mark.parametrize("words", [
    "LGE_SAX_PSIR", "DE_SAX_MAG", "trufi_psir_LGE", "LGE short axis 3ch sa", "Case_P001.nii.gz", "series", "DHE SA", "scan.nrrd",
    "late_t2prep_sax", "ORIGINAL PRIMARY M ND GR IR"])
def test_words_that_do_not(words):
    assert other(words) is None


def test_a_heart_is_believed():
    assert doubt(STUDY, LABELS) is None
    assert doubt(replace(STUDY, spacing_mm=None), LABELS) is None
    assert doubt(CmrStudy(SLICES[4:5], spacing_mm=HEART.spacing_mm), LABELS[4:5]) is None
    scarred = np.where((LABELS == 2) & (np.arange(LABELS.shape[2]) < 90), 3, LABELS).astype(np.uint8)
    assert doubt(STUDY, scarred) is None


def test_sizes_that_no_heart_has():
    for spacing, said in (((6.0, 6.0, 10.0), " g"), ((0.6, 0.6, 10.0), "mm wide"), ((1.5, 1.5, 40.0), " g"),
                          ((1.5, 1.5, 1.5), " g")):
        found = doubt(replace(STUDY, spacing_mm=spacing), LABELS)
        assert found.level == "refuse"
        assert said in found.message
        assert "spacing" in found.message
    apex = np.where(np.arange(9)[:, None, None] < 3, LABELS, 0).astype(np.uint8)
    assert doubt(STUDY, apex) is None, "a part of a heart has no least mass"


def test_shapes_that_are_no_ring():
    assert ring(rings.ring()) == pytest.approx((1.0, 1.0), abs=0.03)
    assert ring(rings.ring(spacing=(1.0, 2.0))) == pytest.approx((1.0, 1.0), abs=0.05)
    filled = np.where(LABELS > 0, 1, 0).astype(np.uint8)
    half = np.where(np.arange(LABELS.shape[1])[:, None] < 85, LABELS, np.minimum(LABELS, 1)).astype(np.uint8)
    assert "ring" in doubt(STUDY, filled).message
    assert "ring" in doubt(STUDY, np.where(LABELS == 1, 0, half).astype(np.uint8)).message


def test_dark_blood_is_no_late_enhancement():
    found = doubt(replace(STUDY, slices=SLICES.max() - SLICES), LABELS)
    assert "not brighter" in found.message
