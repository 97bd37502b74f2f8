"""The publishers' layouts: what is read of them, what is left out, and what is real beside the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.deterioration import layouts
from core.deterioration.chart import as_table
from core.deterioration.formats import physionet2012, tables
from core.deterioration.read import read
from core.deterioration.vitals import DIASTOLIC, SYSTOLIC, TEMPERATURE
from core.uploads import InputError, Upload
from tests.conftest import DATA
from tests.deterioration import writers

DETERIORATION = DATA / "deterioration"
real = pytest.mark.skipif(not DETERIORATION.exists(), reason="the open data is not beside the project")


def test_the_2012_challenge():
    upload = Upload("132539.txt", writers.CHALLENGE.format(132539).encode())
    chart = physionet2012.read(upload)
    assert (chart.stay, chart.age, chart.sex, chart.unit_type) == ("132539", 54, "female", "surgical")
    assert chart.hours.tolist() == pytest.approx([7 / 60, 37 / 60, 97 / 60, 2, 47 + 37 / 60])
    assert chart.values[:, SYSTOLIC].tolist() == pytest.approx([147, np.nan, 120, 108, np.nan], nan_ok=True)
    assert chart.values[:, DIASTOLIC].tolist() == pytest.approx([65, np.nan, 60, 56, np.nan], nan_ok=True)
    assert chart.values[3].tolist() == [82, 19, pytest.approx(np.nan, nan_ok=True), 108, 56, 97]  # of two, the later
    assert chart.oxygen.tolist() == pytest.approx([np.nan, 0, np.nan, 1, np.nan], nan_ok=True)
    assert chart.extra["GCS"] == [(pytest.approx(37 / 60), 15)]
    assert "Height" not in chart.extra  # -1
    study = read([upload])
    assert np.isnan(study.values[0, TEMPERATURE])
    assert any("-17.8" in notice.message and "left out" in notice.message for notice in study.notices)
    assert study.consciousness == (None,) * 5
    assert study.source == {"Format": "PhysioNet 2012"}


@pytest.mark.parametrize("line", ["01:00,HR", "one,HR,80", "01:00,HR,high", "-1:00,HR,80", "99999:00,HR,80"])
def test_the_2012_challenge_with_a_line_that_is_none(line):
    with pytest.raises(InputError, match="Line 3"):
        read([Upload("1.txt", f"Time,Parameter,Value\n00:00,HR,80\n{line}\n".encode())])


def test_a_stay_without_a_vital_sign():
    with pytest.raises(InputError, match="No vital sign was measured"):
        read([Upload("1.txt", b"Time,Parameter,Value\n00:00,Age,80\n")])


def test_eicu(tmp_path):
    first, second = layouts.charts(writers.database(tmp_path, writers.EICU))
    assert (first.stay, first.age, first.sex, first.unit_type, first.outcome) == ("1", 90, "female", "medical", True)
    assert first.hours.tolist() == [0.5, 24]  # not before admission, not after discharge; the worst of the day at its end
    assert first.values[0, [SYSTOLIC, DIASTOLIC]].tolist() == [110, 70]
    assert first.values[1, :3].tolist() == pytest.approx([130, 30, 35.2])
    assert first.notes == ((pytest.approx(10 / 60), "Past history: COPD."), (2, "Drug orders: WARFARIN 5 MG, HEPARIN."))
    assert (second.stay, second.outcome, second.hours.tolist()) == ("2", False, [0, 10])
    assert second.values[1, :3].tolist() == pytest.approx([88, np.nan, np.nan], nan_ok=True)


def test_mimic(tmp_path):
    chart, = layouts.charts(writers.database(tmp_path / "icu", writers.MIMIC))
    assert (chart.stay, chart.age, chart.sex, chart.unit_type, chart.outcome) == ("30", 69, "female", "coronary", True)
    assert chart.hours.tolist() == [0.5, 1]
    assert chart.values[1].tolist() == pytest.approx([np.nan, np.nan, 37, 120, 80, np.nan], nan_ok=True)  # SpO2 was an error


def test_mimic_4_and_times_in_seconds(tmp_path):
    writers.database(tmp_path, {
        "d_items": "itemid,label\n220045,Heart Rate\n",
        "chartevents": "stay_id,itemid,charttime,valuenum,warning\n30,220045,1800,88,0\n30,220045,5400,90,1\n",
        "icustays": "stay_id,subject_id,hadm_id,intime,outtime,first_careunit\n30,10,20,1800,90000,Coronary Care Unit (CCU)\n",
        "patients": "subject_id,gender,anchor_age,anchor_year\n10,M,50,1970\n"})
    chart, = layouts.charts(tmp_path)
    assert chart.hours.tolist() == [0, 1]  # a warning is no error
    assert (chart.sex, chart.outcome, chart.unit_type) == ("male", None, "coronary")


@pytest.mark.parametrize("written", [writers.EICU, writers.MIMIC])
def test_the_tables_of_a_database_uploaded_together(written):
    files = writers.uploads(written)
    stay = "1" if written is writers.EICU else None
    study = read(files, stay=stay)
    assert np.isfinite(study.values).sum() >= 4
    with pytest.raises(InputError, match="hold no stay 99") as caught:
        read(files, stay="99")
    assert caught.value.field == "stay"
    if written is writers.EICU:
        with pytest.raises(InputError, match="several stays: 1, 2"):
            read(files)


def test_a_table_that_is_missing_or_lacks_a_column():
    with pytest.raises(InputError, match="tables of the database are not complete"):
        read(writers.uploads({"vitalAperiodic": writers.EICU["vitalAperiodic"]}))
    with pytest.raises(InputError, match="table patient has no column gender"):
        read(writers.uploads({**writers.EICU, "patient": "patientunitstayid,age\n1,5\n"}))
    with pytest.raises(InputError, match="table d_items is missing"):
        read(writers.uploads({name: text for name, text in writers.MIMIC.items() if name != "D_ITEMS"}))


def arrays(count: int = 2) -> np.ndarray:
    return np.tile(np.array([80, 16, 37, 120, 80, 97.0]), (count, 3, 1)) + np.arange(count)[:, None, None]


def test_prepared_arrays(tmp_path):
    x = arrays()
    x[1, 2], x[0, 1, 0] = 0, np.nan  # padding, and a gap
    path = tmp_path / "processed_data.npz"
    path.write_bytes(writers.arrays(X=x, y=np.array([0, 1])))
    first, second = layouts.charts(path)
    assert (first.stay, first.outcome, second.outcome) == ("1", False, True)
    assert np.isnan(first.values[1, 0])
    assert second.hours.tolist() == [0, 1]
    upload = Upload(path.name, path.read_bytes())
    assert read([upload], stay="2").values[0].tolist() == [81, 17, 38, 121, 81, 98]
    with pytest.raises(InputError, match="several|2 stays") as caught:
        read([upload])
    assert caught.value.field == "stay"


def test_prepared_arrays_in_another_order_are_asked_for_their_names(tmp_path):
    order = [3, 4, 0, 1, 5, 2]
    path = tmp_path / "data.npz"
    path.write_bytes(writers.arrays(X=arrays()[:, :, order]))
    with pytest.raises(InputError, match="Feature 2 of X has the median 80.5, which is no respiratory rate"):
        list(layouts.charts(path))
    path.write_bytes(writers.arrays(X=arrays()[:, :, order], feature_names=np.array(["SBP", "DBP", "HR", "RR", "SpO2", "Temp"])))
    assert next(layouts.charts(path)).values[0].tolist() == [80, 16, 37, 120, 80, 97]
    path.write_bytes(writers.arrays(X=np.zeros((2, 3, 5))))
    with pytest.raises(InputError, match="six vital signs"):
        list(layouts.charts(path))
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(InputError, match="no npz file"):
        list(layouts.charts(path))


def test_objects_in_arrays_are_never_loaded():
    file = writers.arrays(X=np.array([{"a": 1}], object))
    with pytest.raises(InputError, match="damaged, or hold objects"):
        read([Upload("data.npz", file)])


def test_a_chart_as_a_table_comes_back(tmp_path):
    for chart in layouts.charts(writers.challenge(tmp_path, "7", died="7")):
        assert chart.outcome
        written = as_table(chart)
        back, here = read([written]), read([tmp_path / "set-a" / "7.txt"])
        assert back.hours == pytest.approx(here.hours, abs=1e-4)
        assert np.array_equal(back.values, here.values, equal_nan=True)
        assert np.array_equal(back.oxygen, here.oxygen, equal_nan=True)
        assert (back.age, back.sex, back.unit_type, back.source) == (here.age, here.sex, here.unit_type, here.source)


@real
def test_the_real_eicu_demo():
    stays = list(layouts.charts(DETERIORATION / "eicu_demo"))
    assert len(stays) > 1500
    assert sum(chart.outcome is True for chart in stays) > 100
    assert sum(bool(chart.notes) for chart in stays) > 1500
    assert all(chart.hours[0] >= 0 and hour <= 24 for chart in stays for hour, _ in chart.notes)


@real
def test_the_real_mimic_demo():
    stays = list(layouts.charts(DETERIORATION / "mimic3_demo"))
    assert len(stays) > 100
    known = np.isfinite(np.concatenate([chart.values for chart in stays])).mean(0)
    assert (known > 0.2).all()
    assert 34 < np.nanmedian(np.concatenate([chart.values[:, TEMPERATURE] for chart in stays])) < 39


def test_tables_may_be_packed(tmp_path):
    import gzip
    import lzma

    (tmp_path / "a.CSV.gz").write_bytes(gzip.compress(b"x,y\n1,2\n"))
    (tmp_path / "b.csv.xz").write_bytes(lzma.compress(b"X,Y\n3,4\n"))
    there = tables.below(Path(tmp_path))
    assert [list(tables.select(there, name, "y", "x")) for name in "ab"] == [[["2", "1"]], [["4", "3"]]]
    (tmp_path / "c.csv.xz").write_bytes(b"no xz")
    with pytest.raises(InputError, match="table c is damaged"):
        list(tables.select(tables.below(tmp_path), "c", "y"))
