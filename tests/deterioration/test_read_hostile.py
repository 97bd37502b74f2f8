"""What is wrong with a table is told in one clear sentence that names the place; nothing is mended in silence."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from core.deterioration.read import read
from core.uploads import InputError, Upload
from tests.deterioration.tables import table
from tests.pace import GROWN, linear


def refused(field: str, part: str, *files: Upload, **fields: object) -> InputError:
    with pytest.raises(InputError) as caught:
        read(files, **fields)
    assert caught.value.field == field
    assert part in caught.value.message, caught.value.message
    assert caught.value.message[-1] == caught.value.remedy[-1] == "."
    return caught.value


@pytest.mark.parametrize(("part", "heading", "rows"), [
    ("Row 4 lies 1 h before the row above it", "hours,HR", ("0,80", "2,81", "1,82")),
    ("Row 3 lies 22.5 h before the row above it", "time,HR", ("23:00,80", "00:30,81")),
    ("Row 3 and row 2 are of the same time (1 h) and differ in heart rate", "hours,HR,RR", ("1,80,16", "1,90,16")),
    ("differ in consciousness", "hours,HR,AVPU", ("1,80,A", "1,80,V")),
    ("differ in oxygen", "hours,HR,O2", ("1,80,yes", "1,80,no")),
    ("Row 2 lies 2 hours before the start of the stay", "hours,HR", ("-2,80", "0,81")),
    ("Row 3 lies 1 hour before the start of the stay", "hours,HR", ("0,80", "-1,81")),
    ("Row 2 lies 90 minutes before the start of the stay", "minutes,HR", ("-90,80", "0,81")),
    ("Row 3 has no time", "hours,HR", ("0,80", ",81")),
    ("Row 2 has the date '2024-05-31' without a time of day", "hours,HR", ("2024-05-31,80", "2024-06-01,81")),
    ("day or the month first", "time,HR", ("05/06/2024 10:00,80",)),
    ("Row 2 has the time 45443.5, which is no time of a stay", "time,HR", ("45443.5,80",)),
    ("Row 2 has the time 1717158600", "hours,HR", ("1717158600,80",)),
    ("The times are numbers, but in row 3 times of day", "time,HR", ("0,80", "01:00,81")),
    ("others, such as row 3, have none", "time,HR", ("2024-05-31T10:00Z,80", "2024-05-31T11:00,81")),
    ("more than a year after the first", "time,HR", ("2024-05-31 10:00,80", "2042-05-31 11:00,81")),
    ("Row 2 has 'soon' where a time is expected", "time,HR", ("soon,80",)),
    ("Row 3, column HR holds 'high' where a number is expected", "hours,HR", ("0,80", "1,high")),
    ("Row 2, column HR holds '8o'", "hours,HR", ("0,8o",)),
    ("Row 2, column HR holds a formula", "hours,HR", ("0,=SUM(A1:A2)",)),
    ("Row 2, column HR holds '1e999'", "hours,HR", ("0,1e999",)),
    ("Row 2, column HR holds '1e300'", "hours,HR", ("0,1e300",)),
    ("Row 2, column HR holds 'inf'", "hours,HR", ("0,inf",)),
    ("Row 2, column HR holds '8_0'", "hours,HR", ("0,8_0",)),
    ("The comma in 1,200 may stand for decimals or for thousands", "hours,HR", ('0,"1,200"',)),
    ("written both with a comma (36,8) and with a point (37.2)", "hours,temp", ('0,"36,8"', "1,37.2")),
    ("Row 3 has 3 cells; the header names 4 columns", "hours,HR,RR,temp", ("0,80,16,36.8", "1,82,37.1")),
    ("column HR holds 870, which is no heart rate in /min (0 to 350)", "hours,HR", ("0,870",)),
    ("column SpO2 holds 104", "hours,SpO2", ("0,104",)),
    ("column temp holds 5, which is no temperature in °C", "hours,temp", ("0,5",)),
    ("column SBP holds 999", "hours,SBP", ("0,999",)),
    ("has a systolic pressure of 80 below the diastolic of 120", "hours,SBP,DBP", ("0,80,120", "1,75,118")),
    ("holds '120', not a pressure such as 120/80", "hours,BP", ("0,120",)),
    ("holds 'sleepy', not a level of consciousness", "hours,HR,AVPU", ("0,80,sleepy",)),
    ("The columns HR and Pulse are both read as heart rate", "hours,HR,Pulse", ("0,80,81",)),
    ("None of the columns carries the name of a vital sign (hours, mood)", "hours,mood", ("0,good",)),
    ("No column holds the times", "HR,RR", ("80,16",)),
    ("The first row of the table names no columns", "0,80", ("1,81",)),
    ("a heading and no rows", "hours,HR", (" , ",)),
    ("Row 2 has 3 cells; the header names 2 columns", "hours,HR", ("0,80,7",)),
    ("No vital sign was measured", "hours,HR", ("0,", "1,n/a")),
])
def test_one_sentence_says_what_is_wrong(part, heading, rows):
    refused("files", part, table(*rows, heading=heading))


@pytest.mark.parametrize(("part", "data"), [
    ("The file is empty", b""),
    ("this is a PDF document", b"%PDF-1.7\n"),
    ("this is an office document", b"\xd0\xcf\x11\xe0" + bytes(100)),
    ("The table is empty", b"\xff\xfe\xff"),
    ("cannot be split into cells", b'hours,HR\n0,"' + b"x" * 200_000),
    ("this is none of the formats", bytes(range(256)) * 40),
    ("this is a web page", b"<html><table>"),
])
def test_bytes_that_are_no_table(part, data):
    refused("files", part, Upload("stay.csv", data))


def test_lines_that_end_as_on_old_systems():
    assert read([Upload("stay.csv", b"hours,HR\r0,80\r1,81\r")]).values[:, 0].tolist() == [80, 81]


def test_an_archive_that_is_a_bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stay.csv", b"hours,HR\n" + b"0,80\n" * 20_000_000)
    refused("files", "unpacks to more than it should", Upload("stay.zip", packed.getvalue()))


def test_several_tables_are_not_one():
    refused("files", "2 files in the upload", table(), table(name="other.csv"))


def test_a_rare_artefact_is_left_out_and_named():
    rows = [f"{k},80" for k in range(9)] + ["9,870"]
    study = read([table(*rows, heading="hours,HR")])
    assert np.isnan(study.values[9, 0])
    assert [n.message for n in study.notices] == ["Row 11, column HR holds 870, which is no heart rate in /min; left out."]
    rows = [f"{k},120,80" for k in range(9)] + ["9,80,120"]
    study = read([table(*rows, heading="hours,SBP,DBP")])
    assert np.isnan(study.values[9]).all()
    assert "left out" in study.notices[0].message


def test_a_rare_value_is_doubted_and_kept():
    study = read([table("0,220", "1,80", heading="hours,HR")])
    assert study.values[0, 0] == 220
    assert [n.message for n in study.notices] == ["Row 2, column HR holds 220 /min, which is rare; check it."]


def test_identical_rows_are_dropped_and_halves_of_one_row_joined_with_a_notice():
    study = read([table("0,80,16", "0,80,16", "1,81,", "1,,17", heading="hours,HR,RR")])
    assert study.hours.tolist() == [0, 1]
    assert study.values[1, :2].tolist() == [81, 17]
    assert [n.message for n in study.notices] == [
        "1 row repeated a row of the same time and was dropped.", "1 row completed a row of the same time and was joined to it."]


def test_a_column_that_is_not_read_is_named():
    study = read([table("0,80,1,2", "1,80,1,2", heading="hours,HR,mood,=cmd()")])
    assert [n.message for n in study.notices] == ["Nothing was read from the columns mood, =cmd()."]


def test_fields_are_checked():
    refused("oxygen", "neither yes nor no", table(), oxygen="perhaps")
    refused("note_hour", "not a number", table(), note_hour=-1)
    refused("note", "characters", table(), note="x" * 20_001)
    refused("consciousness", "none of A, C, V, P, U", table(), consciousness="Z")


def test_a_month_of_minutes_costs_as_much_as_it_is_long():
    rows = [f"{k},80,16,36.8,120,80,98" for k in range(30 * 24 * 60)]
    week, month = (table(*rows[:many], heading="minutes,HR,RR,temp,SBP,DBP,SpO2") for many in (len(rows) // GROWN, len(rows)))
    assert linear(lambda: read([week]), lambda: read([month]), turns=1)
    tracemalloc.start()
    study = read([month])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert study.hours.size <= 5000
    assert peak < 120e6


def test_more_rows_than_any_stay():
    heading, row = b"hours,HR\n", b"1,80\n"
    refused("files", "more than 500,000 rows", Upload("stay.csv", heading + row * 500_001))
