"""DICOM MR: a series of single pictures, or one multi-frame file, to a stack."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset

from core.assessment import Notice
from core.cmr.formats import sequence
from core.cmr.formats.dicom_frames import MOST_FRAMES, Picture, pictures, pixels_of
from core.cmr.formats.dicom_series import Series, choose, one_each, series_of
from core.cmr.formats.geometry import Spacing, affine_of, believable, placed, settled, usable
from core.cmr.formats.limits import check_size, finite
from core.cmr.formats.references import reference
from core.cmr.study import CmrStudy
from core.dicom_image import compression, is_directory, kind_of, parsed
from core.patient import clean
from core.uploads import InputError

_NOT_ALONE = "Upload the files of the late-enhancement series."


def read(files: list[bytes], names: list[str], given: Spacing, series: str | None) -> CmrStudy:
    """The late-enhancement stack among the files, sorted along its normal.

    Args:
        names: of the files, their order where nothing else says it.
        given: what the user says of the spacing between rows, columns, slices, mm.
        series: number of the series, or the end of its UID, where the user chose one.

    Raises:
        InputError: no MR pictures, a time series, no such series, too large, blank, damaged or cut off. Damaged bytes
            may raise others.
    """
    found, left_out = _pictures(files, names)
    chosen, notices = choose(series_of(found), series)
    if left_out:
        message = f"{left_out} DICOM files that are no MR pictures were left out."
        notices += (Notice("info", message, "files"),)
    first = chosen.places[0][0].header
    check_size(len(chosen.places), int(first.Rows), int(first.Columns))
    shown, more = one_each(chosen)
    notices += more + _sequence(chosen)
    slices, more = finite(pixels_of(shown))
    notices += more
    affine, stated, more = _geometry(chosen, shown)
    notices += more
    spacing, more = settled(stated, given)
    notices += more
    mirrored = apex_first = None
    if affine is not None:
        mirrored, apex_first, more = placed(affine, (2, 1, 0))
        notices += more
    return CmrStudy(slices, affine, (2, 1, 0), spacing, mirrored, apex_first, _references(shown), _source(shown),
                    notices)


def _pictures(files: list[bytes], names: list[str]) -> tuple[list[Picture], int]:
    """The MR pictures of the files, each once, and how many files are something else."""
    found: list[Picture] = []
    others: list[str] = []
    seen: set[str] = set()
    for data, name in zip(files, names, strict=True):
        dataset = parsed(data)
        uid = str(dataset.get("SOPInstanceUID", ""))
        if uid and uid in seen:
            continue
        seen.add(uid)
        if (problem := _problem(dataset)) is None:
            found.extend(pictures(dataset, name))
        else:
            others.append(problem)
    if not found:
        raise InputError("files", others[0], _NOT_ALONE)
    return found, len(others)


def _problem(dataset: Dataset) -> str | None:
    """What is wrong with a file that holds no readable MR picture, None for one that does."""
    if is_directory(dataset):
        return "This is a DICOMDIR, the table of contents of a disc, not a scan."
    modality = str(dataset.get("Modality", "")).strip().upper()
    if modality != "MR" and modality:
        return f"The file is no cardiac MR; its header says {kind_of(modality)}."
    if not dataset.get("PixelData") or not dataset.get("Rows") or not dataset.get("Columns"):
        lost = ", or was cut off" if dataset.get("Rows") or not len(dataset) else ""
        return f"This DICOM file holds no image{lost}."
    if not 0 < int(dataset.get("NumberOfFrames") or 1) <= MOST_FRAMES:
        return f"The file holds {int(dataset.NumberOfFrames):,} pictures; it is a film, not a stack."
    return None


def _sequence(series: Series) -> tuple[Notice, ...]:
    first = series.places[0][0]
    if found := sequence.checked(series.words):
        return found
    if (first.number("CardiacNumberOfImages") or 1) > 1 and not sequence.is_late(series.words):
        return (sequence.refusal("one phase of a cine"),)
    if not sequence.is_late(series.words):
        message = "The header does not say that this is late enhancement; check that it is."
        return (Notice("info", message, "sequence"),)
    return ()


def _geometry(
    series: Series, shown: list[Picture]
) -> tuple[np.ndarray | None, list[float | None], tuple[Notice, ...]]:
    """Affine, spacing between rows, columns and slices as the header states it, and cautions."""
    first = shown[0]
    pixel, axes = first.numbers("PixelSpacing", 2), first.axes()
    between = _nominal(first, alone=len(shown) == 1)
    notices: tuple[Notice, ...] = ()
    if series.at is None:
        if len(shown) > 1:
            message = "The files do not say where the slices lie; they are in the order of their numbers or names. Check it."
            notices = (Notice("caution", message, "order"),)
    elif len(shown) > 1:
        if not series.positioned:
            message = "The files do not say where the slices lie in the patient; they are in the order of their locations."
            notices = (Notice("caution", message, "order"),)
        steps = np.diff(series.at)
        between = float(np.median(steps))
        if steps.max() > 1.2 * between or steps.min() < 0.8 * between:
            message = "The slices are not evenly spaced; one may be missing. Volumes and masses may be wrong."
            notices += (Notice("caution", message, "slices"),)
    row, column, between = believable([*(pixel if pixel is not None else (None, None)), between])
    if series.at is None or not series.positioned or axes is None or row is None or column is None:
        return None, [row, column, between], notices
    corners = [picture.numbers("ImagePositionPatient", 3) for picture in (shown[0], shown[-1])]
    step = np.cross(*axes) * (between or 1.0)
    if len(shown) > 1:
        step = (corners[1] - corners[0]) / (len(shown) - 1)
    affine = affine_of(corners[0], axes[1], axes[0], step, (row, column))
    return affine if usable(affine) else None, [row, column, between], notices


def _references(shown: list[Picture]) -> tuple[Dataset, ...]:
    """One header per slice; one for all frames of a multi-frame file, none where frames come from several files or where
    only some of them are read."""
    datasets = {id(picture.dataset): picture.dataset for picture in shown}
    if len(datasets) > 1 and any(picture.frame is not None for picture in shown):
        return ()
    if shown[0].frame is not None and len(shown) != int(shown[0].dataset.get("NumberOfFrames") or 1):
        return ()
    return tuple(reference(dataset) for dataset in datasets.values())


def _nominal(picture: Picture, alone: bool) -> float | None:
    """Between slices as the header states it, for one slice or slices without places. The thickness leaves out the gap: of
    several slices it is no distance, and a distance below it is the gap."""
    between, thickness = picture.number("SpacingBetweenSlices"), picture.number("SliceThickness")
    if alone:
        return between or thickness
    return between if between and between >= 0.9 * (thickness or 0.0) else None


def _source(shown: list[Picture]) -> dict[str, str]:
    header = shown[0].header
    source = {"format": "DICOM MR" if shown[0].frame is None else "DICOM MR, multi-frame",
              "size": f"{header.Columns} x {header.Rows}", "slices": str(len(shown)),
              "compression": compression(shown[0].dataset)}
    device = clean(f"{header.get('Manufacturer', '')} {header.get('ManufacturerModelName', '')}")
    if device:
        source["device"] = device
    if field := shown[0].number("MagneticFieldStrength"):
        source["field strength"] = f"{field:g} T"
    if inversion := shown[0].number("InversionTime"):
        source["inversion time"] = f"{inversion:g} ms"
    return source
