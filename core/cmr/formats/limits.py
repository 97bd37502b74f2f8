"""What may be decoded at all, by the header, and what a decoded stack must hold."""

from __future__ import annotations

import gzip
import io
import zlib

import numpy as np

from core.assessment import Notice
from core.settings import settings
from core.uploads import MEGABYTE, InputError

SHORTEST, LONGEST = 32, 1024  # pixels a side
MOST_SLICES = 64
ACCEPTED = ("Upload one short-axis late-enhancement stack as NIfTI, NRRD, DICOM series (all its files, or a zip) or "
            "PNG pictures.")


def check_size(slices: int, rows: int, columns: int) -> None:
    """Refuse what is too large to read or too small to show a heart.

    Raises:
        InputError: a side above 1,024 or below 32 pixels, or more than 64 slices.
    """
    if max(rows, columns) > LONGEST or min(rows, columns) < SHORTEST:
        raise InputError("files", f"The slices have {columns:,} x {rows:,} pixels; {SHORTEST} to {LONGEST:,} a side "
                         "are read.", "Upload the short-axis stack in its native size.")
    if not 1 <= slices <= MOST_SLICES:
        raise InputError("files", f"The upload has {slices:,} slices; 1 to {MOST_SLICES} are read.",
                         "Upload the short-axis late-enhancement stack alone.")


def time_series(points: int) -> InputError:
    """The refusal of a stack with several pictures of every slice."""
    return InputError("files", f"This is a time series with {points:,} pictures of each slice (a cine, for example), "
                      "not a late-enhancement stack.", "Upload the late-enhancement stack, one picture per slice.")


def three_axes(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """The shape without axes of length one beyond the third; a single picture gets a third.

    Raises:
        InputError: a time series, or no picture at all.
    """
    lengths = [int(n) for n in shape]
    if any(n < 1 for n in lengths) or len(lengths) < 2:
        raise InputError("files", "The file holds no pictures.", ACCEPTED)
    if (points := int(np.prod(lengths[3:], dtype=object))) > 1:
        raise time_series(points)
    first, second, third = (lengths + [1])[:3]
    return first, second, third


def gunzipped(data: bytes) -> bytes:
    """The bytes inside a gzip file, at most what an archive may unpack to.

    Raises:
        InputError: more than that, cut off or damaged.
    """
    most = settings.max_unpacked_mb * MEGABYTE
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            plain = stream.read(most + 1)
    except EOFError as error:
        raise InputError("files", "The file was cut off.", "Send or export it again.") from error
    except (OSError, zlib.error) as error:
        raise InputError("files", "The compressed file is damaged.", "Send or export it again.") from error
    if len(plain) > most:
        raise InputError("files", f"The file unpacks to more than {settings.max_unpacked_mb} MB.",
                         "Upload the short-axis late-enhancement stack alone.")
    return plain


def grey(colours: np.ndarray) -> np.ndarray:
    """``[rows, columns]`` of ``[rows, columns, 3]`` whose channels are equal.

    Raises:
        InputError: colours.
    """
    if (colours != colours[..., :1]).any():
        raise InputError("files", "The pictures are coloured; a late-enhancement stack is grey.",
                         "Export the pictures without overlays, maps or marks.")
    return colours[..., 0]


def finite(slices: np.ndarray) -> tuple[np.ndarray, tuple[Notice, ...]]:
    """Intensities as float32 without gaps.

    Args:
        slices: ``[n, rows, columns]``, any real type; negative values are fine (phase-sensitive pictures).

    Returns:
        The same shape, and a caution where values that are no numbers were replaced by the smallest one.

    Raises:
        InputError: no numbers, or the same value everywhere.
    """
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(slices, np.float32)
    good = np.isfinite(values)
    if not good.any():
        raise InputError("files", "The pictures hold no numbers.", "Check the file in a viewer and export it again.")
    notices: tuple[Notice, ...] = ()
    low, high = values[good].min(), values[good].max()
    if missing := int(good.size - good.sum()):
        values = np.where(good, values, low)
        message = f"{missing:,} pixels are no numbers; the smallest intensity stands in for them."
        notices = (Notice("caution", message, "intensity"),)
    if low == high:
        raise InputError("files", "The pictures are blank: all pixels have the same intensity.",
                         "Check the file in a viewer and export it again.")
    if len(values) == 1:
        message = "This is one slice only; the share of scar and the volumes are of this slice, not of the heart."
        notices += (Notice("caution", message, "slices"),)
    return values, notices
