"""Which files of a folder are one stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cmr.read import read
from core.cmr.studies import studies
from core.contract import Input
from core.uploads import InputError
from tests.cmr.writers import affine_of, heart, nifti, series_of


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def found(folder: Path) -> dict[str, int]:
    return {one.name: len(one.files) for one in studies(folder)}


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


def test_a_file_is_a_study_of_its_own(tmp_path):
    write(tmp_path, "scan.nii.gz", "other.csv")
    for name in ("scan.nii.gz", "other.csv", "nowhere.nii"):
        assert list(studies(tmp_path / name)) == [Input(str(tmp_path / name), (tmp_path / name,))]
    with pytest.raises(InputError, match="is not a file"):
        read(next(studies(tmp_path / "nowhere.nii")).files)


def test_a_manifest_names_files_folders_and_what_they_do_not_say(tmp_path):
    values = heart()
    (tmp_path / "a.nii").write_bytes(nifti(values.transpose(2, 1, 0)).data)
    (tmp_path / "series").mkdir()
    for k, upload in enumerate(series_of(values)):
        (tmp_path / "series" / f"{upload.name}_{k}").write_bytes(upload.data)
    scan = tmp_path / "Case_P001" / "Images" / "scan.nii"
    scan.parent.mkdir(parents=True)
    scan.write_bytes(nifti(values.transpose(2, 1, 0), affine_of()).data)
    (tmp_path / "list.csv").write_text("path,row_spacing,column_spacing,slice_distance,series,diagnosis\n"
                                       "a.nii,1.5,1.25,8,,unknown\nseries,,,9,12,\nCase_P001,,,,,\nnone.nii,,,,,\n"
                                       "a.nii,0,,,,\n")
    first, second, third, missing, zero = studies(tmp_path / "list.csv")
    assert first == Input("a.nii", (tmp_path / "a.nii",), {"row_spacing": "1.5", "column_spacing": "1.25", "slice_distance": "8"})
    assert read(first.files, **first.fields).spacing_mm == (1.5, 1.25, 8.0)
    assert len(second.files) == 7
    assert second.fields == {"slice_distance": "9", "series": "12"}
    assert read(second.files, **second.fields).spacing_mm == pytest.approx((1.4, 1.2, 9.0), abs=1e-3)  # fields win
    assert (third.name, third.files) == ("Case_P001", (scan,))
    with pytest.raises(InputError, match="is not a file"):
        read(missing.files, **missing.fields)
    with pytest.raises(InputError, match="Distance between rows"):
        read(zero.files, **zero.fields)
