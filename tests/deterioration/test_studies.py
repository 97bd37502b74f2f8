"""Which stays lie at a path, one input each, one after the other."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from core.deterioration.chart import Chart, as_table
from core.deterioration.read import read
from core.deterioration.studies import studies
from core.uploads import InputError
from tests.deterioration import writers
from tests.deterioration.tables import HEADING, ROWS


def read_all(path):
    return {one.name: read(one.files, **one.fields) for one in studies(path)}


def test_a_table_of_one_stay(tmp_path):
    path = tmp_path / "stay.csv"
    path.write_text("\n".join((HEADING, *ROWS)))
    assert list(read_all(path)) == ["stay.csv"]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_table_of_many_stays_gives_one_each(tmp_path, ends):
    path = tmp_path / "cohort.csv"
    rows = ["stay,hours,HR,note", 'a,0,80,"pale,\nclammy"', "a,1,81,", "b,0,90,", "", 'b,2,91,"a ""good"" night"', "a,2,82,"]
    path.write_bytes(("# of a ward\n" + ends.join(rows) + ends).encode())
    found = read_all(path)
    assert list(found) == ["a", "b"]
    assert found["a"].values[:, 0].tolist() == [80, 81, 82]
    assert found["b"].values[:, 0].tolist() == [90, 91]
    assert found["a"].note.split() == ["pale,", "clammy"]
    assert found["b"].note == 'a "good" night'


def test_stays_are_named_by_one_file_only(tmp_path):
    path = tmp_path / "cohort.csv"
    path.write_text("patient id;time (h);HR;temp\n1;0;80;36,8\n2;0;90;37,1\n")
    assert {name: study.values[0, 2] for name, study in read_all(path).items()} == {
        "1": pytest.approx(36.8), "2": pytest.approx(37.1)}


def test_a_bad_stay_is_its_own_error(tmp_path):
    path = tmp_path / "cohort.csv"
    path.write_text("stay,hours,HR\na,0,80\nb,0,high\nc,0,90\n")
    told = []
    for one in studies(path):
        try:
            told.append(read(one.files, **one.fields).values[0, 0])
        except InputError as error:
            told.append(error.field)
    assert told == [80, "files", 90]


def test_the_2012_challenge(tmp_path):
    found = read_all(writers.challenge(tmp_path, "7", "8"))
    assert list(found) == ["7", "8"]
    assert list(read_all(tmp_path / "set-a")) == ["7", "8"]


def test_databases_arrays_and_folders_of_tables(tmp_path):
    assert list(read_all(writers.database(tmp_path / "eicu", writers.EICU))) == ["1", "2"]
    found = read_all(writers.database(tmp_path / "mimic", writers.MIMIC))
    assert list(found) == ["30"]
    assert found["30"].source == {"Format": "MIMIC"}
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "data.npz").write_bytes(writers.arrays(X=np.tile([80, 16, 37, 120, 80, 97.0], (2, 3, 1))))
    (folder / "stay.csv").write_text("\n".join((HEADING, *ROWS)))
    assert list(read_all(folder)) == ["1", "2", "stay.csv"]


def test_a_manifest_with_further_fields(tmp_path):
    (tmp_path / "stay.csv").write_text("\n".join((HEADING, *ROWS)))
    (tmp_path / "list.csv").write_text("path,age,note,oxygen\nstay.csv,71,pale,yes\n")
    study, = read_all(tmp_path / "list.csv").values()
    assert (study.age, study.note, study.oxygen[0]) == (71, "pale", 1)


def test_a_file_that_is_no_table_is_refused_when_read(tmp_path):
    (tmp_path / "stay.pdf").write_bytes(b"%PDF-1.7")
    one, = studies(tmp_path / "stay.pdf")
    with pytest.raises(InputError, match="PDF"):
        read(one.files)


def test_four_thousand_stays_are_never_held_at_once(tmp_path):
    path = tmp_path / "cohort.csv"
    with path.open("w") as file:
        file.write("stay,hours,HR\n")
        for stay in range(4000):
            file.writelines(f"{stay},{hour},80\n" for hour in range(60))
    found = studies(path)
    assert isinstance(found, Iterator)
    tracemalloc.start()
    assert sum(len(one.files) for one in found) == 4000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6  # the table has 3 MB of text and 240,000 rows


def test_a_stay_written_as_a_table_keeps_whose_its_pressures_are():
    line = np.array([1, 0, np.nan], np.float32)
    values = np.full((3, 6), np.nan, np.float32)
    values[:, 3:5] = [[130, 70], [120, 80], [110, 60]]
    chart = Chart("a", np.arange(3.0), values, np.full(3, np.nan, np.float32), (None,) * 3, line=line)
    study = read([as_table(chart)])
    np.testing.assert_array_equal(study.values[:, 3:5], values[:, 3:5])
    np.testing.assert_array_equal(study.sources[:3], [[np.nan, np.nan, 130, 70], [120, 80, np.nan, np.nan], [np.nan] * 4])
