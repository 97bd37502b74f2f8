"""16 bits a channel: Pillow keeps the upper eight, which leaves sixteen greys of a 12-bit film."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

_OTHER = {"16B": "16L", "16L": "16B", "16N": "16B"}  # the same bytes read in the other order give the lower eight bits


def channels(kind: str, data: bytes) -> np.ndarray | None:
    """``[height, width, channels]`` uint16 of a colour picture, or None: it has eight bits, or no colour.

    Args:
        kind, data: format and bytes of a file whose size was judged.
    """
    image, again = (Image.open(io.BytesIO(data), formats=[kind.upper()]) for _ in range(2))
    if len(image.tile) != 1 or image.mode not in ("RGB", "RGBA"):
        return None
    tile = image.tile[0]
    raw, *rest = tile.args if isinstance(tile.args, tuple) else (tile.args,)
    raw = str(raw)
    grey = raw == "LA;16B"
    if grey:  # four bytes a pixel
        wanted = "RGBA"
    elif raw[-3:] in _OTHER:
        wanted = raw[:-3] + _OTHER[raw[-3:]]
    else:
        return None
    again.tile = [tile._replace(args=(wanted, *rest) if isinstance(tile.args, tuple) else wanted)]
    again.load()
    low = np.asarray(again).astype(np.uint16)
    if grey:
        return np.stack([256 * low[..., 0] + low[..., 1], 256 * low[..., 2] + low[..., 3]], -1)
    image.load()
    return 256 * np.asarray(image).astype(np.uint16) + low
