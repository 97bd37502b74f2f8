"""What goes in: an upload or an example, the fields of a room's ``read`` as a form, the model. Not a page.

Labels, units, bounds and choices come from the fields themselves (``core.fields``); a room only says where they stand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import streamlit as st

from core.contract import Input, Modality
from core.fields import Asked, fields_of
from core.uploads import Upload
from core.weights import WeightsError, resolve
from pages import state, trial
from pages.state import widget
from pages.words import plain, short

BY_HAND = "Entered by hand"
BESIDE, LETTERS = 4, 40  # choices that stand beside each other, and their letters; more are a list


def source(room: Modality, label: str = "Files of one study", formats: str = "", needs_files: bool = False) -> Input | None:
    """The files that were dropped, the example that was chosen, or the form that was filled where that alone is a study.

    Args:
        label, formats: of the upload. needs_files: the form alone is no study.
    """
    dropped = upload(room, label, formats) if room.accepts else None
    chosen = example(room, "or an example" if room.accepts else "Example", disabled=dropped is not None)
    if dropped or chosen:
        return dropped or chosen
    filled = not needs_files and any(value is not None for value in given(room).values())
    return Input(BY_HAND) if filled else None


def upload(room: Modality, label: str, formats: str = "") -> Input | None:
    """The files that were dropped, as one study; they stay when another page was shown in between."""
    files = st.file_uploader(label, type=list(room.accepts), accept_multiple_files=True, key=widget(room, "files"),
                             help=formats or None, on_change=forget, args=(room,))
    if files:
        given = Input(", ".join(file.name for file in files), tuple(Upload(file.name, file.getvalue()) for file in files))
        if state.of(room).dropped != given:
            state.change(room, dropped=given)
        return given
    before = state.of(room).dropped
    if before is not None:
        name, button = st.columns([4, 1], vertical_alignment="center", gap="small")
        name.markdown(f":material/description: {plain(short(before.name))}")
        button.button("", icon=":material/close:", help="Remove the file", key=widget(room, "forget"), type="tertiary",
                      on_click=forget, args=(room,))
    return before


def forget(room: Modality) -> None:
    """The files that were dropped are no longer meant."""
    state.change(room, dropped=None)


def example(room: Modality, label: str, disabled: bool = False, fresh: bool = False, **about: Any) -> Input | None:
    """The example that was chosen, here or on the overview; what it says is in the form.

    Args:
        fresh: one without fields empties the form. about: further arguments of the widget.
    """
    examples = {one.name: one for one in room.verb("examples")()}
    choice, wanted = widget(room, "example"), state.of(room).wanted
    about.setdefault("persist_state", "session")
    if wanted:
        state.change(room, wanted="")
        st.session_state[choice] = wanted if wanted in examples else None
        fill(room, examples.get(wanted), fresh)
    chosen = st.selectbox(label, list(examples), index=None, placeholder="Choose an example", key=choice, disabled=disabled,
                          on_change=lambda: fill(room, examples.get(st.session_state[choice]), fresh), **about)
    return Input(chosen, examples[chosen].files) if chosen else None


def names(room: Modality) -> list[str]:
    """Of the examples."""
    return [example.name for example in room.verb("examples")()]


def fill(room: Modality, example: Input | None, fresh: bool = False) -> None:
    """Put what an example says into the form. One without fields leaves the form as it is, or empties it if ``fresh``."""
    if example is not None and (example.fields or fresh):
        for name, one in asked(room).items():
            value = one.value(example.fields.get(name))
            st.session_state[widget(room, name)] = "" if value is None and one.kind is str and not one.choices else value


def clear(room: Modality) -> None:
    """No example is chosen any more."""
    st.session_state[widget(room, "example")] = None


def asked(room: Modality) -> dict[str, Asked]:
    return fields_of(room.verb("read"))


def given(room: Modality) -> dict[str, Any]:
    """What the form says, also before it is drawn in this run; None is left open."""
    values = {name: st.session_state.get(widget(room, name)) for name in asked(room)}
    return {name: None if value == "" else value for name, value in values.items()}


def fields(room: Modality, names: Iterable[str] | None = None, hint: str = "") -> None:
    """Draw these fields, or all of them; ``given`` says what they hold.

    Args:
        hint: stands in an empty text.
    """
    every = asked(room)
    for name in every if names is None else names:
        draw(every[name], widget(room, name), "from the file" if room.accepts else "", hint)


def folded(room: Modality, title: str, names: Iterable[str], opened: bool = False, words: str = "") -> None:
    """These fields under a heading that opens them; open where the last error speaks of one of them."""
    problem, names = state.of(room).problem, tuple(names)
    with st.expander(title, expanded=opened or problem is not None and problem.field in names):
        if words:
            st.caption(words)
        fields(room, names)


def draw(one: Asked, key: str, unset: str = "", hint: str = "", **about: Any) -> None:
    """The widget of a field.

    Args:
        unset: stands in what is left open. hint: in an empty text instead. about: further arguments of the widget.
    """
    field = one.field
    label = f"{field.label}, {field.unit}" if field.unit else field.label
    about = {"persist_state": "session"} | about | {"key": key, "help": field.help or None}
    if one.choices or one.kind is bool:
        choices = one.choices or (True, False)
        wording = {True: "yes", False: "no"} | dict(field.wording or {})
        about["format_func"] = lambda choice: wording.get(choice, choice)
        if len(choices) <= BESIDE and sum(len(str(wording.get(choice, choice))) for choice in choices) <= LETTERS:
            st.segmented_control(label, choices, **about)
        else:
            st.selectbox(label, choices, index=None, placeholder=unset or "Choose", **about)
    elif one.kind is str:
        box = st.text_area if field.multiline else st.text_input
        box(label, max_chars=field.longest, placeholder=hint or unset or None, **about)
    else:
        about |= {"step": _step(one), "format": None if one.kind is int else "%g", "placeholder": unset or None}
        low, high = (None if bound is None else one.kind(bound) for bound in (field.low, field.high))  # of the value's type
        st.number_input(label, low, high, None, **about)


def _step(one: Asked) -> float | int:
    """About a hundredth of the range, a power of ten."""
    low, high = one.field.low, one.field.high
    if one.kind is int or low is None or high is None:
        return one.kind(1)
    return 10.0 ** math.floor(math.log10(max(high - low, 1e-6) / 100))


def model(room: Modality) -> str:
    """The weights to read with; a choice where several are there, and those of a run while it is tried."""
    if (tried := trial.of(room)) is not None:
        return str(tried.weights)
    there = [name for name in room.weights if installed(name)]
    if len(there) < 2:
        return there[0] if there else next(iter(room.weights), "")
    return st.selectbox("Model", there, format_func=room.weights.get, key=widget(room, "model"), persist_state="session")


def installed(weights: str) -> bool:
    try:
        return resolve(weights).is_dir()
    except WeightsError:
        return False
