"""The room on the command line: stacks in, numbers and masks on the grid of the scans out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import nibabel
import numpy as np
import pytest

from core.__main__ import main
from core.cmr.assess import assess
from core.cmr.examples import examples
from core.cmr.export import dicom_seg
from core.cmr.read import read
from tests.cmr.training.test_data import write_case


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A stack as EMIDEC lays it out, a DICOM folder, a stack without a heart and a broken file."""
    folder = tmp_path_factory.mktemp("stacks")
    files = {one.name: one.files for one in examples()}
    scan = files["Phantom: inferior infarct with no-reflow"][0]
    array = np.asanyarray(nibabel.Nifti1Image.from_bytes(gzip.decompress(scan.data)).dataobj).transpose(2, 1, 0)
    write_case(folder, "Case_P900", array, np.zeros(array.shape, np.uint8))
    (folder / "series").mkdir()
    for upload in files["Phantom: anterior infarct, DICOM series"]:
        (folder / "series" / upload.name).write_bytes(upload.data)
    (folder / "empty.nii.gz").write_bytes(files["Phantom: no heart in the field"][0].data)
    (folder / "broken.nii.gz").write_bytes(scan.data[:2000])
    return folder


def test_predict_writes_one_line_and_one_mask_per_stack(folder, tmp_path, capsys):
    out, masks = tmp_path / "r.jsonl", tmp_path / "masks"
    assert main(["predict", "cmr", str(folder), "--out", str(out), "--masks", str(masks), "--quiet"]) == 0
    lines = {line["study"]: line for line in map(json.loads, out.read_text().splitlines())}
    assert set(lines) == {"Case_P900", "series", "empty.nii.gz", "broken.nii.gz"}
    assert "error" in lines["broken.nii.gz"]
    assert lines["broken.nii.gz"]["error"]["remedy"]
    assert "mask" not in lines["empty.nii.gz"]
    assert sorted(p.name for p in masks.iterdir()) == ["Case_P900.nii.gz", "series.nii.gz"]
    numbers = {m["code"]: m["value"] for m in lines["Case_P900"]["assessment"]["measurements"]}
    mask = nibabel.load(masks / "Case_P900.nii.gz")
    scan = nibabel.load(folder / "Case_P900" / "Images" / "Case_P900.nii.gz")
    labels = np.asanyarray(mask.dataobj)
    assert mask.shape == scan.shape
    assert np.allclose(mask.affine, scan.affine)
    assert set(np.unique(labels)) <= set(range(5))
    assert numbers["scar_share"] == pytest.approx(100 * (labels >= 3).sum() / (labels >= 2).sum())
    assert 0 <= numbers["infarct_present"] <= 1
    assert "labels" not in lines["Case_P900"]["assessment"]["overlays"]


def test_files_of_one_name_keep_their_masks_apart(folder, tmp_path):
    scan = next((folder / "Case_P900" / "Images").iterdir()).read_bytes()
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "scan.nii.gz").write_bytes(scan)
    paths = [str(tmp_path / place / "scan.nii.gz") for place in ("a", "b")]
    assert main(["predict", "cmr", *paths, "--out", str(tmp_path / "r.jsonl"), "--masks", str(tmp_path / "m"), "--quiet"]) == 0
    assert len(list((tmp_path / "m").iterdir())) == 2
    assert (tmp_path / "m" / "scan.nii.gz").exists()


def test_a_manifest_may_name_folders_and_spacing(folder, tmp_path):
    (folder / "list.csv").write_text("path,row_spacing,column_spacing,slice_distance\n"
                                     "Case_P900,1.5,1.5,10\nseries,,,\n")
    assert main(["predict", "cmr", str(folder / "list.csv"), "--out", str(tmp_path / "r.jsonl"), "--quiet"]) == 0
    lines = [json.loads(line)["assessment"] for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert all({m["code"]: m["value"] for m in line["measurements"]}["scar_mass"] > 0 for line in lines)


def test_the_model_is_chosen_by_its_folder(folder, tmp_path):
    out = tmp_path / "r.jsonl"
    assert main(["predict", "cmr", str(folder / "Case_P900"), "--out", str(out), "--weights", "cmr_dae_former", "--quiet",
                 "--masks", str(tmp_path)]) == 0
    line = json.loads(out.read_text())
    assert line["assessment"]["model"]["name"] == "cmr_dae_former"
    assert (tmp_path / "Case_P900.nii.gz").exists()


def test_rooms_without_masks_say_so(tmp_path, capsys):
    (tmp_path / "a.hea").write_text("a 12 500 5000\n")
    assert main(["predict", "ecg", str(tmp_path), "--masks", str(tmp_path), "--out", str(tmp_path / "r.jsonl")]) == 2
    assert "no masks" in capsys.readouterr().err


def test_a_series_leaves_as_dicom_seg():
    from pydicom import dcmread
    from pydicom.filebase import DicomBytesIO

    study = read(next(one.files for one in examples() if one.name == "Phantom: anterior infarct, DICOM series"))
    made = assess(study)
    labels = made.overlays["labels"]
    seg = dcmread(DicomBytesIO(dicom_seg(study, labels, made.model)))
    assert seg.Modality == "SEG"
    assert (seg.Rows, seg.Columns) == labels.shape[1:]
    assert int(np.unpackbits(np.frombuffer(seg.PixelData, np.uint8)).sum()) == int((labels > 0).sum())
