"""The Report tab: what core wrote, and as files; each is made of its arguments, when it is asked for. Not a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.assessment import Assessment, to_json
from core.contract import Modality
from core.export.entry import CaseEntry
from pages.state import RoomState, widget
from pages.words import plain

SHORT = 10  # lines of a report above its files; a longer one stands below them
LANGUAGES = {"en": "English", "de": "Deutsch"}


@dataclass(frozen=True)
class Download:
    """One file. Without ``mime`` its name says what it is."""

    label: str
    make: Callable[[], bytes | str]
    file: str
    mime: str | None
    icon: str


def entry(held: RoomState, options: dict[str, Any], language: str) -> CaseEntry:
    """What the reports of this study are made of.

    Args:
        options: keyword arguments of the room's ``entry``, what the page shows beside the assessment.
    """
    made = held.room.verb("entry")(held.study, held.assessment, language, **options)
    return replace(made, study=held.name)


def pdf(entries: Sequence[Callable[[str], CaseEntry]], language: str = "en") -> bytes:
    from core.export.pdf import case_pdf  # with all of reportlab: when a report is asked for

    return case_pdf([make(language) for make in entries], language, datetime.now(UTC))


def fhir(make: Callable[[str], CaseEntry], language: str = "en", zone: tzinfo | None = None) -> str:
    """Args: zone: of the user, for times of a chart that names none."""
    from core.export.fhir import diagnostic_report

    return json.dumps(diagnostic_report(make(language), language, datetime.now(UTC), zone), ensure_ascii=False, indent=1)


def case_fhir(entries: Sequence[Callable[[str], CaseEntry]], language: str = "en", zone: tzinfo | None = None) -> str:
    from core.export.fhir import case_bundle

    bundle = case_bundle([make(language) for make in entries], language, datetime.now(UTC), zone)
    return json.dumps(bundle, ensure_ascii=False, indent=1)


def zone() -> tzinfo | None:
    """The time zone of the browser; None where it does not tell, or nobody here knows it."""
    try:
        return ZoneInfo(st.context.timezone or "")
    except (ValueError, ZoneInfoNotFoundError):
        return None


def downloads(room: Modality, assessment: Assessment, make: Callable[[str], CaseEntry], language: str,
              further: Sequence[Download]) -> None:
    """The same three files in every room, then those of the room, three in a row."""
    name = f"cardioscope-{room.name}"
    files = (
        Download("Report, PDF", partial(pdf, [make], language), f"{name}.pdf", "application/pdf", "picture_as_pdf"),
        Download("Assessment, JSON", partial(to_json, assessment), f"{name}.json", "application/json", "data_object"),
        Download("Report, FHIR", partial(fhir, make, language, zone()), f"{name}-fhir.json", "application/fhir+json", "share"),
        *further,
    )
    columns = st.columns(3)
    for k, file in enumerate(files):
        button(file, widget(room, file.label), columns[k % 3])


def button(file: Download, key: str, place: Any = st) -> None:
    icon = f":material/{file.icon}:" if file.icon else None
    place.download_button(file.label, file.make, file.file, file.mime, icon=icon, on_click="ignore", width="stretch", key=key)


def conclusion(held: RoomState, headline: int) -> None:
    """The line of the report that stands first, beside the picture, in the language that was chosen for it."""
    written = held.assessment.report
    language = st.session_state.get(widget(held.room, "language"))
    lines = written.get(language) or next(iter(written.values()), ())
    if lines:
        st.markdown(plain(lines[headline]))


def tab(
    held: RoomState, make: Callable[[str], CaseEntry], further: Sequence[Download], headline: int | None, note: str
) -> None:
    """The report in one of the languages it was written in, and its files.

    Args:
        headline: which of its lines stands above the others. note: said of the files.
    """
    written = held.assessment.report
    language = next(iter(written), "en")
    if len(written) > 1:
        language = st.segmented_control("Language", list(written), default=language, key=widget(held.room, "language"),
                                        format_func=lambda code: LANGUAGES.get(code, code)) or language
    lines = list(written.get(language, ()))
    if lines and headline is not None:
        st.markdown(f"**{plain(lines.pop(headline))}**")
    short = len(lines) <= SHORT
    text = st.container()
    if short:
        st.space("small")
    downloads(held.room, held.assessment, make, language, further)
    if note and not held.assessment.refused:
        st.caption(note)
    with text if short else st.container():
        for line in lines:
            st.markdown(plain(line))
