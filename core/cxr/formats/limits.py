"""What may be decoded at all: sizes are judged by the header, before any pixel is unpacked."""

from __future__ import annotations

import numpy as np

from core.assessment import Notice
from core.cxr.formats.stretch import thinned
from core.uploads import InputError

LONGEST = 12_000  # pixels a side
SHORTEST = 64
SMALL = 224  # below this fine findings are lost
MEGAPIXELS = 50  # a 43 x 43 cm plate at 0.1 mm has 18
_USUAL_SHAPE = 1.5  # 35 x 43 cm plates have 1.23


def check_size(width: int, height: int) -> None:
    """Refuse what is too large to decode or too small to read.

    Raises:
        InputError: a side above 12,000 or below 64 pixels, or more than 50 megapixels.
    """
    if max(width, height) > LONGEST or width * height > MEGAPIXELS * 1_000_000:
        raise InputError("files", f"The image has {width:,} x {height:,} pixels; at most {LONGEST:,} a side and "
                         f"{MEGAPIXELS} megapixels are read.",
                         "Reduce it to about 3,000 pixels a side and upload it again.")
    if min(width, height) < SHORTEST:
        raise InputError("files", f"The image has {width:,} x {height:,} pixels; at least {SHORTEST} a side are "
                         "needed.", "Upload the film in its full size, not a thumbnail.")


def check_content(pixels: np.ndarray) -> None:
    """Refuse an image that shows nothing.

    Args:
        pixels: ``[height, width]``, 0 to 1.

    Raises:
        InputError: all pixels, or all but a few strays, have one value.
    """
    low, high = np.percentile(thinned(pixels), [0.5, 99.5])
    if not high - low > 2 / 255:  # the noise of a blank JPEG
        raise InputError("files", "The image is blank: all of it has the same brightness.",
                         "Check the file in another viewer and export the film again.")


def remarks(pixels: np.ndarray) -> tuple[Notice, ...]:
    """Cautions about the size and shape of ``[height, width]`` pixels."""
    height, width = pixels.shape
    notices = []
    if min(height, width) < SMALL:
        message = f"The image is small ({width} x {height} pixels); fine findings cannot be seen."
        notices.append(Notice("caution", message, "size"))
    if max(height, width) > _USUAL_SHAPE * min(height, width):
        notices.append(Notice("caution", "The image is unusually long or wide; the film may be cropped.", "shape"))
    return tuple(notices)
