"""The survival curve with what stands behind it, and beside it the risks in numbers and in a sentence."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.assessment import Measurement
from core.heart_failure import figures, scores
from core.heart_failure.scores import ScoreResult
from pages import state
from pages.charts import chart, dark
from pages.heart_failure.risks import RISKS, percent, span
from pages.state import RoomState, widget
from pages.words import plain


def beside(held: RoomState) -> tuple[ScoreResult, ...]:
    """The established scores of this patient, computed once."""
    return state.made(held.room, "scores", partial(scores.of, held.study))


def curve(held: RoomState) -> None:
    """Nothing where the study was refused."""
    if held.assessment.refused:
        return
    left, right = st.columns([2.6, 1], gap="medium")
    with left:
        chart(figures.survival(held.assessment, beside(held), dark=dark()), widget(held.room, "survival"))
    with right:
        for code, (_, label) in RISKS.items():
            risk(held.assessment.measured(code), label)
        st.caption(plain(held.assessment.report["en"][1]) if len(held.assessment.report.get("en", ())) > 1 else "")


def risk(m: Measurement, label: str) -> None:
    if m.value is None:
        st.metric(label, "–", m.note, delta_color="off", delta_arrow="off")
        return
    st.metric(label, percent(m.value), f"95 % interval {span(*m.interval)}", delta_color="off", delta_arrow="off")
