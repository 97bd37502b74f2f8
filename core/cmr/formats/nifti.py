"""NIfTI-1 and NIfTI-2 in one file, plain or gzipped; contours that lie beside the scan are told by their values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from nibabel import Nifti1Image, Nifti2Image
from nibabel.affines import voxel_sizes
from nibabel.spatialimages import SpatialImage

from core.assessment import Notice
from core.cmr.formats.geometry import Spacing
from core.cmr.formats.limits import ACCEPTED, gunzipped, three_axes
from core.cmr.formats.sequence import caution
from core.cmr.formats.volume import axes_of, check_shape, stack
from core.cmr.study import NO_REFLOW, CmrStudy
from core.uploads import InputError, Upload, sniff

_MOST_FILES = 4  # a scan, its contours, and perhaps those of another reader


@dataclass(frozen=True, eq=False)
class _Volume:
    image: SpatialImage
    values: np.ndarray  # three axes
    axes: tuple[int, int, int]
    spacing: tuple[float, float, float] | None
    name: str


def read(files: list[bytes], names: list[str], given: Spacing) -> CmrStudy:
    """The one scan among the files.

    Args:
        given: what the user says of the spacing between rows, columns, slices, mm.

    Raises:
        InputError: no scan, several, a time series, too large, blank, or damaged. Damaged bytes may raise others.
    """
    if len(files) > _MOST_FILES:
        raise _several(len(files))
    volumes = [_volume(data, name) for data, name in zip(files, names, strict=True)]
    scans = [volume for volume in volumes if not _contours(volume.values)]
    if not scans:
        raise InputError("files", "The file holds contours (labels 0 to 4), not a scan.", "Upload the scan itself.")
    if len(scans) > 1:
        raise _several(len(scans))
    scan, affine = scans[0], scans[0].image.affine
    affine = np.asarray(affine, np.float64) if np.isfinite(affine).all() else None
    header = scan.image.header
    oriented = bool(header["sform_code"] or header["qform_code"]) and scan.spacing is not None
    source = {"format": "NIfTI", "depth": str(header.get_data_dtype())}
    study = stack(scan.values, scan.axes, affine, scan.spacing, given, oriented, source)
    notices = study.notices + caution(f"{scan.name} {_text(header['descrip'])}")
    if len(volumes) > 1:
        message = "The contours in the upload were left out; the scan alone is read."
        notices += (Notice("info", message, "files"),)
    return replace(study, notices=notices)


def _volume(data: bytes, name: str) -> _Volume:
    if data[:2] == b"\x1f\x8b":
        data = gunzipped(data)
    if sniff(Upload(name, data)) != "nifti":
        raise InputError("files", "The compressed file is not a NIfTI scan.", ACCEPTED)
    if data[344:348] == b"ni1\0" or data[4:8] == b"ni2\0":
        raise InputError("files", "This is the header of a NIfTI pair; the pictures lie in the other file (.img).",
                         "Save the scan as one .nii or .nii.gz file.")
    image = (Nifti2Image if data[4:8] == b"n+2\0" else Nifti1Image).from_bytes(data)
    shape, dtype = three_axes(image.shape), image.get_data_dtype()
    spacing = _spacing(image)
    axes = axes_of(shape, spacing)
    check_shape(shape, axes)
    if dtype.kind not in "iuf":
        raise InputError("files", "The file holds colours or complex numbers, not the intensities of a scan.",
                         "Export the magnitude or phase-sensitive pictures in grey.")
    if math.prod(shape) * dtype.itemsize > len(data):
        raise InputError("files", "The file was cut off.", "Send or export it again.")
    return _Volume(image, np.asanyarray(image.dataobj).reshape(shape), axes, spacing, name)


def _spacing(image: SpatialImage) -> tuple[float, float, float] | None:
    """Spacing along the axes in mm, or None: one millimetre each way is what a header says that was never filled in."""
    directions = np.abs(image.affine[:3, :3])
    sizes = voxel_sizes(image.affine)
    if not np.isfinite(sizes).all() or not sizes.all() or np.allclose(directions, np.eye(3), atol=1e-6):
        return None
    return tuple(float(size) for size in sizes)


def _contours(values: np.ndarray) -> bool:
    """Whether these are labels 0 to 4 rather than intensities."""
    if not (values.min() == 0 and 0 < values.max() <= NO_REFLOW):
        return False
    return bool((values == np.rint(values)).all())


def _several(count: int) -> InputError:
    return InputError("files", f"There are {count} scans in the upload.",
                      "Upload one late-enhancement stack at a time.")


def _text(value: np.ndarray) -> str:
    return bytes(value.item()).decode("ascii", "ignore")
