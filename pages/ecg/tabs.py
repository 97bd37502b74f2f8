"""The tabs under the ECG: findings, why, compare, report."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.assessment import Assessment, Attribution, Finding, Measurement
from core.ecg import figures, report
from core.ecg.paper import lead_notes, paper
from core.ecg.study import EcgStudy
from core.export.pdf import CaseEntry, case_pdf
from core.modality import get
from pages.room import dark, download, reports

ROOM = get("ecg")
METHODS = {"grad_cam": "Grad-CAM: when", "integrated_gradients": "Integrated gradients: when and in which lead"}
SECTIONS = ("rhythm", "form", "diagnostic")
NO_BREAK = "\u00a0"
EXPECTED = ("SR", "NORM")  # what is normal is explained last
LIKELY = 0.05  # a finding below its threshold is listed from this probability on


def shown(findings: list[Finding]) -> list[Finding]:
    """Present ones and those not far from it, most probable first."""
    near = [f for f in findings if f.present or (f.probability or 0) >= LIKELY]
    return sorted(near, key=lambda f: (not f.present, -(f.probability or 0)))


def findings_tab(assessment: Assessment) -> None:
    if assessment.refused:
        st.markdown("No findings: the recording is not what this model reads.")
        return
    first, second = st.columns(2, gap="medium")
    with first:
        superclasses = [f for f in assessment.findings if f.group == "superclass"]
        st.markdown("##### Diagnostic superclasses")
        st.plotly_chart(figures.confidence_bars(superclasses, dark=dark()), theme=None, key="ecg_superclasses")
        st.caption("The mark is the operating threshold, the whisker the 95 % interval of the calibration.")
    with second:
        st.markdown("##### Intervals and axes")
        st.table(measurement_table(assessment), border="horizontal", hide_index=True)
        st.caption("↑ ↓ outside the reference range.")
    st.markdown("##### Statements")
    sections = report.sections([f for f in assessment.findings if f.group == "statement"])
    rows = [finding for kind in SECTIONS for finding in shown(sections.get(kind, []))]
    if rows:
        st.plotly_chart(figures.confidence_bars(rows, dark=dark()), theme=None, key="ecg_statements")
    else:
        st.caption("Nothing above 5 %.")
    untrained = [f.label for f in assessment.findings if not f.trained]
    if untrained:
        st.caption(f"Not trained: {', '.join(untrained)}.")


def measurement_table(assessment: Assessment) -> pd.DataFrame:
    def span(m: Measurement) -> str:
        low, high = (None if v is None else f"{v:g}" for v in (m.low, m.high))
        text = f"{low} to {high}" if low and high else f"up to {high}" if high else f"from {low}" if low else ""
        return text.replace(" ", NO_BREAK)

    def value(m: Measurement) -> str:
        if m.value is None:
            return f":gray[{m.note}]"
        text = f"{m.value:.0f}{NO_BREAK}{m.unit}".strip(NO_BREAK)
        return f":orange[{text}{NO_BREAK}{'↓' if m.low is not None and m.value < m.low else '↑'}]" if m.abnormal else text

    return pd.DataFrame([{"Measurement": m.name, "Value": value(m), "Reference": span(m)} for m in assessment.measurements])


@st.fragment
def why_tab(study: EcgStudy, assessment: Assessment) -> None:
    if assessment.refused:
        st.markdown("Nothing to explain.")
        return
    ranked = sorted((f for f in assessment.findings if f.trained), key=lambda f: (not f.present, f.code in EXPECTED, -f.probability))
    names = {f"{f.group}:{f.code}": f"{f.label}, {100 * f.probability:.0f} % ({f.group})" for f in ranked}
    first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
    target = first.selectbox("Finding", list(names), format_func=names.get, key="ecg_target")
    method = second.selectbox("Method", list(METHODS), format_func=METHODS.get, key="ecg_method")
    if third.button("Explain", type="primary", width="stretch", key="ecg_explain"):
        with st.spinner("Computing"):
            st.session_state["ecg_attribution"] = ROOM.verb("explain")(study, target, method)
        st.rerun()  # the viewer above draws it on the trace
    attribution: Attribution | None = st.session_state.get("ecg_attribution")
    if attribution is None:
        st.caption("Choose a finding: what the model looked at is then drawn on the trace above.")
        return
    st.markdown(f"##### {names.get(attribution.target, attribution.target)}")
    check = attribution.faithfulness
    left, right = st.columns(2, gap="large")
    with left:
        st.plotly_chart(figures.attribution_by_lead(attribution, duration=study.duration, dark=dark()), theme=None, key="ecg_map")
    with right:
        st.plotly_chart(figures.deletion_curve(check["fractions"], check["targeted"], check["random"], dark=dark()),
                        theme=None, key="ecg_deletion")
    verdict = ("Erasing what the map marks costs the finding more than erasing as much at random: the map holds."
               if check["holds"] else
               "Erasing what the map marks costs the finding no more than erasing at random: do not rely on this map.")
    delta = attribution.parameters.get("convergence_delta")
    st.caption(f"{verdict} {METHODS[attribution.method]}; {attribution.seconds:.2f} s"
               + (f"; convergence delta {delta:g}." if delta is not None else "."))


def compare_tab(study: EcgStudy, assessment: Assessment) -> None:
    first, second = st.columns(2, gap="large")
    with first:
        st.markdown("##### Beside the model")
        if assessment.comparators:
            st.table(pd.DataFrame([
                {"Rule or device": c.name, "Source": c.source,
                 "Says": c.value if isinstance(c.value, str) or c.value is None else f"{c.value:g} {c.unit}"}
                for c in assessment.comparators
            ]), border="horizontal", hide_index=True)
        else:
            st.caption("The file carries no measurements of the device.")
        st.markdown("##### Outcome risk")
        st.markdown("No risk is shown. PTB-XL has no follow-up, so no weights trained on outcomes exist. The trainer "
                    "(Cox partial likelihood beside reconstruction) is ready for data that has it: see the README.")
    with second:
        st.markdown("##### Similar reports")
        st.caption("Reports of the training records whose text lies nearest to this recording; no signals of others.")
        for related in assessment.related:
            st.markdown(f"**{related.similarity:.2f}** &ensp;:gray[shared by {related.count} training records]")
            st.caption("  \n".join(related.text.splitlines()))
    st.markdown("##### What the encoder kept")
    st.plotly_chart(figures.reconstruction(study, assessment.overlays["reconstruction"],
                                           assessment.overlays["reconstruction_error"], dark=dark()), theme=None, key="ecg_reconstruction")


def report_tab(study: EcgStudy, assessment: Assessment) -> None:
    language = st.segmented_control("Language", ["en", "de"], default="en", format_func={"en": "English", "de": "Deutsch"}.get,
                                    key="ecg_language") or "en"
    for line in assessment.report[language]:
        st.markdown(line)
    st.space("small")
    reports(ROOM, assessment, lambda: pdf(study, assessment, language))
    for column, kind in zip(st.columns(3), ("png", "svg", "pdf"), strict=True):
        download(column, f"Paper, {kind.upper()}", lambda kind=kind: picture(study, assessment, kind),
                 f"cardioscope-ecg-paper.{kind}", None, "image", f"ecg_paper_{kind}")


def picture(study: EcgStudy, assessment: Assessment, kind: str) -> bytes:
    return paper(study, marks=assessment.overlays["marks"], flags=lead_notes(study), format=kind)


def pdf(study: EcgStudy, assessment: Assessment, language: str) -> bytes:
    entry = CaseEntry("ECG", assessment, paper(study, format="png"), study.source, report.labels(language))
    return case_pdf([entry], language, datetime.now(UTC))
