"""The tabs under the film: findings, compare, report. The Why tab has a file of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html import escape

import pandas as pd
import streamlit as st

from core.assessment import Assessment, Finding
from core.cxr import comparison, figures, xrv
from core.cxr.assess import differential_of, zero_shot
from core.cxr.reasoning import Statement
from core.cxr.study import CxrStudy
from core.export.pdf import CaseEntry, case_pdf
from core.modality import get
from core.uploads import InputError
from pages.cxr.viewer import reduced
from pages.cxr.why import METHODS
from pages.room import dark, download, failed, made, reports
from pages.sidebar import plain

ROOM = get("cxr")
PRINTED = 1200  # pixels of the film's longer side in the report


def percent(probability: float | None) -> str:
    if probability is None:
        return ""
    return f"{100 * probability:.0f} %" if probability >= 0.0095 else f"{100 * probability:.1f} %"


def ranked(assessment: Assessment) -> list[Finding]:
    """Present ones first, then by falling probability; untrained ones are not among them."""
    return sorted((f for f in assessment.findings if f.trained), key=lambda f: (not f.present, -f.probability))


def untrained_line(assessment: Assessment) -> None:
    untrained = [f.label for f in assessment.findings if not f.trained]
    if untrained:
        st.caption(f"Not trained, and so neither found nor excluded: {', '.join(untrained)}.")


def findings_tab(study: CxrStudy, assessment: Assessment) -> None:
    if assessment.refused:
        st.markdown("No findings: the picture is not what this model reads.")
        return
    models = comparison.beside(assessment)
    trained = [f for f in assessment.findings if f.trained]
    shown = Assessment("cxr", assessment.model, tuple(trained))
    chart = figures.findings_bars(shown, models["without the note"], dark=dark())
    st.plotly_chart(comparison.low_rank_beside(chart, assessment, dark=dark()), theme=None, key="cxr_findings")
    loose = [f.label for f in trained if not f.calibrated]
    st.caption("Full colour: at or above the operating threshold. Whisker: 95 % interval of the calibration. Ring: without "
               "the note. Diamond: the low-rank image-text score, which reads the film alone. "
               + (f"Not calibrated, for want of films: {', '.join(loose)}." if loose else "All are calibrated."))
    with st.expander("Findings as numbers"):
        st.table(numbers(assessment, models), border="horizontal", hide_index=True)
    st.markdown("##### Differential")
    statements = reasoning(study, assessment)
    st.html("<ol class='differential'>" + "".join(f"<li>{escape(s.text)}</li>" for s in statements) + "</ol>")
    with st.expander("The numbers behind each sentence"):
        st.table(pd.DataFrame([
            {"Sentence": str(i) if k == 0 else "", "Quantity": plain(name), "Value": f"{value:.4g}"}
            for i, s in enumerate(statements, 1) for k, (name, value) in enumerate(s.evidence)
        ]), border="horizontal", hide_index=True)
    zero_shot_field(study)


def reasoning(study: CxrStudy, assessment: Assessment) -> tuple[Statement, ...]:
    return made(ROOM, "differential", lambda: differential_of(study, assessment))


def numbers(assessment: Assessment, models: dict[str, dict[str, float]]) -> pd.DataFrame:
    before, low_rank = models["without the note"], models["low-rank, film alone"]

    def row(f: Finding) -> dict[str, str]:
        key = f"{f.group}:{f.code}"
        points = round(100 * (f.probability - before[key])) if key in before else None
        change = "" if points is None else f"{points:+d} points" if points else "0 points"
        return {
            "Finding": f"**{f.label}**" if f.present else f.label, "Probability": percent(f.probability),
            "Threshold": percent(f.threshold), "95 % interval": " to ".join(percent(x) for x in f.interval or ()),
            "Calibrated": "yes" if f.calibrated else "no", "By the note": change, "Low-rank": percent(low_rank.get(key)),
        }

    return pd.DataFrame([row(f) for f in ranked(assessment)])


@st.fragment
def zero_shot_field(study: CxrStudy) -> None:
    st.markdown("##### Another finding, in your words")
    text = st.text_input("Finding", key="cxr_zero_shot", placeholder="For example: azygos lobe", max_chars=100,
                         label_visibility="collapsed")
    if text.strip():
        try:
            score = zero_shot(study, text)
        except InputError as error:
            failed(error.message, error.remedy)
            return
        st.markdown(f"**{score:.2f}** similarity of film and text, on a scale from 0 to 1 &ensp;:orange-badge[unvalidated]")
    st.caption("The low-rank model compares the film with any text. Nobody has measured how often it is right: the number "
               "is no probability.")


def compare_tab(study: CxrStudy, assessment: Assessment) -> None:
    if assessment.refused:
        st.markdown("Nothing to compare.")
        return
    missing = xrv.available()
    third = None if missing else made(ROOM, "xrv", lambda: xrv.assess(study, assessment.notices))
    models = comparison.beside(assessment, third.findings if third else None)
    rows = ranked(assessment)
    st.plotly_chart(comparison.dots(rows, models, dark=dark()), theme=None, key="cxr_models")
    if third:
        st.caption("TorchXRayVision's numbers are scaled so that its own operating point lies at 50 %; they are no "
                   "calibrated probabilities and not measured against our thresholds.")
    with st.expander("As numbers"):
        st.table(pd.DataFrame([
            {"Finding": f.label, **{name.capitalize() if name[0].islower() else name:
                                    percent(values.get(f"{f.group}:{f.code}")) for name, values in models.items()}}
            for f in rows
        ]), border="horizontal", hide_index=True)
    untrained_line(assessment)
    st.markdown("##### A third model: TorchXRayVision")
    if missing:
        st.markdown("DenseNet-121 of Cohen et al. (arXiv 2111.00595), trained on several large public collections, can stand "
                    "beside ours.")
        st.caption(plain(missing))
    else:
        with st.expander("Its card"):
            st.markdown(xrv.CARD_TEXT.split("---", 2)[2].replace("\n# ", "\n##### ").replace("\n## ", "\n###### "))


def report_tab(study: CxrStudy, assessment: Assessment) -> None:
    *reasons, conclusion = written(study, assessment) or ("Not interpreted: the picture is not what this model reads.",)
    st.markdown(f"**{plain(conclusion)}**")
    columns = reports(ROOM, assessment, lambda: pdf(study, assessment))
    download(columns[0], "Film, PNG", lambda: picture(study), "cardioscope-cxr-film.png", "image/png", "image", "cxr_film")
    st.caption("The film carries the heat map that is chosen above. Names burned into it are printed with it.")
    for line in reasons:
        st.markdown(plain(line))


def written(study: CxrStudy, assessment: Assessment) -> tuple[str, ...]:
    """The differential, then the findings above their thresholds as the conclusion, last; nothing for a refused film."""
    if assessment.refused:
        return ()
    above = [f"{f.label} {percent(f.probability)}" for f in ranked(assessment) if f.present]
    conclusion = ", ".join(above) or "no finding above its operating threshold"
    return (*(s.text for s in reasoning(study, assessment)), f"Conclusion: {conclusion}.")


def picture(study: CxrStudy) -> bytes:
    """The film as PNG, under the map that is drawn on it now."""
    attribution = st.session_state.get("cxr_attribution")
    small = replace(study, pixels=reduced(study.pixels, PRINTED))
    if attribution is None:
        return figures.png(figures.film(small))
    return figures.overlay_png(small, reduced(attribution.values, PRINTED))


def pdf(study: CxrStudy, assessment: Assessment) -> bytes:
    reasoned = replace(assessment, report={"en": written(study, assessment)})
    details, attribution = dict(study.source), st.session_state.get("cxr_attribution")
    if attribution is not None:
        holds = "holds" if attribution.faithfulness["holds"] else "fails: do not rely on the map"
        details["heat map"] = (f"{attribution.target.partition(':')[2]}, {METHODS[attribution.method]}; "
                               f"its deletion check {holds}")
    return case_pdf([CaseEntry("Chest X-ray", reasoned, picture(study), details)], "en", datetime.now(UTC))
