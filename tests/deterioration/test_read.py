"""A table of vital signs as a study: names of columns, times, units, oxygen, consciousness and the note."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from core.deterioration.read import read
from core.deterioration.vitals import CODES, DIASTOLIC, SATURATION, SYSTOLIC, TEMPERATURE, VITALS
from core.uploads import InputError, Upload
from tests.deterioration.tables import HEADING, ROWS, table


def told(study, part: str) -> bool:
    return any(part in notice.message for notice in study.notices)


def refused(field: str, part: str, *files: Upload, **fields: object) -> InputError:
    with pytest.raises(InputError) as caught:
        read(files, **fields)
    assert caught.value.field == field
    assert part in caught.value.message, caught.value.message
    assert caught.value.message.endswith(".")
    assert caught.value.remedy.endswith(".")
    return caught.value


def test_the_order_of_the_vital_signs():
    assert CODES == ("heart_rate", "respiration", "temperature", "systolic", "diastolic", "saturation")
    assert [vital.loinc for vital in VITALS] == ["8867-4", "9279-1", "8310-5", "8480-6", "8462-4", "2708-6"]
    for vital in VITALS:
        assert vital.low < vital.usual[0] <= vital.band[0] < vital.band[1] <= vital.usual[1] + 4 <= vital.high + 4


def test_a_plain_table():
    study = read([table()])
    assert study.hours.tolist() == [0, 1, 2.5]
    assert study.values.dtype == np.float32
    assert study.values[0].tolist() == pytest.approx([80, 16, 36.8, 120, 80, 98])
    assert np.isnan(study.values[2, 1])
    assert np.isnan(study.oxygen).all()
    assert study.consciousness == (None, None, None)
    assert study.note == ""
    assert study.notices == ()


def test_hourly_means_of_the_hours_that_end():
    study = read([table("0,80,,,,,", "0.5,90,,,,,", "1,100,,,,,", "1.5,,20,,,,", "48,60,,,,,")])
    assert study.grid.shape == (49, 6)
    assert study.grid[:2, 0].tolist() == [80, 95]  # (0, 1] holds 0.5 and 1
    assert np.isnan(study.grid[2, 0])
    assert study.grid[2, 1] == 20
    assert study.grid[48, 0] == 60
    assert study.start == 0


def test_a_longer_stay_is_judged_by_its_last_48_hours():
    study = read([table("0,80,,,,,", "12,81,,,,,", "12.5,82,,,,,", "60.5,90,,,,,")])
    assert study.start == 13
    assert study.grid[0, 0] == 82  # (12, 13]
    assert study.grid[48, 0] == 90
    assert study.hours.tolist() == [0, 12, 12.5, 60.5]
    assert told(study, "The last 48 h are judged")


@pytest.mark.parametrize("heading", [
    "Time (h),Pulse,Resp,Temperature [°C],NIBP sys,NIBP dia,O2Sat",
    "hour,Heart Rate,Respiratory Rate,Body_Temperature,systolic_bp,diastolic_bp,Sats",
    "Stunden,Herzfrequenz,Atemfrequenz,Körpertemperatur,systolisch,diastolisch,Sättigung",
    "elapsed (hours),HR (bpm),RR (/min),Temp_C,SBP (mmHg),DBP_mmHg,SpO2 (%)",
    "time_h,pulse rate,resp_rate,temp c,SysABP,DiasABP,o2_saturation",
])
def test_columns_by_their_many_names(heading):
    study = read([table(heading=heading)])
    assert study.values[0].tolist() == pytest.approx([80, 16, 36.8, 120, 80, 98])
    assert study.hours.tolist() == [0, 1, 2.5]


@pytest.mark.parametrize("data", [
    "\ufeffhours;HR;temp\r\n0;80;36,8\r\n1,5;82;37,0\r\n".encode(),
    b"hours\tHR\ttemp\n0\t80\t36.8\n1.5\t82\t37.0\n",
    b'hours,HR,temp\n0,80,"36,8"\n"1,5",82,"37,0"\n',
    "hours;HR;temp\n0;80;36,8\n1,5;82;37,0\n".encode("utf-16"),
    "# of a monitor\nhours|HR|temp|Größe\n0|80|36.8|1\n1.5|82|37.0|1\n".encode("latin-1"),
])
def test_separators_commas_and_encodings(data):
    study = read([Upload("stay.csv", data)])
    assert study.hours.tolist() == [0, 1.5]
    assert study.values[:, TEMPERATURE].tolist() == pytest.approx([36.8, 37.0])


@pytest.mark.parametrize(("cells", "hours"), [
    (("2024-05-31 22:30", "2024-05-31T23:30:00", "2024-06-01 01:00"), [0, 1, 2.5]),
    (("2024-05-31T22:30Z", "2024-06-01T01:30+02:00", "2024-06-01T01:00Z"), [0, 1, 2.5]),
    (("31.05.2024 22:30", "31.05.2024 23:30", "1.6.2024 01:00"), [0, 1, 2.5]),
    (("00:00", "01:00", "02:30"), [0, 1, 2.5]),
    (("08:15", "09:15", "10:45"), [0, 1, 2.5]),
    (("23:00", "24:00", "25:30"), [23, 24, 25.5]),
])
def test_times_as_dates_and_as_hours_and_minutes(cells, hours):
    study = read([table(*(f"{cell},80" for cell in cells), heading="time,HR")])
    assert study.hours.tolist() == pytest.approx(hours)


@pytest.mark.parametrize(("cells", "said"), [
    (("30/05/2024 23:30", "31/05/2024 8:00", "31/05/2024 9:15:00"), "day first"),
    (("05/30/2024 23:30", "05/31/2024 8:00", "05/31/2024 9:15:00"), "month first"),
    (("11/05/2024 23:30", "12/05/2024 8:00", "13/05/2024 9:15"), None)])
def test_dates_with_strokes_are_read_where_the_column_tells_day_from_month(cells, said):
    study = read([table(*(f"{cell},80" for cell in cells), heading="time,HR")])
    assert study.hours[:2].tolist() == [0, 8.5]
    assert study.hours[2] == pytest.approx(9.75 if said else 33.75)
    assert told(study, f"The dates were read with the {said or 'day first'}")
    refused("files", "day or the month first", table("11/05/2024 23:30,80", "12/05/2024 8:00,80", heading="time,HR"))
    refused("files", "day or the month first", table("13/05/2024 23:30,80", "05/14/2024 8:00,80", heading="time,HR"))


def test_a_date_and_a_time_of_day_in_two_columns():
    study = read([table("2024-05-31,23:30,80", "2024-06-01,00:30,82", heading="date,time,HR")])
    assert study.hours.tolist() == [0, 1]


def test_minutes():
    assert read([table("0,80", "90,81", heading="minutes,HR")]).hours.tolist() == [0, 1.5]
    assert read([table("0,80", "90,81", heading="Time (min),HR")]).hours.tolist() == [0, 1.5]
    refused("time_unit", "run to 90", table("0,80", "90,81", heading="time,HR"))
    assert read([table("0,80", "90,81", heading="time,HR")], time_unit="minutes").hours.tolist() == [0, 1.5]
    assert read([table("0,80", "90,81", heading="time,HR")], time_unit="hours").hours.tolist() == [0, 90]
    assert told(read([table("0,80", "3,81", heading="time,HR")]), "read as hours")


def test_fahrenheit_is_asked_and_converted():
    rows = ("0,98.6", "1,101.3")
    refused("temperature_unit", "98.6 to 101.3) look like °F", table(*rows, heading="hours,temp"))
    study = read([table(*rows, heading="hours,temp")], temperature_unit="F")
    assert study.values[:, TEMPERATURE].tolist() == pytest.approx([37.0, 38.5], abs=1e-4)
    assert told(study, "converted from °F")
    assert read([table(*rows, heading="hours,temp (°F)")]).values[0, TEMPERATURE] == pytest.approx(37)
    refused("files", "98.6, which is no temperature in °C", table(*rows, heading="hours,temp"), temperature_unit="C")
    refused("files", "some temperatures are in °F", table("0,98.6", "1,37.1", heading="hours,temp"))
    study = read([table(*rows, heading="hours,temp (°C)")], temperature_unit="F")
    assert told(study, "The table says C; the entered F was used")


def test_kilopascals_are_asked_and_converted():
    rows = ("0,16,10.5", "1,14.5,9")
    refused("pressure_unit", "may be in kPa", table(*rows, heading="hours,SBP,DBP"))
    study = read([table(*rows, heading="hours,SBP,DBP")], pressure_unit="kPa")
    assert study.values[0, [SYSTOLIC, DIASTOLIC]].tolist() == pytest.approx([120.01, 78.76], abs=0.01)
    assert read([table(*rows, heading="hours,SBP (kPa),DBP (kPa)")]).values[0, SYSTOLIC] == pytest.approx(120.01, abs=0.01)
    assert read([table(*rows, heading="hours,SBP,DBP")], pressure_unit="mmHg").values[0, SYSTOLIC] == 16


def test_fractions_of_saturation_are_asked():
    refused("saturation_unit", "may be fractions", table("0,0.97", "1,1", heading="hours,SpO2"))
    study = read([table("0,0.97", "1,1", heading="hours,SpO2")], saturation_unit="fraction")
    assert study.values[:, SATURATION].tolist() == pytest.approx([97, 100])


def test_oxygen_and_consciousness_by_the_hour():
    rows = ("0,80,no,A", "1,81,yes,Alert", "2,82,,C", "3,83,room air,voice", "4,84,1,")
    study = read([table(*rows, heading="hours,HR,supplemental oxygen,AVPU")])
    assert study.oxygen.tolist() == pytest.approx([0, 1, np.nan, 0, 1], nan_ok=True)
    assert study.consciousness == ("A", "A", "C", "V", None)
    study = read([table(*rows, heading="hours,HR,supplemental oxygen,AVPU")], oxygen=False, consciousness="P")
    assert study.oxygen.tolist() == [0] * 5
    assert study.consciousness == ("P",) * 5


def test_oxygen_as_fraction_and_as_flow():
    assert read([table("0,80,0.21", "1,80,0.4", "2,80,", heading="hours,HR,FiO2")]).oxygen.tolist() == pytest.approx(
        [0, 1, np.nan], nan_ok=True)
    assert read([table("0,80,21", "1,80,28%", heading="hours,HR,FiO2 (%)")]).oxygen.tolist() == [0, 1]
    assert read([table("0,80,0", "1,80,2", heading="hours,HR,O2 flow (L/min)")]).oxygen.tolist() == [0, 1]
    refused("files", "does not say whether oxygen was given", table("0,80,97", heading="hours,HR,O2"))


def test_a_coma_scale_is_not_turned_into_consciousness():
    study = read([table("0,80,14", heading="hours,HR,GCS")])
    assert study.consciousness == (None,)
    assert told(study, "a coma scale is not turned into it")


def test_pressures_written_as_one_and_from_two_sources():
    study = read([table("0,120/80", "1,", "2,90 / 60", heading="hours,BP")])
    assert study.values[:, SYSTOLIC].tolist() == pytest.approx([120, np.nan, 90], nan_ok=True)
    assert study.values[:, DIASTOLIC].tolist() == pytest.approx([80, np.nan, 60], nan_ok=True)
    heading = "hours,NIBP sys,NIBP dia,ABPs,ABPd"
    study = read([table("0,120,80,130,70", "1,118,78,,", "2,116,76,0,0", heading=heading)])
    assert study.values[:, SYSTOLIC].tolist() == [130, 118, 116]  # a line that measures nothing gives way to the cuff
    assert study.values[:, DIASTOLIC].tolist() == [70, 78, 76]
    assert told(study, "the line's are used")
    np.testing.assert_array_equal(study.sources[:3], [[np.nan, np.nan, 130, 70], [118, 78, np.nan, np.nan],
                                                      [116, 76, np.nan, np.nan]])


def test_whose_a_pressure_is_stays_open_where_the_heading_does_not_say():
    assert np.isnan(read([table("0,120,80", heading="hours,SBP,DBP")]).sources).all()
    np.testing.assert_array_equal(read([table("0,120/80", heading="hours,NIBP")]).sources[0], [120, 80, np.nan, np.nan])
    study = read([table("0,16,10.7", heading="hours,NIBP sys,NIBP dia")], pressure_unit="kPa")
    np.testing.assert_allclose(study.sources[0, :2], study.grid[0, 3:5])


def test_the_note_counts_from_the_hour_it_was_written():
    heading = "hours,HR,note"
    study = read([table("0,80,", "2,81,pale and clammy", "3,82,pale and clammy", heading=heading)])
    assert (study.note, study.note_hour) == ("pale and clammy", 2)
    study = read([table("0,80,settled", "2,81,pale", heading=heading)])
    assert (study.note, study.note_hour) == ("settled\npale", 2)
    assert told(study, "2 notes are read together, from 2 h on")
    study = read([table("0,80,settled", heading=heading)], note="typed", note_hour=5)
    assert (study.note, study.note_hour) == ("typed", 5)
    assert told(read([table()], note="typed"), "written at the start")


def test_what_else_is_known_of_the_stay():
    rows = ("0,80,71,F,MICU,1", "1,81,,,,")
    study = read([table(*rows, heading="hours,HR,age,sex,unit type,outcome")])
    assert (study.age, study.sex, study.unit_type) == (71, "female", "medical")
    given = {"age": 40, "sex": "male", "unit_type": "CCU", "hypercapnic": True}
    study = read([table(*rows, heading="hours,HR,age,sex,unit type,outcome")], **given)
    assert (study.age, study.sex, study.unit_type, study.hypercapnic) == (40, "male", "coronary", True)


def test_of_two_patients_one_is_asked_for():
    rows = [f"{stay},{hour},8{hour}" for stay in ("a", "b", "c", "d", "e", "f", "g") for hour in range(2)]
    error = refused("stay", "several stays: a, b, c, d, e ...", table(*rows, heading="stay,hours,HR"))
    assert "Choose one" in error.remedy
    assert read([table(*rows, heading="stay,hours,HR")], stay="g").values[:, 0].tolist() == [80, 81]
    refused("stay", "holds no stay z", table(*rows, heading="stay,hours,HR"), stay="z")
    refused("stay", "no column that names the stay", table(), stay="a")
    assert read([table("a,0,80", "b,0,90", "a,1,81", heading="id,hours,HR")], stay="a").values[:, 0].tolist() == [80, 81]


def test_minus_one_is_missing_where_all_of_the_table_writes_it_so():
    study = read([table("0,80,-1", "1,-1,16", heading="hours,HR,RR")])
    assert study.values[:, :2].ravel().tolist() == pytest.approx([80, np.nan, np.nan, 16], nan_ok=True)
    assert told(study, "-1 where nothing was measured (2 cells)")
    refused("files", "Row 2, column RR holds -1, while other cells are empty", table("0,80,-1", "1,,16", heading="hours,HR,RR"))


def test_one_measurement_is_a_value_and_no_course():
    assert told(read([table("3,80", heading="hours,HR")]), "one measurement only")
    assert not told(read([table("3,80", "4,80", heading="hours,HR")]), "one measurement only")


def test_thirty_days_of_minutes_are_thinned_and_their_hours_are_exact():
    minutes = 30 * 24 * 60
    rows = [f"{k},{60 + k % 60},yes" for k in range(minutes + 1)]
    study = read([table(*rows, heading="minutes,HR,oxygen")])
    assert 4000 < study.hours.size <= 5000
    assert told(study, "thinned to medians of 9 min each")
    assert study.hours[-1] == pytest.approx(30 * 24, abs=0.15)
    assert np.diff(study.hours).min() > 0
    assert study.grid[48, 0] == pytest.approx(np.mean([60 + k % 60 for k in range(minutes - 59, minutes + 1)]))
    assert (study.oxygen == 1).all()
    assert study.values[100, 0] == pytest.approx(np.median([60 + k % 60 for k in range(892, 901)]))


def test_a_zip_of_one_table():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("stay.csv", table().data)
    assert read([Upload("stay.zip", packed.getvalue())]).hours.size == 3


def test_a_study_does_not_depend_on_the_order_of_columns():
    a = read([table()])
    order = [6, 0, 3, 2, 1, 5, 4]
    rows = [",".join(row.split(",")[k] for k in order) for row in (HEADING, *ROWS)]
    b = read([table(*rows[1:], heading=rows[0])])
    assert np.array_equal(a.values, b.values, equal_nan=True)
