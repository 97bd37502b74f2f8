"""EMIDEC's layout, its folds, and the masks and scores of scans."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel
import numpy as np
import pytest

from core.cmr.training.data import description, folds, identity_of, load
from core.cmr.training.recipe import EMIDEC
from core.cmr.training.robustness import move
from core.cmr.training.scores import figures, scan_scores, share_error
from core.uploads import InputError
from tests.conftest import DATA


def write_case(folder: Path, name: str, slices: np.ndarray, labels: np.ndarray) -> None:
    for part, array in (("Images", slices), ("Contours", labels)):
        (folder / name / part).mkdir(parents=True)
        image = nibabel.Nifti1Image(array.transpose(2, 1, 0), np.eye(4))
        (folder / name / part / f"{name}.nii.gz").write_bytes(gzip.compress(image.to_bytes()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in [f"Case_P{k:03d}" for k in (1, 2, 3, 59, 72, 80)] + [f"Case_N{k:03d}" for k in (4, 5, 6, 7, 8)]:
        labels = np.zeros((3, 24, 32), np.uint8)
        labels[:, 8:16, 10:20] = 2
        write_case(tmp_path, name, rng.integers(0, 200, (3, 24, 32)).astype(np.int16), labels)
    return tmp_path


def test_cases_are_slices_rows_columns(folder):
    scans = load(folder)
    assert len(scans) == 11
    assert scans[0].slices.shape == (3, 24, 32)
    assert scans[0].labels.dtype == np.uint8
    assert [c.infarct for c in scans] == [False] * 5 + [True] * 6
    assert (scans[0].labels[0, 8:16, 10:20] == 2).all()


def test_folds_are_stratified_and_keep_the_near_duplicates_together(folder):
    scans = load(folder)
    fold, at = folds(scans), {c.name: i for i, c in enumerate(scans)}
    assert sorted(fold[:5]) == [0, 1, 2, 3, 4]
    assert fold[at["Case_P059"]] == fold[at["Case_P072"]]
    assert np.array_equal(fold, folds(scans))


def test_what_is_missing_is_named(folder, tmp_path):
    with pytest.raises(InputError, match="no Case"):
        load(tmp_path / "Case_P001")
    for path in (folder / "Case_P001" / "Contours").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="Case_P001 has no Contours"):
        load(folder)


def test_dice_of_the_unions_by_hand():
    truth, labels = np.zeros((2, 6, 6), np.uint8), np.zeros((2, 6, 6), np.uint8)
    truth[0, 0, :4], labels[0, 0, :4] = [1, 2, 3, 4], [1, 3, 3, 2]
    row = scan_scores(labels, truth)
    assert row["cavity"] == 1
    assert row["myocardium"] == 1
    assert row["infarct"] == pytest.approx(2 * 1 / (2 + 2))
    assert row["no_reflow"] == 0
    assert row["share"] == pytest.approx(200 / 3)
    assert row["true_share"] == pytest.approx(200 / 3)
    nothing = scan_scores(np.zeros_like(labels), truth)
    assert nothing["myocardium"] == 0
    assert np.isnan(nothing["hausdorff"])
    assert nothing["share"] == 0


def test_figures_are_means_over_the_cases_they_name():
    row = {"cavity": 0.9, "myocardium": 0.8, "infarct": np.nan, "no_reflow": np.nan, "hausdorff": 2.0, "share": 1.0,
           "true_share": 0.0, "score": -4.0}
    ill = row | {"infarct": 0.6, "share": 10.0, "true_share": 14.0, "score": -1.0}
    found = {f["name"]: f for f in figures([row, row, ill, ill], np.array([False, False, True, True]), "here")}
    assert found["Dice, infarct, cases with infarct"]["value"] == 0.6
    assert found["Dice, infarct, cases with infarct"]["n"] == 2
    assert found["Infarct share, mean absolute error, all cases"]["value"] == 2.5
    assert found["False infarct, cases without, share of the myocardium"]["value"] == 1.0
    assert found["AUC, infarct against none"]["value"] == 1.0
    assert not any("no-reflow" in name for name in found)


def test_moving_loses_what_leaves_and_fills_with_nothing():
    stack = np.arange(12).reshape(1, 3, 4)
    assert move(stack, 1, -2)[0].tolist() == [[0, 0, 0, 0], [2, 3, 0, 0], [6, 7, 0, 0]]
    assert np.array_equal(move(stack, 0, 0), stack)


def test_the_conformal_radius_is_the_error_of_its_rank():
    rows = [{"share": k**2, "true_share": 0.0} for k in range(1, 100)]
    assert share_error(rows, 0.9) == pytest.approx(90)


@pytest.mark.skipif(not (DATA / "emidec").is_dir(), reason="the open EMIDEC data is not beside the project")
def test_the_published_data_loads():
    scans = load(DATA / "emidec")
    assert len(scans) == 80
    assert sum(c.infarct for c in scans) == 53
    fold, at = folds(scans), {c.name: i for i, c in enumerate(scans)}
    assert fold[at["Case_P059"]] == fold[at["Case_P072"]]
    assert description(scans) == EMIDEC
    assert identity_of(scans)["files"] == 160
    assert all(10 <= (fold[:27] == k).sum() + (fold[27:] == k).sum() <= 18 for k in range(5))
