"""Encoders that others trained, at the end of the models page. Not a page."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.plugins import rule
from core.plugins.catalogue import PLUGINS, Plugin, overlap
from core.uploads import InputError
from pages.publish import allowed
from pages.words import plain


def plugins() -> None:
    """What there is; where it is switched on, each with its licence, pin and overlap, and a button that fetches it."""
    st.header("Plug-in encoders")
    st.markdown("Encoders that others trained, to build weights of your own on. None is used unless you ask for it, its "
                "revision and hash are pinned, and you have accepted its licence.")
    if reason := rule.off():
        names = ", ".join(f"{one.title} ({one.licence})" for one in PLUGINS)
        st.caption(f"{reason} There are {names}. Set `{rule.SWITCH}` and start the app again to choose.")
        return
    for plugin in PLUGINS:
        with st.expander(f"{plugin.title}: {plugin.kind}, {plugin.licence}"):
            _one(plugin)


def _one(plugin: Plugin) -> None:
    pinned, there = rule.pinned(plugin), rule.about(plugin)
    rows = {"Source": plugin.cite, "Licence": plugin.licence, "Trained on": ", ".join(plugin.trained_on),
            "Published": f"{plugin.published}. Not repeated by this project.", "Use": plugin.use,
            "Revision": pinned.revision if pinned else "not pinned"}
    for file in plugin.files:
        rows["SHA-256" if len(plugin.files) == 1 else f"SHA-256, {file}"] = pinned.sha256[file] if pinned else "not pinned"
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    st.markdown(f"<dl class='facts'>{lines}</dl>", unsafe_allow_html=True)
    for line in overlap(plugin):
        st.warning(plain(line), icon=":material/join_inner:")
    if there:
        st.caption(f"On this machine; the licence was accepted on {there['accepted']}.")
        return
    if pinned is None:
        st.caption("It can be neither fetched nor loaded until it is pinned.")
        st.markdown(plain(rule.how_to_pin(plugin)))
        return
    if not allowed():
        st.caption("Only who may train here may fetch it: unlock the training page.")
        return
    read = st.checkbox(f"I have read the licence ({plugin.licence}) and accept it", key=f"plugin_accept_{plugin.name}")
    st.caption(f"[The licence]({plugin.licence_at}); [its publisher]({plugin.page}); {plugin.bytes / 1e6:,.0f} MB.")
    if st.button("Fetch", key=f"plugin_fetch_{plugin.name}", icon=":material/download:", disabled=not read):
        try:
            with st.spinner(f"Fetching {plugin.title}"):
                rule.fetch(plugin, read)
        except InputError as error:
            st.error(f"**{plain(error.message)}** {plain(error.remedy)}", icon=":material/error:")
        else:
            st.rerun()
