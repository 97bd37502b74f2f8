"""Which files of a folder are one stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cmr.studies import studies


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def found(folder: Path) -> dict[str, int]:
    return {name: len(files) for name, files in studies(folder)}


def test_emidec_cases_are_their_images(tmp_path):
    write(tmp_path, "Case_P001/Images/Case_P001.nii.gz", "Case_P001/Contours/Case_P001.nii.gz",
          "Case_N002/Images/Case_N002.nii.gz", "Case_N002/Case N002.txt")
    assert found(tmp_path) == {"Case_N002": 1, "Case_P001": 1}
    assert found(tmp_path / "Case_P001") == {"Case_P001": 1}


def test_a_folder_of_slices_is_one_study_and_every_volume_is_one(tmp_path):
    write(tmp_path, "a/1.dcm", "a/2.dcm", "a/DICOMDIR", "b/IM0001", "b/IM0002", "c/s1.png", "c/s2.png", "one.nii", "two.nrrd",
          "a/.DS_Store", "readme.txt")
    assert found(tmp_path) == {"one.nii": 1, "two.nrrd": 1, "a": 2, "b": 2, "c": 2}


@pytest.mark.parametrize("several", [True, False])
def test_images_with_several_volumes_keep_their_names(tmp_path, several):
    write(tmp_path, "Images/a.nii.gz", *(["Images/b.nii.gz"] if several else []))
    assert len(found(tmp_path)) == 1 + several
