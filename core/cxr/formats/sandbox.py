"""One film through the decoding process of ``core.sandbox``."""

from __future__ import annotations

from core import sandbox
from core.assessment import Notice
from core.cxr.study import CxrStudy


def decode(kind: str, data: bytes) -> CxrStudy:
    """One file of the kind "dicom", "png", "jpeg" or "tiff" to a study.

    Raises:
        InputError: not readable, or the decoding took too long, too much memory, or crashed.
    """
    fields, pixels = sandbox.decode("cxr", {"kind": kind}, [data])
    fields["spacing"] = tuple(fields["spacing"]) if fields["spacing"] else None
    fields["notices"] = tuple(Notice(*notice) for notice in fields["notices"])
    return CxrStudy(pixels, **fields)
