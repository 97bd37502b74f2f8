"""Stored DICOM values to the brightness a radiologist sees: modality and VOI transforms.

DICOM PS3.3 C.7.6.3 (sense), C.11.1 (modality LUT and rescale), C.11.2 (VOI LUT and window).
"""

from __future__ import annotations

import math

import numpy as np
from pydicom.dataset import Dataset

from core.cxr.formats.stretch import between, stretched, thinned

OTHER_DEPTH = "percentiles; the window of the file is of another bit depth"  # ``how`` of ``displayed``
_CLIPPED, _FLAT = 0.85, 0.15  # share of values beyond a window, range of brightness in it: no film is shown so; our choice


def displayed(dataset: Dataset, stored: np.ndarray) -> tuple[np.ndarray, str]:
    """Brightness 0 to 1, air dark, and how it was found: "VOI LUT", "window", "full range", "percentiles", OTHER_DEPTH.

    Args:
        dataset: the header.
        stored: ``[height, width]`` integers as stored, one sample per pixel.
    """
    padding = _padding(dataset, stored)
    bits = max(int(dataset.BitsStored), int(abs(int(stored.max()))).bit_length())  # some files store more than they say
    values = _modality(dataset, stored)
    shown, how = _window(dataset, values, padding)
    if shown is None and bits <= 8 and int(stored.min()) >= 0:
        ends = _modality(dataset, np.array([[0, 255]], np.int64))
        shown, how = between(values, ends.min(), ends.max()), "full range"
    if shown is None:
        shown, how = stretched(values, padding), how or "percentiles"
    if str(dataset.get("PhotometricInterpretation", "")).strip().upper() == "MONOCHROME1":
        shown = 1 - shown
    if padding is not None:
        shown[padding] = 0  # outside the exposed field, whatever the sense
    return shown, how


def _modality(dataset: Dataset, stored: np.ndarray) -> np.ndarray:
    if dataset.get("ModalityLUTSequence"):
        return _lookup(dataset, dataset.ModalityLUTSequence[0], stored)
    slope, intercept = number(dataset.get("RescaleSlope")), number(dataset.get("RescaleIntercept"))
    if not slope:
        return stored
    return stored.astype(np.float32) * np.float32(slope) + np.float32(intercept or 0.0)


def _window(dataset: Dataset, values: np.ndarray, padding: np.ndarray | None) -> tuple[np.ndarray | None, str]:
    """The first VOI LUT or window of the header; None where there is none, with the reason where it shows next to nothing."""
    shown, how = None, ""
    if dataset.get("VOILUTSequence"):
        looked = _lookup(dataset, dataset.VOILUTSequence[0], np.rint(values).astype(np.int64))
        table = _table(dataset, dataset.VOILUTSequence[0])
        shown, how = between(looked, table.min(), table.max()), "VOI LUT"
    else:
        centre, width = number(dataset.get("WindowCenter")), number(dataset.get("WindowWidth"))
        if centre is not None and width is not None and width > 1:
            function = str(dataset.get("VOILUTFunction", "LINEAR")).strip().upper()
            shown, how = _windowed(values, centre, width, function), "window"
    if shown is not None:
        part = thinned(shown) if padding is None else thinned(shown)[~thinned(padding)]
        if part.size and (np.mean((part <= 0) | (part >= 1)) > _CLIPPED or np.ptp(np.percentile(part, (1, 99))) < _FLAT):
            return None, OTHER_DEPTH if how == "window" else ""
    return shown, how


def _windowed(values: np.ndarray, centre: float, width: float, function: str) -> np.ndarray:
    """PS3.3 C.11.2.1.2 and C.11.2.1.3."""
    values = values.astype(np.float32)
    if function == "SIGMOID":
        return 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -60, 60)))
    if function == "LINEAR_EXACT":
        return np.clip((values - centre) / width + 0.5, 0, 1)
    return np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)


def _table(dataset: Dataset, item: Dataset) -> np.ndarray:
    """The entries; those of eight bits may be packed two in a word, the first one low (PS3.3 C.11.1.1.1)."""
    count, bits = int(item.LUTDescriptor[0]) or 65_536, int(item.LUTDescriptor[2])
    data, little = item.LUTData, bool(dataset.original_encoding[1])
    if isinstance(data, bytes):
        words = np.frombuffer(data[: len(data) // 2 * 2], "<u2" if little else ">u2")
    else:
        words = np.atleast_1d(np.asarray(data, np.int64))
    if bits <= 8 and len(words) == (count + 1) // 2 < count:
        words = words.astype("<u2").view(np.uint8)
    return words[:count]


def _lookup(dataset: Dataset, item: Dataset, values: np.ndarray) -> np.ndarray:
    """Each value's entry in a table that begins at the descriptor's second number; the ends are held."""
    table, first = _table(dataset, item), int(item.LUTDescriptor[1])
    if values.min() < 0 and first >= 32_768:  # read as unsigned though the values are signed
        first -= 65_536
    return table[np.clip(values.astype(np.int64) - first, 0, table.size - 1)]


def _padding(dataset: Dataset, stored: np.ndarray) -> np.ndarray | None:
    """Where the header says that nothing was recorded (PS3.3 C.7.5.1.1.2), or None."""
    first = number(dataset.get("PixelPaddingValue"))
    if first is None:
        return None
    last = number(dataset.get("PixelPaddingRangeLimit"))
    ends = [_as_stored(end, dataset, stored) for end in (first, first if last is None else last)]
    low, high = min(ends), max(ends)
    mask = (stored >= low) & (stored <= high)
    return mask if mask.any() else None


def _as_stored(value: float, dataset: Dataset, stored: np.ndarray) -> float:
    """A value whose sign disagrees with that of the pixels, read as they are: 63,536 of signed ones is -2,000."""
    turn = 2 ** int(dataset.get("BitsAllocated") or 16)
    if np.iinfo(stored.dtype).min < 0:
        return value - turn if value >= turn / 2 else value
    return value + turn if value < 0 else value


def number(value: object) -> float | None:
    """The first of one or several numbers, or None."""
    if isinstance(value, bytes):  # a value whose type the file does not tell
        value = int.from_bytes(value[:2], "little") if len(value) >= 2 else None
    elif not isinstance(value, (str, int, float)) and hasattr(value, "__getitem__"):
        value = value[0] if len(value) else None
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if math.isfinite(found) else None
