"""What the decoding process does with a cardiac MR stack."""

from __future__ import annotations

from core.cmr.formats.limits import ACCEPTED
from core.cmr.study import CmrStudy

DAMAGED = ("files", "The upload is damaged or not what its name says.", ACCEPTED)


def decode(files: list[bytes], kind: str, names: list[str], given: list[float | None], series: str | None) -> CmrStudy:
    """Files of the kind "dicom", "nifti", "nrrd" or "png"; each format waits for its own library alone.

    Args:
        names: of the files.
        given: what the user says of the spacing between rows, columns, slices, mm; None where nothing.
        series: the DICOM series that the user chose.

    Raises:
        InputError: not one readable stack. Damaged bytes may raise others.
    """
    if kind == "dicom":
        from core.cmr.formats import dicom

        return dicom.read(files, names, given, series)
    if kind == "nifti":
        from core.cmr.formats import nifti

        return nifti.read(files, names, given)
    if kind == "nrrd":
        from core.cmr.formats import nrrd_file

        return nrrd_file.read(files[0], names[0], given)
    from core.cmr.formats import pictures

    return pictures.read(files, names, given)
