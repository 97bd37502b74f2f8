"""A stack of PNG pictures, one per slice, in the order of their names."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from core.cmr.formats.geometry import Spacing, settled
from core.cmr.formats.limits import check_size, finite, grey
from core.cmr.formats.names import natural
from core.cmr.formats.sequence import checked
from core.cmr.study import CmrStudy
from core.uploads import InputError


def read(files: list[bytes], names: list[str], given: Spacing) -> CmrStudy:
    """The pictures as a stack; nothing says where they lie in the patient.

    Args:
        given: what the user says of the spacing between rows, columns, slices, mm.

    Raises:
        InputError: of different sizes, coloured, animated, too many, too large, blank, or damaged.
    """
    check_size(len(files), *_size(files[0])[::-1])
    order = sorted(range(len(files)), key=lambda i: natural(names[i]))
    if len({_size(data) for data in files}) > 1:
        raise InputError("files", "The pictures have different sizes.", "Upload the slices of one stack, uncropped.")
    slices, notices = finite(np.stack([_grey(files[i]) for i in order]))
    spacing, more = settled([None] * 3, given)
    count, rows, columns = slices.shape
    source = {"format": "PNG", "size": f"{columns} x {rows}", "slices": str(count)}
    return CmrStudy(slices, spacing_mm=spacing, source=source, notices=notices + more + checked(" ".join(names)))


def _size(data: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            return image.size
    except Exception as error:  # Pillow raises a dozen kinds
        raise _damaged() from error


def _grey(data: bytes) -> np.ndarray:
    """``[rows, columns]`` in the values of the picture, 8 or 16 bit."""
    try:
        image = Image.open(io.BytesIO(data), formats=["PNG"])
        several = getattr(image, "n_frames", 1) > 1
        image.load()
    except Exception as error:
        raise _damaged() from error
    if several:
        raise InputError("files", "A picture holds several images.", "Upload one PNG per slice.")
    if image.mode[0] in "IF":
        return np.asarray(image, np.float32)
    if image.mode in ("1", "L", "LA"):
        return np.asarray(image.convert("L"), np.float32)
    return grey(np.asarray(image.convert("RGB"))).astype(np.float32)


def _damaged() -> InputError:
    return InputError("files", "A picture is damaged or was cut off.", "Export the pictures again.")
