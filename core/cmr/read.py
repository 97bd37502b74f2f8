"""Bytes of a late-enhancement stack in any accepted format, and what the user says of it, to a CmrStudy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from core import sandbox
from core.assessment import Notice
from core.cmr.formats.limits import ACCEPTED
from core.cmr.formats.worker import revived
from core.cmr.study import CmrStudy
from core.uploads import InputError, Upload, collect, sniff

_KINDS = ("dicom", "nifti", "nrrd", "png")
_WORDS = {
    "pdf": "a PDF document", "svg": "an SVG drawing", "xml": "a web page or XML text", "text": "a text", "gif": "a GIF",
    "webp": "a WebP picture", "bmp": "a BMP picture", "heic": "a HEIC picture", "jp2": "a bare JPEG 2000 picture",
    "jpeg": "a JPEG picture", "tiff": "a TIFF picture", "rar": "a RAR archive", "7z": "a 7z archive",
    "office": "an office document", "rtf": "a text document", "edf": "an EDF recording", "npy": "a NumPy array",
    "hdf5": "an HDF5 file", "mat5": "a MATLAB file", "mat73": "a MATLAB file",
}
_OPEN = ("", "unknown", "none")
_FIELDS = {  # what the user may give: words, least and most mm
    "row_spacing": ("The distance between rows", 0.2, 10.0),
    "column_spacing": ("The distance between columns", 0.2, 10.0),
    "slice_distance": ("The distance between slices", 0.5, 50.0),
}


def read(
    files: Sequence[Upload], *, row_spacing: float | None = None, column_spacing: float | None = None,
    slice_distance: float | None = None, series: int | str | None = None,
) -> CmrStudy:
    """One short-axis late-enhancement stack.

    Args:
        files: the upload; zip archives are unpacked, and names may come again in other folders. Contours that lie
            beside a NIfTI scan, as in an EMIDEC folder, are left out.
        row_spacing: between rows, mm. column_spacing: between columns, mm. slice_distance: from the middle of a slice
            to the next, mm. What is given wins over what the file says.
        series: number of the DICOM series to read, or the end of its UID, as a notice lists them.

    Raises:
        InputError: anything that is not one readable stack. No other error comes out.
    """
    values = row_spacing, column_spacing, slice_distance
    given = [_millimetres(name, value) for name, value in zip(_FIELDS, values, strict=True)]
    uploads, kind, others = _choose(collect(files, distinct=False))
    details = {"kind": kind, "names": [upload.name for upload in uploads], "given": given, "series": _wanted(series)}
    study = revived(*sandbox.decode("cmr", details, [upload.data for upload in uploads]))
    if others:
        message = f"{others} other files of the upload were left out; they are no scans."
        study = replace(study, notices=(*study.notices, Notice("info", message, "files")))
    return study


def _left_open(value: object) -> bool:
    return value is None or isinstance(value, str) and value.strip().lower() in _OPEN


def _millimetres(name: str, value: object) -> float | None:
    if _left_open(value):
        return None
    words, least, most = _FIELDS[name]
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise InputError(name, f"{words} is not a number of millimetres from {least:g} to {most:g}.",
                         "Give it in millimetres, or leave it open.")
    return number


def _wanted(series: object) -> str | None:
    """The chosen series as text; a table may have made 12.0 of 12."""
    if _left_open(series):
        return None
    return f"{series:g}" if isinstance(series, float) else str(series).strip()[:64]


def _choose(uploads: list[Upload]) -> tuple[list[Upload], str, int]:
    """The files of the scan, their kind, and how many other files were left out."""
    found = {kind: [u for u in uploads if _kind(u) == kind] for kind in _KINDS}
    if len(uploads) > 1:  # a disc brings its table of contents along
        found["dicom"] = [upload for upload in found["dicom"] if upload.name.upper() != "DICOMDIR"]
    scans = [kind for kind in ("dicom", "nifti", "nrrd") if found[kind]]
    if len(scans) > 1 or len(found["nrrd"]) > 1:
        raise InputError("files", "There are several scans in the upload.",
                         "Upload one late-enhancement stack at a time.")
    kind = scans[0] if scans else "png"  # pictures beside a scan are views of it
    if chosen := found[kind]:
        return chosen, kind, len(uploads) - len(chosen)
    if len(uploads) > 1:
        raise InputError("files", "None of the files is a scan.", ACCEPTED)
    if not uploads[0].data:
        raise InputError("files", "The file is empty.", ACCEPTED)
    only = sniff(uploads[0])
    what = f"this is {_WORDS[only]}" if only in _WORDS else "this is none of the formats that are read"
    raise InputError("files", f"The file is not a scan: {what}.", ACCEPTED)


def _kind(upload: Upload) -> str:
    kind = sniff(upload)
    if kind == "gzip":
        return "nifti"
    bare = kind == "binary" and upload.suffix in (".dcm", ".dicom", ".ima")  # as a network sends it, without preamble
    return "dicom" if bare else kind
