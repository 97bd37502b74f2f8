"""What predict gets: rows of a table, one after the other, errors in their place."""

from __future__ import annotations

from itertools import islice

import pytest

from core.heart_failure.read import read
from core.heart_failure.studies import studies
from core.uploads import InputError
from tests.heart_failure.formats.cohorts import music_row, peakvo2_row, written


def test_rows_are_studies_named_after_their_patients(tmp_path):
    path = tmp_path / "music.csv"
    path.write_bytes(written(music_row(), music_row(**{"Patient ID": "M2", "Age": ">89"}), separator=";"))
    first, second = studies(path)
    assert (first.name, second.name) == ("M1", "M2")
    study = read(first.files, **first.fields)
    assert study.values["haemoglobin"] == pytest.approx(13.2)
    assert study.values["setting"] == "outpatient"
    assert study.text == "no drugs"
    assert [notice.subject for notice in second.notices] == ["age"]


def test_a_row_that_cannot_be_read_carries_its_error_and_read_refuses_it_too(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,age,sex,sodium\na,70,male,138\nb,70,male,1380\nc,70,male,=1+1\nd,70\ne,71,female,139\n")
    found = list(studies(path))
    assert [one.name for one in found] == ["a", "b", "c", "row 5", "e"]
    assert [one.error is None for one in found] == [True, False, False, False, True]
    assert str(found[1].error).startswith("Row 3, column “sodium” (1380): Sodium is not a number of mmol/l from 100 to 180.")
    for one in found:
        if one.error is not None:
            with pytest.raises(InputError):
                read(one.files, **one.fields)
        else:
            read(one.files, **one.fields)


def test_a_table_of_one_patient_is_a_file_to_be_read(tmp_path):
    path = tmp_path / "peakvo2.csv"
    path.write_bytes(written(peakvo2_row()))
    for place in (path, tmp_path):
        one, = studies(place)
        assert (one.name, one.files, one.fields) == ("7", (path,), {})
        assert read(one.files).values["lvef"] == 20


def test_a_manifest_lists_tables_of_one_patient(tmp_path):
    (tmp_path / "one.csv").write_bytes(written(peakvo2_row()))
    (tmp_path / "several").mkdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / "several" / name).write_bytes(written(peakvo2_row()))
    (tmp_path / "list.csv").write_text("path,age\none.csv,61\nnothing.csv,\nseveral,\n")
    found, missing, several = studies(tmp_path / "list.csv")
    with pytest.raises(InputError, match="2 tables"):
        read(several.files, **several.fields)
    assert read(found.files, **found.fields).values["age"] == 61
    with pytest.raises(InputError, match="not a file"):
        read(missing.files, **missing.fields)


def test_a_mapping_comes_with_its_table(tmp_path):
    (tmp_path / "t.csv").write_text("Alter;EF;Natrium\n70;35;138,5\n")
    (tmp_path / "t.mapping.json").write_text('{"Alter": "age", "EF": "lvef", "Natrium": "sodium"}')
    one, = studies(tmp_path / "t.csv")
    assert read(one.files).values["sodium"] == 138.5


def test_an_empty_folder_has_no_study(tmp_path):
    assert list(studies(tmp_path)) == []


def test_a_long_table_is_not_read_to_its_end_before_the_first_study(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("age,sodium\n" + "70,138\n" * 2000 + '71,"138')  # the last quote never ends
    assert len(list(islice(studies(path), 1500))) == 1500
