"""The Why tab of the cardiac MR room: where the evidence for infarct lies, and whether the reason holds."""

from __future__ import annotations

import streamlit as st

from core.assessment import Attribution
from core.cmr.explain import TARGET, explain
from core.cmr.study import INFARCT, CmrStudy
from core.figures import deletion_curve
from core.uploads import InputError
from pages.cmr.reading import Reading
from pages.room import dark, failed, progress

TITLE = "Infarct"
METHODS = {"grad_cam": "Grad-CAM", "integrated_gradients": "Integrated gradients"}
MEANING = {
    "grad_cam": "Where the last feature map of the networks speaks for infarct, mean over the ensemble. In a slice without "
                "infarct: what spoke for it most in the wall.",
    "integrated_gradients": "Which pixels speak for infarct and which against, measured from a blurred heart; the first "
                            "network of the ensemble, in the slices with infarct.",
}


def why_tab(study: CmrStudy, reading: Reading) -> None:
    marked = bool((reading.model.overlays["labels"] >= INFARCT).any())
    first, second, third = st.columns([2, 1, 1], vertical_alignment="bottom")
    method = first.selectbox("Why is infarct marked here?" if marked else "Why is no infarct marked?", list(METHODS),
                             format_func=METHODS.get, key="cmr_method")
    asked = second.button("Explain", type="primary", width="stretch", key="cmr_explain")
    attribution: Attribution | None = st.session_state.get("cmr_attribution")
    third.button("No map", width="stretch", key="cmr_no_map", disabled=attribution is None,
                 on_click=lambda: st.session_state.pop("cmr_attribution", None))
    st.caption(MEANING[method])
    if asked:
        try:
            with progress("Looking for the left ventricle", "Map of slice") as done:
                st.session_state["cmr_attribution"] = explain(study, TARGET, method, reading.weights, done)
        except InputError as error:
            failed(error.message, error.remedy)
            return
        st.rerun()  # the viewer above draws it over the slices
    if attribution is None:
        st.caption("Explain: the map is then drawn over the slices above, and checked here.")
        return
    st.markdown(f"##### {METHODS[attribution.method]}")
    if reading.by_hand:
        st.caption("The map explains what the model marked, not what was corrected by hand.")
    left, right = st.columns(2, gap="large")
    with left:
        where(attribution)
    with right:
        check(attribution)


def where(attribution: Attribution) -> None:
    """How much of the map lies in the infarct, against what chance would put there."""
    inside, area = attribution.faithfulness["mass_inside"], attribution.faithfulness["area"]
    delta = attribution.parameters.get("convergence_delta")
    if area:
        with st.container(horizontal=True, gap="medium"):
            st.metric("Of the map inside the marked infarct", f"{100 * inside:.0f} %", width="content")
            st.metric("Infarct's share of the field", f"{100 * area:.1f} %", width="content")
        times = inside / area
        st.markdown(f"The map lies {times:.1f} times as densely in the infarct as it would if it were spread evenly: "
                    + ("the evidence lies in the infarct itself." if times >= 2 else "much of the evidence lies elsewhere."))
    else:
        st.markdown("No infarct is marked, so no share of the map can lie in it.")
    parts = [f"{attribution.seconds:.1f} s", f"convergence delta {delta:g}" if delta is not None else ""]
    st.caption("; ".join(part for part in parts if part) + ".")


def check(attribution: Attribution) -> None:
    """The deletion check on the slice with most infarct."""
    found = attribution.faithfulness
    if "fractions" not in found:
        st.caption("No deletion check: it needs a slice with infarct on which the map marks something.")
        return
    if found["holds"]:
        st.markdown(":material/check: Blurring what the map marks costs the infarct more than blurring as much at random.")
    else:
        st.warning("Blurring what the map marks costs the infarct no more than blurring at random: do not rely on this map.",
                   icon=":material/warning:")
    st.plotly_chart(deletion_curve(found["fractions"], found["targeted"], found["random"], quantity="log odds of infarct",
                                   removed="share of the field blurred", dark=dark()), theme=None, key="cmr_deletion")
    st.caption(f"Slice {found['slice'] + 1}, which has most infarct.")
