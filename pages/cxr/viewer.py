"""The film in its viewer, and the map of the finding that was chosen over it."""

from __future__ import annotations

import zlib

import streamlit as st

from core.cxr.study import CxrStudy
from core.pictures import channels, heat_payload, png, reduced, text
from pages import progress, state
from pages.cxr.why import WHY
from pages.state import RoomState, widget
from pages.viewer import viewer
from pages.why import explained, method_name, targets

LONGEST = 1536  # pixels of the film's longer side that the browser gets
MAP_SIDE = 224  # pixels of the map: what the models see


def film(held: RoomState) -> None:
    """The film, under the map of the finding that was chosen."""
    room, names = held.room, targets(held.assessment, WHY.last)
    heat = held.attribution
    if names:
        key = widget(room, "over")
        st.session_state[key] = heat.target if heat else None  # the Why tab may have changed it
        st.selectbox("Heat map over the film", list(names), index=None, format_func=names.get, key=key,
                     placeholder="No heat map", on_change=chosen, args=(held,))
    data = dict(state.made(room, "film", lambda: film_payload(held.study)))
    if heat is not None:
        data["heat"] = heat_payload(heat, names.get(heat.target, heat.target), method_name(heat.method, WHY), MAP_SIDE)
    viewer("cxr_viewer", ("viewer",), picture=True)(data=data, key=widget(room, "viewer"))


def chosen(held: RoomState) -> None:
    """Another finding was chosen over the film: its Grad-CAM, or no map."""
    target, method = st.session_state[widget(held.room, "over")], held.room.methods[0]
    state.change(held.room, attribution=None)
    if target is not None:
        progress.launch(held.room, method_name(method, WHY), "attribution", lambda done: explained(held, target, method, done))


def film_payload(study: CxrStudy) -> dict:
    """The film as the browser gets it."""
    rows, columns = study.pixels.shape
    grey = reduced(study.pixels, LONGEST)
    packed = text(png(channels(grey)))
    size = f"{columns} x {rows} pixels"
    if grey.shape != study.pixels.shape:
        size += f", shown at {grey.shape[1]} x {grey.shape[0]}"
    return {
        "id": zlib.crc32(packed.encode()), "film": packed, "size": size,
        "description": f"Chest radiograph, {size}. Arrow keys change the window, plus and minus zoom, I inverts.",
    }
