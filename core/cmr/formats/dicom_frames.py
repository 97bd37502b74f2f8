"""DICOM MR files to single pictures, a file or a frame of a multi-frame file each, with what the header says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from core.cmr.formats.limits import grey
from core.dicom_image import complete, decoded
from core.patient import clean

MOST_FRAMES = 2_000  # of one file; beyond that it is a film
_WORDS = ("SeriesDescription", "ProtocolName", "SequenceName", "ScanOptions", "ImageType", "PulseSequenceName",
          "AcquisitionContrast", "ScanningSequence")


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture, not decoded yet. ``header`` has the values of a frame beside those of its file; ``name`` is the file's."""

    dataset: Dataset
    frame: int | None
    header: Dataset
    name: str = ""

    def numbers(self, keyword: str, count: int) -> np.ndarray | None:
        """The finite numbers of an element, ``[count]`` float64, or None."""
        value = self.header.get(keyword)
        try:
            found = np.array([float(v) for v in ([value] if count == 1 else value)], np.float64)
        except (TypeError, ValueError):
            return None
        return found if found.shape == (count,) and np.isfinite(found).all() else None

    def number(self, keyword: str) -> float | None:
        found = self.numbers(keyword, 1)
        return None if found is None else float(found[0])

    def axes(self) -> np.ndarray | None:
        """Unit vectors in which column and row index grow, ``[2, 3]`` LPS (PS3.3 C.7.6.2.1.1), or None."""
        found = self.numbers("ImageOrientationPatient", 6)
        if found is None:
            return None
        pair = found.reshape(2, 3)
        lengths = np.linalg.norm(pair, axis=1, keepdims=True)
        if (abs(lengths - 1) > 0.05).any() or abs(pair[0] @ pair[1]) > 0.05:
            return None
        return pair / lengths

    def words(self) -> str:
        """What the header says of the sequence, one line."""
        return " ".join(text(self.header.get(keyword)) for keyword in _WORDS)


def pictures(dataset: Dataset, name: str = "") -> list[Picture]:
    """One per frame; ``dataset`` holds pixels and has at most MOST_FRAMES."""
    count = int(dataset.get("NumberOfFrames") or 1)
    frames = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    if not frames and count == 1:
        return [Picture(dataset, None, dataset, name)]
    root = Dataset({e.tag: e for e in dataset if e.VR != "SQ" and e.keyword not in ("PixelData", "NumberOfFrames")})
    shared = [_flat(item) for item in dataset.get("SharedFunctionalGroupsSequence") or ()]
    result = []
    for frame in range(count):
        header = Dataset()
        for values in (root, *shared, *(_flat(item) for item in frames[frame:frame + 1])):
            header.update(values)
        for ours, theirs in (("TriggerTime", "NominalCardiacTriggerDelayTime"), ("ImageType", "FrameType"),
                             ("TemporalPositionIdentifier", "TemporalPositionIndex"),
                             ("InversionTime", "InversionTimes")):
            if ours not in header and header.get(theirs) is not None or ours == "ImageType" and theirs in header:
                value = header[theirs].value
                setattr(header, ours, value[0] if ours == "InversionTime" and isinstance(value, list) else value)
        result.append(Picture(dataset, frame, header, name))
    return result


def pixels_of(chosen: list[Picture]) -> np.ndarray:
    """``[n, rows, columns]`` float32 of pictures of one size, in their order, rescaled as their headers say.

    Raises:
        InputError: cut off, damaged, coloured or of a compression that is not known.
    """
    files: dict[int, np.ndarray] = {}
    slices = []
    for picture in chosen:
        key = id(picture.dataset)
        if key not in files:
            complete(picture.dataset)
            files[key] = decoded(picture.dataset)
        stored = files[key]
        if picture.frame is not None and int(picture.dataset.get("NumberOfFrames") or 1) > 1:
            stored = stored[picture.frame]
        if stored.ndim == 3:
            stored = grey(stored)
        stored = stored.astype(np.float32)
        if str(picture.header.get("PhotometricInterpretation", "")).strip().upper() == "MONOCHROME1":  # white is low
            stored = (-1 if picture.number("PixelRepresentation") else 2 ** int(picture.number("BitsStored") or 16) - 1) - stored
        slope, intercept = picture.number("RescaleSlope"), picture.number("RescaleIntercept")
        slices.append(stored * np.float32(slope or 1.0) + np.float32(intercept or 0.0))
    return np.stack(slices)


def text(value: object) -> str:
    """A header value of any multiplicity as one clean line."""
    many = isinstance(value, (list, tuple)) or hasattr(value, "__iter__") and not isinstance(value, (str, bytes))
    return clean(" ".join(str(v) for v in value) if many else value, 120)


def _flat(item: Dataset) -> Dataset:
    """The values inside the functional groups of a frame, side by side."""
    values = Dataset()
    for element in item:
        if isinstance(element.value, Items) and len(element.value) == 1:
            values.update({e.tag: e for e in element.value[0] if e.VR != "SQ"})
    return values
