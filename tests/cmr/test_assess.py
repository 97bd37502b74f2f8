"""The shipped ensemble on drawn hearts: golden masks, numbers that follow corrections, reasons that hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.assessment import from_json, light, to_json
from core.cmr.assess import TRANSMURAL, assess, corrected, explain, share_interval
from core.cmr.examples import ANTERIOR, INFERIOR, NORMAL, examples
from core.cmr.explain import TARGET
from core.cmr.orientation import guess
from core.cmr.phantom import phantom
from core.cmr.read import read
from core.serving import get
from core.uploads import InputError

TRUTH = {"Phantom: inferior infarct with no-reflow": (INFERIOR, 1), "Phantom: anterior infarct, DICOM series": (ANTERIOR, 2),
         "Phantom: normal heart": (NORMAL, 3)}
GOLDEN = {"Phantom: inferior infarct with no-reflow": (4346, 3291, 791, 135),
          "Phantom: anterior infarct, DICOM series": (4121, 3159, 363, 18), "Phantom: normal heart": (3690, 3725, 0, 0)}


@pytest.fixture(scope="module")
def made() -> dict:
    studies = {name: read(load()) for name, load in examples().items()}
    return {name: (study, assess(study)) for name, study in studies.items()}


@pytest.fixture(scope="module")
def inferior(made):
    return made["Phantom: inferior infarct with no-reflow"]


def value(assessment, name: str):
    return next(m for m in assessment.measurements if m.name == name)


@pytest.mark.parametrize("name", TRUTH)
def test_drawn_hearts_are_found_where_they_were_drawn(made, name):
    heart, seed = TRUTH[name]
    truth, labels = phantom(heart, seed)[1], made[name][1].overlays["labels"]
    for least, enough in ((1, 0.9), (2, 0.75)):
        a, b = labels >= least, truth >= least
        assert 2 * (a & b).sum() / (a.sum() + b.sum()) > enough


@pytest.mark.parametrize("name", TRUTH)
def test_golden_masks(made, name):
    """Pixels of each label, to one in a hundred of the ventricle: arithmetic differs a little between machines."""
    counts = np.bincount(made[name][1].overlays["labels"].ravel(), minlength=5)[1:]
    assert np.abs(counts - GOLDEN[name]).max() <= 0.01 * sum(GOLDEN[name])


def test_no_heart_is_refused_and_nothing_is_invented(made):
    refused = made["Phantom: no heart in the field"][1]
    assert refused.refused
    assert not refused.findings
    assert not refused.measurements
    assert "labels" not in refused.overlays


@pytest.mark.parametrize("seed", [0, 1])
def test_noise_is_refused(inferior, seed):
    noise = np.random.default_rng(seed).normal(500, 100, (4, 120, 140)).astype(np.float32)
    assert assess(replace(inferior[0], slices=noise)).refused


def test_infarct_is_told_from_none(made):
    p = {name: made[name][1].findings[0].probability for name in TRUTH}
    assert p["Phantom: normal heart"] < min(v for k, v in p.items() if "infarct" in k)
    found = made["Phantom: inferior infarct with no-reflow"][1].findings[0]
    assert found.present
    assert found.calibrated
    assert found.code == "infarct_present"


def test_measurements_carry_units_and_intervals(inferior):
    study, made = inferior
    share = value(made, "scar_share")
    assert share.unit == "% of myocardium"
    assert share.interval[0] < share.value < share.interval[1]
    labels = made.overlays["labels"]
    assert share.value == pytest.approx(100 * (labels >= 3).sum() / (labels >= 2).sum())
    grams = 1.05 * (labels >= 3).sum() * np.prod(study.spacing_mm) / 1000
    assert value(made, "scar_mass").value == pytest.approx(grams)
    assert value(made, "infarct_present").value == made.findings[0].probability
    assert {c.name for c in made.comparators} == {f"Scar by {m}" for m in ("2-SD", "3-SD", "5-SD", "FWHM")}
    assert f"{share.value:.1f} %" in made.report["en"][0]


def test_without_spacing_there_are_shares_and_no_grams(inferior):
    study, made = inferior
    bare = corrected(replace(study, spacing_mm=None), made, made.overlays["labels"], guess(study, made.overlays["labels"]))
    assert value(bare, "scar_mass").value is None
    assert value(bare, "scar_mass").note == "spacing unknown"
    assert value(bare, "scar_share").value == value(made, "scar_share").value


def test_the_interval_is_even_on_the_square_root_and_stays_in_range():
    config = get("cmr").config
    radius = config.extra["share_error"]
    low, high = share_interval(25.0, config)
    assert 5 - np.sqrt(low) == pytest.approx(min(radius, 5))
    assert np.sqrt(high) - 5 == pytest.approx(radius)
    assert share_interval(0.0, config)[0] == 0
    assert share_interval(99.9, config)[1] <= 100
    assert share_interval(None, config) is None


def test_numbers_follow_a_correction_and_the_finding_stays(inferior):
    study, made = inferior
    labels = made.overlays["labels"].copy()
    labels[labels >= 3] = 2
    clean = corrected(study, made, labels, guess(study, labels))
    share = value(clean, "scar_share")
    assert share.value == 0
    assert share.source == "corrected by hand"
    assert share.interval is None
    assert clean.findings == made.findings
    assert np.array_equal(clean.overlays["labels"], labels)
    again = corrected(study, clean, made.overlays["labels"], guess(study, labels))
    assert value(again, "scar_share").value == value(made, "scar_share").value


def test_a_slice_out_of_range_counts_no_more(inferior):
    study, made = inferior
    labels = made.overlays["labels"]
    fewer = corrected(study, made, labels, replace(guess(study, labels), excluded=(0, 1)))
    assert value(fewer, "myocardial_mass").value < value(made, "myocardial_mass").value
    assert "slice 1, 2" in fewer.report["en"][-1]


def test_segments_name_the_wall_that_was_drawn(inferior):
    share = inferior[1].overlays["segment_scar_share"]
    assert np.nanargmax(share) + 1 in (3, 4, 9, 10, 15)  # inferior and inferoseptal
    assert np.nanmax(inferior[1].overlays["segment_transmurality"]) > TRANSMURAL


def test_progress_is_reported_slice_by_slice(inferior):
    seen = []
    assess(inferior[0], done=lambda k, n: seen.append((k, n)))
    assert seen == [(k + 1, len(inferior[0].slices)) for k in range(len(inferior[0].slices))]


def test_json_round_trip_leaves_the_mask_to_files(inferior):
    slim = light(inferior[1])
    assert "labels" not in slim.overlays
    assert "segment_scar_share" in slim.overlays
    assert from_json(to_json(slim)).measurements == slim.measurements


@pytest.mark.parametrize("method", ["grad_cam", "integrated_gradients"])
def test_maps_point_at_the_marked_infarct(inferior, method):
    (study, _), seen = inferior, []
    reason = explain(study, TARGET, method, done=lambda k, n: seen.append((k, n)))
    assert seen == [(k + 1, len(study.slices)) for k in range(len(study.slices))]
    assert reason.values.shape == study.slices.shape
    assert np.abs(reason.values).max() == pytest.approx(1)
    check = reason.faithfulness
    assert check["mass_inside"] > 3 * check["area"]
    assert check["holds"]


@pytest.mark.parametrize(("target", "method"), [("scar:nothing", "grad_cam"), (TARGET, "guess")])
def test_unknown_questions_are_named(inferior, target, method):
    with pytest.raises(InputError):
        explain(inferior[0], target, method)


def test_one_slice_and_a_large_picture_work(inferior):
    study = inferior[0]
    one = replace(study, slices=study.slices[7:8])
    assert value(assess(one), "scar_mass").note == "one slice"
    large = replace(study, slices=np.kron(study.slices[5:9], np.ones((1, 4, 4), np.float32)))
    assert assess(large).overlays["labels"].shape == (4, 832, 768)


def test_the_dae_former_is_selectable(inferior):
    made = assess(inferior[0], "cmr_dae_former")
    assert made.model.name == "cmr_dae_former"
    assert not made.refused
    assert value(made, "scar_share").value > 1
