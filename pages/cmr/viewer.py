"""The viewer of a late-enhancement stack as a Streamlit component. Not a page: navigation.py alone says what is one."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import streamlit as st

from core.assessment import Attribution
from core.cmr.figures import COLOURS, LEGEND, default_window
from core.cmr.rays import pixel_size
from core.cmr.segments import Geometry, levels
from core.cmr.study import NO_REFLOW, CmrStudy
from core.cxr.figures import png
from core.figures import levels as scaled_levels
from core.plot_style import DARK
from core.settings import ROOT
from pages.cxr.viewer import GREYS, reduced

ASSETS = ROOT / "assets"
FOLDER = ASSETS / "cmr_viewer"
PARTS = ("stack", "ventricle", "layers", "paint", "controls", "input", "viewer")
# Joined in this order.
SCRIPTS = (ASSETS / "viewer_input.js", ASSETS / "viewer_picture.js", *(FOLDER / f"{part}.js" for part in PARTS))
LONGEST = 512  # pixels of a slice's longer side that the browser gets
MOST = 12_000_000  # pixels of all slices together: what the browser of a tablet still paints
MAP_SIDE = 192  # pixels of a heat map's longer side
RUN = np.dtype([("label", "u1"), ("length", "<u2")])  # of a run-length coded mask


@dataclass(frozen=True, eq=False)
class Edit:
    """What the reader changed. ``labels`` ``[n, rows, columns]`` uint8 on the study's grid; ``excluded``: slices from 0."""

    labels: np.ndarray
    excluded: tuple[int, ...]
    insertion_angle_deg: float


@cache
def _component():
    return st.components.v2.component(
        "cardioscope_cmr_viewer",
        html=(FOLDER / "viewer.html").read_text("utf-8"),
        css=(FOLDER / "viewer.css").read_text("utf-8"),
        js="\n".join(script.read_text("utf-8") for script in SCRIPTS),
    )


def stack_payload(study: CmrStudy) -> dict:
    """The stack as the browser gets it: its slices side by side in one PNG, 1,024 grey levels as in the film viewer.

    Grey level 0 is the signal ``low`` and 1,023 is ``high``; what lies beyond is cut, far outside of the first window.
    """
    count, full_rows, full_columns = study.slices.shape
    rows, columns = browser_grid(study.slices.shape)
    black, white = default_window(study)
    low = max(float(study.slices.min()), black - (white - black) / 2)
    high = max(min(float(study.slices.max()), white + (white - black)), white)
    across = math.ceil(math.sqrt(count * rows / columns))
    atlas = np.zeros((math.ceil(count / across) * rows, across * columns, 3), np.uint8)
    for k, picture in enumerate(study.slices):
        code = np.clip((reduced(picture, max(rows, columns)) - low) / (high - low), 0, 1) * (GREYS - 1)
        code = np.round(code).astype(np.uint16)
        top, left = k // across * rows, k % across * columns
        atlas[top: top + rows, left: left + columns, 0] = code >> 2
        atlas[top: top + rows, left: left + columns, 1] = (code & 3) << 6
    packed = base64.b64encode(png(atlas)).decode("ascii")
    height, width = pixel_size(study.spacing_mm)
    size = f"{count} slices of {full_columns} x {full_rows} pixels"
    size += "" if (rows, columns) == (full_rows, full_columns) else f", shown at {columns} x {rows}"
    return {
        "id": zlib.crc32(packed.encode()), "atlas": packed, "across": across, "count": count, "rows": rows,
        "columns": columns, "step": [height * full_rows / rows, width * full_columns / columns],
        "low": low, "high": high, "window": [black, white], "size": size,
        "description": f"Late-enhancement stack, {size}. Arrow keys turn slices, plus and minus zoom, M shows all slices.",
    }


def mask_payload(labels: np.ndarray, geometry: Geometry, levels: Sequence[str]) -> dict:
    """A mask ``[n, rows, columns]`` with its geometry and the level of each slice; ``labels`` themselves stay here."""
    rows, columns = browser_grid(labels.shape)
    packed = pack(labels[:, *nearest(labels.shape[1:], (rows, columns))])
    lies = {"insertion_angle_deg": float(geometry.insertion_angle_deg) % 360, "mirrored": geometry.mirrored,
            "apex_first": geometry.apex_first, "excluded": sorted(geometry.excluded)}
    names = [{"label": label, "name": LEGEND[label].capitalize(), "colour": colour} for label, colour in COLOURS.items()]
    identity = zlib.crc32(f"{packed}{labels.shape}{lies}".encode())
    return {"id": identity, "packed": packed, "levels": list(levels), "classes": names, "labels": labels} | lies


def heat_payload(attribution: Attribution, title: str, method: str) -> dict:
    """An attribution ``[n, rows, columns]`` as signed bytes, with the colours of its scale on a dark picture."""
    values, signed = scaled_levels(np.stack([reduced(picture, MAP_SIDE) for picture in attribution.values]))
    packed = base64.b64encode(np.round(values * 127).astype(np.int8).tobytes()).decode("ascii")
    return {"id": zlib.crc32((title + method + packed).encode()), "values": packed, "rows": values.shape[1],
            "columns": values.shape[2], "signed": signed, "stops": [colour for _, colour in DARK.scale(signed)],
            "title": title, "method": method}


def cmr_viewer(stack: dict, mask: dict | None, heat: dict | None = None, *, key: str) -> Edit | None:
    """Show the stack, its mask to correct and a heat map; the correction that was applied last.

    Give the model's mask at every run, also after a correction: the viewer shows the corrected one, also when the page
    was left and opened again, and its Reset leads back to the model's.

    Args:
        stack: of ``stack_payload``. mask: of ``mask_payload``. heat: of ``heat_payload``.

    Returns:
        None where nothing was corrected, or where the correction says what ``mask`` says.
    """
    held = f"{key}_applied"  # the component's own state ends when the page is left
    value = st.session_state.get(key, {}).get("edit") or st.session_state.get(held)
    st.session_state[held] = value
    edit = read_edit(value, mask) if mask else None
    data: dict[str, Any] = dict(stack)
    if mask:
        data["mask"] = {name: part for name, part in mask.items() if name != "labels"}
        if edit:
            geometry = Geometry(edit.insertion_angle_deg, mask["mirrored"], mask["apex_first"], edit.excluded)
            data["mask"] |= {"levels": levels(edit.labels, geometry), "applied": value}
    if heat:
        data["heat"] = heat
    _component()(data=data, key=key, on_edit_change=lambda: None)
    return edit


def read_edit(value: Any, mask: dict) -> Edit | None:
    """What the browser sent, on the grid of ``mask``; None for anything but a correction of just this mask."""
    if not isinstance(value, Mapping) or value.get("id") != mask["id"]:
        return None
    before, excluded, angle = mask["labels"], value.get("excluded"), value.get("insertion_angle_deg")
    shape = browser_grid(before.shape)
    small = unpack(value.get("labels"), (len(before), *shape))
    if small is None or isinstance(angle, bool) or not isinstance(angle, int | float) or not 0 <= angle <= 360:
        return None
    if not isinstance(excluded, list) or any(type(k) is not int or not 0 <= k < len(before) for k in excluded):
        return None
    there = nearest(before.shape[1:], shape)
    changed = small != before[:, *there]
    back = nearest(shape, before.shape[1:])  # only what was changed leaves the fine grid
    labels = np.where(changed[:, *back], small[:, *back], before)
    excluded, same_angle = sorted(set(excluded)), math.isclose(angle, mask["insertion_angle_deg"], abs_tol=1e-6)
    if same_angle and excluded == mask["excluded"] and not changed.any():
        return None
    return Edit(labels, tuple(excluded), float(angle) % 360)


def browser_grid(shape: tuple[int, ...]) -> tuple[int, int]:
    """Rows and columns of a slice in the browser, of a stack ``(n, rows, columns)``."""
    count, rows, columns = shape
    share = min(1.0, LONGEST / max(rows, columns), math.sqrt(MOST / (count * rows * columns)))
    longest = max(1, math.floor(share * max(rows, columns)))
    small = longest / max(rows, columns)
    return max(1, round(rows * small)), max(1, round(columns * small))


def nearest(full: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Row and column indices into a grid ``full`` that lie under the middles of the pixels of a grid ``wanted``."""
    rows, columns = (((np.arange(count) + 0.5) * size / count).astype(int) for size, count in zip(full, wanted, strict=True))
    return rows[:, None], columns[None]


def pack(labels: np.ndarray) -> str:
    """Labels as base64 of runs: one byte of label and two of length, low byte first."""
    flat = labels.ravel()
    starts = np.r_[0, np.flatnonzero(np.diff(flat)) + 1, flat.size]
    runs = []
    for start, end in pairwise(starts):
        runs += [(flat[start], min(0xFFFF, end - at)) for at in range(start, end, 0xFFFF)]
    return base64.b64encode(np.array(runs, RUN).tobytes()).decode("ascii")


def unpack(text: Any, shape: tuple[int, int, int]) -> np.ndarray | None:
    """The labels of ``pack``, uint8 of this shape; None for anything else, before memory is taken."""
    size = math.prod(shape)
    if not isinstance(text, str) or len(text) > 4 * size:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) % RUN.itemsize:
        return None
    runs = np.frombuffer(raw, RUN)
    if int(runs["length"].sum(dtype=np.int64)) != size or (runs["label"] > NO_REFLOW).any():
        return None
    return np.repeat(runs["label"], runs["length"]).reshape(shape)
