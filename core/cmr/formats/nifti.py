"""NIfTI-1 and NIfTI-2 in one file, plain or gzipped; contours that lie beside the scan are told by their values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from nibabel import Nifti1Image, Nifti2Image
from nibabel.affines import voxel_sizes
from nibabel.spatialimages import SpatialImage

from core.assessment import Notice
from core.cmr.formats.geometry import PIXEL_MM, SLICE_MM, Spacing, across, usable
from core.cmr.formats.limits import ACCEPTED, gunzipped, three_axes
from core.cmr.formats.sequence import checked
from core.cmr.formats.volume import axes_of, check_shape, stack
from core.cmr.study import NO_REFLOW, CmrStudy
from core.uploads import InputError, Upload, sniff

_UNITS = {1: 1000.0, 3: 0.001}  # metres and microns in mm (NIfTI-1, xyzt_units); what is not said is mm
_MOST_FILES = 4  # a scan, its contours, and perhaps those of another reader


@dataclass(frozen=True, eq=False)
class _Volume:
    image: SpatialImage
    values: np.ndarray  # three axes
    axes: tuple[int, int, int]
    place: _Place
    name: str


@dataclass(frozen=True, eq=False)
class _Place:
    """``affine`` to mm, or None; ``sizes`` of the array axes in mm, or None; whether the directions of ``affine`` are meant."""

    affine: np.ndarray | None
    sizes: tuple[float, float, float] | None
    oriented: bool
    notices: tuple[Notice, ...] = ()


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
    scan, place, header = scans[0], scans[0].place, scans[0].image.header
    sizes, more = place.sizes, place.notices
    if sizes is not None and place.oriented:
        sizes, slanted = across(sizes, place.affine, scan.axes[0])
        more += slanted
    source = {"format": "NIfTI", "depth": str(header.get_data_dtype())}
    study = stack(scan.values, scan.axes, place.affine, sizes, given, place.oriented, source)
    notices = study.notices + more + checked(f"{scan.name} {_text(header['descrip'])}")
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
    place = _place(image)
    axes = axes_of(shape, place.sizes)
    check_shape(shape, axes)
    if dtype.kind not in "iuf":
        raise InputError("files", "The file holds colours or complex numbers, not the intensities of a scan.",
                         "Export the magnitude or phase-sensitive pictures in grey.")
    if math.prod(shape) * dtype.itemsize > len(data):
        raise InputError("files", "The file was cut off.", "Send or export it again.")
    return _Volume(image, np.asanyarray(image.dataobj).reshape(shape), axes, place, name)


def _place(image: SpatialImage) -> _Place:
    """What the header says of the place of the pixels, in mm.

    The matrix counts; where it was never filled in (one each way along the axes) or places all pixels in a plane, the sizes of
    the voxels do, as published late-enhancement and cine sets have them. One millimetre each way is no statement at all.
    """
    header = image.header
    unit = _UNITS.get(int(header["xyzt_units"]) & 7, 1.0)
    written = np.asarray(image.affine, np.float64)
    affine, notices = np.diag([unit, unit, unit, 1.0]) @ written, ()
    stated = tuple(float(size) for size in np.abs(np.asarray(header["pixdim"][1:4], np.float64)) * unit)
    told = all(PIXEL_MM[0] <= size <= SLICE_MM[1] for size in stated) and not np.allclose(stated, unit)
    if not usable(affine):
        message = "The matrix that places the scan in the patient is damaged; the orientation is not known."
        return _Place(None, stated if told else None, False, (Notice("caution", message, "orientation"),))
    sizes = tuple(float(size) for size in voxel_sizes(affine))
    filled = not np.allclose(np.sort(np.abs(written[:3, :3]), axis=None), [0.0] * 6 + [1.0] * 3, atol=1e-6)
    if not filled:
        return _Place(written, stated if told else None, False)
    if told and not np.allclose(sizes, stated, rtol=0.02):
        message = "The header states two sizes of a voxel; the one of its matrix is used. Volumes and masses may be wrong."
        notices = (Notice("caution", message, "spacing"),)
    return _Place(affine, sizes, bool(header["sform_code"] or header["qform_code"]), notices)


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
