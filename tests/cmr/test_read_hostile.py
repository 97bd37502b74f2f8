"""Bad input: one sentence and a remedy each, nothing else, whatever the bytes."""

from __future__ import annotations

import gzip
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import uid

from core.cmr.read import read
from core.cmr.study import CmrStudy
from core.uploads import InputError, Upload
from tests.cmr.writers import (
    affine_of,
    dataset_of,
    heart,
    multi_frame,
    nifti,
    nrrd_file,
    png,
    series_of,
    written,
    zipped,
)

HEART = heart(3, 40, 36)
XYZ = HEART.transpose(2, 1, 0)
NIFTI, PLAIN = nifti(XYZ, affine_of()), nifti(XYZ, affine_of(), "a.nii")
NRRD, SERIES, FRAMES = nrrd_file(XYZ), series_of(HEART), multi_frame(HEART, [0, 1, 2])
PNGS = [png(picture, f"{z}.png") for z, picture in enumerate(HEART)]


def cut(upload: Upload, share: float = 0.6) -> list[Upload]:
    return [Upload(upload.name, upload.data[:int(len(upload.data) * share)])]


def with_header(offset: int, form: str, *values: float) -> list[Upload]:
    """A NIfTI file with other values at an offset of its header."""
    data = bytearray(PLAIN.data)
    struct.pack_into(form, data, offset, *values)
    return [Upload("a.nii", bytes(data))]


def gzip_bomb() -> list[Upload]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    head = PLAIN.data[:352]
    return [Upload("a.nii.gz", packer.compress(head) + b"".join(packer.compress(bytes(2**20)) for _ in range(300))
                   + packer.flush())]


def nrrd(header: str, body: bytes = b"") -> list[Upload]:
    return [Upload("a.nrrd", b"NRRD0004\n" + header.encode() + b"\n\n" + body)]


def nrrd_bomb() -> bytes:
    """400 MB where the header says 12,800 bytes; what is beyond is never unpacked."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(400)) + packer.flush()


def png_header(width: int, height: int) -> Upload:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return Upload("a.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
                  + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))


def without_pixels() -> list[Upload]:
    dataset = dataset_of(HEART[0])
    del dataset.PixelData
    return [written(dataset)]


def packed_cut() -> list[Upload]:
    dataset = dataset_of(HEART[0])
    dataset.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
    return cut(written(dataset), 0.9)


def cine(phases: int = 4) -> list[Upload]:
    return [file for phase in range(phases) for file in series_of(HEART, TriggerTime=40 * phase, SeriesDescription="SAX")]


RGB = np.stack([np.uint8(HEART[0] // 16), np.uint8(HEART[0] // 20), np.uint8(HEART[0] // 16)], -1)
SMALL = "type: short\ndimension: 3\nsizes: 40 40 4\nendian: little\nencoding: "
HOSTILE: dict[str, tuple] = {  # files, fields of the form, field to blame, words of the message
    "nothing": ([], {}, "files", "No file"),
    "empty": ([Upload("a.nii", b"")], {}, "files", "empty"),
    "PDF": ([Upload("a.nii", b"%PDF-1.7 ...")], {}, "files", "PDF"),
    "JPEG as NIfTI": ([Upload("a.nii", b"\xff\xd8\xff\xe0" + bytes(99))], {}, "files", "JPEG"),
    "text": ([Upload("a.nrrd", b"Dear colleague,\nno scan.\n")], {}, "files", "a text"),
    "noise": ([Upload("a.nii", bytes(range(256)) * 9)], {}, "files", "none of the formats"),
    "noise as DICOM": ([Upload("a.dcm", bytes(range(256)) * 9)], {}, "files", ""),
    "gzip of a text": ([Upload("a.nii.gz", gzip.compress(b"no scan"))], {}, "files", "not a NIfTI"),
    "cut gzip": (cut(NIFTI), {}, "files", "cut off"),
    "damaged gzip": ([Upload("a.nii.gz", NIFTI.data[:40] + b"\xff" * 40 + NIFTI.data[80:])], {}, "files", "damaged"),
    "gzip bomb": (gzip_bomb, {}, "files", "unpacks to more"),
    "cut NIfTI": (cut(PLAIN), {}, "files", "cut off"),
    "cut NIfTI header": (cut(PLAIN, 0.02), {}, "files", ""),
    "endless NIfTI": (with_header(40, "<8h", 3, 32767, 32767, 32767, 1, 1, 1, 1), {}, "files", "32,767"),
    "deep NIfTI": (with_header(40, "<8h", 3, 64, 64, 3000, 1, 1, 1, 1), {}, "files", "slices"),
    "negative NIfTI": (with_header(40, "<8h", 3, -64, 64, 3, 1, 1, 1, 1), {}, "files", ""),
    "NIfTI of no axes": (with_header(40, "<8h", 0, 0, 0, 0, 0, 0, 0, 0), {}, "files", ""),
    "NIfTI of another type": (with_header(70, "<2h", 1234, 16), {}, "files", ""),
    "NIfTI of colours": (with_header(70, "<2h", 128, 24), {}, "files", "colours"),
    "NIfTI of complex numbers": (with_header(70, "<2h", 32, 64), {}, "files", "complex"),
    "NIfTI beyond its end": (with_header(108, "<f", 1e12), {}, "files", ""),
    "NIfTI pair": ([Upload("a.hdr", PLAIN.data[:344] + b"ni1\0")], {}, "files", "NIfTI pair"),
    "NIfTI over time": (lambda: [nifti(np.stack([XYZ] * 25, -1), affine_of())], {}, "files", "time series with 25"),
    "all NaN": (lambda: [nifti(np.full((64, 64, 5), np.nan, np.float32))], {}, "files", "no numbers"),
    "constant": (lambda: [nifti(np.full((64, 64, 5), 7, np.int16))], {}, "files", "blank"),
    "tiny": (lambda: [nifti(XYZ[:16])], {}, "files", "16 x 40"),
    "contours alone": (lambda: [nifti(np.uint8(XYZ // 600 % 5))], {}, "files", "contours"),
    "two scans": ([NIFTI, PLAIN], {}, "files", "2 scans"),
    "many scans": ([NIFTI] * 9, {}, "files", "9 scans"),
    "scans of two formats": ([NIFTI, NRRD], {}, "files", "several scans"),
    "NRRD elsewhere": (nrrd(f"{SMALL}raw\ndata file: /etc/passwd"), {}, "files", "another file"),
    "NRRD list elsewhere": (nrrd(f"{SMALL}raw\nDataFile: LIST\n../a.raw"), {}, "files", ""),
    "NRRD without an end": ([Upload("a.nrrd", b"NRRD0004\n" + b"key:=value\n" * 99_999)], {}, "files", "header"),
    "NRRD of skipped lines": (nrrd(f"{SMALL}raw\nline skip: 999999999999"), {}, "files", "another file"),
    "NRRD of endless size": (nrrd("type: short\ndimension: 3\nsizes: 999999999 999999999 9\nendian: little\nencoding: raw"),
                             {}, "files", "999,999,999"),
    "NRRD of no size": (nrrd("type: short\ndimension: 3\nencoding: raw"), {}, "files", ""),
    "NRRD of negative size": (nrrd("type: short\ndimension: 3\nsizes: -40 40 40\nencoding: raw"), {}, "files", "no pictures"),
    "NRRD of blocks": (nrrd(f"{SMALL}raw".replace("short", "block") + "\nblock size: 999", bytes(9999)), {}, "files", ""),
    "cut NRRD": (cut(NRRD), {}, "files", "cut off"),
    "NRRD bomb": (lambda: nrrd(f"{SMALL}gzip", nrrd_bomb()), {}, "files", "blank"),
    "NRRD of rare encoding": (nrrd(f"{SMALL}zrl", bytes(9999)), {}, "files", "encoding"),
    "NRRD over time": (lambda: [nrrd_file(np.stack([XYZ] * 5))], {}, "files", "time series"),
    "PNGs of two sizes": ([*PNGS, png(HEART[0][:, :34], "z.png")], {}, "files", "different sizes"),
    "coloured PNG": ([png(RGB)], {}, "files", "coloured"),
    "cut PNG": (cut(PNGS[0]), {}, "files", "damaged"),
    "endless PNG": ([png_header(2_000_000_000, 2_000_000_000)], {}, "files", "2,000,000,000"),
    "too many PNGs": ([png(HEART[0], f"{i}.png") for i in range(65)], {}, "files", "65 slices"),
    "CT": ([Upload("a", Path(pydicom.data.get_testdata_file("CT_small.dcm", download=False)).read_bytes())], {}, "files",
           "computed tomography"),
    "radiograph": (lambda: [written(dataset_of(HEART[0], Modality="CR"))], {}, "files", "a radiograph"),
    "DICOMDIR": (lambda: [written(dataset_of(HEART[0], SOPClassUID="1.2.840.10008.1.3.10"))], {}, "files", "DICOMDIR"),
    "DICOM without pixels": (without_pixels, {}, "files", "holds no image"),
    "DICOM cut off": (lambda: cut(SERIES[0]), {}, "files", "cut off"),
    "compressed DICOM cut off": (packed_cut, {}, "files", "cut off"),
    "DICOM of 20,000": (lambda: series_of(HEART, Rows=20_000), {}, "files", "20,000"),
    "DICOM over time": (cine, {}, "files", "time series with 4"),
    "frames over time": (lambda: [multi_frame(HEART, [0, 1, 2], phases=5)], {}, "files", "time series with 5"),
    "film of frames": (lambda: [written(dataset_of(HEART[0], NumberOfFrames=9000))], {}, "files", "9,000 pictures"),
    "no such series": (SERIES, {"series": 77}, "series", "no series '77'"),
    "zip of 5,000": (lambda: zipped(*((f"{i}.dcm", b"x") for i in range(5000))), {}, "files", "more than"),
    "zip with a path trick": (lambda: zipped(("../a.nii", PLAIN.data)), {}, "files", "outside"),
    "zip of none": (lambda: zipped(("a.txt", b"a"), ("b.txt", b"b")), {}, "files", "None of the files"),
    "row spacing of a word": ([NIFTI], {"row_spacing": "wide"}, "row_spacing", "between rows"),
    "slice distance of 900": ([NIFTI], {"slice_distance": 900}, "slice_distance", "between slices"),
    "column spacing of nan": ([NIFTI], {"column_spacing": float("nan")}, "column_spacing", "between columns"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_bad_input_gives_one_sentence_and_a_remedy(name: str, capfd: pytest.CaptureFixture):
    files, form, field, words = HOSTILE[name]
    files = files() if callable(files) else files
    started = time.perf_counter()
    with pytest.raises(InputError) as caught:
        read(files, **form)
    error = caught.value
    assert error.field == field, error.message
    assert words in error.message
    for text in (error.message, error.remedy):
        assert text.endswith(".")
        assert len(text) < 200
        assert "\n" not in text
        assert "SECRET" not in text
    assert time.perf_counter() - started < 30
    assert capfd.readouterr() == ("", "")


def test_a_header_of_many_lines_is_not_taken_for_a_scan():
    many = "".join(f"key{i}:=value\n" for i in range(3000))
    assert read(nrrd(f"{SMALL}raw\n{many.strip()}", np.arange(6400, dtype="<i2").tobytes())).slices.shape == (4, 40, 40)


def test_a_large_stack_is_read_in_time():
    large = np.tile(np.uint8(heart(1, 64, 64)[0] // 16), (16, 16))
    upload = nifti(np.stack([large] * 20, -1), affine_of(), "a.nii")
    started = time.perf_counter()
    assert read([upload]).slices.shape == (20, 1024, 1024)
    assert time.perf_counter() - started < 25


SEEDS = {"nifti": [NIFTI], "plain": [PLAIN], "nrrd": [NRRD], "series": SERIES, "frames": [FRAMES], "png": PNGS}
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def study_or_error(files: list[Upload]) -> CmrStudy | InputError:
    try:
        return read(files)
    except InputError as error:
        return error


def outcome(files: list[Upload]) -> None:
    study = study_or_error(files)
    if isinstance(study, InputError):
        assert "SECRET" not in str(study)
        return
    assert study.slices.ndim == 3
    assert np.isfinite(study.slices).all()
    assert study.affine is None or np.isfinite(study.affine).all()
    assert "SECRET" not in f"{study.source}{study.notices}{study.references}"


@FUZZ
@given(st.sampled_from(sorted(SEEDS)), st.floats(0, 1),
       st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.integers(0, 255)), max_size=8))
def test_cut_and_damaged_files_give_a_study_or_an_input_error(seed: str, end: float, changes: list):
    """Changes fall anywhere, or into the first bytes, where the headers are."""
    first, *others = SEEDS[seed]
    data = bytearray(first.data)
    for share, early, value in changes:
        data[int(share * (min(len(data), 900 if early else len(data)) - 1))] = value
    outcome([Upload(first.name, bytes(data[:max(int(len(data) * end), 1)] if end < 0.7 else data)), *others])
