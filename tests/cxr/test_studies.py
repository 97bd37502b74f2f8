"""Which films lie at a path: a file, a folder of films, a manifest whose columns are fields."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.uid import ImplicitVRLittleEndian

from core.cxr.read import read
from core.cxr.studies import studies
from core.uploads import InputError
from tests.cxr.writers import as_dicom, as_picture, film

FILM8, FILM12 = film(8), film(12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "a.png": as_picture(FILM8).data, "deep/B.DCM": as_dicom(FILM12).data, "deep/IM0001": as_dicom(FILM12).data,
        "deep/bare.ima": as_dicom(FILM12, 12, ImplicitVRLittleEndian).data, "deep/DICOMDIR": as_dicom(FILM12).data,
        "notes.txt": b"no film", "README": b"no film either", ".hidden/c.png": as_picture(FILM8).data,
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_a_file_is_one_film_whatever_it_holds(folder: Path):
    (one,) = studies(folder / "a.png")
    assert (one.name, one.files, dict(one.fields)) == ("a.png", (folder / "a.png",), {})
    assert read(one.files).pixels.shape == FILM8.shape
    (other,) = studies(folder / "notes.txt")
    with pytest.raises(InputError, match="a text"):
        read(other.files)
    (missing,) = studies(folder / "nowhere.png")
    with pytest.raises(InputError, match="not a file"):
        read(missing.files)


def test_a_folder_is_searched_for_films(folder: Path):
    found = {one.name: one for one in studies(folder)}
    assert list(found) == ["a.png", "deep/B.DCM", "deep/IM0001", "deep/bare.ima"]
    assert read(found["deep/IM0001"].files).view == "PA"
    assert list(studies(folder / ".hidden"))[0].name == "c.png"


def test_a_manifest_gives_each_film_its_fields(folder: Path):
    table = folder / "films.csv"
    table.write_text("path,age,sex,view,portable,follow_up,note,ward\n"
                     'a.png,0,f,PA,no,0,"Cough, fever.",7\n'
                     "deep/B.DCM,,,,,,,\n"
                     "deep,,,,,,,\n")
    infant, plain, disc = studies(table)
    study = read(infant.files, **infant.fields)
    assert (study.age, study.sex, study.view, study.portable, study.follow_up) == (0.0, "female", "PA", False, 0)
    assert study.note == "Cough, fever."
    assert dict(plain.fields) == {}
    assert read(plain.files, **plain.fields).age == 69.0
    assert disc.files == tuple(folder / "deep" / name for name in ("B.DCM", "IM0001", "bare.ima"))


def test_a_table_without_paths_is_no_manifest(folder: Path):
    (folder / "cohort.csv").write_text("name,age\nx,4\n")
    (one,) = studies(folder / "cohort.csv")
    with pytest.raises(InputError, match="a text"):
        read(one.files)
