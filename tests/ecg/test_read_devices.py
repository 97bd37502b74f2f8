"""Formats of devices: lead order and amplitude against hand arithmetic, identity gone, harm refused."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.ecg.read import read
from core.ecg.study import LEADS
from core.uploads import InputError, Upload
from tests.conftest import DATA
from tests.ecg.writers import EIGHT, as_aecg, as_csv, as_dicom, as_wfdb, recording
from tests.ecg.writers_of_devices import (
    MUSE_STEP,
    SIERRA_STEP,
    as_apple,
    as_cardiosoft,
    as_cpsc,
    as_ishne,
    as_muse,
    as_scp,
    as_sierra,
    digits,
)

SIGNAL = recording()
CASES = DATA.parent / "cases" / "ecg"


def stepped() -> np.ndarray:
    """A clean recording whose leads each carry a height of their own: a lead in a wrong place shows."""
    signal = SIGNAL.copy()
    signal[:, 100:110] += (0.1 * np.arange(1, 13))[:, None]
    return signal


@pytest.mark.parametrize(("write", "step", "names"), [
    (as_muse, MUSE_STEP, EIGHT), (as_sierra, SIERRA_STEP, LEADS), (lambda s, r: as_sierra(s, r, False), SIERRA_STEP, LEADS),
    (as_scp, 2.5, EIGHT), (as_cardiosoft, 5.0, LEADS),
])
def test_every_lead_has_its_own_digits_times_the_step(write, step: float, names: tuple):
    signal = stepped()
    study = read([write(signal, 500)])
    assert study.sampling_rate == 500
    assert study.missing == ()
    for name in names:
        expected = digits(signal[LEADS.index(name)], step) * step / 1000
        got = study.lead(name)
        assert got.size == expected.size
        assert np.abs(got - expected).max() < 1.01 * (step / 1000 if name in ("aVR", "aVL", "aVF") else 1e-5), name
    assert not any(n.level == "refuse" for n in study.notices)


def test_what_devices_measured_and_know_comes_along_and_no_identity():
    muse, sierra, soft, scp = (read([w(SIGNAL, 500)]) for w in (as_muse, as_sierra, as_cardiosoft, as_scp))
    assert {m.code: m.value for m in muse.device_measurements} == {
        "heart_rate": 70, "pr_interval": 138, "qrs_duration": 96, "qt_interval": 390, "qtc": 403, "qrs_axis": 50}
    assert (muse.sex, muse.age, muse.source) == ("female", 61, {"format": "GE MUSE XML", "device": "MAC 55"})
    assert (sierra.sex, sierra.age, sierra.source["format"]) == ("male", 50, "Philips Sierra XML")
    assert {m.code: m.value for m in soft.device_measurements} == {
        "heart_rate": 70, "pr_interval": 150, "qrs_duration": 92, "qt_interval": 390, "qrs_axis": 50}
    assert (soft.sex, soft.age) == ("male", 44)
    assert (scp.sex, scp.age) == ("female", 61)
    for study in (muse, sierra, soft, scp):
        kept = f"{study.source} {study.notices} {study.device_measurements}".lower()
        assert not any(word in kept for word in ("secret", "doe", "jane", "2020"))


@pytest.mark.parametrize("document_type", [
    '<!DOCTYPE RestingECG SYSTEM "restecg.dtd" [<!ENTITY hospital "Saint Mary">]>',
    '<!DOCTYPE RestingECG [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    '<!DOCTYPE RestingECG [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "]>&b;&b;&b;&b;">]>',
    '<!DOCTYPE RestingECG [<!-- it\'s ]> odd --><!ELEMENT RestingECG ANY><!ENTITY % p SYSTEM "http://x/y"> %p; ]>',
])
def test_entities_of_a_document_type_neither_refuse_the_file_nor_do_anything(document_type: str):
    extra = "<SiteName>&hospital;&x;&c;&amp;</SiteName>"
    study = read([as_muse(SIGNAL, 500, document_type, extra)])
    np.testing.assert_allclose(study.lead("V5"), digits(SIGNAL[10], MUSE_STEP) * MUSE_STEP / 1000, atol=1e-5)
    assert "Mary" not in f"{study}"
    document_type = document_type.replace("RestingECG", "A")
    aecg = as_aecg(SIGNAL, 500).data.decode().replace("<AnnotatedECG", document_type + "<AnnotatedECG", 1)
    assert read([Upload("a.xml", aecg.encode())]).duration == 10


def test_a_muse_file_in_utf_16():
    data = as_muse(SIGNAL, 500).data.decode("latin-1").replace("ISO-8859-1", "UTF-16").encode("utf-16")
    assert read([Upload("m.xml", data)]).source["format"] == "GE MUSE XML"


@pytest.mark.parametrize("damage", [lambda d: d[:len(d) // 2], lambda d: d.replace(b"<WaveFormData>", b"<WaveFormData>!!", 1)])
def test_a_damaged_export_is_one_sentence(damage):
    with pytest.raises(InputError) as caught:
        read([Upload("m.xml", damage(as_muse(SIGNAL, 500).data))])
    assert caught.value.field == "files"
    assert len(caught.value.message) < 200


def test_few_leads_of_a_holter_and_of_a_watch():
    study = read([as_ishne(SIGNAL, 500)])
    assert (study.source["format"], study.sex, study.age) == ("ISHNE Holter", "female", 69)
    np.testing.assert_allclose(study.lead("V1"), np.round(SIGNAL[6] * 400) / 400, atol=1e-5)
    assert "statements" in study.withheld
    for german in (False, True):
        watch = read([as_apple(SIGNAL, 512, german)])
        assert watch.sampling_rate == 512
        np.testing.assert_allclose(watch.lead("I"), SIGNAL[0], atol=1e-4)
        assert set(watch.missing) == set(LEADS) - {"I"}
        assert "Doe" not in f"{watch.source}{watch.notices}"


def test_the_structures_of_cpsc():
    study = read([as_cpsc(SIGNAL)])
    assert (study.sampling_rate, study.sex, study.age) == (500, "female", 58)
    np.testing.assert_allclose(study.lead("aVF"), SIGNAL[5], atol=1e-4)
    assert read([as_cpsc(SIGNAL)], sampling_rate=250).sampling_rate == 250


def test_a_zip_with_what_goes_along():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("E1.xml", as_muse(SIGNAL, 500).data)
        archive.writestr("E1.pdf", b"%PDF-1.7 a report")
        archive.writestr("DICOMDIR", bytes(128) + b"DICM" + b"\x02\x00\x02\x00UI\x14\x001.2.840.10008.1.3.10")
        archive.writestr("readme.txt", b"open with the viewer\n")
    study = read([Upload("export.zip", buffer.getvalue())])
    assert study.source["format"] == "GE MUSE XML"
    assert "left out (DICOMDIR, pdf, text)" in " ".join(n.message for n in study.notices)
    with pytest.raises(InputError, match="2 files"):
        read([as_muse(SIGNAL, 500), as_csv(SIGNAL, 500)])


def test_of_several_series_the_longest_is_taken():
    short, long = as_aecg(SIGNAL[:, :600], 500).data.decode(), as_aecg(SIGNAL, 500).data.decode()
    series = short[short.index("<component><series>"):short.index("</AnnotatedECG>")]
    both = long.replace("</componentOf>", "</componentOf>" + series, 1)
    assert read([Upload("a.xml", both.encode())]).duration == 10


def test_dicom_without_preamble_with_codes_alone_and_zeros_that_are_padding_by_name():
    import pydicom

    dataset = pydicom.dcmread(io.BytesIO(as_dicom(SIGNAL, 500).data))
    numbers = {"I": 1, "II": 2, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64, **{f"V{k}": k + 2 for k in range(1, 7)}}
    group = dataset.WaveformSequence[0]
    for name, channel in zip(LEADS, group.ChannelDefinitionSequence, strict=True):
        source = channel.ChannelSourceSequence[0]
        source.CodeValue, source.CodeMeaning = f"2:{numbers[name]}", ""
    group.add_new("WaveformPaddingValue", "OW", np.int16(0).tobytes())
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=False)
    study = read([Upload("IMG1", buffer.getvalue()[132:])])
    np.testing.assert_allclose(study.millivolts, SIGNAL, atol=0.005)
    assert not any("gaps" in n.message for n in study.notices)


def test_dicom_in_four_columns():
    import copy

    import pydicom

    dataset = pydicom.dcmread(io.BytesIO(as_dicom(SIGNAL, 500).data))
    whole, groups = dataset.WaveformSequence[0], []
    raw = np.frombuffer(whole.WaveformData, "<i2").reshape(-1, 12)
    for column in range(4):
        group, chosen = copy.deepcopy(whole), range(3 * column, 3 * column + 3)
        group.ChannelDefinitionSequence = [whole.ChannelDefinitionSequence[k] for k in chosen]
        part = raw[1250 * column:1250 * (column + 1), list(chosen)]
        group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = 3, len(part)
        group.MultiplexGroupTimeOffset, group.WaveformData = str(2500 * column), part.tobytes()
        groups.append(group)
    dataset.WaveformSequence = groups
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset)
    study = read([Upload("a.dcm", buffer.getvalue())])
    assert study.duration == 10
    assert study.there.mean() == pytest.approx(0.25, abs=0.001)
    middle = SIGNAL[6, 2500:3750] - np.median(SIGNAL[6, 2500:3750])
    np.testing.assert_allclose(study.lead("V1")[2500:3750], middle, atol=0.01)


def test_wfdb_without_gain_and_with_all_in_one_comment():
    lines = [f"r 12 500 {SIGNAL.shape[1]}", *(f"r.dat 16 0 16 0 0 0 0 {n}" for n in LEADS), "#<age>: 65 <sex>: F <dx> none"]
    data = np.round(SIGNAL.T * 200).astype("<i2").tobytes()
    study = read([Upload("r.hea", "\n".join(lines).encode()), Upload("r.dat", data)])
    assert (study.age, study.sex) == (65, "female")
    assert any(n.level == "caution" and "no gain" in n.message for n in study.notices)
    np.testing.assert_allclose(study.millivolts, SIGNAL, atol=0.003)


@pytest.mark.skipif(not CASES.exists(), reason="the open case files are not beside the project")
def test_real_exports(tmp_path: Path):
    muse = read([CASES / "muse_restingecg.xml"])
    assert {m.code: m.value for m in muse.device_measurements}["qt_interval"] == 452
    assert (muse.duration, muse.missing) == (10, ())
    sierra = read([CASES / "philips_sierra.xml"])
    assert sierra.duration == pytest.approx(10.48, abs=0.05)  # zeros and the pulse follow
    assert any(n.subject == "calibration pulse" for n in sierra.notices)
    assert sierra.age == 50
    assert read([CASES / "mortara.dcm"]).sampling_rate == 1000


def test_of_hours_a_minute_is_read_and_the_rate_of_all_is_kept():
    signal = np.tile(recording(200, 60)[:3], 12)  # 12 min
    study = read([as_ishne(np.concatenate([signal] * 4), 200, ("I", "II", "V1"))], start=120)
    assert study.duration == 60
    assert len(study.trend) == 12
    assert np.median([rate for _, rate in study.trend]) == pytest.approx(70, abs=3)
    assert "120 to 180 s" in " ".join(n.message for n in study.notices)
    with pytest.raises(InputError) as caught:
        read([as_ishne(np.concatenate([signal] * 4), 200, ("I",))], start=900)
    assert caught.value.field == "start"


@pytest.mark.parametrize(("write", "before", "after", "years"), [
    (as_muse, b"<PatientAge>61</PatientAge><AgeUnits>YEARS", b"<PatientAge>6</PatientAge><AgeUnits>MONTHS", 0.5),
    (as_muse, b"<PatientAge>61</PatientAge><AgeUnits>YEARS", b"<PatientAge>12</PatientAge><AgeUnits>DAYS", 0.03),
    (as_sierra, b"<years>50</years>", b"<years>1</years><months>5</months>", 1.42),
    (as_sierra, b"<years>50</years>", b"<months>5</months>", 0.42),
    (as_scp, struct.pack("<BHHB", 4, 3, 61, 1), struct.pack("<BHHB", 4, 3, 6, 2), 0.5),
    (as_cardiosoft, b'<Age units="years">44', b'<Age units="months">7', 0.58),
    (as_aecg, b"19500502", b"20191101", 0.5), (as_dicom, b"19500502", b"20191101", 0.5),
])
def test_an_infant_stays_one(write, before: bytes, after: bytes, years: float):
    made = write(recording(), 500)
    assert before in made.data
    study = read([Upload(made.name, made.data.replace(before, after))])
    assert study.age == pytest.approx(years, abs=0.011)


def test_an_averaged_beat_alone_is_no_recording():
    text = as_muse(recording(), 500).data
    first = text.index(b"<Waveform><WaveformType>Rhythm")
    with pytest.raises(InputError):
        read([Upload("muse.xml", text[:first] + b"</RestingECG>")])


def test_two_recordings_are_called_so():
    with pytest.raises(InputError, match="2 recordings"):
        read([as_muse(recording(), 500), as_sierra(recording(), 500)])


def test_months_in_a_comment_are_months(tmp_path: Path):
    assert read(as_wfdb(tmp_path, SIGNAL, 500, comments=("Age: 6 months", "Sex: F"))).age == 0.5
    study = read(as_wfdb(tmp_path, SIGNAL, 500, comments=("<age>: 65 <sex>: F",)))
    assert (study.age, study.sex) == (65, "female")
    table = as_csv(SIGNAL, 500)
    assert read([Upload(table.name, b"# age: 6 months\n" + table.data)]).age == 0.5
