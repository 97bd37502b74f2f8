"""The form of a run, from the schema of the room's recipe: what it is about, its stages, and the rest folded away. Not a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.training import forms
from core.training.forms import Entry
from core.training.recipes import MAIN, recipes
from pages.training import held

SUMMED_UP = {"epochs": "{:g} epochs", "learning_rate": "learning rate {:g}"}  # beside the heading of a stage


def room_and_recipe() -> None:
    """Which room is trained, and which of its recipes."""
    now = held.of()
    st.session_state["training.room"] = now.room
    st.selectbox("Room", list(held.ROOMS), format_func=lambda name: held.ROOMS[name].title, key="training.room",
                 on_change=lambda: held.change(room=st.session_state["training.room"], recipe=MAIN, run=""))
    kinds = recipes(now.room)
    if len(kinds) > 1:
        st.session_state["training.recipe"] = now.recipe
        st.selectbox("What is trained", list(kinds), format_func=lambda name: kinds[name].title, key="training.recipe",
                     on_change=lambda: held.change(recipe=st.session_state["training.recipe"]))


def form() -> dict[str, Any]:
    """Draw it; returns what it says that is not the recipe's own."""
    now, shown = held.of(), {}
    every = forms.entries(now.room, now.recipe)
    with st.container(key="training_form"):
        for entry in every:
            if not entry.group and not entry.advanced:
                shown[entry.key] = draw(entry)
        for group in dict.fromkeys(entry.group for entry in every if entry.group):
            members = [entry for entry in every if entry.group == group and not entry.advanced]
            if members:
                with st.expander(f"{group} &ensp;:gray[{summary(members)}]"):
                    shown |= {entry.key: draw(entry) for entry in members}
        rest = [entry for entry in every if entry.advanced]
        if rest:
            with st.expander("Advanced"):
                for group in dict.fromkeys(entry.group for entry in rest):
                    st.caption(group or "The whole run")
                    shown |= {entry.key: draw(entry) for entry in rest if entry.group == group}
    given = {entry.key: shown[entry.key] for entry in every
             if shown[entry.key] not in (None, "") and shown[entry.key] != entry.default}
    held.keep(given)
    return given


def summary(entries: Sequence[Entry]) -> str:
    values = held.values()
    found = [(SUMMED_UP[name], values.get(entry.key, entry.default)) for entry in entries
             if (name := entry.key.rpartition(".")[2]) in SUMMED_UP]
    return ", ".join(words.format(value) for words, value in found if value is not None)


def draw(entry: Entry) -> Any:
    """The widget of a setting; it holds what the form held when it was last seen, or the recipe's own."""
    key = held.widget(entry.key)
    if key not in st.session_state:
        st.session_state[key] = held.values().get(entry.key, _empty(entry))
    about = {"key": key, "help": entry.help or None}
    if entry.kind is bool:
        return st.toggle(entry.label, **about)
    if entry.choices:
        return st.selectbox(entry.label, entry.choices, index=None, placeholder="Choose", **about)
    if entry.kind in (int, float):
        low, high = (None if bound is None else entry.kind(bound) for bound in (entry.low, entry.high))
        unset = "of the architecture" if entry.default is None else f"{entry.default:g}"
        return st.number_input(entry.label, low, high, None, step=step(entry), placeholder=unset,
                               format=None if entry.kind is int else "%g", **about)
    return st.text_input(entry.label, placeholder="required" if entry.required else None, **about)


def step(entry: Entry) -> float | int:
    """Of a number: one, or a tenth of the power of ten of the usual value."""
    if entry.kind is int:
        return 1
    return 10.0 ** math.floor(math.log10(abs(entry.default) or 1e-2) - 1) if entry.default else 1e-4


def settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is launched: ``recipe`` beside the recipe's settings where it is not the main one."""
    now = held.of()
    asked = forms.settings_of(now.room, given, now.recipe)
    return asked if now.recipe == MAIN else {"recipe": now.recipe, **asked}


def _empty(entry: Entry) -> Any:
    return "" if entry.default is None and entry.kind in (str, tuple) and not entry.choices else _shown(entry)


def _shown(entry: Entry) -> Any:
    if entry.kind not in (bool, int, float) and not entry.choices:
        return str(entry.default or "")
    return entry.default
