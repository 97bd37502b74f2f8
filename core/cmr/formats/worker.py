"""What the decoding process does with a cardiac MR stack, and how the study comes back from there."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from core.assessment import Notice
from core.cmr.formats.limits import ACCEPTED
from core.cmr.formats.references import meta
from core.cmr.study import CmrStudy
from core.uploads import InputError

DAMAGED = ("files", "The upload is damaged or not what its name says.", ACCEPTED)


def answer(details: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], np.ndarray]:
    """The study of some files of one kind as JSON types, and its slices.

    Raises:
        InputError: no other error comes out.
    """
    study = decode(files, **details)
    fields = {f.name: getattr(study, f.name) for f in dataclasses.fields(study) if f.name != "slices"}
    fields["affine"] = None if study.affine is None else study.affine.tolist()
    fields["references"] = [header.to_json_dict() for header in study.references]
    fields["notices"] = [dataclasses.astuple(notice) for notice in study.notices]
    return fields, study.slices


def revived(fields: dict[str, Any], slices: np.ndarray) -> CmrStudy:
    """The study of an answer."""
    affine, spacing = fields["affine"], fields["spacing_mm"]
    headers = [Dataset.from_json(header) for header in fields["references"]]
    for header in headers:
        header.file_meta = meta()
    return CmrStudy(slices, **fields | {
        "affine": None if affine is None else np.array(affine, np.float64), "axes": tuple(fields["axes"]),
        "spacing_mm": None if spacing is None else tuple(spacing), "references": tuple(headers),
        "notices": tuple(Notice(*notice) for notice in fields["notices"])})


def decode(
    files: list[bytes], kind: str, names: list[str], given: list[float | None], series: str | None
) -> CmrStudy:
    """Files of the kind "dicom", "nifti", "nrrd" or "png".

    Args:
        names: of the files.
        given: what the user says of the spacing between rows, columns, slices, mm; None where nothing.
        series: the DICOM series that the user chose.

    Raises:
        InputError: no other error comes out.
    """
    try:
        with np.errstate(all="ignore"):
            if kind == "dicom":  # each format waits for its own library alone
                from core.cmr.formats import dicom

                return dicom.read(files, given, series)
            if kind == "nifti":
                from core.cmr.formats import nifti

                return nifti.read(files, names, given)
            if kind == "nrrd":
                from core.cmr.formats import nrrd_file

                return nrrd_file.read(files[0], names[0], given)
            from core.cmr.formats import pictures

            return pictures.read(files, names, given)
    except InputError:
        raise
    except (Exception, MemoryError) as error:  # a library met bytes it was not written for
        raise InputError(*DAMAGED) from error
