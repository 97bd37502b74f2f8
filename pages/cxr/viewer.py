"""The film viewer as a Streamlit component. Not a page: navigation.py alone says what is one."""

from __future__ import annotations

import base64
import zlib
from functools import cache

import numpy as np
import streamlit as st
from PIL import Image

from core.assessment import Attribution
from core.cxr.figures import GROUND, png
from core.cxr.study import CxrStudy
from core.figures import levels
from core.settings import ROOT

ASSETS = ROOT / "assets"
FOLDER = ASSETS / "cxr_viewer"
# Joined in this order.
SCRIPTS = (ASSETS / "viewer_input.js", ASSETS / "viewer_picture.js", FOLDER / "input.js", FOLDER / "viewer.js")
LONGEST = 1536  # pixels of the film's longer side that the browser gets
MAP_SIDE = 224  # pixels of the map: what the models see
GREYS = 1024  # grey levels, so that a narrow window shows no steps


@cache
def _component():
    return st.components.v2.component(
        "cardioscope_cxr_viewer",
        html=(FOLDER / "viewer.html").read_text("utf-8"),
        css=(FOLDER / "viewer.css").read_text("utf-8"),
        js="\n".join(script.read_text("utf-8") for script in SCRIPTS),
    )


def film_payload(study: CxrStudy) -> dict:
    """The film as the browser gets it: grey level k in a PNG's red (k >> 2) and green (the last two bits) channel."""
    rows, columns = study.pixels.shape
    grey = reduced(study.pixels, LONGEST)
    code = np.round(np.clip(grey, 0, 1) * (GREYS - 1)).astype(np.uint16)
    channels = np.stack([code >> 2, (code & 3) << 6, np.zeros_like(code)], -1).astype(np.uint8)
    packed = base64.b64encode(png(channels)).decode("ascii")
    size = f"{columns} x {rows} pixels"
    if grey.shape != study.pixels.shape:
        size += f", shown at {grey.shape[1]} x {grey.shape[0]}"
    return {
        "id": zlib.crc32(packed.encode()), "film": packed, "size": size,
        "description": f"Chest radiograph, {size}. Arrow keys change the window, plus and minus zoom, I inverts.",
    }


def map_payload(attribution: Attribution, title: str, method: str) -> dict:
    """An attribution as signed bytes of at most 224 x 224, with the colours of its scale."""
    scaled, signed = levels(reduced(attribution.values, MAP_SIDE))
    values = base64.b64encode(np.round(scaled * 127).astype(np.int8).tobytes()).decode("ascii")
    return {"id": zlib.crc32((title + method + values).encode()), "values": values, "rows": scaled.shape[0],
            "columns": scaled.shape[1], "signed": signed, "stops": [colour for _, colour in GROUND.scale(signed)],
            "title": title, "method": method}


def reduced(values: np.ndarray, longest: int) -> np.ndarray:
    """``[height, width]`` by area averages until neither side exceeds ``longest``."""
    share = longest / max(values.shape)
    if share >= 1:
        return values
    rows, columns = (max(1, round(n * share)) for n in values.shape)
    picture = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(picture.resize((columns, rows), Image.Resampling.BOX))


def cxr_viewer(film: dict, heat: dict | None = None, *, key: str) -> None:
    """Show the film with window, zoom and inversion, under a heat map if there is one.

    Args:
        film: of ``film_payload``. heat: of ``map_payload``.
    """
    _component()(data=film | ({"map": heat} if heat else {}), key=key)
