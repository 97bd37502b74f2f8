"""Which files are one recording: a header and its signals, a folder, a manifest, a table that is itself an ECG."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.ecg.examples import examples
from core.ecg.read import read
from core.ecg.studies import studies
from core.uploads import InputError
from tests.ecg.writers import as_csv, recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two WFDB records, one of them in a folder below, and a table."""
    first, second = [one for one in examples() if one.name.startswith("Synthetic")][:2]
    (tmp_path / "below").mkdir()
    for files, place in ((first.files, tmp_path), (second.files, tmp_path / "below")):
        for upload in files:
            (place / upload.name).write_bytes(upload.data)
    (tmp_path / "table.csv").write_bytes(as_csv(recording(250, 5), 250).data)
    (tmp_path / "notes.md").write_text("not an ECG, not asked for")
    return tmp_path


def test_a_folder_is_searched_and_a_record_is_one_study(folder):
    found = {one.name: one for one in studies(folder)}
    assert list(found) == ["below/synthetic_af.hea", "synthetic_sinus.hea", "table.csv"]
    assert [file.name for file in found["synthetic_sinus.hea"].files] == ["synthetic_sinus.hea", "synthetic_sinus.dat"]
    for one in found.values():
        assert read(one.files, **one.fields).notices is not None


def test_a_header_alone_brings_its_signal_files_from_its_own_folder_only(folder):
    one, = studies(folder / "synthetic_sinus.hea")
    assert one.name == "synthetic_sinus.hea"
    assert read(one.files).duration == pytest.approx(10)
    outside = folder / "below" / "outside.hea"
    outside.write_text((folder / "synthetic_sinus.hea").read_text().replace("synthetic_sinus.dat", "../synthetic_sinus.dat"))
    one, = studies(outside)
    assert one.files == (outside,)
    with pytest.raises(InputError, match="outside its folder"):
        read(one.files)


def test_signals_under_another_name_belong_to_the_header_that_names_them(folder):
    header = folder / "synthetic_sinus.hea"
    (folder / "signal.dat").write_bytes((folder / "synthetic_sinus.dat").read_bytes())
    header.write_text(header.read_text().replace("synthetic_sinus.dat", "signal.dat"))
    (folder / "synthetic_sinus.dat").unlink()
    names = [one.name for one in studies(folder)]
    assert names == ["below/synthetic_af.hea", "synthetic_sinus.hea", "table.csv"]
    lone = folder / "alone.dat"
    lone.write_bytes(b"1")
    assert "alone.dat" in [one.name for one in studies(folder)]


def test_a_manifest_lists_files_and_fields(folder):
    manifest = folder / "manifest.csv"
    manifest.write_text("path,sex,age,sampling_rate,ward\nsynthetic_sinus.hea,F,0,,3\nbelow,,,250,\nnothing.hea,,,,\n")
    first, second, third = studies(manifest)
    assert (first.name, first.fields) == ("synthetic_sinus.hea", {"sex": "F", "age": "0"})
    study = read(first.files, **first.fields)
    assert (study.sex, study.age) == ("female", 0.0)
    assert [file.name for file in second.files] == ["synthetic_af.hea", "synthetic_af.dat"]
    assert read(second.files, **second.fields).sampling_rate == 250
    with pytest.raises(InputError, match="nothing.hea is not a file"):
        read(third.files, **third.fields)
    assert "manifest.csv" not in [one.name for one in studies(folder)]  # it lists recordings and is none


def test_a_manifest_row_of_several_recordings_is_refused(folder):
    (folder / "manifest.csv").write_text("path\n.\n")
    one, = studies(folder / "manifest.csv")
    with pytest.raises(InputError):
        read(one.files)


def test_a_table_that_is_itself_a_recording_stays_one_study(folder):
    one, = studies(folder / "table.csv")
    assert (one.name, one.files) == ("table.csv", (folder / "table.csv",))
    assert read(one.files).sampling_rate == 250


@pytest.mark.parametrize("data", [b"1" * 1_000_000, b"\xff\xfe\0\0a", b"", b"I,II\n1,2\n"])
def test_any_table_is_at_least_one_study(tmp_path, data):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    one, = studies(path)
    with pytest.raises(InputError):
        read(one.files)


def test_nothing_there_is_said_when_it_is_read(tmp_path):
    one, = studies(tmp_path / "nowhere.hea")
    with pytest.raises(InputError, match="nowhere.hea is not a file"):
        read(one.files)
    with pytest.raises(InputError, match="No file"):
        read()
    assert list(studies(tmp_path)) == []


def test_examples_are_listed_cheaply():
    assert [one.name for one in examples()] == [one.name for one in examples()]
    first, again = (next(one for one in examples() if "Sinus" in one.name) for _ in range(2))
    assert first.files is again.files  # drawn once
