"""The Why tab: which finding by which method, the map, and whether the reason holds. Not a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core import figures
from core.assessment import Assessment, Attribution, Finding
from core.contract import Modality
from core.progress import Done
from pages import progress, state
from pages.charts import chart, dark
from pages.state import RoomState, widget

METHODS = {"grad_cam": "Grad-CAM", "integrated_gradients": "Integrated gradients", "occlusion": "Occlusion",
           "attention": "Attention", "shap": "SHAP"}


def nothing(held: RoomState, attribution: Attribution) -> None:
    """No place for it on this page."""


def explained(held: RoomState, target: str, method: str, done: Done) -> Attribution:
    return held.room.verb("explain")(held.study, target, method, held.weights, done)


@dataclass(frozen=True)
class Why:
    """What a room makes its own of the tab.

    Attributes:
        meaning: of a map, by method. further: methods of the page beside those of the room, with their names.
        explain: instead of the room's verb. last: codes of findings that are normal, offered last.
        shown: draws the map on the left, or over the whole width where it is wide. beside: what stands above the checks on the
        right, or left of them; below: more checks.
        erased: what the deletion check does to the input, as in "Blurring what the map marks". axes: of its chart.
    """

    meaning: Mapping[str, str] = field(default_factory=dict)
    further: Callable[[], Mapping[str, str]] = dict
    explain: Callable[[RoomState, str, str, Done], Attribution] = explained
    last: tuple[str, ...] = ()
    shown: Callable[[RoomState, Attribution], None] = nothing
    beside: Callable[[RoomState, Attribution], None] = nothing
    below: Callable[[RoomState, Attribution], None] = nothing
    erased: str = "Erasing"
    axes: Mapping[str, str] = field(default_factory=dict)
    wide: bool = False


PLAIN = Why()


def targets(assessment: Assessment, last: tuple[str, ...] = ()) -> dict[str, str]:
    """"group:code" of what can be explained, with its name and probability: present ones first, what is normal last."""
    known = [f for f in assessment.own if f.probability is not None]
    ranked = sorted(known, key=lambda f: (not f.present, f.code in last, -f.probability))
    labels = [f.label.lower() for f in known]

    def name(f: Finding) -> str:
        group = f" ({f.group})" if labels.count(f.label.lower()) > 1 else ""
        value = 100 * f.probability
        return f"{f.label}, {value:.{1 if value < 9.95 else 0}f} %{group}"

    return {f.target: name(f) for f in ranked}


def method_name(method: str, why: Why) -> str:
    return why.further().get(method) or METHODS.get(method) or method.replace("_", " ").capitalize()


@st.fragment
def tab(held: RoomState, why: Why = PLAIN) -> None:
    names, room = targets(held.assessment, why.last), held.room
    methods = (*room.methods, *why.further())
    held = state.of(room)
    if not names or not methods:
        st.caption("There is no finding that can be explained.")
        return
    attribution = held.attribution
    target, method = next(iter(names)), methods[0]
    choices = st.columns([2, 2, 1, 1] if len(names) > 1 else [2, 1, 1], vertical_alignment="bottom")
    if len(names) > 1:
        at = attribution.target if attribution and attribution.target in names else target
        target = choices[0].selectbox("Finding", list(names), list(names).index(at), format_func=names.get,
                                      key=widget(room, f"target.{at}"))  # follows what is drawn over the study
    method = choices[-3].selectbox("Method", methods, format_func=lambda m: method_name(m, why), key=widget(room, "method"))
    if choices[-2].button("Explain", type="primary", width="stretch", key=widget(room, "explain"),
                          disabled=held.job is not None):
        progress.begin(room, f"{method_name(method, why)} of {names[target]}", "attribution",
                       lambda done: why.explain(held, target, method, done))
    if choices[-1].button("No map", width="stretch", key=widget(room, "no_map"), disabled=attribution is None):
        state.change(room, attribution=None)
        st.rerun()
    st.caption(why.meaning.get(method, ""))
    if attribution is None:
        st.caption("Explain: the map is then drawn over the study above, and checked here.")
        return
    st.markdown(f"##### {names.get(attribution.target, attribution.target)}")
    whole = st.container()
    left, right = st.columns(2, gap="large")
    with whole if why.wide else left:
        why.shown(held, attribution)
        st.caption("; ".join(made_by(attribution, why)) + ".")
    with left if why.wide else right:
        why.beside(held, attribution)
    with right:
        deletion(room, attribution.faithfulness, why)
        why.below(held, attribution)


def made_by(attribution: Attribution, why: Why) -> list[str]:
    delta = attribution.parameters.get("convergence_delta")
    converged = [f"convergence delta {delta:g}"] if delta is not None else []
    return [method_name(attribution.method, why), *converged, f"{attribution.seconds:.1f} s"]


def deletion(room: Modality, check: Mapping[str, Any], why: Why) -> None:
    """The deletion check: a verdict, and the curve behind it."""
    st.markdown("###### Does the map hold?")
    if "fractions" not in check:
        st.caption("No deletion check: the map marks nothing that could be taken away.")
        return
    costs, chance = f"{why.erased} what the map marks costs the finding", f"than {why.erased.lower()} as much at random"
    verdict(check["holds"], f"{costs} more {chance}: the map holds.",
            f"{costs} not clearly more {chance}: inconclusive, do not rely on this map.")
    chart(figures.deletion_curve(check["fractions"], check["targeted"], check["random"], dark=dark(), **why.axes),
          widget(room, "deletion"))


def verdict(holds: bool, yes: str, no: str) -> None:
    if holds:
        st.markdown(f":material/check: {yes}")
    else:
        st.warning(no, icon=":material/warning:")
