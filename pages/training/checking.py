"""The dataset, looked at before a run: files, labels, patients, disk, time, and what is wrong. Not a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import access
from core.progress import Done
from core.training import forms
from core.training.check import Check, check
from core.training.recipes import MAIN
from pages.charts import facts
from pages.training import held, work
from pages.training.words import duration, size
from pages.words import plain

CHECK, MOST = "check", 6  # labels that stand without being opened; problems that are shown


def button(settings: Mapping[str, Any]) -> None:
    """Of the main recipe, which every room can survey."""
    room = held.of().room
    if held.of().recipe != MAIN:
        return
    by = (room, repr(sorted(settings.items())))
    st.button("Check the dataset", key="training_check", width="stretch", disabled=work.busy(), on_click=work.begin,
              args=("Looking at the dataset", CHECK, by, lambda done: looked_at(room, settings, done)),
              help="What is there, what is wrong with it, and how long training will take, measured on 20 steps.")
    work.under_way(CHECK)
    found = work.made(CHECK, by)
    if found is not None:
        show(found)


def looked_at(room: str, settings: Mapping[str, Any], done: Done | None) -> Check:
    """Raises:
        InputError: settings that the recipe does not take, or folders that the page may not read.
    """
    for key, path in forms.folders(forms.checked(room, settings)).items():
        access.below_roots(key, path)
    return check(room, settings, done=done)


def show(found: Check) -> None:
    for problem in found.problems[:MOST]:
        st.error(plain(problem), icon=":material/error:")
    if len(found.problems) > MOST:
        st.caption(f"{len(found.problems) - MOST:,} more problems.")
    if not found.problems:
        st.success("Nothing is wrong with this dataset.", icon=":material/check:")
    rows = {"Files": f"{found.files:,}, {size(found.bytes)}"} if found.files else {}
    rows |= {f"Patients, {name}": f"{count:,}" for name, count in found.patients.items()}
    labels = {name: f"{count:,}" for name, count in found.labels.items()}
    rows |= labels if len(labels) <= MOST else {}
    rows |= {"Time": f"about {duration(found.seconds)}"} if found.seconds is not None else {}
    facts(rows | {"Disk": f"{size(found.free_bytes)} free"})
    for line in filter(None, (found.why_not, *found.remarks)):
        st.caption(plain(line))
    if len(labels) > MOST:
        with st.expander(f"{len(labels)} labels"):
            facts(labels)
