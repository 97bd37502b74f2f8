"""The tabs under the ECG: findings, why, and what else speaks to them."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.assessment import Attribution, Finding
from core.ecg import figures, report
from core.ecg.sheet import lead_notes
from core.figures import confidence_bars, curve
from pages import charts
from pages.charts import chart, dark
from pages.plain import related, untrained
from pages.report import Download
from pages.state import RoomState, widget
from pages.why import Why

SECTIONS = ("rhythm", "form", "diagnostic")
LIKELY = 0.05  # a finding below its threshold is listed from this probability on


def near(findings: list[Finding]) -> list[Finding]:
    """Present ones and those not far from it, most probable first."""
    found = [f for f in findings if f.present or (f.probability or 0) >= LIKELY]
    return sorted(found, key=lambda f: (not f.present, -(f.probability or 0)))


def findings(held: RoomState) -> None:
    assessment, room = held.assessment, held.room
    first, second = st.columns(2, gap="medium")
    with first:
        superclasses = [f for f in assessment.own if f.group == "superclass"]
        st.markdown("##### Diagnostic superclasses")
        if superclasses:
            chart(confidence_bars(superclasses, dark=dark()), widget(room, "superclasses"))
            st.caption("The mark is the operating threshold, the whisker the 95 % interval of the calibration.")
        else:
            st.caption("Withheld: see the notices above.")
    with second:
        st.markdown("##### Intervals and axes")
        charts.measurements([m for m in assessment.measurements if not m.group])
    for k, course in enumerate(assessment.curves):
        st.markdown(f"##### {course.name}")
        chart(curve(course, dark=dark()), widget(room, f"course.{k}"))
    st.markdown("##### Statements")
    sections = report.sections([f for f in assessment.own if f.group == "statement"])
    rows = [finding for kind in SECTIONS for finding in near(sections.get(kind, []))]
    if rows:
        chart(confidence_bars(rows, dark=dark()), widget(room, "statements"))
    else:
        st.caption("Nothing above 5 %." if assessment.own else "Withheld: see the notices above.")
    untrained(assessment)


def by_lead(held: RoomState, attribution: Attribution) -> None:
    chart(figures.attribution_by_lead(attribution, duration=held.study.duration, dark=dark()), widget(held.room, "by_lead"))


def compare(held: RoomState) -> None:
    assessment = held.assessment
    st.markdown("##### Beside the model")
    charts.comparators(assessment.comparators, "The file carries no measurements of the device.")
    first, second = st.columns(2, gap="large")
    with first:
        st.markdown("##### Similar reports")
        st.caption("Reports of the training records whose text lies nearest to this recording; no signals of others.")
        related(assessment)
    with second:
        st.markdown("##### Outcome risk")
        st.markdown("No risk is shown. PTB-XL has no follow-up, so no weights trained on outcomes exist. The trainer "
                    "(Cox partial likelihood beside reconstruction) is ready for data that has it: see the README.")
    if "reconstruction" not in assessment.overlays:
        return
    st.markdown("##### What the encoder kept")
    missed = [m.value for m in assessment.measurements if m.group == "reconstruction"]
    shares = np.array([np.nan if value is None else value / 100 for value in missed])
    chart(figures.reconstruction(held.study, assessment.overlays["reconstruction"], shares, dark=dark()),
          widget(held.room, "reconstruction"))


def files(held: RoomState) -> list[Download]:
    return [Download(f"Paper, {kind.upper()}", partial(paper, held, kind), f"cardioscope-ecg-paper.{kind}", None, "image")
            for kind in ("png", "svg", "pdf")]


def paper(held: RoomState, kind: str) -> bytes:
    from core.ecg import paper  # draws with matplotlib, which only a print needs

    marks = held.assessment.overlays.get("marks")
    return paper.paper(held.study, marks=marks, flags=lead_notes(held.study), format=kind)


WHY = Why(
    meaning={"grad_cam": "When the last layers of the network speak for the finding; the same for all leads.",
             "integrated_gradients": "When and in which lead the signal speaks for the finding and against it."},
    last=("SR", "NORM"), shown=by_lead,
)
