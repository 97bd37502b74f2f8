"""The ECG room: a recording on paper, what the model finds in it, why, and what else speaks to it."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.ecg.paper import lead_notes
from core.ecg.study import LEADS, EcgStudy
from core.modality import get
from core.uploads import Upload
from pages import room, sidebar
from pages.ecg.tabs import compare_tab, findings_tab, report_tab, why_tab
from pages.ecg.viewer import ecg_viewer

ROOM = get("ecg")


def main() -> None:
    left, right = room.frame(ROOM)
    with left:
        files, fields = inputs()
    with right:
        if not files:
            room.empty(ROOM, "No recording yet", "Drop a twelve-lead ECG on the left, or choose an example. It is read in "
                       "memory, drawn on calibrated paper and assessed within a second.")
            return
        result = room.assessed(ROOM, files, fields, "Reading the recording", forget)
        if result is None:
            return
        study, assessment = result
        room.badge(assessment)
        attribution = st.session_state.get("ecg_attribution")
        ecg_viewer(study, marks=assessment.overlays["marks"], attribution=attribution, flags=lead_notes(study), key="ecg_viewer")
        room.notices(assessment)
        room.tabs(partial(findings_tab, assessment), partial(why_tab, study, assessment),
                  partial(compare_tab, study, assessment), partial(report_tab, study, assessment))
    with left:
        about(study)


def inputs() -> tuple[list[Upload], dict[str, Any]]:
    """What goes in: files or an example, and what files may not say themselves."""
    st.markdown("##### Recording")
    files = room.uploads(ROOM, "Twelve-lead ECG", "WFDB (.hea with .dat or .mat), DICOM, HL7 aECG XML, EDF, CSV or NPY; "
                         "several files of one study, or a zip.")
    with st.expander("What the file may not say", expanded=st.session_state.get("ecg_field") in ("sampling_rate", "unit")):
        rate = st.number_input("Sampling rate, Hz", 0.0, 100_000.0, None, step=50.0, key=sidebar.patient_key("ecg_rate"),
                               placeholder="from the file")
        unit = st.selectbox("Unit", ["mV", "uV", "nV", "V"], index=None, placeholder="from the file",
                            key=sidebar.patient_key("ecg_unit"))
        sex = st.segmented_control("Sex, for reference ranges", ["female", "male"], key=sidebar.patient_key("ecg_sex"))
        age = st.number_input("Age, years", 0, 130, None, key=sidebar.patient_key("ecg_age"), placeholder="from the file")
    return files, {"sampling_rate": rate, "unit": unit, "sex": sex, "age": age}


def forget() -> None:
    st.session_state.pop("ecg_attribution", None)


def about(study: EcgStudy) -> None:
    """What the reader made of the upload."""
    st.markdown("##### What was read")
    rows = {"Duration": f"{study.duration:.1f} s", "Sampling rate": f"{study.sampling_rate:g} Hz",
            "Leads": f"{len(LEADS) - len(study.missing)} of 12",
            **{name.capitalize(): value for name, value in study.source.items()}}
    if study.derived:
        rows["Derived"] = ", ".join(study.derived)
    if study.age is not None or study.sex:
        rows["Patient"] = ", ".join(filter(None, [study.sex, f"{study.age:.0f} years" if study.age is not None else None]))
    room.facts(rows)


main()
