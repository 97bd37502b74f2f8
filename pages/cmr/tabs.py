"""The tabs under the stack: findings, compare, report. The Why tab has a file of its own."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import streamlit as st

from core.assessment import Measurement
from core.cmr import export, figures
from core.cmr.assess import SD, TRANSMURAL, assess
from core.cmr.quantify import Agreement, agreement
from core.cmr.segments import Segment, in_range, table
from core.cmr.study import INFARCT, MYOCARDIUM, CmrStudy
from core.cmr.thresholds import SD_CHOICES, methods
from core.cxr.figures import png
from core.export.pdf import CaseEntry, case_pdf
from core.export.pdf_cmr import tables
from core.modality import get
from pages.cmr.inputs import MODELS, installed
from pages.cmr.reading import Reading, taken
from pages.room import dark, download, made, reports
from pages.sidebar import plain

ROOM = get("cmr")
NAMES = {"scar_share": "Scar share", "scar_mass": "Scar mass", "no_reflow_share": "No-reflow",
         "myocardial_mass": "Myocardial mass", "cavity_volume": "Cavity volume",
         "transmural_segments": "Transmural segments", "infarct_present": "Probability of infarct"}
SHOWN = ("scar_share", "scar_mass", "no_reflow_share", "transmural_segments", "infarct_present")
BY_HAND = "Corrected by hand"
BAR_BELOW = {"orientation": "h", "x": 0.5, "y": -0.08, "yanchor": "top", "len": 0.6, "title": None}  # two charts leave no room beside


def number(m: Measurement) -> str:
    """A measurement in words; what is not known says why."""
    if m.value is None:
        return "–"
    if m.name == "infarct_present":
        return f"{100 * m.value:.0f} %"
    if m.name == "transmural_segments":
        return f"{m.value:.0f} of 17"
    return f"{m.value:.1f} {m.unit.partition(' ')[0]}"


def findings_tab(study: CmrStudy, reading: Reading) -> None:
    burden(reading)
    st.caption("Shares are percent of the left ventricular myocardium. Transmural: mean transmurality above "
               f"{TRANSMURAL:.0f} %. Interval: 95 %, as far as unseen cases erred.")
    left, right = st.columns(2, gap="medium")
    shares, depths = (dict(enumerate(map(float, reading.assessment.overlays[name]), 1))
                      for name in ("segment_scar_share", "segment_transmurality"))
    for place, values, title, key in ((left, shares, "Scar, % of segment", "cmr_bull_share"),
                                      (right, depths, "Transmurality, %", "cmr_bull_depth")):
        known = {segment: None if np.isnan(value) else value for segment, value in values.items()}
        chart = figures.bullseye(known, title, dark=dark())
        chart.update_traces(marker_colorbar=BAR_BELOW, selector=lambda trace: "marker" in trace and trace.marker.showscale)
        chart.update_layout(margin={"l": 46, "r": 46})
        place.plotly_chart(chart, theme=None, key=key)
    missing = [segment for segment, value in shares.items() if np.isnan(value)]
    if missing:
        st.caption(f"Not in the stack: segment {', '.join(map(str, missing))}.")
    with st.expander("Segments as numbers"):
        st.table(segment_table(segments(study, reading)), border="horizontal", hide_index=True)


def burden(reading: Reading) -> None:
    """The numbers that count, each with its interval, its threshold, or what the model said before the correction."""
    own = {m.name: m for m in reading.model.measurements}
    now = {m.name: m for m in reading.assessment.measurements}
    finding = reading.assessment.findings[0]
    with st.container(horizontal=True, key="cmr_burden", gap="medium"):
        for name in SHOWN:
            m = now[name]
            beside = m.note if m.value is None else None
            if name == "infarct_present":
                beside = f"threshold {100 * finding.threshold:.0f} %, {'reached' if finding.present else 'not reached'}"
            elif reading.by_hand and own[name].value is not None:
                beside = f"model: {number(own[name])}"
            elif m.interval:
                beside = f"{m.interval[0]:.1f} to {m.interval[1]:.1f} %"
            st.metric(NAMES[name], number(m), beside, delta_color="off", delta_arrow="off", width="content")


def segments(study: CmrStudy, reading: Reading) -> list[Segment]:
    return table(reading.kept, reading.geometry, study.spacing_mm)


def segment_table(rows: list[Segment]) -> pd.DataFrame:
    def text(value: float | None, places: int = 0) -> str:
        return "–" if value is None else f"{value:.{places}f}"

    return pd.DataFrame([{
        "Segment": f"{s.number} {s.name}", "Scar, %": text(s.scar_share), "Transmurality, mean %": text(s.transmurality_mean),
        "most %": text(s.transmurality_max), "Endocardial extent, %": text(s.endocardial_extent),
        "Myocardium, ml": text(s.myocardium_ml, 1),
    } for s in rows])


@st.fragment
def compare_tab(study: CmrStudy, reading: Reading) -> None:
    chart, control = st.columns([3, 1], gap="large")
    with control:
        n = st.number_input("Standard deviations", float(SD_CHOICES[0]), float(SD_CHOICES[-1]), 4.0, 0.5, key="cmr_n",
                            help="Scar is what is brighter than remote myocardium by so many standard deviations.")
        spread(reading)
        other_model(study, reading)
    masks = every_mask(study, reading, n)
    with chart:
        if len(masks) < 2:
            st.caption("No threshold can be drawn: there is too little normal myocardium to compare with.")
        rows = agreement(reading.kept, masks, BY_HAND if reading.by_hand else "Model")
        st.plotly_chart(figures.burden_bars(rows, dark=dark()), theme=None, key="cmr_agreement")
    st.table(agreement_table(rows), border="horizontal", hide_index=True)
    st.caption("Difference in percentage points and overlap (Dice) with the first line. Every method looks at the same "
               "myocardium. Remote myocardium is a guess: in each slice the darkest sector without scar.")
    choice, button = st.columns([3, 1], vertical_alignment="bottom")
    shown = choice.selectbox("Mask of a method", list(masks), index=None, placeholder="Choose a method", key="cmr_method_shown")
    marked = by_method(reading.labels, masks[shown]) if shown else None
    if button.button("Use this mask", icon=":material/layers:", width="stretch", key="cmr_take", disabled=marked is None,
                     help="The viewer draws it, it can be corrected there, and the numbers follow."):
        taken(marked)
        st.rerun()  # of the page, not of this part of it alone
    if marked is not None:
        st.image(figures.montage(study, in_range(marked, reading.geometry), contours=False), caption=f"Scar by {shown}",
                 width="stretch")


def by_method(labels: np.ndarray, scar: np.ndarray) -> np.ndarray:
    """The labels with a method's scar instead of their own; no-reflow is not told apart by a threshold."""
    wall = labels >= MYOCARDIUM
    return np.where(wall, np.where(scar, INFARCT, MYOCARDIUM), labels).astype(np.uint8)


def every_mask(study: CmrStudy, reading: Reading, n: float) -> dict[str, np.ndarray]:
    """Scar by method: the thresholds, the model's own mask after a correction, and the other model once it was asked."""
    last, wanted = st.session_state.get("cmr_thresholds"), (reading.name, n)
    if last is None or last[0] != wanted:
        try:
            found = methods(study.slices, reading.kept, tuple(sorted({*SD, n})))
        except ValueError:  # too little normal myocardium; a notice says so
            found = {}
        last = st.session_state["cmr_thresholds"] = wanted, found
    own = {"Model": reading.model.overlays["labels"] >= INFARCT} if reading.by_hand else {}
    other = st.session_state.get("cmr_made", {}).get(f"model:{another(reading)}")
    asked = {} if other is None or other.refused else {MODELS[another(reading)]: other.overlays["labels"] >= INFARCT}
    return own | last[1] | asked


def agreement_table(rows: list[Agreement]) -> pd.DataFrame:
    def text(value: float | None, form: str) -> str:
        return "" if value is None else format(value, form).replace("-", "−")

    return pd.DataFrame([{
        "Method": plain(row.method), "Scar, % of myocardium": text(row.scar_share, ".1f"),
        "Difference, points": text(row.difference, "+.1f"), "Dice": text(row.dice, ".2f"),
    } for row in rows])


def spread(reading: Reading) -> None:
    """How far the members of the ensemble lie apart."""
    shares = reading.model.overlays["member_scar_share"]
    if len(shares) > 1:
        st.markdown(f"**{shares.min():.1f} to {shares.max():.1f} %**")
        st.caption(f"Scar share by the {len(shares)} members of the ensemble, each alone.")


def another(reading: Reading) -> str:
    """The weights of the model that did not make this mask."""
    return next(name for name in ROOM.weights if name != reading.weights)


def other_model(study: CmrStudy, reading: Reading) -> None:
    """The second model beside the first, when asked for."""
    weights = another(reading)
    if not installed(weights):
        return
    title = MODELS[weights].partition(" (")[0]
    known = f"model:{weights}" in st.session_state.get("cmr_made", {})
    if not known and not st.button(
            title, icon=":material/add:", width="stretch", key="cmr_other", help="Segment the stack with this model too."):
        return
    with st.spinner(f"{title} segments the stack"):
        other = made(ROOM, f"model:{weights}", lambda: assess(study, weights))
    if other.refused:
        st.caption(f"{title} found no left ventricle.")
        return
    share = other.measurements[0]
    st.markdown(f"**{number(share)}**")
    st.caption(f"Scar share by the {title} in its own myocardium.")


def report_tab(study: CmrStudy, reading: Reading) -> None:
    first, *others = reading.assessment.report["en"]
    st.markdown(f"**{plain(first)}**")
    for line in others:
        st.markdown(plain(line))
    if reading.by_hand:
        st.caption("Corrected by hand. The probability of infarct is still the model's.")
    st.space("small")
    columns, file = reports(ROOM, reading.assessment, lambda: pdf(study, reading)), "cardioscope-cmr"
    download(columns[0], "Mask, NIfTI", lambda: export.nifti(study, reading.kept), f"{file}-mask.nii.gz",
             "application/gzip", "layers", "cmr_nifti")
    download(columns[1], "Segments, CSV", lambda: export.segments_csv(segments(study, reading)), f"{file}-segments.csv",
             "text/csv", "table", "cmr_csv")
    download(columns[2], "Montage, PNG", lambda: montage(study, reading), f"{file}-montage.png", "image/png", "image", "cmr_png")
    if study.references and reading.kept.any():
        download(columns[0], "Mask, DICOM SEG", lambda: export.dicom_seg(study, reading.kept, reading.assessment.model),
                 f"{file}-mask.dcm", "application/dicom", "layers", "cmr_seg")
    st.caption("The mask lies on the grid of the scan: 1 cavity, 2 myocardium, 3 infarct, 4 no-reflow. Names burned into "
               "the pictures are printed with them.")


def montage(study: CmrStudy, reading: Reading) -> bytes:
    return png(figures.montage(study, reading.kept))


def pdf(study: CmrStudy, reading: Reading) -> bytes:
    rows = agreement(reading.kept, every_mask(study, reading, 5.0), BY_HAND if reading.by_hand else "Model")
    details = dict(study.source) | ({"mask": "corrected by hand"} if reading.by_hand else {})
    labels = {("measurement", name): words for name, words in NAMES.items()}
    entry = CaseEntry(ROOM.title, reading.assessment, montage(study, reading), details, labels,
                      tables(segments(study, reading), rows))
    return case_pdf([entry], "en", datetime.now(UTC))
