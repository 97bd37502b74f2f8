"""Bytes of a late-enhancement stack in any accepted format, and what the user says of it, to a CmrStudy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from core import sandbox
from core.assessment import Notice
from core.cmr.formats.geometry import PIXEL_MM, SLICE_MM
from core.cmr.formats.limits import ACCEPTED
from core.cmr.formats.pairs import joined
from core.cmr.formats.references import meta
from core.cmr.study import CmrStudy
from core.fields import OPEN, Field, checked
from core.uploads import InputError, Upload, collect, foreign, guess

KINDS = ("dicom", "nifti", "nrrd", "png")


def _point(number: object) -> str | None:
    """ "1.5" of "1,5"."""
    return number.replace(",", ".") if isinstance(number, str) else None


_RowSpacing = Annotated[float | None, Field("Distance between rows", "mm", *PIXEL_MM, spelt=_point)]
_ColumnSpacing = Annotated[float | None, Field("Distance between columns", "mm", *PIXEL_MM, spelt=_point)]
_SliceDistance = Annotated[float | None, Field("Distance between slices", "mm", *SLICE_MM, spelt=_point,
                                               help="From the middle of a slice to the next, with the gap.")]
_Series = Annotated[str | None, Field("DICOM series", longest=64,
                                      help="The number of a series, or the end of its UID, as the notice lists them.")]


@checked
def read(
    files: Sequence[Upload | Path] = (), *, row_spacing: _RowSpacing = None, column_spacing: _ColumnSpacing = None,
    slice_distance: _SliceDistance = None, series: _Series = None,
) -> CmrStudy:
    """One short-axis late-enhancement stack. What is given wins over what the files say.

    Args:
        files: the upload; zip archives are unpacked, and names may come again in other folders. Contours that lie
            beside a NIfTI scan, as in an EMIDEC folder, are left out.
        series: of several in DICOM files, the one to read; the likeliest where it is open.

    Raises:
        InputError: anything that is not one readable stack. No other error comes out.
    """
    uploads, kind, others = _choose(joined(collect(files, distinct=False)))
    wanted = None if series is None or series.strip().lower() in OPEN else series.strip()
    details = {"kind": kind, "names": [upload.name for upload in uploads],
               "given": [row_spacing, column_spacing, slice_distance], "series": wanted}
    study = sandbox.decode("cmr", CmrStudy, details, [upload.data for upload in uploads])
    for header in study.references:
        header.file_meta = meta()
    if others:
        message = f"{others} other files of the upload were left out; they are no scans."
        study = replace(study, notices=(*study.notices, Notice("info", message, "files")))
    return study


def _choose(uploads: list[Upload]) -> tuple[list[Upload], str, int]:
    """The files of the scan, their kind, and how many other files were left out."""
    found = {kind: [u for u in uploads if _kind(u) == kind] for kind in KINDS}
    if len(uploads) > 1:  # a disc brings its table of contents along
        found["dicom"] = [upload for upload in found["dicom"] if upload.name.upper() != "DICOMDIR"]
    scans = [kind for kind in ("dicom", "nifti", "nrrd") if found[kind]]
    if len(scans) > 1 or len(found["nrrd"]) > 1:
        raise InputError("files", "There are several scans in the upload.",
                         "Upload one late-enhancement stack at a time.")
    kind = scans[0] if scans else "png"  # pictures beside a scan are views of it
    if not found[kind]:
        raise foreign(uploads, "a scan", ACCEPTED)
    return found[kind], kind, len(uploads) - len(found[kind])


def _kind(upload: Upload) -> str:
    kind = guess(upload)
    return "nifti" if kind == "gzip" else kind
