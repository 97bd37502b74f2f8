"""The stack in its viewer, with the mask that can be corrected there and the map of what was explained."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.cmr.figures import COLOURS, LEGEND, default_window
from core.cmr.rays import pixel_size
from core.cmr.segments import Geometry, levels
from core.cmr.study import CmrStudy
from core.pictures import channels, heat_payload, png, reduced, text
from pages import state
from pages.cmr.edits import browser_grid, nearest, pack, read_edit
from pages.cmr.reading import back, begun, read
from pages.cmr.why import WHY
from pages.state import RoomState, widget
from pages.viewer import viewer
from pages.why import method_name

SCRIPTS = ("stack", "ventricle", "layers", "paint", "controls", "input", "viewer")
MAP_SIDE = 192  # pixels of a heat map's longer side
TITLE = "Infarct"


def stack(held: RoomState) -> None:
    """The stack; what the reader corrects in it becomes the assessment of now. A refused stack is shown without a mask."""
    room, key, data = held.room, widget(held.room, "viewer"), state.made(held.room, "stack", lambda: stack_payload(held.study))
    if held.assessment.refused:
        cmr_viewer(data, None, key=key)
        return
    reading, attribution = begun(held), held.attribution
    mask = mask_payload(reading.start, reading.turned, levels(reading.start, reading.turned), reading.number)
    heat = heat_payload(attribution, TITLE, method_name(attribution.method, WHY), MAP_SIDE) if attribution else None
    applied = cmr_viewer(data, mask, heat, reading.applied, key=key)
    held = read(held, reading, read_edit(applied, mask), applied)
    with st.container():  # there at every run, so that the tabs below it stay open
        if held.own.by_hand:
            words, button = st.columns([3, 2], vertical_alignment="center")
            words.markdown(":orange-badge[:material/edit: Corrected by hand] &ensp;:gray[the numbers follow; the probability of "
                           "infarct is still the model's]")
            button.button("Back to the model's mask", icon=":material/undo:", width="stretch", key=widget(room, "back"),
                          on_click=back, args=(room,))


def stack_payload(study: CmrStudy) -> dict:
    """The stack as the browser gets it: its slices side by side in one PNG, in the grey levels of any picture.

    Grey level 0 is the signal ``low`` and the last is ``high``; what lies beyond is cut, far outside of the first window.
    """
    count, full_rows, full_columns = study.slices.shape
    rows, columns = browser_grid(study.slices.shape)
    black, white = default_window(study)
    low = max(float(study.slices.min()), black - (white - black) / 2)
    high = max(min(float(study.slices.max()), white + (white - black)), white)
    across = math.ceil(math.sqrt(count * rows / columns))
    atlas = np.zeros((math.ceil(count / across) * rows, across * columns, 3), np.uint8)
    for k, picture in enumerate(study.slices):
        top, left = k // across * rows, k % across * columns
        atlas[top: top + rows, left: left + columns] = channels((reduced(picture, max(rows, columns)) - low) / (high - low))
    packed = text(png(atlas))
    height, width = pixel_size(study.spacing_mm)
    size = f"{count} slices of {full_columns} x {full_rows} pixels"
    size += "" if (rows, columns) == (full_rows, full_columns) else f", shown at {columns} x {rows}"
    return {
        "id": zlib.crc32(packed.encode()), "atlas": packed, "across": across, "count": count, "rows": rows,
        "columns": columns, "step": [height * full_rows / rows, width * full_columns / columns],
        "low": low, "high": high, "window": [black, white], "size": size,
        "description": f"Late-enhancement stack, {size}. Arrow keys turn slices, plus and minus zoom, M shows all slices.",
    }


def mask_payload(labels: np.ndarray, geometry: Geometry, levels: Sequence[str], number: int = 0) -> dict:
    """A mask ``[n, rows, columns]`` with its geometry and the level of each slice; ``labels`` themselves stay here.

    Args:
        number: of the start; a correction of an earlier one is none of this one, even where both look the same.
    """
    rows, columns = browser_grid(labels.shape)
    packed = pack(labels[:, *nearest(labels.shape[1:], (rows, columns))])
    turned = {"insertion_angle_deg": float(geometry.insertion_angle_deg) % 360, "mirrored": geometry.mirrored,
              "apex_first": geometry.apex_first, "excluded": sorted(geometry.excluded)}
    names = [{"label": label, "name": LEGEND[label].capitalize(), "colour": colour} for label, colour in COLOURS.items()]
    identity = zlib.crc32(f"{packed}{labels.shape}{turned}{number}".encode())
    return {"id": identity, "packed": packed, "levels": list(levels), "classes": names, "labels": labels} | turned


def cmr_viewer(
    data: dict, mask: dict | None, heat: dict | None = None, applied: Mapping[str, Any] | None = None, *, key: str
) -> Mapping[str, Any] | None:
    """Show the stack, its mask to correct and a heat map; returns the correction that was applied last, to be kept.

    Give the same mask at every run, also after a correction: the viewer shows the corrected one, and its Reset leads back.

    Args:
        data: of ``stack_payload``. mask: of ``mask_payload``. heat: of ``core.pictures.heat_payload``.
        applied: what the last run returned; the component's own state ends when the page is left.
    """
    value = st.session_state.get(key, {}).get("edit") or applied
    sent: dict[str, Any] = dict(data)
    if mask:
        sent["mask"] = {name: part for name, part in mask.items() if name != "labels"}
        if edit := read_edit(value, mask):
            geometry = Geometry(edit.insertion_angle_deg, mask["mirrored"], mask["apex_first"], edit.excluded)
            sent["mask"] |= {"levels": levels(edit.labels, geometry), "applied": value}
    if heat:
        sent["heat"] = heat
    viewer("cmr_viewer", SCRIPTS, picture=True)(data=sent, key=key, on_edit_change=lambda: None)
    return value
