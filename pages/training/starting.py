"""A start for everyone: a minute's run of the room on data that our own code makes. Not a page."""

from __future__ import annotations

import streamlit as st

from core.training.quick import ORIGIN
from core.training.recipes import MAIN
from pages.training import held


def button() -> None:
    now = held.of()
    if now.recipe != MAIN:
        return
    with st.container(key="training_quick"):
        st.caption("No dataset? Our own code makes one, and the room learns from it in about a minute.")
        under_way = now.launching and now.how == ORIGIN
        st.button("Preparing data" if under_way else "Start the 60-second run", key=f"training_quick_{now.token}",
                  width="stretch", icon="spinner" if under_way else ":material/bolt:", disabled=bool(now.launching),
                  on_click=lambda: held.change(launching=now.token, how=ORIGIN, problem=None))
