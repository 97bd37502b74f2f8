"""The tabs under the stack: findings and what else marks scar. The Why tab has a file of its own."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.assessment import Measurement
from core.cmr import export, figures
from core.cmr.assess import assess
from core.cmr.measurements import MEMBERS, RULE, by_segment, marks, uncertain
from core.cmr.quantify import agreement
from core.cmr.segments import in_range
from core.cmr.segments import table as segment_table
from core.cmr.study import INFARCT, MYOCARDIUM
from core.cmr.tables import WORDS, tables
from core.cmr.thresholds import SD_CHOICES, compared
from core.pictures import png
from pages import form, plain, progress, state
from pages.charts import chart, dark, table
from pages.cmr.reading import Reading, go_on
from pages.report import Download
from pages.state import RoomState, widget
from pages.words import plain as escaped

SHOWN = ("scar_share", "scar_mass", "no_reflow_share", "transmural_segments", "infarct_present")
FIRST_SD = 4.0  # standard deviations, until the reader chooses
BAR_BELOW = {"orientation": "h", "x": 0.5, "y": -0.08, "yanchor": "top", "len": 0.6, "title": None}  # no room beside two charts
WORDING = WORDS["en"]


def between(m: Measurement) -> str:
    """The interval in words, and what to think of a wide one."""
    vague = uncertain(m)
    low, high = (f"{end:.{0 if vague else 1}f}" for end in m.interval)
    return f"{low} to {high} %" + (f", {vague}" if vague else "")


def number(m: Measurement, rounded: bool = False) -> str:
    """A measurement in words; what is not known says why.

    Args:
        rounded: without a decimal place, which would say more than is known.
    """
    if m.value is None:
        return "–"
    if m.unit == "probability":
        return f"{100 * m.value:.0f} %"
    if m.unit.startswith("of"):
        return f"{m.value:.0f} {m.unit}"
    return f"{m.value:.{0 if rounded and m.value >= 1 else 1}f} {m.unit.partition(' ')[0]}"


def findings(held: RoomState) -> None:
    assessment, room = held.assessment, held.room
    burden(held)
    st.caption(f"Shares are percent of the left ventricular myocardium. {RULE.capitalize()}. Interval: 95 %, as far as unseen "
               "cases erred.")
    shares = by_segment(assessment, "scar_share")
    for place, column, title in zip(st.columns(2, gap="medium"), ("scar_share", "transmurality"),
                                    ("Scar, % of segment", "Transmurality, %"), strict=True):
        figure = figures.bullseye(by_segment(assessment, column), title, dark=dark(), **marks(assessment, column))
        figure.update_traces(marker_colorbar=BAR_BELOW, selector=lambda trace: "marker" in trace and trace.marker.showscale)
        figure.update_layout(margin={"l": 46, "r": 46})
        with place:
            chart(figure, widget(room, f"bullseye.{column}"))
    missing = [segment for segment, value in shares.items() if value is None]
    if missing:
        st.caption(f"Not in the stack: segment {', '.join(map(str, missing))}.")
    with st.expander("Segments as numbers"):
        rows(tables(assessment)[WORDING["segments"]])


def rows(printed: list[list[str]]) -> None:
    """A table of the printed report, head first."""
    head, *lines = printed
    table([dict(zip(head, map(escaped, line), strict=True)) for line in lines])


def burden(held: RoomState) -> None:
    """The numbers that count, each with its interval, its threshold, or what the model said before the correction."""
    finding, reading, vague = held.assessment.own[0], held.own, bool(uncertain(held.assessment.measured("scar_share")))
    with st.container(horizontal=True, gap="medium"):
        for code in SHOWN:
            m, own = held.assessment.measured(code), reading.model.measured(code)
            beside = m.note if m.value is None else None
            if code == "infarct_present":
                beside = f"threshold {100 * finding.threshold:.0f} %, {'reached' if finding.present else 'not reached'}"
            elif reading.by_hand and own.value is not None:
                beside = f"model: {number(own, bool(uncertain(own)))}"
            elif m.interval:
                beside = between(m)
            st.metric(m.label, number(m, vague), beside, delta_color="off", delta_arrow="off", width="content")


def compare(held: RoomState) -> None:
    left, right = st.columns([3, 1], gap="large")
    with right:
        st.number_input("Standard deviations", float(SD_CHOICES[0]), float(SD_CHOICES[-1]), FIRST_SD, 0.5,
                        key=widget(held.room, "sd"),
                        help="Scar is what is brighter than remote myocardium by so many standard deviations.")
        spread(held)
        for weights in others(held):
            other_model(held, weights)
    masks = every_mask(held)
    with left:
        if len(masks) < 2:
            st.caption("No threshold can be drawn: there is too little normal myocardium to compare with.")
        found = agreement(held.own.kept, masks, WORDING["by_hand" if held.own.by_hand else "model"])
        chart(figures.burden_bars(found, dark=dark()), widget(held.room, "agreement"))
    rows(tables(held.assessment, found)[WORDING["agreement"]])
    st.caption("Difference in percentage points and overlap (Dice) with the first line. Every method looks at the same "
               "myocardium. Remote myocardium is a guess: in each slice the darkest sector without scar.")
    mask_of_method(held, masks)


@st.fragment
def mask_of_method(held: RoomState, masks: dict[str, np.ndarray]) -> None:
    reading: Reading = held.own
    choice, button = st.columns([3, 1], vertical_alignment="bottom")
    shown = choice.selectbox("Mask of a method", list(masks), index=None, placeholder="Choose a method",
                             key=widget(held.room, "method_shown"))
    marked = by_method(reading.labels, masks[shown]) if shown else None
    if button.button("Use this mask", icon=":material/layers:", width="stretch", key=widget(held.room, "take"),
                     disabled=marked is None, help="The viewer draws it, it can be corrected there, and the numbers follow."):
        go_on(held.room, marked)
        st.rerun()  # of the page, not of this part of it alone
    if marked is not None:
        st.image(figures.montage(held.study, in_range(marked, reading.geometry), contours=False), caption=f"Scar by {shown}",
                 width="stretch")


def by_method(labels: np.ndarray, scar: np.ndarray) -> np.ndarray:
    """The labels with a method's scar instead of their own; no-reflow is not told apart by a threshold."""
    wall = labels >= MYOCARDIUM
    return np.where(wall, np.where(scar, INFARCT, MYOCARDIUM), labels).astype(np.uint8)


def chosen_sd(held: RoomState) -> float:
    return st.session_state.get(widget(held.room, "sd"), FIRST_SD)


def every_mask(held: RoomState) -> dict[str, np.ndarray]:
    """Scar by method: the model's own mask after a correction, the thresholds, and the other models that were asked."""
    reading, sd = held.own, chosen_sd(held)
    thresholds = state.made(held.room, "thresholds", lambda: compared(held.study.slices, reading.kept, sd), (reading.name, sd))
    beside = beside_model(held)
    own = {name: mask for name, mask in beside.items() if name == WORDING["model"]}
    return own | thresholds | beside


def beside_model(held: RoomState) -> dict[str, np.ndarray]:
    """Scar by other models, and by the model of this mask before it was corrected."""
    found = {WORDING["model"]: held.own.model.overlays["labels"] >= INFARCT} if held.own.by_hand else {}
    for weights in others(held):
        other = state.known(held.room, f"model:{weights}")
        if other is not None and not other.refused:
            found[held.room.weights[weights]] = other.overlays["labels"] >= INFARCT
    return found


def spread(held: RoomState) -> None:
    """How far the members of the ensemble lie apart."""
    shares = [m.value for m in held.own.model.measurements if m.group == MEMBERS]
    if len(shares) > 1:
        st.markdown(f"**{min(shares):.1f} to {max(shares):.1f} %**")
        st.caption(f"Scar share by the {len(shares)} members of the ensemble, each alone.")


def others(held: RoomState) -> list[str]:
    """Weights that are there and did not make this mask."""
    return [name for name in held.room.weights if name != held.weights and form.installed(name)]


def other_model(held: RoomState, weights: str) -> None:
    """Another model beside the first, when asked for."""
    title, name = held.room.weights[weights].partition(" (")[0], f"model:{weights}"
    other = state.known(held.room, name)
    if other is None:
        if st.button(title, icon=":material/add:", width="stretch", key=widget(held.room, name), disabled=held.job is not None,
                     help="Segment the stack with this model too."):
            progress.begin(held.room, f"{title} segments the stack", name, lambda done: assess(held.study, weights, done))
        return
    if other.refused:
        st.caption(f"{title} found no left ventricle.")
        return
    st.markdown(f"**{number(other.measured('scar_share'))}**")
    st.caption(f"Scar share by the {title} in its own myocardium.")


def options(held: RoomState) -> dict:
    """Of the report: what the reader chose and corrected, and which methods stand beside."""
    if held.assessment.refused:
        return {}
    return {"sd": chosen_sd(held), "by_hand": held.own.by_hand, "beside": beside_model(held)}


def files(held: RoomState) -> list[Download]:
    made = plain.files(held)
    if held.assessment.refused:
        return made
    study, reading, file = held.study, held.own, "cardioscope-cmr"
    table = partial(segment_table, reading.kept, reading.geometry, study.spacing_mm)
    made += [
        Download("Segments, CSV", lambda: export.segments_csv(table()), f"{file}-segments.csv", "text/csv", "table"),
        Download("Montage, PNG", lambda: png(figures.montage(study, reading.kept)), f"{file}-montage.png", "image/png", "image"),
    ]
    if study.references and reading.kept.any():
        made.append(Download("Mask, DICOM SEG", partial(export.dicom_seg, study, reading.kept, held.assessment.model),
                             f"{file}-mask.dcm", "application/dicom", "layers"))
    return made
