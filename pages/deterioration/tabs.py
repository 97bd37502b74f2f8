"""The tabs under the stay: the last observations with their points, and the scores beside the model."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.assessment import Measurement
from core.deterioration import moments, news2, qsofa
from core.deterioration.names import GROUP, RISK, curve
from core.deterioration.news2 import News2
from core.deterioration.report import percent, reading
from core.deterioration.scales import AWAKE, EMERGENCY, URGENT
from core.deterioration.vitals import CODES, DIASTOLIC, VITALS
from pages import charts
from pages.deterioration import alarm, moment
from pages.state import RoomState
from pages.words import plain


def findings(held: RoomState) -> None:
    """The risk at the last hour, NEWS2 with its parts, and the response that the RCP assigns to it."""
    first, second = st.columns([2, 3], gap="large")
    row = moments.last_row(held.study)
    score = moment.course(held.study, row + 1)[-1]
    with first:
        risk_now(held)
        st.markdown("##### Response, RCP 2017")
        responses(score)
    with second:
        st.markdown(f"##### Last observations :gray[at {held.study.start + row:g} h]")
        charts.table(observations(held, row, score))
        lacking = f" Not recorded: {', '.join(news2.LABELS[one].lower() for one in score.missing)}." if score.missing else ""
        scale = "SpO2 scale 2 (hypercapnic failure)." if score.scale == 2 else "SpO2 scale 1."
        st.caption(f"{scale} A value counts for {news2.CARRY:g} h; after that it is unknown, never zero.{lacking} "
                   "NEWS2 does not ask for the diastolic pressure.")
        index = held.assessment.measured("shock_index")
        if index is not None:
            charts.measurements([index])


def risk_now(held: RoomState) -> None:
    one = next(f for f in held.assessment.own if f.group == GROUP)
    low, high = one.interval or (one.probability, one.probability)
    st.markdown(f"##### {plain(one.label)}")
    point = alarm.chosen(held)
    over = point is not None and one.probability >= point["threshold"]
    st.metric("Risk", f"{percent(100 * one.probability, 'en')} %",
              f"95 % interval {percent(100 * low, 'en')} to {percent(100 * high, 'en')} %", delta_color="off", delta_arrow="off")
    if point is not None:
        st.markdown(f"{':orange[Above]' if over else 'Below'} the alarm line of {100 * point['threshold']:.1f} % "
                    f"({point[alarm.RATE]:g} alerts per 100 patient-days).")
    elif one.threshold is not None:
        st.markdown(f"{':orange[Above]' if one.present else 'Below'} the operating threshold of {100 * one.threshold:.1f} %.")
    st.caption("Calibrated." if one.calibrated else "Not calibrated: the order of patients, not a share that dies.")


def responses(score: News2) -> None:
    """Of a range both ends."""
    st.markdown(f"**NEWS2 {moment.total(score)}**, {moment.response(score)}")
    tiers = [score.tier] if score.tier == score.highest_tier else [score.tier, score.highest_tier]
    for tier in tiers:
        st.markdown(f"{tier.label}: :gray[monitoring {tier.monitoring.lower()}. {tier.response}]" if len(tiers) > 1 else
                    f":gray[{tier.response}]")


def observations(held: RoomState, row: int, score: News2) -> list[dict[str, str]]:
    """Each parameter with its last value, when it was recorded, and the points it scores now."""
    study, last = held.study, moments.last(held.study)
    rows = []
    for name in (*news2.PARAMETERS, CODES[DIASTOLIC]):
        if name in CODES:
            k = CODES.index(name)
            value = "" if last[k] is None else f"{reading(k, last[k].value, 'en')} {VITALS[k].unit}"
            at = None if last[k] is None else last[k].hour
            label = VITALS[k].label
        else:
            value, at = _told(study, name)
            label = news2.LABELS[name]
        part = score.parts.get(name)
        points = "unknown" if part is None else f":orange[{part}]" if part >= 2 else str(part)
        if name == CODES[DIASTOLIC]:
            points = "–"
        rows.append({"Parameter": label, "Last value": value or ":gray[not recorded]",
                     "At": "" if at is None else f"{at:.4g} h", "NEWS2": points})
    return rows


def _told(study, name: str) -> tuple[str, float | None]:
    """Oxygen or consciousness in words, and when it was recorded last."""
    states = ([None if np.isnan(one) else "given" if one else "room air" for one in study.oxygen] if name == "oxygen" else
              [AWAKE.get(one) for one in study.consciousness])
    known = [k for k, one in enumerate(states) if one]
    return (states[known[-1]], float(study.hours[known[-1]])) if known else ("", None)


def firsts(held: RoomState) -> list[dict[str, str]]:
    """When each rule would have spoken first in this stay, from what was known by then."""
    study, risk, point = held.study, curve(held.assessment, RISK), alarm.chosen(held)
    scores = moment.course(study, len(risk.x))
    values, _, awake = news2.carried(study, risk.x)
    sepsis = [qsofa.score(row, level) for row, level in zip(values, awake, strict=True)]
    rows = []
    if point is not None:
        alarmed = held.assessment.measured(f"alarm_{point[alarm.RATE]:g}")
        rows.append({"Rule": f"Model, {point[alarm.RATE]:g} alerts per 100 patient-days",
                     "Line": f"{100 * point['threshold']:.1f} %", "First reached": _first_of(alarmed)})
    for name, least in (("NEWS2, urgent response", URGENT), ("NEWS2, emergency response", EMERGENCY)):
        rows.append({"Rule": name, "Line": f"{least} points", "First reached": _first(
            risk.x, [one.low >= least for one in scores], [one.high >= least for one in scores])})
    rows.append({"Rule": "qSOFA", "Line": f"{qsofa.POSITIVE} of 3", "First reached": _first(
        risk.x, [one.positive is True for one in sepsis], [one.positive is not False for one in sepsis])})
    return rows


def _first_of(alarmed: Measurement | None) -> str:
    return "not reached" if alarmed is None or alarmed.value is None else f"{alarmed.value:g} h"


def _first(hours: tuple[float, ...], sure: list[bool], possible: list[bool]) -> str:
    """Hour of the first certain one; where none is, whether what was not recorded leaves it open."""
    at = next((f"{hour:g} h" for hour, one in zip(hours, sure, strict=True) if one), None)
    return at or ("cannot be told: inputs missing" if any(possible) else "not reached")
