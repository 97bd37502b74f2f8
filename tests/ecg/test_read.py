"""Round trips: every format, written by its own library, comes back as the same millivolts."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pydicom.examples
import pytest
import scipy.io
import wfdb

from core.ecg.examples import examples
from core.ecg.formats.recording import check_rate
from core.ecg.read import read
from core.ecg.study import LEADS, EcgStudy
from core.ecg.withhold import withhold
from core.fields import fields_of
from core.uploads import InputError, Upload
from tests.ecg.writers import EIGHT, as_aecg, as_csv, as_dicom, as_edf, as_npy, as_wfdb, recording

ROWS = [LEADS.index(name) for name in EIGHT]


def same(study: EcgStudy, signal: np.ndarray, rate: float, within: float = 0.002) -> None:
    assert study.sampling_rate == rate
    assert study.millivolts.dtype == np.float32
    assert study.millivolts.shape == signal.shape
    assert np.abs(study.millivolts - signal).max() < within


def messages(study: EcgStudy) -> str:
    return " ".join(notice.message for notice in study.notices)


@pytest.mark.parametrize("fmt", ["16", "24", "32", "80", "212"])
def test_wfdb_in_every_format(tmp_path: Path, fmt: str):
    signal, gain = recording(), {"80": 40.0}.get(fmt, 500.0)
    study = read(as_wfdb(tmp_path, signal, 500, fmt=fmt, gain=gain))
    same(study, signal, 500, within=0.6 / gain)
    assert (study.sex, study.age, study.source["format"]) == ("female", 56.0, "WFDB")
    assert study.notices == ()


def test_wfdb_reads_what_the_wfdb_package_reads_with_gaps_skew_and_two_files(tmp_path: Path):
    signal = recording()
    signal[3, 100:150] = np.nan
    files = as_wfdb(tmp_path, signal, 500)
    assert "aVR has gaps (0.1 s)" in messages(read(files))
    header = files[0].data.decode().replace("r1.dat 16 ", "r1.dat 16:4 ", 1)  # lead I four samples late
    (tmp_path / "r1.hea").write_text(header)
    expected = wfdb.rdrecord(str(tmp_path / "r1")).p_signal.T
    got = read([tmp_path / "r1.hea", tmp_path / "r1.dat"]).millivolts
    assert np.nanmax(np.abs(got - expected)) < 1e-5
    np.testing.assert_allclose(got[0, :-4], signal[0, 4:], atol=0.001)


def test_challenge_mat_with_header():
    signal = np.round(recording() * 1000).astype(np.int16)
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, {"val": signal}, format="4")
    assert len(buffer.getvalue()) == 24 + signal.nbytes
    lines = [f"A1 12 500 {signal.shape[1]} 05-Feb-2020 11:39:16"]
    lines += [f"A1.mat 16+24 1000/mV 16 0 0 0 0 {lead}" for lead in LEADS]
    header = Upload("A1.hea", "\n".join([*lines, "#Age: 74", "#Sex: Male", "#Dx: 426783006"]).encode())
    study = read([Upload("A1.mat", buffer.getvalue()), header])
    same(study, signal / 1000, 500)
    assert (study.sex, study.age) == ("male", 74.0)


@pytest.mark.parametrize("options", [{"format": "4"}, {"format": "5"}, {"format": "5", "do_compression": True}])
def test_mat_without_header_asks_for_the_rate(options: dict):
    signal, buffer = recording(), io.BytesIO()
    scipy.io.savemat(buffer, {"val": signal, "other": np.zeros(3)}, **options)
    upload = Upload("A1.mat", buffer.getvalue())
    same(read([upload], sampling_rate=500), signal, 500)
    with pytest.raises(InputError) as caught:
        read([upload])
    assert caught.value.field == "sampling_rate"


@pytest.mark.parametrize("rate", [100, 250, 257, 360, 500, 1000])
def test_csv_infers_the_rate_from_its_time_column(rate: float):
    signal = recording(rate)
    same(read([as_csv(signal, rate)]), signal, rate)
    same(read([as_csv(signal, rate, time="Time [ms]", separator="\t")]), signal, rate)


def test_csv_with_the_habits_of_spreadsheets():
    signal = recording()
    same(read([as_csv(signal, 500, separator=";", decimal=",")]), signal, 500)
    same(read([as_csv(signal, 500, separator=" ", time="t", unit="")]), signal, 500)
    plain = as_csv(signal, 500, time="")
    same(read([plain], sampling_rate=500), signal, 500)
    with pytest.raises(InputError) as caught:
        read([plain])
    assert caught.value.field == "sampling_rate"
    commented = Upload("a.csv", b"# sampling_rate: 500\n# sex: F\n# age: 61\n" + plain.data)
    study = read([commented])
    assert (study.sampling_rate, study.sex, study.age) == (500, "female", 61)
    with_units = Upload("a.csv", plain.data.replace(b" (mV)", b"").replace(b"\n", b"\n" + b",".join([b"'uV'"] * 12) + b"\n", 1))
    assert read([with_units], sampling_rate=500).millivolts.max() < 0.01
    utf16 = Upload("a.csv", plain.data.decode().encode("utf-16"))
    same(read([utf16], sampling_rate=500), signal, 500)


def test_a_data_frame_saved_with_its_running_numbers():
    signal = recording()
    rows = ["," + ",".join(map(str, range(12)))] + [f"{i}," + ",".join(f"{v:.4f}" for v in row) for i, row in enumerate(signal.T)]
    study = read([Upload("a.csv", "\n".join(rows).encode())], sampling_rate=500)
    same(study, signal, 500)
    assert "carry no names" in messages(study)
    rows = [",".join(map(str, range(12)))] + [",".join(f"{v:.4f}" for v in row) for row in signal.T]
    same(read([Upload("a.csv", "\n".join(rows).encode())], sampling_rate=500), signal, 500)


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1), ("uV", 1e3), ("nV", 1e6), ("V", 1e-3), ("0.1mV", 10)])
def test_units_are_read_entered_or_judged(unit: str, factor: float):
    signal = recording()
    same(read([as_csv(signal * factor * 1000, 500, unit=unit)]), signal * 1000, 500, within=1)
    same(read([as_npy(signal * factor)], sampling_rate=500, unit=unit), signal, 500)
    if unit != "0.1mV":
        guessed = read([as_npy(signal * factor)], sampling_rate=500)
        same(guessed, signal, 500)
        assert f"read as {unit}" in messages(guessed)
        assert "statements" not in {n.subject for n in withhold(guessed, (), ()).notices}
    with pytest.raises(InputError, match="Unit is none of mV, 0.1mV, uV, nV, V"):
        read([as_csv(signal, 500)], unit="metre")


@pytest.mark.parametrize(("factor", "unit"), [(10, "0.1mV"), (200, None), (10_000, None), (0.05, None)])
def test_a_size_that_fits_no_unit_or_several_is_asked(factor: float, unit: str | None):
    """Ten times too large, steps of 5 uV and of 0.1 uV as recorders count, and next to nothing."""
    signal = recording()
    for file in (as_npy(signal * factor), as_csv(signal * factor, 500, time="", unit="")):
        with pytest.raises(InputError, match="names no unit") as caught:
            read([file], sampling_rate=500)
        assert caught.value.field == "unit"
        if unit:
            same(read([file], sampling_rate=500, unit=unit), signal, 500)
            assert "check the unit" in messages(read([file], sampling_rate=500, unit="mV"))


def test_one_lead_in_another_unit_does_not_decide_for_all():
    signal = recording()
    signal[1] *= 1000
    study = read([as_csv(signal, 500, unit="")])
    np.testing.assert_allclose(study.lead("V2"), signal[7], atol=0.002)
    assert "read as mV" in messages(study)


def test_wander_and_lost_leads_do_not_hide_the_unit():
    signal = recording() + 4 * np.sin(2 * np.pi * 0.1 * np.arange(5000) / 500)
    signal[6:10] = 0.0
    assert "read as uV" in messages(read([as_npy(signal * 1000)], sampling_rate=500))


@pytest.mark.parametrize("names", [("ECG",) * 12, tuple(f"Ch{k + 1}" for k in range(12))])
def test_twelve_channels_without_names_that_obey_einthoven(names: tuple):
    signal = recording()
    study = read([as_edf(signal, 500, names)])
    same(study, signal, 500, within=0.01)
    assert "names no leads" in messages(study)
    mixed = signal[[1, 0, 2, *range(3, 12)]]
    with pytest.raises(InputError, match="none of its 12 channels") as caught:
        read([as_edf(mixed, 500, names)])
    assert caught.value.field == "leads"
    given = read([as_edf(mixed, 500, names)], leads="II, I, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6")
    same(given, signal, 500, within=0.01)


def test_the_leads_of_few_unnamed_channels_are_asked():
    signal = recording()
    three = signal[[1, 6, 10]]
    for file in (as_edf(three, 500, ("ECG1", "ECG2", "ECG3")), as_npy(three), as_csv(three, 500, ("a", "b", "c"), time="")):
        with pytest.raises(InputError, match="none of its 3 channels") as caught:
            read([file], sampling_rate=500)
        assert caught.value.field == "leads"
        study = read([file], sampling_rate=500, leads="II V1;V5")
        assert set(LEADS) - set(study.missing) == {"II", "V1", "V5"}
        np.testing.assert_allclose(study.lead("V5"), three[2], atol=0.01)
        without = read([file], sampling_rate=500, leads="-, V1, V5")
        assert set(LEADS) - set(without.missing) == {"V1", "V5"}
        for wrong in ("II, V1", "II, II, V1", "II, V1, pulse"):
            with pytest.raises(InputError) as caught:
                read([file], sampling_rate=500, leads=wrong)
            assert caught.value.field == "leads"


def test_a_modified_lead_ii_is_lead_ii_and_what_names_no_lead_is_said():
    signal = recording()[[1, 10, 5]]
    study = read([as_csv(signal, 500, ("MLII", "V5", "RESP"))])
    assert set(LEADS) - set(study.missing) == {"II", "V5"}
    assert "1 further channel names no lead of the twelve and was left out." in messages(study)


def test_npy_in_either_orientation_and_with_eight_leads():
    signal = recording()
    same(read([as_npy(signal.T)], sampling_rate=500), signal, 500)
    same(read([as_npy((signal * 1000).astype(np.int16))], sampling_rate=500), signal, 500)
    study = read([as_npy(signal[ROWS])], sampling_rate=500)
    same(study, signal, 500)
    assert study.derived == ("III", "aVR", "aVL", "aVF")
    assert study.missing == ()


@pytest.mark.parametrize("unit", ["uV", "mV"])
def test_edf(unit: str):
    signal = recording()
    study = read([as_edf(signal, 500, unit=unit)])
    same(study, signal, 500)
    assert (study.sex, study.age) == ("female", 69.0)


@pytest.mark.parametrize("names", [LEADS, LEADS[::-1], EIGHT])
def test_dicom(names: tuple):
    signal = recording()
    study = read([as_dicom(signal[[LEADS.index(n) for n in names]], 500, names)])
    same(study, signal, 500, within=0.005)
    assert (study.sex, study.age, study.source["format"]) == ("male", 69.0, "DICOM general ECG")
    assert [(m.code, m.value, m.unit, m.source, m.loinc) for m in study.device_measurements] == [
        ("qt_interval", 401.0, "ms", "device", "8634-8")]


def test_dicom_padding_is_a_gap():
    study = read([as_dicom(recording(), 500, padding=True)])
    assert "II has gaps (0.1 s)" in messages(study)
    assert np.abs(study.lead("II")).max() < 3


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_aecg(unit: str):
    signal = recording()
    study = read([as_aecg(signal, 500, increment_unit=unit)])
    same(study, signal, 500, within=0.003)
    assert (study.sex, study.age, study.source["device"]) == ("female", 69.0, "Cart 9")
    assert [(m.code, m.value) for m in study.device_measurements] == [("qrs_duration", 92.0)]


@pytest.mark.parametrize("write", [as_edf, as_dicom, as_aecg])
def test_no_identity_survives(write):
    study = read([write(recording(), 500)])
    kept = f"{study.source} {study.notices} {study.device_measurements} {study.sex} {study.age}".lower()
    assert not any(word in kept for word in ("secret", "doe", "jane", "1950", "2020"))


def test_any_two_limb_leads_give_the_others_and_missing_chest_leads_are_said():
    signal = recording()
    for pair in (("I", "III"), ("aVL", "aVF"), ("III", "aVR")):
        names = (*pair, "V1", "V2", "V3", "V4", "V5", "V6")
        study = read([as_csv(signal[[LEADS.index(n) for n in names]], 500, names)])
        same(study, signal, 500, within=0.005)
        assert set(study.derived) == set(LEADS[:6]) - set(pair)
    names = ("i", "Lead II", "ECG V1", "MDC_ECG_LEAD_V2", "v4", "V5-Lead")
    study = read([as_csv(signal[[0, 1, 6, 7, 9, 10]], 500, names)])
    assert study.missing == ("V3", "V6")
    assert "Not recorded: V3, V6" in messages(study)
    assert not study.lead("V3").any()


def test_leads_at_different_rates_are_brought_to_the_highest(tmp_path: Path):
    slow, fast = recording(250), recording(500)
    header = ["r1 12 250 2500"] + [f"r1.dat 16{'x2' if i < 6 else ''} 1000/mV 16 0 0 0 0 {n}" for i, n in enumerate(LEADS)]
    frames = np.concatenate([fast[:6].reshape(6, 2500, 2).transpose(1, 0, 2).reshape(2500, 12), slow[6:].T], 1)
    files = [Upload("r1.hea", "\n".join(header).encode()), Upload("r1.dat", np.round(frames * 1000).astype("<i2").tobytes())]
    study = read(files)
    assert study.sampling_rate == 500
    assert study.millivolts.shape == (12, 5000)
    assert np.abs(study.millivolts[:6] - fast[:6]).max() < 0.001
    assert np.corrcoef(study.lead("V2"), fast[7])[0, 1] > 0.98


def test_short_recordings_are_said():
    assert "short (4.0 s)" in messages(read([as_csv(recording(seconds=4), 500)]))


def test_fields_win_over_the_file_and_contradictions_are_said():
    signal = recording()
    study = read([as_dicom(signal, 500)], sampling_rate=250, unit="mV", sex="female", age=44)
    assert (study.sex, study.age, study.sampling_rate) == ("female", 44, 250)
    assert study.duration == pytest.approx(20)
    np.testing.assert_allclose(study.millivolts, 1000 * signal, atol=5)  # the file says uV
    cautions = {n.subject: n for n in study.notices if n.level == "caution"}
    assert cautions["sampling_rate"].message == "The file says 500 Hz; the entered 250 Hz was used."
    assert cautions["unit"].message == "The file says uV; the entered mV was used."
    agreed = read([as_dicom(signal, 500)], sampling_rate=500, unit="µV")
    same(agreed, signal, 500, within=0.005)
    assert agreed.notices == ()


@pytest.mark.parametrize("claimed", [5, 100_000])
def test_an_entered_rate_mends_a_header_whose_rate_is_impossible(claimed: int):
    signal = recording()
    lines = [f"r 12 {claimed} {signal.shape[1]}", *(f"r.dat 16 1000/mV 16 0 0 0 0 {name}" for name in LEADS)]
    files = [Upload("r.hea", "\n".join(lines).encode()), Upload("r.dat", np.round(signal.T * 1000).astype("<i2").tobytes())]
    same(read(files, sampling_rate=500), signal, 500)
    with pytest.raises(InputError) as caught:
        read(files)
    assert caught.value.field == "sampling_rate"


def test_zero_is_a_value_and_only_none_is_open():
    file = [as_edf(recording(), 500)]  # says female, 69
    assert (read(file, age=0).age, read(file, age="0").age) == (0.0, 0.0)
    left_open = read(file, age=None, sex="", sampling_rate=None, unit="unknown")
    assert (left_open.age, left_open.sex, left_open.sampling_rate) == (69.0, "female", 500)
    with pytest.raises(InputError) as caught:
        read(file, sampling_rate=0)
    assert caught.value.field == "sampling_rate"


def test_each_field_is_declared_once():
    asked = fields_of(read)
    assert list(asked) == ["sampling_rate", "unit", "leads", "sex", "age", "start"]
    rate = asked["sampling_rate"].field
    assert (rate.unit, rate.low, rate.high) == ("Hz", 100, 1000)
    for value in (rate.low, rate.high):
        assert check_rate(value) == asked["sampling_rate"].value(value) == value
    for value in (rate.low - 1, rate.high + 1):
        with pytest.raises(InputError):
            check_rate(value)
        with pytest.raises(InputError):
            asked["sampling_rate"].value(value)
    assert asked["unit"].choices == ("mV", "0.1mV", "uV", "nV", "V")
    assert asked["unit"].value("microvolt") == "uV"


def test_pydicoms_real_recording_with_the_devices_own_measurements():
    study = read([Path(pydicom.examples.get_path("waveform"))])
    assert study.millivolts.shape == (12, 10000)
    assert study.sampling_rate == 1000
    assert study.notices == ()
    assert 0.5 < np.ptp(study.lead("II")) < 3
    assert (study.sex, study.age) == ("female", 42.0)
    device = {m.code: m.value for m in study.device_measurements}
    expected = {"pr_interval": 161, "qrs_duration": 75, "qt_interval": 368, "qtc": 370, "qrs_axis": 52}
    assert {code: device[code] for code in expected} == expected
    kept = f"{study.source}"
    assert "642341" not in kept
    assert "Galliera" not in kept


def test_every_example_is_a_clean_study():
    inputs = list(examples())
    assert len(inputs) == len({one.name for one in inputs}) == 5
    for one in inputs:
        study = read(one.files, **one.fields)
        assert (study.notices, study.missing, study.duration) == ((), (), pytest.approx(10)), one.name


def test_real_records_as_the_wfdb_package_reads_them(ludb: Path):
    records = sorted((ludb / "data").glob("*.hea"))[:3]
    assert len(records) == 3
    for path in records:
        study = read([path, path.with_suffix(".dat")])
        expected = wfdb.rdrecord(str(path.with_suffix(""))).p_signal.T
        assert np.abs(study.millivolts - expected).max() < 1e-5
        assert study.sampling_rate == 500
        assert study.sex in ("female", "male")
        assert study.age
