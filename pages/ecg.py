"""The ECG room: a recording on paper, what the model finds in it, why, and what else speaks to it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.assessment import Assessment, Attribution, Finding, to_json
from core.ecg import figures, report
from core.ecg.paper import lead_notes, paper
from core.ecg.study import LEADS, EcgStudy
from core.export.fhir import diagnostic_report
from core.export.pdf import CaseEntry, case_pdf
from core.modality import get
from core.uploads import InputError, Upload
from core.weights import WeightsError
from pages import sidebar
from pages.ecg_viewer import ecg_viewer

ROOM = get("ecg")
METHODS = {"grad_cam": "Grad-CAM: when", "integrated_gradients": "Integrated gradients: when and in which lead"}
SECTIONS = {"rhythm": "Rhythm", "form": "Form", "diagnostic": "Diagnostic"}
LIKELY = 0.05  # a finding below its threshold is listed from this probability on


def dark() -> bool:
    return st.context.theme.type == "dark"


def main() -> None:
    st.title("ECG", anchor=False)
    st.markdown(ROOM.summary)
    left, right = st.columns([1, 2.6], gap="large")
    with left:
        files, fields = inputs()
    with right:
        if not files:
            empty()
            return
        result = assessed(files, fields)
        if result is None:
            return
        study, assessment = result
        badge(assessment)
        attribution = st.session_state.get("ecg_attribution")
        ecg_viewer(study, marks=assessment.overlays["marks"], attribution=attribution, flags=lead_notes(study), key="ecg_viewer")
        notices(assessment)
        tabs = st.tabs(["Findings", "Why", "Compare", "Report"])
        with tabs[0]:
            findings_tab(assessment)
        with tabs[1]:
            why_tab(study, assessment)
        with tabs[2]:
            compare_tab(study, assessment)
        with tabs[3]:
            report_tab(study, assessment)
    with left:
        about(study)


def inputs() -> tuple[list[Upload], dict[str, Any]]:
    """What goes in: files or an example, and what files may not say themselves."""
    st.markdown("##### Recording")
    given = st.file_uploader(
        "Twelve-lead ECG", type=list(ROOM.accepts), accept_multiple_files=True, key=sidebar.patient_key("ecg_files"),
        help="WFDB (.hea with .dat or .mat), DICOM, HL7 aECG XML, EDF, CSV or NPY; several files of one study, or a zip.",
    )
    examples = ROOM.verb("examples")()
    wanted = st.session_state.pop("ecg_example", None)
    if wanted in examples:
        st.session_state[sidebar.patient_key("ecg_choice")] = wanted
    chosen = st.selectbox("or an example", list(examples), index=None, placeholder="Choose an example",
                          key=sidebar.patient_key("ecg_choice"), disabled=bool(given))
    with st.expander("What the file may not say", expanded=st.session_state.get("ecg_field") in ("sampling_rate", "unit")):
        rate = st.number_input("Sampling rate, Hz", 0.0, 100_000.0, None, step=50.0, key=sidebar.patient_key("ecg_rate"),
                               placeholder="from the file")
        unit = st.selectbox("Unit", ["mV", "uV", "nV", "V"], index=None, placeholder="from the file",
                            key=sidebar.patient_key("ecg_unit"))
        sex = st.segmented_control("Sex, for reference ranges", ["female", "male"], key=sidebar.patient_key("ecg_sex"))
        age = st.number_input("Age, years", 0, 130, None, key=sidebar.patient_key("ecg_age"), placeholder="from the file")
    fields = {"sampling_rate": rate, "unit": unit, "sex": sex, "age": age}
    if given:
        st.session_state["ecg_name"] = ", ".join(file.name for file in given)
        return [Upload(file.name, file.getvalue()) for file in given], fields
    if chosen:
        st.session_state["ecg_name"] = chosen
        return examples[chosen](), fields
    return [], fields


def assessed(files: list[Upload], fields: dict[str, Any]) -> tuple[EcgStudy, Assessment] | None:
    """Read and assess once per input; a reader's error stands where the result would."""
    digest = hashlib.sha256(repr(sorted(fields.items())).encode())
    for file in files:
        digest.update(file.name.encode() + file.data)
    if st.session_state.get("ecg_key") != digest.hexdigest():
        for name in ("ecg_key", "ecg_result", "ecg_attribution", "ecg_exports", "ecg_field"):
            st.session_state.pop(name, None)
        try:
            with st.spinner("Reading the recording"):
                study = ROOM.verb("read")(files, **fields)
                assessment = ROOM.verb("assess")(study)
        except InputError as error:
            st.session_state["ecg_field"] = error.field
            failed(error.message, error.remedy)
            return None
        except WeightsError as error:
            failed("The weights of this room cannot be used.", str(error))
            return None
        st.session_state.update({"ecg_key": digest.hexdigest(), "ecg_result": (study, assessment)})
        sidebar.contribute(assessment, st.session_state["ecg_name"])
    return st.session_state["ecg_result"]


def failed(message: str, remedy: str) -> None:
    st.error(f"**{message}**  \n{remedy}", icon=":material/error:")


def empty() -> None:
    with st.container(key="ecg_empty"):
        st.markdown("#### No recording yet")
        st.markdown("Drop a twelve-lead ECG on the left, or choose an example. It is read in memory, drawn on calibrated "
                    "paper and assessed within a second.")


def badge(assessment: Assessment) -> None:
    model, total = assessment.model, sum(assessment.timings_ms.values())
    st.markdown(f":gray-badge[{model.name} {model.version}] :gray-badge[{model.device}] "
                f":gray-badge[{total:.0f} ms] &ensp;:gray[SHA-256 {model.sha256[:12]}]")


def notices(assessment: Assessment) -> None:
    show = {"refuse": st.error, "caution": st.warning, "info": st.info}
    icons = {"refuse": ":material/block:", "caution": ":material/warning:", "info": ":material/info:"}
    for notice in assessment.notices:
        if notice.level != "info":
            show[notice.level](notice.message, icon=icons[notice.level])
    quiet = [notice.message for notice in assessment.notices if notice.level == "info"]
    if quiet:
        st.caption("  \n".join(quiet))


def shown(findings: list[Finding]) -> list[Finding]:
    """Present ones and those not far from it, most probable first."""
    near = [f for f in findings if f.present or (f.probability or 0) >= LIKELY]
    return sorted(near, key=lambda f: (not f.present, -(f.probability or 0)))


def findings_tab(assessment: Assessment) -> None:
    if assessment.refused:
        st.markdown("No findings: the recording is not what this model reads.")
        return
    first, second = st.columns([1.25, 1], gap="large")
    with first:
        superclasses = [f for f in assessment.findings if f.group == "superclass"]
        st.markdown("##### Diagnostic superclasses")
        st.plotly_chart(figures.confidence_bars(superclasses, dark=dark()), key="ecg_superclasses")
        statements = report.sections([f for f in assessment.findings if f.group == "statement"])
        for kind, title in SECTIONS.items():
            rows = shown(statements.get(kind, []))
            st.markdown(f"##### {title}")
            if rows:
                st.plotly_chart(figures.confidence_bars(rows, dark=dark()), key=f"ecg_{kind}")
            else:
                st.caption("Nothing above 5 %.")
        untrained = [f.label for f in assessment.findings if not f.trained]
        if untrained:
            st.caption(f"Not trained: {', '.join(untrained)}.")
    with second:
        st.markdown("##### Intervals and axes")
        st.dataframe(measurement_table(assessment), hide_index=True, height="content", key="ecg_measurements")
        st.caption("A mark in the last column: outside the reference range. The bar's line is the operating threshold, the "
                   "whisker the 95 % interval of the calibration.")


def measurement_table(assessment: Assessment) -> pd.DataFrame:
    def span(m) -> str:
        low, high = (None if v is None else f"{v:g}" for v in (m.low, m.high))
        return f"{low} to {high}" if low and high else f"up to {high}" if high else f"from {low}" if low else ""

    return pd.DataFrame([
        {"Measurement": m.name, "Value": m.note if m.value is None else f"{m.value:.0f} {m.unit}".strip(),
         "Reference": span(m), " ": "outside" if m.abnormal else ""}
        for m in assessment.measurements
    ])


@st.fragment
def why_tab(study: EcgStudy, assessment: Assessment) -> None:
    if assessment.refused:
        st.markdown("Nothing to explain.")
        return
    ranked = sorted((f for f in assessment.findings if f.trained), key=lambda f: (not f.present, -f.probability))
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
        st.plotly_chart(figures.attribution_by_lead(attribution, duration=study.duration, dark=dark()), key="ecg_map")
    with right:
        st.plotly_chart(figures.deletion_curve(check["fractions"], check["targeted"], check["random"], dark=dark()),
                        key="ecg_deletion")
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
            st.dataframe(pd.DataFrame([
                {"Rule or device": c.name, "Says": c.value if isinstance(c.value, str) or c.value is None else f"{c.value:g} {c.unit}",
                 "Source": c.source} for c in assessment.comparators
            ]), hide_index=True, height="content", key="ecg_comparators")
        else:
            st.caption("The file carries no measurements of the device.")
        st.markdown("##### Outcome risk")
        st.markdown("No risk is shown. PTB-XL has no follow-up, so no weights trained on outcomes exist. The trainer "
                    "(Cox partial likelihood beside reconstruction) is ready for data that has it: see the README.")
    with second:
        st.markdown("##### Similar reports")
        st.caption("Reports of the training records whose text lies nearest to this recording; no signals of others.")
        for related in assessment.related:
            st.markdown(f"**{related.similarity:.2f}** &ensp;:gray[{related.count} training records]  \n"
                        + "  \n".join(related.text.splitlines()))
    st.markdown("##### What the encoder kept")
    st.plotly_chart(figures.reconstruction(study, assessment.overlays["reconstruction"],
                                           assessment.overlays["reconstruction_error"], dark=dark()), key="ecg_reconstruction")


def report_tab(study: EcgStudy, assessment: Assessment) -> None:
    language = st.segmented_control("Language", ["en", "de"], default="en", format_func={"en": "English", "de": "Deutsch"}.get,
                                    key="ecg_language") or "en"
    for line in assessment.report[language]:
        st.markdown(line)
    st.space("small")
    columns = st.columns(3)
    name = "cardioscope-ecg"
    columns[0].download_button("Report, PDF", lambda: pdf(study, assessment, language), f"{name}.pdf", "application/pdf",
                               icon=":material/picture_as_pdf:", on_click="ignore", width="stretch", key="ecg_pdf")
    columns[1].download_button("Assessment, JSON", lambda: to_json(assessment, indent=1), f"{name}.json", "application/json",
                               icon=":material/data_object:", on_click="ignore", width="stretch", key="ecg_json")
    columns[2].download_button("Report, FHIR", lambda: fhir(assessment), f"{name}-fhir.json", "application/fhir+json",
                               icon=":material/share:", on_click="ignore", width="stretch", key="ecg_fhir")
    for column, kind in zip(st.columns(3), ("png", "svg", "pdf"), strict=True):
        column.download_button(f"Paper, {kind.upper()}", lambda kind=kind: picture(study, assessment, kind),
                               f"{name}-paper.{kind}", icon=":material/image:", on_click="ignore", width="stretch",
                               key=f"ecg_paper_{kind}")


def picture(study: EcgStudy, assessment: Assessment, kind: str) -> bytes:
    return paper(study, marks=assessment.overlays["marks"], flags=lead_notes(study), format=kind)


def pdf(study: EcgStudy, assessment: Assessment, language: str) -> bytes:
    entry = CaseEntry("ECG", assessment, paper(study, format="png"), study.source, report.labels(language))
    return case_pdf([entry], language, datetime.now(UTC))


def fhir(assessment: Assessment) -> str:
    import json

    return json.dumps(diagnostic_report(assessment), indent=1, ensure_ascii=False)


def about(study: EcgStudy) -> None:
    """What the reader made of the upload."""
    st.markdown("##### What was read")
    rows = {"Duration": f"{study.duration:.1f} s", "Sampling rate": f"{study.sampling_rate:g} Hz",
            "Leads": f"{len(LEADS) - len(study.missing)} of 12", **study.source}
    if study.derived:
        rows["Derived"] = ", ".join(study.derived)
    if study.age is not None or study.sex:
        rows["Patient"] = ", ".join(filter(None, [study.sex, f"{study.age:.0f} years" if study.age is not None else None]))
    st.dataframe(pd.DataFrame(rows.items(), columns=["", " "]), hide_index=True, height="content", key="ecg_source")


main()
