"""The push of a model to the Hugging Face Hub, beside its figures. Not a page.

The token is in this session alone: not in the address, not in a log, not on a disk; the field forgets it when the tab is closed.
"""

from __future__ import annotations

import streamlit as st

from core import access
from core.hub_errors import Refused
from core.modality import MODALITIES
from core.uploads import InputError
from core.weights import WeightsError
from pages.words import plain

ADMITTED = "training_admitted"  # set by the training page for who gave the admin token


def allowed() -> bool:
    """Who may train may publish."""
    return bool(st.session_state.get(ADMITTED)) or not access.open_to_others(st.context.headers)


def publish(name: str) -> None:
    """The form under "Publish" of one weights folder, and what became of it."""
    from core import hub

    for one in hub.recorded(name)[:1]:
        st.markdown(f"Published as [{plain(one['repository'])}]({one['address']}), revision `{one['revision'][:12]}`, "
                    f"SHA-256 `{one['sha256'][:12]}`.")
    if not allowed():
        st.caption(f"{access.open_to_others(st.context.headers)} Only who may train here may publish: unlock the training page.")
        return
    st.caption("Weights, config, figures and card go to the Hugging Face Hub in one commit. A public repository can be read by "
               "everybody, and the data's licence must allow it.")
    with st.form(f"publish_{name}", border=False):
        left, right = st.columns(2)
        repository = left.text_input("Repository", placeholder="user/name", key=f"publish_repository_{name}")
        token = right.text_input("Access token that may write", type="password", autocomplete="off", key=f"publish_token_{name}",
                                 help="From https://huggingface.co/settings/tokens. It stays in this session and is not written.")
        private = st.checkbox("Private", value=True, key=f"publish_private_{name}")
        sent = st.form_submit_button("Publish", icon=":material/upload:")
    if sent:
        _push(name, repository.strip(), token.strip(), private)


def _push(name: str, repository: str, token: str, private: bool) -> None:
    from core import publishing

    room = next((room for room in MODALITIES if name in room.folders), None)
    try:
        if room is None:
            raise InputError("weights", "These weights belong to no room.", "Promote them in a room first.")
        if not token:
            raise InputError("token", "There is no token.", "Create one that may write at https://huggingface.co/settings/tokens.")
        with st.status("Publishing", expanded=True) as status:
            done = publishing.push(room, repository, name, private=private, token=token, said=st.write)
            status.update(label="Published" if not done.unchanged else "Already there", state="complete", expanded=False)
    except Refused as error:
        st.error(f"**{plain(error.message)}** {error.remedy}", icon=":material/cloud_off:")
    except (InputError, WeightsError) as error:
        st.error(plain(str(error)), icon=":material/error:")
    else:
        st.success(f"[{plain(done.repository)}]({done.address}) holds it. Load exactly this: `load(\"{done.pinned}\")`",
                   icon=":material/check:")
