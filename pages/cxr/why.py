"""The Why tab of the chest X-ray room: where on the film, which words of the note, and whether the reason holds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from core.assessment import Assessment, Attribution
from core.attribution import Cancelled, Progress
from core.cxr import comparison, figures, xrv
from core.cxr.explain import region, weight_randomisation
from core.cxr.explain_note import note_words
from core.cxr.notes import compose, filter_sections
from core.cxr.study import CxrStudy
from core.figures import levels
from core.modality import get
from core.uploads import InputError
from pages import jobs
from pages.cxr.viewer import reduced
from pages.jobs import Job
from pages.room import dark, failed, made

ROOM = get("cxr")
THIRD = "xrv"  # Grad-CAM of the third model, where it is there
METHODS = {"grad_cam": "Grad-CAM", "integrated_gradients": "Integrated gradients", "occlusion": "Occlusion",
           "attention": "Attention", THIRD: "Grad-CAM of TorchXRayVision"}
MEANING = {
    "grad_cam": "Where the last layer of the image encoder speaks for the finding.",
    "integrated_gradients": "Which pixels speak for and which against, measured from a blurred film.",
    "occlusion": "What the finding loses when a window of the film is blurred. Takes some seconds.",
    "attention": "Where the note looks on the film. It is the same for all findings.",
    THIRD: "Where the last layer of TorchXRayVision's DenseNet-121 speaks for the finding.",
}
SOON, POLL = 1.5, 0.5  # seconds: waited for before a progress bar is shown, and between two looks at it
SIDE = 448  # pixels of the small film


def ranked_targets(assessment: Assessment) -> dict[str, str]:
    """"group:code" of what can be explained -> its name with probability; what is normal comes last."""
    order = sorted((f for f in assessment.findings if f.trained),
                   key=lambda f: (not f.present, f.code == "No Finding", -f.probability))
    return {f"{f.group}:{f.code}": f"{f.label}, {100 * f.probability:.0f} %" for f in order}


def why_tab(study: CxrStudy, assessment: Assessment) -> None:
    if assessment.refused:
        st.markdown("Nothing to explain.")
        return
    job: Job | None = st.session_state.get("cxr_job")
    if job is not None:
        st.fragment(under_way, run_every=POLL)(job)
    said = st.session_state.pop("cxr_said", None)
    if said:
        failed(*said) if said[1] else st.caption(said[0])
    reasons(study, assessment)


@st.fragment
def reasons(study: CxrStudy, assessment: Assessment) -> None:
    names = ranked_targets(assessment)
    attribution: Attribution | None = st.session_state.get("cxr_attribution")
    job: Job | None = st.session_state.get("cxr_job")
    first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
    at = attribution.target if attribution else next(iter(names))
    target = first.selectbox("Finding", list(names), list(names).index(at), format_func=names.get,
                             key=f"cxr_target:{at}")  # follows the choice over the film
    methods = [name for name in METHODS if name != THIRD or xrv.available() is None]
    method = second.selectbox("Method", methods, format_func=METHODS.get, key="cxr_method")
    if third.button("Explain", type="primary", width="stretch", key="cxr_explain", disabled=job is not None):
        begin(f"{METHODS[method]} of {names[target]}", ("map", target, method), explanation(study, target, method))
    st.caption(MEANING[method])
    if attribution is None:
        st.caption("Explain a finding, or choose one over the film: its map is drawn on the film and checked here.")
        return
    st.markdown(f"##### {names.get(attribution.target, attribution.target)}")
    left, right = st.columns([1, 1.25], gap="large")
    with left:
        map_view(study, attribution)
    with right:
        words_of_note(study, attribution)
        checks(study, attribution, busy=job is not None)


def explanation(study: CxrStudy, target: str, method: str) -> Callable[[Progress], Attribution]:
    if method == THIRD:
        return lambda progress: replace(xrv.explain(study, target), method=THIRD)
    return lambda progress: ROOM.verb("explain")(study, target, method, progress=progress)


def begin(name: str, what: tuple[str, ...], work: Callable[[Progress], Any]) -> None:
    """Start a job; what is done soon is shown without a bar."""
    job = st.session_state["cxr_job"] = jobs.start(name, what, work)
    try:
        with st.spinner("Computing"):
            job.future.exception(SOON)
    except (TimeoutError, CancelledError):
        pass
    st.rerun()  # the film above draws the result, or the page begins to look at the job


def under_way(job: Job) -> None:
    """Progress and a way out; a finished job leaves its result where the page looks for it."""
    if not job.future.done():
        bar, button = st.columns([4, 1], vertical_alignment="bottom")
        left = job.seconds_left
        text = "Stopping" if job.stopped.is_set() else job.name + (f", about {left:.0f} s left" if left is not None else "")
        bar.progress(job.share, text)
        button.button("Cancel", key="cxr_cancel", width="stretch", on_click=jobs.stop, args=(job,))
        return
    if st.session_state.pop("cxr_job", None) is not job:  # another input came meanwhile
        return
    try:
        result = job.future.result()
    except (Cancelled, CancelledError):
        st.session_state["cxr_said"] = ("Cancelled.", "")
    except InputError as error:
        st.session_state["cxr_said"] = (error.message, error.remedy)
    else:
        if job.what[0] == "map":
            st.session_state["cxr_attribution"] = result
        else:
            made(ROOM, ":".join(job.what), lambda: result)
    st.rerun()


def map_view(study: CxrStudy, attribution: Attribution) -> None:
    def drawn() -> np.ndarray:
        small = replace(study, pixels=reduced(study.pixels, SIDE))
        return figures.overlay(small, reduced(attribution.values, SIDE), 0.6)

    st.image(made(ROOM, f"small:{attribution.target}:{attribution.method}", drawn), width="stretch")
    signed = levels(attribution.values)[1]
    st.plotly_chart(figures.colour_bar(signed, dark=dark()), theme=None, key="cxr_bar")
    where = region(attribution.values)
    where = where if where.startswith("both") else f"the {where}" if where else ""
    delta = attribution.parameters.get("convergence_delta")
    parts = [METHODS[attribution.method], f"strongest in {where}" if where else "marks nothing",
             f"convergence delta {delta:g}" if delta is not None else "", f"{attribution.seconds:.1f} s"]
    st.caption("; ".join(part for part in parts if part) + ".")


def words_of_note(study: CxrStudy, attribution: Attribution) -> None:
    st.markdown("###### Words of the note")
    words = made(ROOM, f"words:{attribution.target}", lambda: note_words(compose(study), study, attribution.target))
    if not words:
        st.caption("No note and no fields were given: the film alone speaks.")
        return
    st.html(figures.note_html(words, filter_sections(study.note).leaks, dark=dark()))
    st.caption("Warm: the word speaks for the finding; blue: against. Each was left out once; the number, in log odds, "
               "shows when you point at it. Underlined words name a finding.")


def checks(study: CxrStudy, attribution: Attribution, busy: bool) -> None:
    st.markdown("###### Does the map hold?")
    holds = attribution.faithfulness["holds"]
    if holds:
        st.markdown(":material/check: Blurring what the map marks costs the finding more than blurring as much at random.")
    else:
        st.warning("Blurring what the map marks costs the finding no more than blurring at random: do not rely on this map.",
                   icon=":material/warning:")
    with st.expander("Deletion check"):
        st.plotly_chart(figures.deletion_curve(attribution, dark=dark()), theme=None, key="cxr_deletion")
    if attribution.method == THIRD:
        return
    what = ("random", attribution.target, attribution.method)
    done = st.session_state.get("cxr_made", {}).get(":".join(what))
    if done is None:
        if st.button("Test with random weights", key="cxr_randomise", disabled=busy,
                     help="The model loses what it learned, layer by layer. A map that stays the same did not depend on it."):
            begin("Test with random weights", what, lambda progress: weight_randomisation(
                study, attribution.target, attribution.method, progress=progress))
        return
    if done["holds"]:
        st.markdown(":material/check: With random weights the map becomes another one: it depends on what was learned.")
    else:
        st.warning("With random weights the map stays much the same: do not rely on this map.", icon=":material/warning:")
    with st.expander("Weight-randomisation test"):
        st.plotly_chart(comparison.randomisation(done, dark=dark()), theme=None, key="cxr_random")
