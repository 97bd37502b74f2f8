"""The weights that serve in a room and those that did: what was promoted from which run, and the way back. Not a page."""

from __future__ import annotations

import streamlit as st

from core.training.promote import Version, history, promote, rollback, target
from core.training.state import Status
from core.uploads import InputError
from core.weights import WeightsError, read_config
from pages.training import held, who
from pages.training.words import moment
from pages.words import plain


def show(may: bool) -> None:
    """Every model of the room with its versions, the newest first."""
    modality = held.ROOMS[held.of().room]
    for name, wording in modality.weights.items():
        past = history(name)
        st.markdown(f"##### {plain(wording)}")
        if not past:
            st.caption(f"Nothing lies in weights/{name}.")
        for one in reversed(past):
            line(name, one, may)
    st.caption("Promoting copies a run's weights beside the shipped ones, which are never written over. The room serves another "
               "version at once; every page that was computed before names the version it was computed with.")


def line(name: str, one: Version, may: bool) -> None:
    words = "shipped" if one.shipped else f"from {plain(one.run)}, {moment(one.time)}"
    row = st.container(horizontal=True, vertical_alignment="center", key=f"training_version_{name}_{one.version}")
    row.markdown(f"**{plain(one.version)}** {':green-badge[Serves]' if one.current else ''}", width="content")
    row.markdown(f":gray[:small[{words}, SHA-256 {one.sha256[:12]}]]", width="stretch")
    if may and not one.current:
        with row.popover("Roll back to it" if one.shipped else "Let it serve"):
            st.markdown(f"{plain(name)} {plain(one.version)} serves again at once. No version is deleted.")
            if st.button("Yes, serve it", type="primary", key=f"training_serve_{name}_{one.version}"):
                with st.spinner("Changing"):
                    who.act(rollback, name, one.version, said=f"{name} {one.version} serves.")
                st.rerun()


def promoting(one: Status) -> None:
    """The button of a run that is done: where to, as which version, and are you sure."""
    modality = held.ROOMS[one.room]
    try:
        usual = target(modality, read_config(one.weights))
    except (InputError, WeightsError):
        return  # trained in this room, and not what the room serves
    with st.popover("Promote"):
        st.markdown(f"{modality.title} serves these weights, for everyone who uses it, at once and without a restart. "
                    "The version of now is kept, and can be taken back.")
        names = list(modality.weights)
        place = st.selectbox("In place of", names, names.index(usual), key="training_promote_place")
        version = st.text_input("Version", placeholder="the next", key="training_promote_version")
        if st.button("Let it serve", type="primary", key="training_promote"):
            with st.spinner("Checking that the room can serve it"):
                served = who.act(promote, one.room, one.name, place, version.strip() or None)
            if served is not None:
                held.change(said=f"{place} {served.name} serves in {modality.title}.", view=held.VERSIONS, run="")
            st.rerun()
