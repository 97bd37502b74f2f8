"""Tables that list studies."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.manifest import is_manifest, listed
from tests.test_fields import read


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "studies.csv"
    path.write_text("path,age,hospital,note,smoker\na/1.dcm,0,north,\"dry, hot\",no\n2.dcm,,south,,\n")
    return path


def test_rows_become_studies_with_the_fields_that_the_room_asks_for(table: Path):
    first, second = listed(table, read, lambda path: (path,))
    assert (first.name, first.files) == ("a/1.dcm", (table.parent / "a/1.dcm",))
    assert first.fields == {"age": "0", "note": "dry, hot", "smoker": "no"}
    assert second.fields == {}
    got = read(**first.fields)
    assert (got["age"], got["smoker"]) == (0.0, False)


def test_only_a_table_with_paths_is_a_manifest(table: Path):
    assert is_manifest(table)
    other = table.with_name("ecg.csv")
    other.write_text("I,II\n0.1,0.2\n")
    assert not is_manifest(other)
    assert not is_manifest(table.with_name("nothing.csv"))
    assert not is_manifest(table.parent)


def test_a_table_of_a_spreadsheet_begins_with_a_mark(table: Path):
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    assert is_manifest(table)
    assert [one.name for one in listed(table, read, lambda path: (path,))] == ["a/1.dcm", "2.dcm"]


def test_a_row_without_a_path_is_a_study_without_files(table: Path):
    table.write_text('age,path\n61\n"",2.dcm\n7,""\n')
    rows = list(listed(table, read, lambda path: (path,)))
    assert [(one.name, len(one.files)) for one in rows] == [("row 2", 0), ("2.dcm", 1), ("row 4", 0)]
