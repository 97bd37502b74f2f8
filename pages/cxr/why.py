"""What the chest X-ray room adds to the Why tab: the map on a small film, the words of the note, the test with random weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.assessment import Attribution
from core.cxr import comparison, figures, xrv
from core.cxr.explain import weight_randomisation
from core.cxr.explain_note import note_words
from core.cxr.notes import compose, filter_sections
from core.cxr.regions import region
from core.figures import levels
from core.pictures import reduced
from core.progress import Done
from pages import progress, state
from pages.charts import chart, dark
from pages.state import RoomState, widget
from pages.why import Why, explained, method_name, verdict

XRV = "xrv"  # Grad-CAM of the third model, where it is there
SIDE = 448  # pixels of the small film


def further() -> dict[str, str]:
    return {} if xrv.available() else {XRV: "Grad-CAM of TorchXRayVision"}


def explain(held: RoomState, target: str, method: str, done: Done) -> Attribution:
    if method == XRV:
        return replace(xrv.explain(held.study, target), method=XRV)
    return explained(held, target, method, done)


def map_on_film(held: RoomState, attribution: Attribution) -> None:
    def drawn() -> np.ndarray:
        small = replace(held.study, pixels=reduced(held.study.pixels, SIDE))
        return figures.overlay(small, reduced(attribution.values, SIDE), 0.6)

    st.image(state.made(held.room, "small", drawn, (attribution.target, attribution.method)), width="stretch")
    chart(figures.colour_bar(levels(attribution.values)[1], dark=dark()), widget(held.room, "colour_bar"))
    where = region(attribution.values)
    where = where if where.startswith("both") else f"the {where}" if where else ""
    st.caption(f"Strongest in {where}." if where else "It marks nothing.")


def words_of_note(held: RoomState, attribution: Attribution) -> None:
    study = held.study
    st.markdown("###### Words of the note")
    words = state.made(held.room, "words", lambda: note_words(compose(study), study, attribution.target, held.weights),
                       attribution.target)
    if not words:
        st.caption("No note and no fields were given: the film alone speaks.")
        return
    st.html(figures.note_html(words, filter_sections(study.note).leaks, dark=dark()))
    st.caption("Warm: the word speaks for the finding; blue: against. Each was left out once; the number, in log odds, "
               "shows when you point at it. Underlined words name a finding.")


def random_weights(held: RoomState, attribution: Attribution) -> None:
    """The weight-randomisation test, on request."""
    if attribution.method == XRV:
        return
    room, target, method = held.room, attribution.target, attribution.method
    name = f"random:{target}:{method}"
    found = state.known(room, name)
    if found is None:
        if st.button("Test with random weights", key=widget(room, "randomise"), disabled=held.job is not None,
                     help="The model loses what it learned, layer by layer. A map that stays the same did not depend on it."):
            progress.begin(room, f"{method_name(method, WHY)} with random weights", name,
                           lambda done: weight_randomisation(held.study, target, method, held.weights, done))
        return
    verdict(found["holds"], "With random weights the map becomes another one: it depends on what was learned.",
            "With random weights the map stays much the same: do not rely on this map.")
    with st.expander("Weight-randomisation test"):
        chart(comparison.randomisation(found, dark=dark()), widget(room, "randomisation"))


WHY = Why(
    meaning={
        "grad_cam": "Where the last layer of the image encoder speaks for the finding.",
        "integrated_gradients": "Which pixels speak for and which against, measured from a blurred film.",
        "occlusion": "What the finding loses when a window of the film is blurred. Takes some seconds.",
        "attention": "Where the note looks on the film. It is the same for all findings.",
        XRV: "Where the last layer of TorchXRayVision's DenseNet-121 speaks for the finding.",
    },
    further=further, explain=explain, last=("No Finding",), shown=map_on_film, beside=words_of_note, below=random_weights,
    erased="Blurring", axes={"removed": "share of the film blurred away"},
)
