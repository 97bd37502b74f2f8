"""The tabs under the curve: findings, and what else speaks to the patient. The Why tab has a file of its own."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.assessment import Assessment, Curve
from core.heart_failure import figures, strata
from core.heart_failure.narrow import narrowing
from core.heart_failure.scores import ScoreResult, labels
from core.serving import get
from pages import charts, state
from pages.charts import chart, dark, table
from pages.heart_failure.picture import beside
from pages.heart_failure.risks import RISKS, percent, span
from pages.heart_failure.what_if import what_if
from pages.state import RoomState, widget
from pages.words import plain

MOST = 8  # inputs that would narrow the interval


def findings(held: RoomState) -> None:
    """Risks beside the cohort's own, then what was computed, and what one more input would narrow."""
    assessment = held.assessment
    table([row for code in RISKS if (row := risk_row(assessment, code))])
    st.caption("95 % interval of the coefficients and of what is not known. Cohort: as its patients fared.")
    others = [m for m in assessment.measurements if not m.group and m.code not in RISKS]
    if others:
        charts.measurements(others)
    narrower(held)


def risk_row(assessment: Assessment, code: str) -> dict[str, str] | None:
    m, (year, label) = assessment.measured(code), RISKS[code]
    if m is None or m.value is None:
        return None
    finding = next((f for f in assessment.own if f.code == code.removeprefix("death_")), None)
    own = next((curve for curve in assessment.curves if curve.name == "Cohort"), None)
    row = {"Risk": label, "This patient": f"**{percent(m.value)}**", "95 % interval": span(*m.interval),
           "Cohort": dead(own, year)}
    if finding is not None and finding.threshold is not None:
        row["High risk from"] = percent(100 * finding.threshold)
    return row | {"Calibrated": "yes" if finding is not None and finding.calibrated else "no"}


def dead(curve: Curve | None, year: int) -> str:
    """Who died until then by a curve, percent."""
    if curve is None or year > curve.x[-1] + 1e-6:
        return "–"
    return percent(100 - min(zip(curve.x, curve.y, strict=True), key=lambda point: abs(point[0] - year))[1])


def narrower(held: RoomState) -> None:
    """Which of the unknown values the interval waits for."""
    rows = state.made(held.room, "narrower", partial(narrowing, held.study, held.weights))
    st.markdown("##### What one more value would narrow")
    if not rows:
        st.caption("No single further value is expected to narrow the interval by more than a few percent, or this model cannot "
                   "tell.")
        return
    table([{"Value": plain(one.label), "Interval narrower by": f"{100 * one.share:.0f} %",
            "At three years, points": f"{one.width_now:.0f} to {one.width_then:.0f}"} for one in rows[:MOST]])
    st.caption("Expected on average, whatever the value will turn out to be.")


def compare(held: RoomState) -> None:
    """Established scores, the most similar patients, and the same patient with one value changed."""
    st.markdown("##### Established scores")
    established(held)
    what_if(held)
    stratum(held)


def established(held: RoomState) -> None:
    found = beside(held)
    table([{"Score": plain(one.label), "Result": result(one), f"1{charts.NO_BREAK}year": risk(one.risk_1y),
            f"3{charts.NO_BREAK}years": risk(one.risk_3y),
            "Not known": labels(one.missing)[:1].upper() + labels(one.missing)[1:]} for one in found])
    wide = [one.label for one in found if one.wide]
    if wide:
        st.caption(f"Too wide a range for the chart: {', '.join(wide)}.")
    with st.expander("What each score says, and how it did on MUSIC"):
        for one in found:
            st.markdown(f"**{plain(one.label)}** &ensp;{plain(one.note)} {plain(one.calibrated)}")
            st.caption(plain(one.source))


def result(one: ScoreResult) -> str:
    if one.low is None:
        return "–"
    span = f"{one.low:g}" if one.low == one.high else f"{one.low:g} to {one.high:g}"
    return f"{span} {one.unit}".strip().replace(" ", charts.NO_BREAK)


def risk(told: tuple[float, float, float] | None) -> str:
    return "–" if told is None else span(*told[1:]).replace(" ", charts.NO_BREAK)


def stratum(held: RoomState) -> None:
    """The quarter of the cohort that is most like the patient, as it was observed."""
    st.markdown("##### The most similar patients")
    log_hazard = held.assessment.measured("log_hazard")
    own = strata.nearest(get(held.weights).config, held.study.values.get("setting"), log_hazard.value)
    if own is None:
        st.caption("The weights know no observed course of patients like this one.")
        return
    patient = next((curve for curve in held.assessment.curves if curve.name == "Survival"), None)
    chart(figures.stratum(own, patient, dark=dark()), widget(held.room, "stratum"))
    st.caption(f"{own.label[:1].upper()}{own.label[1:]} in the cohort, {own.n} patients, {own.events} deaths; Kaplan-Meier with "
               "95 % interval. No single patient is shown.")
