"""Pictures as bytes: PNG files, smaller copies, and what a viewer in the browser gets."""

from __future__ import annotations

import base64
import io
import zlib
from typing import Any

import numpy as np
from PIL import Image

from core.assessment import Attribution
from core.figures import levels
from core.plot_style import DARK

GREYS = 1024  # grey levels that a viewer gets, so that a narrow window shows no steps


def png(picture: np.ndarray) -> bytes:
    """uint8 ``[height, width]`` or ``[height, width, 3]`` as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG")
    return file.getvalue()


def reduced(values: np.ndarray, longest: int) -> np.ndarray:
    """``[height, width]`` by area averages until neither side exceeds ``longest``."""
    share = longest / max(values.shape)
    if share >= 1:
        return values
    rows, columns = (max(1, round(n * share)) for n in values.shape)
    picture = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(picture.resize((columns, rows), Image.Resampling.BOX))


def channels(grey: np.ndarray) -> np.ndarray:
    """Grey ``[height, width]``, cut to 0 to 1, as uint8 ``[height, width, 3]`` of GREYS levels.

    Level k lies in the red (k >> 2) and green (the last two bits) channel.
    """
    code = np.round(np.clip(grey, 0, 1) * (GREYS - 1)).astype(np.uint16)
    return np.stack([code >> 2, (code & 3) << 6, np.zeros_like(code)], -1).astype(np.uint8)


def text(data: bytes) -> str:
    """Bytes as base64, as the browser gets them."""
    return base64.b64encode(data).decode("ascii")


def heat_payload(attribution: Attribution, title: str, method: str, longest: int) -> dict[str, Any]:
    """An attribution ``[height, width]`` or ``[n, height, width]`` as signed bytes, with the colours of its scale.

    Args:
        title, method: what the viewer says of it. longest: pixels of a picture's longer side.
    """
    values = attribution.values
    small = reduced(values, longest) if values.ndim == 2 else np.stack([reduced(picture, longest) for picture in values])
    scaled, signed = levels(small)
    packed = text(np.round(scaled * 127).astype(np.int8).tobytes())
    rows, columns = scaled.shape[-2:]
    return {"id": zlib.crc32((title + method + packed).encode()), "values": packed, "rows": rows, "columns": columns,
            "signed": signed, "stops": [colour for _, colour in DARK.scale(signed)], "title": title, "method": method}
