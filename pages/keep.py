"""What a tab of the browser has open outlives a reload, and is asked about before it is lost. Not a page.

A reload begins a new session. Streamlit keeps the one that was left in memory for two minutes, for connections that break; the
tab, which alone knows the name of its session, takes over from there what it held. Nothing is kept longer than without it,
nothing is written, and a session that somebody still looks at gives nothing away.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import streamlit as st
from streamlit import runtime

from core.modality import MODALITIES
from core.settings import ROOT
from pages import form
from pages.state import RoomState
from pages.understood import UNDERSTOOD

TAB, COMPONENT = "tab", "tab_watch"
CASE, PATIENT = "case", "patient"
PATIENCE, LOOK = 1.0, 0.1  # seconds until the session that was left counts as left, and between two looks
SCALARS = (str, int, float)


def watch(holds: bool) -> None:
    """Tell the tab the name of its session, and whether there is something to lose."""
    st.session_state.setdefault(TAB, secrets.token_urlsafe(24))
    _component()(data={"tab": st.session_state[TAB], "holds": holds}, key=COMPONENT, on_before_change=resume)


@cache
def _component() -> Any:
    return st.components.v2.component("cardioscope_tab", html="<span hidden></span>",
                                      js=(ROOT / "assets" / "tab" / "tab.js").read_text("utf-8"))


def resume() -> None:
    """Callback of the tab: take over what its session held before a reload; nothing where there is work already."""
    name = st.session_state.get(COMPONENT, {}).get("before")
    if not isinstance(name, str) or st.session_state.get(CASE):
        return
    left = _left(name)
    for key, value in _worth(left):
        st.session_state[key] = value


def _left(name: str) -> Mapping[str, Any]:
    """What a session of this name held that nobody looks at any more; nothing for none."""
    manager = getattr(runtime.get_instance(), "_session_mgr", None)  # who alone knows the sessions that were left
    until = time.monotonic() + PATIENCE
    while manager is not None:
        found = next((one.session for one in manager.list_sessions() if _is(one.session.session_state, name)), None)
        if found is None:
            break
        if not manager.is_active_session(found.id):
            return found.session_state.filtered_state
        if time.monotonic() > until:  # a copy of the tab: the other one goes on with it
            break
        time.sleep(LOOK)
    return {}


def _is(state: Any, name: str) -> bool:
    return TAB in state and hmac.compare_digest(str(state[TAB]).encode(), name.encode())


def _worth(left: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The rooms, the case, what their forms say, and that the first questions were answered; no button, no chart."""
    for name in (CASE, PATIENT, UNDERSTOOD):
        if name in left:
            yield name, left[name]
    rooms = [room for room in MODALITIES if room.built]
    for key, value in left.items():
        room = next((one for one in rooms if key == one.name or key.startswith(f"{one.name}.")), None)
        if room is None:
            continue
        field = key.removeprefix(f"{room.name}.").rsplit(":", 1)[0]
        scalar = isinstance(value, SCALARS) and not isinstance(value, bool)  # a truth may be a button
        if isinstance(value, RoomState) or scalar or field in form.asked(room):
            yield key, value
