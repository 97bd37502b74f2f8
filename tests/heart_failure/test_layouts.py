"""Cohorts: which layout it is, columns that cannot be right, one patient, and the open data as they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.heart_failure.drugs import FLAGS
from core.heart_failure.layouts import LAYOUTS, cohort, one_patient
from core.heart_failure.prescriptions import flags
from core.heart_failure.read import read
from core.heart_failure.variables import NAMES, encode
from core.uploads import InputError, Upload
from tests.heart_failure.formats.cohorts import columns, music_row, peakvo2_row, written

DATA = Path(__file__).resolve().parents[2] / "../shared/data/heart_failure"
beside_data = pytest.mark.skipif(not DATA.is_dir(), reason="the open cohorts are not beside the project")


def table(*lines: str) -> Upload:
    return Upload("a.csv", ("age,sex,sodium,systolic,diastolic\n" + "\n".join(lines)).encode())


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_known_without_its_outcome(name):
    layout = LAYOUTS[name]
    names = [one for one in {*columns(layout), *layout.signature} if one not in (layout.outcome or ((), None))[0]]
    row, = cohort(Upload("a.csv", ("\t".join([*names, "more"]) + "\n" + "\t" * len(names) + "x").encode()))
    assert row.cohort == name
    assert (row.time, row.event) == (None, None)


def test_no_layout_is_one_sentence():
    with pytest.raises(InputError, match="of no layout that is known"):
        list(cohort(Upload("a.csv", b"path,hospital\na.csv,north\n")))


def test_sodium_of_138_written_13_8_throughout_is_said_of_the_column():
    with pytest.raises(InputError) as caught:
        list(cohort(table(*["70,male,13.8,120,80"] * 6)))
    assert caught.value.field == "sodium"
    assert "Most values of Sodium cannot be right. Row 2, column “sodium” (13.8)" in caught.value.message


def test_one_wrong_sodium_is_said_of_its_row():
    rows = list(cohort(table(*["70,male,138,120,80"] * 9, "70,male,13.8,120,80")))
    assert [row.error is None for row in rows] == [True] * 9 + [False]
    assert rows[-1].refused == {"sodium": 13.8}
    assert "sodium" not in rows[-1].values
    assert rows[-1].values["systolic"] == 120


def test_swapped_columns_are_named():
    with pytest.raises(InputError, match="Diastolic blood pressure is not below Systolic blood pressure in most rows"):
        list(cohort(table(*["70,male,138,80,120"] * 6)))


def test_doubled_columns_are_named():
    with pytest.raises(InputError, match="“sodium” is there 2 times"):
        list(cohort(Upload("a.csv", b"age,sodium,sodium\n70,138,139\n")))


def test_a_patient_who_stands_there_twice_is_a_caution():
    rows = list(cohort(Upload("a.csv", b"id,age,sodium\na,70,138\nb,71,138\na,70,138\n")))
    assert [[notice.level for notice in row.noticed] for row in rows] == [[], [], ["caution"]]


def test_a_comma_after_the_first_rows_of_a_table_with_points_is_an_error_of_its_row():
    lines = ["70,male,138.5,120,80"] * 1500 + ['70,male,"138,5",120,80', "70,male,138.5,120,80"]
    rows = list(cohort(table(*lines)))
    assert [k for k, row in enumerate(rows) if row.error] == [1500]
    assert "is written with a comma" in str(rows[1500].error)


def test_both_ways_of_writing_decimals_are_refused():
    with pytest.raises(InputError, match="both with a comma"):
        list(cohort(table("70,male,138.5,120,80", '70,male,"138,5",120,80')))


def test_a_folder_holds_one_table(tmp_path):
    (tmp_path / "subject-info.csv").write_bytes(written(music_row(), music_row(), separator=";"))
    (tmp_path / "subject-info_codes.csv").write_text("Variable;Codes\n")
    assert [row.cohort for row in cohort(tmp_path)] == ["music", "music"]
    (tmp_path / "subject-info.csv").rename(tmp_path / "other.csv")
    with pytest.raises(InputError, match="has 2 tables"):
        list(cohort(tmp_path))


def test_one_patient_of_a_file_and_fields_that_win_over_it():
    file = Upload("music.csv", written(music_row(Age=">89"), separator=";"))
    values, source, noticed = one_patient([file])
    assert values["age"] == 90
    assert source == {"Input": "table, MUSIC"}
    assert noticed[0].level == "info"
    study = read([file], age=71)
    assert study.values["age"] == 71
    assert study.text == "no drugs"
    assert "M1" not in str(study)


@pytest.mark.parametrize(("uploads", "said"), [
    ([Upload("a.csv", b"age,sodium\n")], "no row of data"), ([Upload("a.csv", b"age,sodium\n70,138\n71,139\n")], "several rows"),
    ([Upload("a.csv", b"age,sodium\n70,1\n")], "Row 2, column “sodium”"), ([Upload("a.csv", b"age,sodium\n70\n")], "Row 2 has 1"),
    ([Upload("a.csv", b"age,sodium\n70,138\n"), Upload("b.csv", b"age,sodium\n70,138\n")], "2 tables"),
    ([Upload("a.json", b"{}")], "0 tables"),
])
def test_what_is_not_one_patient(uploads, said):
    with pytest.raises(InputError) as caught:
        read(uploads)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["music", "peakvo2"])
def test_drug_columns_are_recognised_as_what_they_are(name):
    row_of, drugs = {"music": music_row, "peakvo2": peakvo2_row}[name], LAYOUTS[name].drugs
    separator = {"music": ";", "peakvo2": ","}[name]
    none = dict.fromkeys((column for names in drugs.values() for column in names), "0")
    for taken in [(), *((flag,) for flag in drugs), tuple(drugs)]:
        cells = none | {column: "1" for flag in taken for column in drugs[flag][-1:]}
        row, = cohort(Upload("a.csv", written(row_of(**cells), separator=separator)))
        assert dict(zip(FLAGS, flags(row.values["prescriptions"]), strict=True)) == {flag: flag in taken for flag in FLAGS}


def test_what_a_layout_declares_is_there_once():
    for layout in LAYOUTS.values():
        fields = [source.field for source in layout.sources]
        assert len(fields) == len(set(fields))
        ends = set((layout.outcome or ((), None))[0])
        assert not ends & {name for source in layout.sources for name in source.columns}
        assert not ends & set(layout.signature)


@pytest.fixture(scope="module")
def music_folder(tmp_path_factory) -> Path:
    if not DATA.is_dir():
        pytest.skip("the open cohorts are not beside the project")
    folder = tmp_path_factory.mktemp("music")
    for path in (DATA / "music").glob("subject-info*.csv"):  # what unpack.py does with them
        shutil.copy(path, folder)
    return folder


def checked(path: Path) -> tuple[list, dict[str, np.ndarray]]:
    rows = list(cohort(path))
    numbers = np.array([encode(row.values) for row in rows])
    return rows, dict(zip(NAMES, numbers.T, strict=True))


def test_music_as_published(music_folder):
    rows, numbers = checked(music_folder)
    assert (len(rows), sum(row.event for row in rows)) == (692, 177)
    assert not any(row.error for row in rows)
    assert np.median([row.time for row in rows]) * 365.25 == 1813
    medians = {"age": 66, "nt_probnp": 853, "sodium": 139, "haemoglobin": 13.7, "creatinine": 1.125, "bun": 23.6, "albumin": 4.2}
    for name, value in medians.items():
        assert np.nanmedian(numbers[name]) == pytest.approx(value, rel=0.01), name
    assert np.isfinite(numbers["pr"]).sum() == 491
    assert np.nanmax(numbers["pr"]) == 300
    assert all(row.values["prescriptions"] for row in rows)
    doubted = {notice.subject for row in rows for notice in read(**row.values).notices if "is not below" in notice.message}
    assert doubted == {"ldl", "lvesd"}  # cautions: no patient is turned away
    assert sum("beta-blocker" in row.values["prescriptions"] for row in rows) == 490


@beside_data
def test_peakvo2_as_published():
    rows, numbers = checked(DATA / "peakvo2.csv.gz")
    assert (len(rows), sum(row.event for row in rows)) == (1779, 572)
    assert [row.error.field for row in rows if row.error] == ["peak_rer"] * 4  # 0.08 to 0.10 is no exchange ratio
    assert np.nanmax(numbers["lvef"]) == 40
    assert np.nanmedian(numbers["clearance"]) == pytest.approx(83.2, abs=0.1)


@beside_data
def test_support2_as_published():
    rows, numbers = checked(DATA / "support2_chf.csv.xz")
    assert (len(rows), sum(row.event for row in rows)) == (981, 600)
    assert sorted(row.error.field for row in rows if row.error) == ["albumin", "bun", "glucose", "leukocytes", "leukocytes"]
    assert np.nanmin(numbers["mean_pressure"]) > 0
    assert np.isfinite(numbers["heart_rate"]).sum() == 976


@beside_data
def test_trace_as_published():
    rows, _ = checked(DATA / "trace.csv.gz")
    assert (len(rows), sum(row.event is True for row in rows), sum(row.event is None for row in rows)) == (1878, 968, 2)


def test_peakvo2_is_told_from_a_table_of_ones_own():
    row, = cohort(Upload("a.csv", written(peakvo2_row())))
    assert row.cohort == "peakvo2"
