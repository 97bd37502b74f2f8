"""What the decoding process does with a film."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from core.cxr.formats import picture
from core.cxr.study import CxrStudy
from core.uploads import InputError

DAMAGED = ("files", "The file is damaged or not what its name says.",
           "Upload one frontal chest film as DICOM, PNG, JPEG or TIFF.")


def answer(details: dict[str, Any], files: list[bytes]) -> tuple[dict[str, Any], np.ndarray]:
    """The study of one file as JSON types, and its pixels ``[height, width]``.

    Raises:
        InputError: no other error comes out.
    """
    study = decode(details["kind"], files[0])
    fields = {f.name: getattr(study, f.name) for f in dataclasses.fields(study) if f.name != "pixels"}
    fields["notices"] = [dataclasses.astuple(notice) for notice in study.notices]
    return fields, study.pixels


def decode(kind: str, data: bytes) -> CxrStudy:
    """One file of the kind "dicom", "png", "jpeg" or "tiff".

    Raises:
        InputError: no other error comes out.
    """
    try:
        with np.errstate(all="ignore"):
            if kind != "dicom":
                return picture.read(kind, data)
            from core.cxr.formats import dicom  # pictures need not wait for its import

            return dicom.read(data)
    except InputError:
        raise
    except (Exception, MemoryError) as error:  # a library met bytes it was not written for
        raise InputError(*DAMAGED) from error
