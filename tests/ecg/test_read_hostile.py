"""Bad input: one sentence and a remedy each, nothing else, whatever the bytes."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pydicom.examples
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ecg.read import read
from core.ecg.study import LEADS, EcgStudy
from core.uploads import InputError, Upload
from tests.ecg.writers import as_aecg, as_csv, as_dicom, as_edf, as_npy, recording

SIGNAL = recording(rate=250, seconds=5)


def wfdb_files(lines: list[str] | None = None, data: bytes | None = None) -> list[Upload]:
    if lines is None:
        lines = ["r 12 250 1250", *(f"r.dat 16 1000/mV 16 0 0 0 0 {name}" for name in LEADS)]
    data = np.round(SIGNAL.T * 1000).astype("<i2").tobytes() if data is None else data
    return [Upload("r.hea", "\n".join(lines).encode()), Upload("r.dat", data)]


def header(record: str = "r 12 250 1250", file: str = "r.dat") -> list[str]:
    return [record, *(f"{file} 16 1000/mV 16 0 0 0 0 {name}" for name in LEADS)]


def npy(shape: tuple, descr: str = "<f8", data: bytes = b"") -> list[Upload]:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return [Upload("a.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data)]


def objects() -> list[Upload]:
    buffer = io.BytesIO()
    np.save(buffer, np.array([[{}, 1]], dtype=object), allow_pickle=True)
    return [Upload("a.npy", buffer.getvalue())]


def inflating_mat() -> list[Upload]:
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(130)) + packer.flush()
    return [Upload("a.mat", b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + struct.pack("<II", 15, len(packed)) + packed)]


def xml(body: str) -> list[Upload]:
    return [Upload("a.xml", body.encode())]


ENTITIES = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><AnnotatedECG>&b;</AnnotatedECG>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><AnnotatedECG>&x;</AnnotatedECG>"""
EDF, DICOM, CSV = as_edf(SIGNAL, 250), as_dicom(SIGNAL, 250), as_csv(SIGNAL, 250)
INPUTS: dict[str, tuple] = {  # files, fields of the form, field to blame, words of the message
    "nothing": ([], {}, "files", "No file"),
    "empty": ([Upload("a.dat", b"")], {}, "files", "empty"),
    "empty header": ([Upload("a.hea", b"")], {}, "files", "header"),
    "truncated": (wfdb_files(data=bytes(1000)), {}, "files", "shorter"),
    "text as dat": (wfdb_files(data=b"hello there\n" * 9000), {}, "files", "is text"),
    "lone text as dat": ([Upload("r.dat", b"hello there\n" * 99)], {}, "files", "without its header"),
    "lone dat": (wfdb_files()[1:], {}, "files", "without its header"),
    "lone header": (wfdb_files()[:1], {}, "files", "is missing"),
    "two headers": ([*wfdb_files(), Upload("s.hea", b"s 1 250 10\ns.dat 16\n")], {}, "files", "2 headers"),
    "two recordings": ([CSV, DICOM], {}, "files", "2 files"),
    "path up": (wfdb_files(header(file="../../etc/passwd")), {}, "files", "outside its folder"),
    "absolute path": (wfdb_files(header(file="/etc/passwd")), {}, "files", "outside its folder"),
    "windows path": (wfdb_files(header(file="C:\\r.dat")), {}, "files", "outside its folder"),
    "3 GB claimed": (wfdb_files(header("r 12 250 134217728")), {}, "files", "claims 134,217,728 samples"),
    "99 million signals": (wfdb_files(header("r 99000000 250 1250")), {}, "files", "promises"),
    "multi-segment": (wfdb_files(header("r/12 12 250 1250")), {}, "files", "multi-segment"),
    "5 Hz": (wfdb_files(header("r 12 5 1250")), {}, "sampling_rate", "5 Hz"),
    "100 kHz": (wfdb_files(header("r 12 100000 1250")), {}, "sampling_rate", "100,000 Hz"),
    "0 Hz": ([as_npy(SIGNAL)], {"sampling_rate": 0}, "sampling_rate", "not a number of Hz from 100 to 1000"),
    "negative Hz": ([as_npy(SIGNAL)], {"sampling_rate": -5}, "sampling_rate", "not a number of Hz from 100 to 1000"),
    "nan Hz": ([as_npy(SIGNAL)], {"sampling_rate": float("nan")}, "sampling_rate", "not a number of Hz from 100 to 1000"),
    "0 Hz in the file": (wfdb_files(header("r 12 0 1250")), {}, "sampling_rate", "not a positive"),
    "word for Hz": ([as_npy(SIGNAL)], {"sampling_rate": "fast"}, "sampling_rate", "not a number"),
    "age of 900": ([CSV], {"age": 900}, "age", "Age is not a number of years from 0 to 130"),
    "sex of x": ([CSV], {"sex": "x"}, "sex", "Sex is none of female, male"),
    "NaN everywhere": ([as_npy(SIGNAL * np.nan)], {"sampling_rate": 250}, "files", "single valid value"),
    "six empty leads": ([as_csv(np.where(np.arange(12)[:, None] < 6, SIGNAL, np.nan), 250)], {}, "files",
                        "Only 6 of 12 leads"),
    "no lead names": ([as_csv(SIGNAL[:11], 250, [f"x{i}" for i in range(11)])], {}, "leads", "none of its 11 channels"),
    "one second": ([as_csv(SIGNAL[:, :250], 250)], {}, "files", "at least 2.5 s"),
    "hours": ([as_npy(np.zeros((12, 61_000)))], {"sampling_rate": 100}, "files", "at most 600 s"),
    "CT": ([Upload("ct.dcm", Path(pydicom.examples.get_path("ct")).read_bytes())], {}, "files", "CT Image Storage"),
    "half a DICOM": ([Upload("a.dcm", DICOM.data[:9000])], {}, "files", ""),
    "deflated DICOM": ([Upload("a.dcm", bytes(128) + b"DICM" + b"1.2.840.10008.1.2.1.99")], {}, "files", "deflated"),
    "EDF header": ([Upload("a.edf", EDF.data[:230] + b"xxxxxxxxxxxxxxxxxxxxx" + EDF.data[251:])], {}, "files", "EDF header"),
    "EDF signals": ([Upload("a.edf", EDF.data[:252] + b"9999" + EDF.data[256:])], {}, "files", ""),
    "half an EDF": ([Upload("a.edf", EDF.data[:9000])], {}, "files", "shorter"),
    "entities": (xml(ENTITIES), {}, "files", "no recorded series"),
    "outside entity": (xml(OUTSIDE), {}, "files", "no recorded series"),
    "second document type": (xml(ENTITIES.replace("<AnnotatedECG>", "<!DOCTYPE b [<!ENTITY c 'd'>]><AnnotatedECG>")), {}, "files",
                             "entities"),
    "endless document type": (xml('<!DOCTYPE a [<!ENTITY b "' + "x" * 200_000), {}, "files", "damaged"),
    "other XML": (xml("<ClinicalDocument/>"), {}, "files", "no ECG that is read but: ClinicalDocument"),
    "empty Sierra": (xml("<restingecgdata/>"), {}, "files", "damaged"),
    "half a MUSE": (xml("<RestingECG><Waveform>"), {}, "files", "damaged"),
    "ISHNE header": ([Upload("a.ecg", b"ISHNE1.0" + bytes(600))], {}, "files", "damaged"),
    "SCP header": ([Upload("a.scp", bytes(16) + b"SCPECG" + bytes(600))], {}, "files", "damaged"),
    "broken XML": (xml("<AnnotatedECG><component>"), {}, "files", "damaged"),
    "crowded XML": (xml("<AnnotatedECG>" + "<a/>" * 501_000 + "</AnnotatedECG>"), {}, "files", "too many elements"),
    "objects in npy": (objects(), {"sampling_rate": 250}, "files", "objects"),
    "huge npy": (npy((12, 10**12)), {"sampling_rate": 250}, "files", "shorter"),
    "overflowing npy": (npy((2**40, 2**40)), {"sampling_rate": 250}, "files", "shorter"),
    "negative npy": (npy((-12, -5), data=bytes(480)), {"sampling_rate": 250}, "files", ""),
    "text npy": (npy((12, 5), "<U1", bytes(480)), {"sampling_rate": 250}, "files", "text"),
    "cube": ([as_npy(np.zeros((3, 12, 1000)))], {"sampling_rate": 250}, "files", "shape"),
    "inflating mat": (inflating_mat, {"sampling_rate": 250}, "files", "unpacks to too much"),
    "mat 7.3": ([Upload("a.mat", b"MATLAB 7.3 MAT-file, Platform: x".ljust(600, b"\0"))], {}, "files", "7.3"),
    "text in CSV": ([Upload("a.csv", CSV.data.replace(b"0.004000,", b"soon,"))], {}, "files", "text where numbers"),
    "ragged CSV": ([Upload("a.csv", CSV.data.replace(b"\n0.004000,", b"\n0.004000,1,"))], {}, "files", "Line 3 has 14"),
    "one long line": ([Upload("a.csv", b"1" * 5_000_000)], {}, "files", "no table"),
    "two long lines": ([Upload("a.csv", (b"1," * 700_000 + b"1\n") * 2)], {"sampling_rate": 250}, "files",
                       "claims 700,000 samples"),
    "long header line": ([Upload("a.hea", b"1" * 900_000), Upload("a.dat", b"\0")], {}, "files", "no WFDB header"),
    "jumping time": ([Upload("a.csv", CSV.data.replace(b"\n0.400000,", b"\n900.4,"))], {}, "files", "evenly"),
    "PDF": ([Upload("a.csv", b"%PDF-1.7 ...")], {}, "files", "pdf"),
    "prose": ([Upload("a.txt", b"Dear colleague,\nthe patient is well.\n")], {}, "files", ""),
}


@pytest.mark.parametrize("name", INPUTS)
def test_bad_input_gives_one_sentence_and_a_remedy(name: str):
    files, form, field, words = INPUTS[name]
    files = files() if callable(files) else files
    started = time.perf_counter()
    tracemalloc.start()
    with pytest.raises(InputError) as caught:
        read(files, **form)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    error = caught.value
    assert error.field == field, error.message
    assert words in error.message
    for text in (error.message, error.remedy):
        assert text.endswith(".")
        assert len(text) < 200
        assert "\n" not in text
        assert "Traceback" not in text
    assert time.perf_counter() - started < 20
    assert peak < 400e6


def test_a_constant_signal_is_refused_and_a_wrong_unit_is_said():
    assert read([as_npy(np.ones((12, 2500)))], sampling_rate=250, unit="mV").notices[-1].level == "refuse"
    huge = read([as_csv(SIGNAL * 1000, 250, unit="mV")])
    assert any(n.level == "refuse" and "check the unit" in n.message for n in huge.notices)


SEEDS = [*wfdb_files(), EDF, DICOM, as_aecg(SIGNAL, 250), as_npy(SIGNAL), CSV]
FUZZ = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def outcome(files: list[Upload]) -> None:
    try:
        study = read(files, sampling_rate=250)
    except InputError:
        return
    assert isinstance(study, EcgStudy)
    assert np.isfinite(study.millivolts).all()
    assert study.millivolts.shape[0] == 12
    assert 100 <= study.sampling_rate <= 1000
    assert 2.4 <= study.duration <= 601


@FUZZ
@given(st.binary(max_size=400), st.sampled_from(["hea", "dat", "mat", "dcm", "xml", "edf", "csv", "npy", "zip", ""]),
       st.sampled_from([u.data[:200] for u in SEEDS] + [b"PK\x03\x04", b"MATLAB 5.0", b""]))
def test_any_bytes_give_a_study_or_an_input_error(data: bytes, suffix: str, start: bytes):
    outcome([Upload(f"a.{suffix}", start + data)])


@FUZZ
@given(st.sampled_from(range(2, len(SEEDS))),
       st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=20),
       st.one_of(st.none(), st.integers(0, 40_000)))
def test_damaged_files_give_a_study_or_an_input_error(which: int, changes: list, cut: int | None):
    data = bytearray(SEEDS[which].data)
    for position, value in changes:
        data[position % len(data)] = value
    outcome([Upload(SEEDS[which].name, bytes(data[:cut]))])


@FUZZ
@given(st.lists(st.tuples(st.integers(0, 600), st.characters(min_codepoint=32, max_codepoint=126)), min_size=1, max_size=8))
def test_damaged_headers_give_a_study_or_an_input_error(changes: list):
    text = list("\n".join(header()))
    for position, letter in changes:
        text[position % len(text)] = letter
    outcome([Upload("r.hea", "".join(text).encode()), wfdb_files()[1]])
