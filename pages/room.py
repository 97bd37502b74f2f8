"""What every room's page shares: read and assess once per input, the badge, the notices, the failed state."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.assessment import Assessment
from core.modality import Modality
from core.uploads import InputError, Upload
from core.weights import WeightsError
from pages import sidebar


def dark() -> bool:
    return st.context.theme.type == "dark"


def assessed(
    room: Modality, files: Sequence[Upload], fields: dict[str, Any], doing: str, forget: Callable[[], None]
) -> tuple[Any, Assessment] | None:
    """Study and assessment, computed once per input; a reader's error stands where the result would.

    What the session holds under the room's name: ``_name`` of the study, ``_key`` of the input, ``_result``, what was
    ``_made`` of it, and the ``_field`` that the last error spoke of.

    Args:
        doing: what the spinner says. forget: called when another input comes, to drop what was made of the last one.
    """
    digest = hashlib.sha256(repr(sorted(fields.items())).encode())
    for file in files:
        digest.update(file.name.encode() + file.data)
    key, result, field = (f"{room.name}_{part}" for part in ("key", "result", "field"))
    if st.session_state.get(key) != digest.hexdigest():
        for name in (key, result, field, f"{room.name}_made"):
            st.session_state.pop(name, None)
        forget()
        try:
            with st.spinner(doing):
                study = room.verb("read")(files, **fields)
                assessment = room.verb("assess")(study)
        except InputError as error:
            st.session_state[field] = error.field
            failed(error.message, error.remedy)
            return None
        except WeightsError as error:
            failed("The weights of this room cannot be used.", str(error))
            return None
        st.session_state.update({key: digest.hexdigest(), result: (study, assessment)})
        sidebar.contribute(assessment, st.session_state[f"{room.name}_name"])
    return st.session_state[result]


def made(room: Modality, name: str, work: Callable[[], Any]) -> Any:
    """What ``work`` makes of the present input, computed once."""
    store = st.session_state.setdefault(f"{room.name}_made", {})
    if name not in store:
        store[name] = work()
    return store[name]


def failed(message: str, remedy: str) -> None:
    st.error(f"**{message}**  \n{remedy}", icon=":material/error:")


def badge(assessment: Assessment) -> None:
    model, total = assessment.model, sum(assessment.timings_ms.values())
    st.markdown(f":gray-badge[{model.name} {model.version}] :gray-badge[{model.device}] "
                f":gray-badge[{total:.0f} ms] &ensp;:gray[SHA-256 {model.sha256[:12]}]")


def notices(assessment: Assessment, elsewhere: tuple[str, ...] = ()) -> None:
    """The assessment's notices, the quiet ones small.

    Args:
        elsewhere: subjects that the page speaks of at another place.
    """
    show = {"refuse": st.error, "caution": st.warning, "info": st.info}
    icons = {"refuse": ":material/block:", "caution": ":material/warning:", "info": ":material/info:"}
    shown = [notice for notice in assessment.notices if notice.subject not in elsewhere]
    for notice in sorted(shown, key=lambda notice: notice.level != "refuse"):  # the reason of a refusal comes first
        if notice.level != "info":
            show[notice.level](notice.message, icon=icons[notice.level])
    quiet = [notice.message for notice in shown if notice.level == "info"]
    if quiet:
        st.caption("  \n".join(quiet))


def facts(rows: dict[str, str]) -> None:
    """What was read, as a quiet table."""
    st.table(pd.DataFrame(rows.items(), columns=["Item", "Value"]), border="horizontal", hide_index=True, hide_header=True)
