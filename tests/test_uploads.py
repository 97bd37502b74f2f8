"""Limits, archives and kinds of untrusted files."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import pytest

from core import uploads
from core.hub_errors import Refused
from core.settings import Settings
from core.training.recipe import RecipeError
from core.uploads import InputError, Upload, bare_name, collect, foreign, guess, sniff


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def refused(files: list, word: str) -> None:
    with pytest.raises(InputError) as caught:
        collect(files)
    assert word in caught.value.message
    assert caught.value.remedy.endswith(".")
    assert "\n" not in str(caught.value)


def test_an_archive_becomes_bare_files_without_the_systems_litter():
    data = packed({"study/1.hea": b"a", "study/1.dat": b"b", "__MACOSX/study/._1.hea": b"x", "study/.DS_Store": b"x"})
    assert collect([Upload("study.zip", data)]) == [Upload("1.hea", b"a"), Upload("1.dat", b"b")]


@pytest.mark.parametrize("name", ["../1.hea", "/etc/passwd", "a/../../b", "C:\\x.dat", "..\\x"])
def test_an_archive_may_not_name_files_outside_itself(name: str):
    refused([Upload("a.zip", packed({name: b"a"}))], "outside")


def test_a_bomb_is_refused_by_its_ratio_and_by_its_size(monkeypatch: pytest.MonkeyPatch):
    refused([Upload("a.zip", packed({"a": bytes(30_000_000)}))], "unpacks to more")
    monkeypatch.setattr(uploads, "settings", Settings(max_unpacked_mb=1))
    refused([Upload("a.zip", packed({"a": bytes(700_000), "b": bytes(700_000)}))], "unpacks to more")


def test_a_bomb_that_lies_about_its_size_is_stopped_while_reading(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "settings", Settings(max_unpacked_mb=1))
    data = bytearray(packed({"a": bytes(2_000_000)}))
    true, lie = (2_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert data.count(true) == 2
    refused([Upload("a.zip", bytes(data.replace(true, lie)))], "")


def test_nested_encrypted_damaged_and_empty_archives_are_refused():
    refused([Upload("a.zip", packed({"b.zip": packed({"c": b"c"})}))], "another archive")
    refused([Upload("a.zip", packed({}))], "no files")
    whole = packed({"a": b"abc" * 1000})
    refused([Upload("a.zip", whole[: len(whole) // 2])], "damaged")
    locked = bytearray(packed({"a": b"abc"}, zipfile.ZIP_STORED))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    refused([Upload("a.zip", bytes(locked))], "encrypted")
    refused([Upload("a.zip", packed({"a": b"abc" * 100}, zipfile.ZIP_LZMA))], "unusual compression")


def test_counts_and_sizes_are_limited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "settings", Settings(max_upload_mb=1, max_archive_files=3))
    refused([Upload("a", bytes(2_000_000))], "at most 1 MB")
    refused([Upload("a.zip", packed({str(i): b"" for i in range(4)}))], "more than 3 files")
    refused([Upload(str(i), b"x") for i in range(4)], "more than 3 files")
    refused([], "No file")
    refused([Upload("a", b"1"), Upload("a", b"2")], "same name")


def test_names_may_come_again_where_a_study_is_folders():
    files = collect([Upload("a.zip", packed({"Images/1.nii": b"x", "Contours/1.nii": b"y"}))], distinct=False)
    assert files == [Upload("1.nii", b"x"), Upload("1.nii", b"y")]


def test_names_are_bare():
    assert bare_name("C:\\Users\\x\\1.hea") == "1.hea"
    assert bare_name("/a/b/c.dat") == "c.dat"
    assert bare_name("..") == "upload"
    assert bare_name("a\x00\nb") == "ab"
    assert len(bare_name("x" * 999)) == 200


@pytest.mark.parametrize(("data", "kind"), [
    (b"", "empty"), (b"PK\x03\x04..", "zip"), (bytes(128) + b"DICM", "dicom"), (b"\x93NUMPY\x01\x00", "npy"),
    (b"<?xml version='1.0'?>", "xml"), (b"\xef\xbb\xbf<a/>", "xml"), (b"I,II\n1,2\n", "text"), (b"\x01\x00\xff", "binary"),
    (b"0       X X X X", "edf"), (b"%PDF-1.7", "pdf"), ("ä;ö\n".encode("utf-16"), "text"),
    (b"II*\0\x08", "tiff"), (b"MM\0*\0", "tiff"), (b"GIF89a", "gif"), (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
    (b"\0\0\0\x18ftypheic", "heic"), (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"), (b"BM\x36\x10\0\0\0\0\0\0\x36", "bmp"),
    (b"BMI,age,sex\n31,50,F\n", "text"), (b"<?xml version='1.0'?>\n<svg xmlns='x'/>", "svg"), (b"<!DOCTYPE html><html>", "xml"),
    (b"II*\0".ljust(128, b"\0") + b"DICM", "dicom"), (b"NRRD0004\ntype: short\n", "nrrd"),
    ((348).to_bytes(4, "little").ljust(344, b"\0") + b"n+1\0", "nifti"), (b"\x1c\x02\0\0n+2\0\r\n\x1a\n", "nifti"),
])
def test_kinds_are_told_by_their_bytes(data: bytes, kind: str):
    assert sniff(Upload("a.dat", data)) == kind


def test_a_path_is_opened_when_it_is_collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "1.dat").write_bytes(b"d" * 2_000_000)
    assert collect([tmp_path / "1.dat", Upload("1.hea", b"h")])[0] == Upload("1.dat", b"d" * 2_000_000)
    with pytest.raises(InputError, match="not a file"):
        collect([tmp_path / "2.hea"])
    monkeypatch.setattr(uploads, "settings", Settings(max_upload_mb=1))
    refused([tmp_path / "1.dat"], "at most 1 MB")


@pytest.mark.parametrize(("upload", "kind"), [
    (Upload("a.dcm", b"\0\1\2" * 9), "dicom"), (Upload("a.ima", b"\0\1\2" * 9), "dicom"),
    (Upload("a.bin", b"\0\1\2" * 9), "binary"),
    (Upload("a.dcm", b"%PDF-1.7"), "pdf"), (Upload("a.dcm", b""), "empty"),
])
def test_a_dicom_without_preamble_is_known_by_its_name(upload: Upload, kind: str):
    assert guess(upload) == kind


@pytest.mark.parametrize(("uploads", "message"), [
    ([Upload("a.png", b"%PDF-1.7")], "The file is not a film: this is a PDF document."),
    ([Upload("a", b"\0\1\2")], "The file is not a film: this is none of the formats that are read."),
    ([Upload("a", b"")], "The file is empty."),
    ([Upload("a", b""), Upload("b", b"%PDF")], "None of the files is a film."),
])
def test_what_is_foreign_is_said_in_one_sentence(uploads: list[Upload], message: str):
    error = foreign(uploads, "a film", "Upload a film.")
    assert (error.field, error.message, error.remedy) == ("files", message, "Upload a film.")


@pytest.mark.parametrize("error", [InputError("age", "It is no number.", "Give years."), RecipeError("No batch.", "Take one."),
                                   Refused("token", "It is refused.", "Make one.")])
def test_errors_go_whole_from_one_process_to_another(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.as_dict(), vars(again)) == (str(error), error.as_dict(), vars(error))
