"""Tables as people have them: times of every kind, titles above, columns that are numbered."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from core.ecg.read import read
from core.ecg.study import LEADS
from core.uploads import InputError, Upload
from tests.ecg.writers import as_csv, recording

SIGNAL = recording()
NAMES = ",".join(LEADS)


def table(times, header: str = f"time,{NAMES}", separator: str = ",", units: str = "") -> Upload:
    rows = [separator.join([str(t), *(f"{v:.4f}" for v in row)]) for t, row in zip(times, SIGNAL.T, strict=True)]
    return Upload("a.csv", "\n".join([*([header] if header else []), *([units] if units else []), *rows]).encode())


def same(study) -> None:
    assert study.sampling_rate == 500
    np.testing.assert_allclose(study.millivolts, SIGNAL, atol=0.001)


def clock(k: int) -> str:
    return f"'{k // 500 // 60}:{k / 500 % 60:06.3f}'"


def iso(k: int) -> str:
    return (datetime.datetime(2020, 5, 1, 23, 59, 55) + datetime.timedelta(milliseconds=2 * k)).isoformat(timespec="milliseconds")


def test_a_running_number_called_time_is_no_time():
    file = table(range(5000))
    with pytest.raises(InputError) as caught:
        read([file])
    assert caught.value.field == "sampling_rate"
    study = read([file], sampling_rate=500)
    same(study)
    assert not any(n.level == "caution" for n in study.notices)
    same(read([table(range(0, 10_000, 2))]))  # milliseconds
    same(read([table(range(0, 10_000, 2), header=f"time (ms),{NAMES}")]))
    assert read([table(range(5000), header=f"time [ms],{NAMES}")]).sampling_rate == 1000


@pytest.mark.parametrize("of", [clock, iso, lambda k: iso(k)[11:], lambda k: iso(k).replace("T", " ")])
def test_clock_times(of):
    same(read([table(map(of, range(5000)))]))


def test_what_rdsamp_writes():
    header = ",".join(f"'{name}'" for name in ("Elapsed time", *LEADS))
    same(read([table(map(clock, range(5000)), header, units=",".join(["'hh:mm:ss.mmm'", *["'mV'"] * 12]))]))


def test_a_clock_of_whole_seconds_and_semicolons_with_decimal_commas():
    file = table((iso(k)[:19] for k in range(5000)), f"time;{NAMES.replace(',', ';')}", ";")
    assert read([file]).sampling_rate == pytest.approx(500, rel=0.01)
    commas = Upload("a.csv", table(map(clock, range(5000)), f"time;{NAMES.replace(',', ';')}", ";").data.replace(b".", b","))
    same(read([commas]))


@pytest.mark.parametrize("first", [0, 1])
def test_numbered_columns_are_no_sample(first: int):
    header = ",".join(str(k + first) for k in range(12))
    rows = [",".join(f"{v:.4f}" for v in row) for row in SIGNAL.T]
    same(read([Upload("a.csv", "\n".join([header, *rows]).encode())], sampling_rate=500))


def test_a_title_and_facts_above_the_table():
    plain = as_csv(SIGNAL, 500, time="").data.decode()
    above = "Resting ECG\nPatient: Jane Doe\nSampling rate: 500 Hz\nGender: F\nAge: 61\n\n"
    study = read([Upload("a.csv", (above + plain).encode())])
    same(study)
    assert (study.sex, study.age) == ("female", 61)
    assert "Doe" not in f"{study}"
    with pytest.raises(InputError, match="has 13 values"):  # a ragged row is no title
        read([Upload("a.csv", plain.replace("\n", "\n0,", 2).encode())], sampling_rate=500)
