"""Overview: the rooms, what is loaded and on which device, one click to an example."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import serving
from core.modality import MODALITIES, Modality
from core.weights import WeightsError, read_metrics
from pages import form, state


def figure_text(figure: dict[str, Any]) -> str:
    """``0.941 (95 % interval 0.936–0.946)`` of one entry of metrics.json."""
    low, high = figure["interval"]
    unit = f" {figure['unit']}" if figure.get("unit") else ""
    return f"{figure['value']:.3f}{unit} (95 % interval {low:.3f}–{high:.3f})"


def headline(modality: Modality) -> None:
    """The first figure of the main model, with its split."""
    try:
        metrics = read_metrics(next(iter(modality.weights), ""))
        figure = metrics["figures"][0]
    except (WeightsError, KeyError, IndexError):
        st.caption("No measured figure: the weights or their metrics.json are missing.")
        return
    st.markdown(f"**{figure['name']}** {figure_text(figure)}")
    split = "" if figure["split"] in metrics["dataset"] else f", {figure['split']}"
    st.caption(f"{metrics['dataset']}{split}, n = {figure['n']:,}")


def open_room(modality: Modality, example: str | None = None) -> None:
    if example:
        state.change(modality, wanted=example)
    st.switch_page(f"{modality.name}/page.py")


def built_card(modality: Modality) -> None:
    """A room that is open: what it does, how well, and examples that open it."""
    with st.container(border=True, key=f"room_{modality.name}"):
        with st.container(key=f"room_about_{modality.name}"):
            st.markdown(f"### {modality.title}")
            st.markdown(modality.summary)
            headline(modality)
            if st.button(f"Open {modality.title}", type="primary", key=f"open_{modality.name}"):
                open_room(modality)
        with st.container(key=f"room_examples_{modality.name}", gap=None):
            st.caption("Start with an example")
            for name in form.names(modality):
                if st.button(name, key=f"example_{modality.name}_{name}", icon=":material/arrow_forward:",
                             type="tertiary"):
                    open_room(modality, name)


def planned_card(modality: Modality) -> None:
    with st.container(key=f"planned_{modality.name}"):
        st.markdown(f"#### {modality.title}")
        st.caption(modality.summary)
        st.badge("Not built yet", color="gray")


def loaded_line() -> None:
    """Which weights are in memory, where they run, how long they took to load."""
    loaded = serving.status()
    if not loaded:
        missing = [w for m in MODALITIES if m.built for w in m.folders if not form.installed(w)]
        if missing:
            st.markdown(f":orange-badge[Weights missing] {', '.join(missing)}")
        else:
            st.markdown(":gray-badge[Loading models]")  # the device is known once torch is there
        return
    names = ", ".join(f"{name} {state['version']} ({state['seconds']:.1f} s)" for name, state in loaded.items())
    where = ", ".join(sorted({str(state["device"]) for state in loaded.values()}))
    st.markdown(f":green-badge[Ready on {where}] &ensp;:gray[Loaded: {names}]")


st.title("Cardioscope", anchor=False)
st.markdown("A reading room for cardiac AI: open a study, see the prediction, why, how sure, "
            "and what the established score says beside it.")
loaded_line()
st.space("small")

for room in (m for m in MODALITIES if m.built):
    built_card(room)
planned = [m for m in MODALITIES if not m.built]
if planned:
    st.space("small")
    with st.container(key="planned_rooms"):
        for room in planned:
            planned_card(room)
