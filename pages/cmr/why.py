"""What the cardiac MR room adds to the Why tab: how much of the map lies in the infarct, and which slice was checked."""

from __future__ import annotations

import streamlit as st

from core.assessment import Attribution
from pages.state import RoomState
from pages.why import Why


def where(held: RoomState, attribution: Attribution) -> None:
    """How much of the map lies in the infarct, against what chance would put there."""
    if held.own.by_hand:
        st.caption("The map explains what the model marked, not what was corrected by hand.")
    inside, area = attribution.faithfulness["mass_inside"], attribution.faithfulness["area"]
    if not area:
        st.markdown("No infarct is marked, so no share of the map can lie in it.")
        return
    with st.container(horizontal=True, gap="medium"):
        st.metric("Of the map inside the marked infarct", f"{100 * inside:.0f} %", width="content")
        st.metric("Infarct's share of the field", f"{100 * area:.1f} %", width="content")
    times = inside / area
    st.markdown(f"The map lies {times:.1f} times as densely in the infarct as it would if it were spread evenly: "
                + ("the evidence lies in the infarct itself." if times >= 2 else "much of the evidence lies elsewhere."))


def slice_checked(held: RoomState, attribution: Attribution) -> None:
    if "slice" in attribution.faithfulness:
        st.caption(f"Slice {attribution.faithfulness['slice'] + 1}, which has most infarct.")


WHY = Why(
    meaning={
        "grad_cam": "Where the last feature map of the networks speaks for infarct, mean over the ensemble. In a slice without "
                    "infarct: what spoke for it most in the wall.",
        "integrated_gradients": "Which pixels speak for infarct and which against, measured from a blurred heart; the first "
                                "network of the ensemble, in the slices with infarct.",
    },
    shown=where, below=slice_checked, erased="Blurring",
    axes={"quantity": "log odds of infarct", "removed": "share of the field blurred"},
)
