"""What every room's page shares: its frame and states, read and assess once per input, badge, notices and reports."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.assessment import Assessment, to_json
from core.export.fhir import diagnostic_report
from core.modality import Modality
from core.uploads import InputError, Upload
from core.weights import WeightsError
from pages import sidebar


def dark() -> bool:
    return st.context.theme.type == "dark"


def frame(room: Modality) -> list[DeltaGenerator]:
    """Title and summary, then the place of what goes in and the place of what comes out."""
    st.title(room.title, anchor=False)
    st.markdown(room.summary)
    return st.columns([1, 3.2], gap="medium")


def empty(room: Modality, heading: str, what_to_do: str) -> None:
    with st.container(key=f"{room.name}_empty"):
        st.markdown(f"#### {heading}")
        st.markdown(what_to_do)


def uploads(room: Modality, label: str, formats: str) -> list[Upload]:
    """The files that were dropped, or those of an example; the session holds their name."""
    choice = sidebar.patient_key(f"{room.name}_choice")
    given = st.file_uploader(label, type=list(room.accepts), accept_multiple_files=True,
                             key=sidebar.patient_key(f"{room.name}_files"), help=formats)
    examples = room.verb("examples")()
    wanted = st.session_state.pop(f"{room.name}_example", None)
    if wanted in examples:
        st.session_state[choice] = wanted
    chosen = st.selectbox("or an example", list(examples), index=None, placeholder="Choose an example", key=choice,
                          disabled=bool(given))
    if given:
        st.session_state[f"{room.name}_name"] = ", ".join(file.name for file in given)
        return [Upload(file.name, file.getvalue()) for file in given]
    if chosen:
        st.session_state[f"{room.name}_name"] = chosen
        return examples[chosen]()
    return []


def tabs(*shows: Callable[[], None]) -> None:
    """Findings, why, compare, report: the same four in every room."""
    for tab, show in zip(st.tabs(["Findings", "Why", "Compare", "Report"]), shows, strict=True):
        with tab:
            show()


def assessed(
    room: Modality, files: Sequence[Upload], fields: dict[str, Any], doing: str, forget: Callable[[], None],
    assess: Callable[[Any], Assessment] | None = None, chosen: str = "",
) -> tuple[Any, Assessment] | None:
    """Study and assessment, computed once per input; a reader's error stands where the result would.

    What the session holds under the room's name: ``_name`` of the study, ``_key`` of the input, ``_result``, what was
    ``_made`` of it, and the ``_field`` that the last error spoke of.

    Args:
        doing: what the spinner says. forget: called when another input comes, to drop what was made of the last one.
        assess: instead of the room's verb, for one that takes more than the study; ``chosen`` names what it takes.
    """
    digest = hashlib.sha256(repr((sorted(fields.items()), chosen)).encode())
    for file in files:
        digest.update(file.name.encode() + file.data)
    key, result, field = (f"{room.name}_{part}" for part in ("key", "result", "field"))
    working = st.empty()  # there at every run: what stands below keeps its place, and tabs stay open
    if st.session_state.get(key) != digest.hexdigest():
        for name in (key, result, field, f"{room.name}_made"):
            st.session_state.pop(name, None)
        forget()
        try:
            with working.container(), st.spinner(doing):
                study = room.verb("read")(files, **fields)
                assessment = (assess or room.verb("assess"))(study)
        except InputError as error:
            st.session_state[field] = error.field
            failed(error.message, error.remedy)
            return None
        except WeightsError as error:
            failed("The weights of this room cannot be used.", str(error))
            return None
        finally:
            working.empty()
        st.session_state.update({key: digest.hexdigest(), result: (study, assessment)})
        sidebar.contribute(assessment, st.session_state[f"{room.name}_name"])
    return st.session_state[result]


def made(room: Modality, name: str, work: Callable[[], Any]) -> Any:
    """What ``work`` makes of the present input, computed once."""
    store = st.session_state.setdefault(f"{room.name}_made", {})
    if name not in store:
        store[name] = work()
    return store[name]


@contextmanager
def progress(first: str, step: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with the time that is left; what it yields is called with the steps done and all steps.

    Args:
        first: said before the first step is done. step: what a step is, as in "Slice 3 of 8".
    """
    bar, began = st.progress(0.0, first), time.monotonic()

    def done(steps: int, of: int) -> None:
        left = (time.monotonic() - began) * (of - steps) / steps
        bar.progress(steps / of, f"{step} {steps} of {of}" + (f", about {left:.0f} s left" if left >= 1 else ""))

    try:
        yield done
    finally:
        bar.empty()


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


def reports(room: Modality, assessment: Assessment, pdf: Callable[[], bytes]) -> list[DeltaGenerator]:
    """Downloads of the report, made when asked for; returns the three columns for more of them."""
    columns, file = st.columns(3), f"cardioscope-{room.name}"
    for column, (kind, make, name, mime, icon) in zip(columns, (
        ("Report, PDF", pdf, f"{file}.pdf", "application/pdf", "picture_as_pdf"),
        ("Assessment, JSON", lambda: to_json(assessment, indent=1), f"{file}.json", "application/json", "data_object"),
        ("Report, FHIR", lambda: fhir(assessment), f"{file}-fhir.json", "application/fhir+json", "share"),
    ), strict=True):
        download(column, kind, make, name, mime, icon, key=f"{room.name}_{kind.split()[-1].lower()}")
    return columns


def download(
    place: DeltaGenerator, label: str, make: Callable[[], bytes | str], file: str, mime: str | None, icon: str, key: str
) -> None:
    """One file, made when asked for; without ``mime`` its name says what it is."""
    place.download_button(label, make, file, mime, icon=f":material/{icon}:", on_click="ignore", width="stretch", key=key)


def fhir(assessment: Assessment) -> str:
    return json.dumps(diagnostic_report(assessment), indent=1, ensure_ascii=False)
