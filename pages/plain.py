"""The parts of a page as they are where a room has nothing of its own. Not a page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import figures
from core.assessment import Assessment, Finding
from pages import charts, form
from pages.charts import chart, dark
from pages.report import Download
from pages.state import RoomState, widget
from pages.words import percent, plain


def inputs(held: RoomState) -> None:
    """The whole form; folded away beside an upload."""
    if held.room.accepts and form.asked(held.room):
        form.folded(held.room, "What the file may not say", form.asked(held.room))
    else:
        form.fields(held.room)


def picture(held: RoomState) -> None:
    """The curves, of a room that draws no picture of its input."""
    for k, one in enumerate(held.assessment.curves):
        st.markdown(f"##### {plain(one.name)}")
        chart(figures.curve(one, dark=dark()), widget(held.room, f"curve.{k}"))


def findings(held: RoomState) -> None:
    assessment, key = held.assessment, widget(held.room, "findings")
    if assessment.own:
        ranked = sorted((f for f in assessment.own if f.trained), key=lambda f: (not f.present, -(f.probability or 0)))
        chart(figures.confidence_bars(ranked, dark=dark()), key)
        untrained(assessment)
    groups = dict.fromkeys(m.group for m in assessment.measurements)
    for group in groups:
        st.markdown(f"##### {plain(group.capitalize()) or 'Measurements'}")
        charts.measurements([m for m in assessment.measurements if m.group == group])


def untrained(assessment: Assessment) -> None:
    names = [f.label for f in assessment.own if not f.trained]
    if names:
        st.caption(f"Not trained, and so neither found nor excluded: {', '.join(names)}.")
    if useless := [f.label for f in assessment.own if not f.usable]:
        st.caption(f"Not usable, for the model does not tell them from chance: {', '.join(useless)}.")


def compare(held: RoomState) -> None:
    charts.comparators(held.assessment.comparators, "No other score or device speaks to this study.")
    others = [f for f in held.assessment.findings if f.source != "model"]
    if others:
        st.markdown("##### Other models on the same study")
        charts.table([_row(f) for f in others])
    related(held.assessment)


def _row(f: Finding) -> dict[str, str]:
    return {"Finding": plain(f.label), "By": plain(f.source), "Probability": percent(f.probability),
            "Threshold": percent(f.threshold)}


def related(assessment: Assessment) -> None:
    """Similar reports of the training, as text."""
    for one in assessment.related:
        st.markdown(f"**{one.similarity:.2f}** &ensp;:gray[shared by {one.count} training records]")
        st.caption("  \n".join(map(plain, one.text.splitlines())))


def files(held: RoomState) -> list[Download]:
    """Beside the reports: the mask, of a room that segments."""
    if held.assessment.refused or not held.room.offers("mask"):
        return []
    mask = held.room.verb("mask")
    return [Download("Mask, NIfTI", lambda: mask(held.study, held.assessment) or b"", f"cardioscope-{held.room.name}-mask.nii.gz",
                     "application/gzip", "layers")]


def options(held: RoomState) -> dict[str, Any]:
    """The page shows nothing that the assessment does not hold."""
    return {}


def about(held: RoomState) -> dict[str, str]:
    """What ``read`` noted of the source."""
    return {name.capitalize(): str(value) for name, value in getattr(held.study, "source", {}).items()}
