"""What the decoding process does with a film."""

from __future__ import annotations

from core.cxr.formats import picture
from core.cxr.study import CxrStudy

DAMAGED = ("files", "The file is damaged or not what its name says.",
           "Upload one frontal chest film as DICOM, PNG, JPEG or TIFF.")


def decode(files: list[bytes], kind: str) -> CxrStudy:
    """One file of the kind "dicom", "png", "jpeg" or "tiff".

    Raises:
        InputError: refused with a reason. Damaged bytes may raise others.
    """
    if kind != "dicom":
        return picture.read(kind, files[0])
    from core.cxr.formats import dicom  # pictures need not wait for its import

    return dicom.read(files[0])
