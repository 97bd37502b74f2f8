"""Files that a room does not read: what they are, in words."""

from __future__ import annotations

import pytest

from core.uploads import Upload, foreign, guess


@pytest.mark.parametrize(("upload", "kind"), [
    (Upload("a.dcm", b"\0\1\2" * 9), "dicom"), (Upload("a.ima", b"\0\1\2" * 9), "dicom"), (Upload("a.bin", b"\0\1\2" * 9), "binary"),
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
