"""Who may train here: everybody at this machine; where others can reach the app, who has the admin token. Not a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core import access
from core.uploads import InputError
from core.weights import WeightsError
from pages import progress
from pages.state import Problem, problem_of
from pages.training import held

ADMITTED = "training_admitted"  # in this session, which dies with its tab
REFUSED = Problem("Only who has the admin token may do this.", "Give the token in the left column.")


def allowed() -> bool:
    return bool(st.session_state.get(ADMITTED)) or not access.open_to_others(st.context.headers)


def act(work: Callable[..., Any], *given: Any, said: str = "") -> Any:
    """Do something that not everybody may, from a callback too; what went wrong stands on the page. None then.

    Args:
        said: stands on the page if it went well.
    """
    held.change(problem=None, said="")
    if not allowed():
        held.change(problem=REFUSED)
        return None
    try:
        result = work(*given)
    except (InputError, WeightsError) as error:
        held.change(problem=problem_of(error))
        return None
    except OSError as error:
        held.change(problem=Problem(f"It could not be written: {error.strerror or error}.",
                                    "Make room on the disk, then try again."))
        return None
    held.change(said=said)
    return result


def outcome() -> None:
    """What came of the last thing that was tried, once."""
    with st.container():  # there at every run: what stands below keeps its place
        if held.of().problem is not None:
            progress.failed(held.of().problem)
        if held.of().said:
            st.success(held.of().said, icon=":material/check:")
    held.change(problem=None, said="")


def door() -> None:
    """Why one only looks here, and the way in where there is one."""
    st.markdown(":gray-badge[:material/lock: Read only]")
    st.markdown(access.open_to_others(st.context.headers))
    if not access.token_is_set():
        st.caption("Nobody trains from here: no admin token is set (CARDIOSCOPE_ADMIN_TOKEN).")
        return
    st.caption("Runs can be looked at. To launch and change them, give the admin token.")
    with st.form("training_door", clear_on_submit=True, border=False):
        given = st.text_input("Admin token", type="password", autocomplete="off", key="training_token")
        sent = st.form_submit_button("Unlock training")
    if sent:
        try:
            with st.spinner("Checking"):
                st.session_state[ADMITTED] = access.admits(given)
        except InputError as error:
            progress.failed(problem_of(error))
            return
        if st.session_state[ADMITTED]:
            st.rerun()
        st.error("This is not the admin token.", icon=":material/error:")
