"""The sidebar: the patient case that rooms contribute to, and the permanent research-use line.

Everything lives in ``st.session_state`` and dies with the session. ``case`` holds one entry per modality.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import core
from core.assessment import Assessment, to_dict
from core.modality import MODALITIES

RESEARCH_USE = "Research use only. Not a medical device. Uploads stay in memory and die with the session."
_TITLES = {modality.name: modality.title for modality in MODALITIES}


def patient_key(name: str) -> str:
    """A widget key that "New patient" makes void; upload fields need it, they outlive cleared state."""
    return f"{name}:{st.session_state.get('patient', 0)}"


def contribute(assessment: Assessment, study: str) -> None:
    """Put a room's result into the patient case; a newer one of the same modality replaces it.

    Args:
        study: what the study is called on the page, a file name or an example's name.
    """
    case: dict[str, dict[str, Any]] = st.session_state.setdefault("case", {})
    case[assessment.modality] = {"study": study, "assessment": assessment}


def new_patient() -> None:
    """Forget everything this session holds."""
    patient = st.session_state.get("patient", 0) + 1
    st.session_state.clear()
    st.session_state["patient"] = patient


def report() -> str:
    """The whole case as JSON; arrays drawn over the input stay out of it."""
    case = st.session_state.get("case", {})
    entries = [
        {"study": entry["study"],
         "assessment": {k: v for k, v in to_dict(entry["assessment"]).items() if k != "overlays"}}
        for entry in case.values()
    ]
    return json.dumps({"software": f"Cardioscope {core.__version__}", "use": "research, not a medical device",
                       "created": datetime.now(UTC).isoformat(timespec="seconds"), "studies": entries},
                      ensure_ascii=False, indent=1)


def frame() -> DeltaGenerator:
    """Lay the sidebar out before the page runs; returns where the case goes."""
    case = st.sidebar.container(key="case")
    with st.sidebar.container(key="research_use"):
        st.caption(RESEARCH_USE)
    return case


def show_case(place: DeltaGenerator) -> None:
    case: dict[str, dict[str, Any]] = st.session_state.get("case", {})
    with place:
        st.markdown("##### Patient case")
        if not case:
            st.caption("Empty. Each room adds its findings here and the next one reads them.")
            return
        for name, entry in case.items():
            assessment: Assessment = entry["assessment"]
            st.markdown(f"**{_TITLES.get(name, name)}** :gray[{plain(entry['study'])}]")
            st.caption(_headline(assessment))
        st.download_button("Case report", report, "cardioscope-case.json", "application/json",
                           icon=":material/download:", on_click="ignore", width="stretch")
        st.button("New patient", icon=":material/person_add:", on_click=new_patient, width="stretch")


def _headline(assessment: Assessment) -> str:
    """The three most certain of the findings present, in words; of a model that looks for one thing, how much there is."""
    if assessment.refused:
        return "Refused: not what this model reads."
    if len(assessment.findings) == 1 and assessment.report.get("en"):
        return plain(assessment.report["en"][0])
    present = sorted((f for f in assessment.findings if f.present), key=lambda f: -f.probability)
    labels = list(dict.fromkeys(plain(f.label) for f in present))
    if not labels:
        return "No finding above its threshold."
    rest = len(labels) - 3
    return "; ".join(labels[:3]) + (f"; {rest} more" if rest > 0 else "")


def plain(text: str) -> str:
    """A file name or label as text, not as Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+!|<>$:~" else c for c in text)
