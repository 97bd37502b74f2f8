"""What the heart-failure room adds to the Why tab: contributions of fields and words, and how branches were weighed."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.assessment import Attribution
from core.figures import rgba
from core.heart_failure import figures
from core.plot_style import palette
from pages import why
from pages.charts import chart, dark, table
from pages.state import RoomState, widget
from pages.why import Why, verdict
from pages.words import plain


def tab(held: RoomState) -> None:
    """Weights of the branches, of a model that has some, above what each input adds."""
    figure = figures.modalities(held.assessment, dark=dark())
    if figure is not None:
        st.markdown("##### How the model weighed what it was given")
        chart(figure, widget(held.room, "modalities"))
    why.tab(held, WHY)


def bars(held: RoomState, attribution: Attribution) -> None:
    chart(figures.contributions(attribution, dark=dark()), widget(held.room, "contributions"))
    st.caption(f"Against {attribution.parameters['reference']}. 0.7 is about twice the hazard. Both horizons follow from the "
               "same log hazard, and so have the same reasons.")


def words(held: RoomState, attribution: Attribution) -> None:
    """The prescriptions with what each word adds, and the classes of drugs."""
    told = attribution.parameters.get("words") or []
    if not held.study.text:
        return
    st.markdown("###### Words of the prescriptions")
    st.html(f"<div class='note-words'>{coloured(held.study.text, told, dark())}</div>")
    st.caption("Warm: raises the risk; blue: lowers it. The number, in log hazard, shows when you point at it.")
    drugs = [(name, value) for _, name, value in attribution.parameters.get("drugs", ()) if abs(value) >= 0.005]
    if drugs:
        with st.expander("By class of drugs"):
            table([{"Class": plain(name), "Log hazard": f"{value:+.2f}"} for name, value in
                   sorted(drugs, key=lambda row: -abs(row[1]))])
            st.caption("A class that is not taken counts, too.")


def coloured(text: str, told: list, in_dark: bool) -> str:
    """HTML of a text, the spans of ``told`` ([[start, end, value]]) on a ground as strong as their value."""
    p, most = palette(in_dark), max((abs(value) for *_, value in told), default=0.0) or 1.0
    html, at = [], 0
    for start, end, value in sorted(told):
        if start < at:
            continue
        html.append(escape(text[at:start]))
        ground = rgba((p.sequential if value > 0 else p.opposing)[3], round(0.1 + 0.5 * abs(value) / most, 2) if value else 0)
        html.append(f"<span style='background:{ground};border-radius:3px' title='{value:+.3f}'>{escape(text[start:end])}</span>")
        at = end
    html.append(escape(text[at:]))
    return "".join(html).replace("\n", "<br>")


def adds_up(held: RoomState, attribution: Attribution) -> None:
    """Whether the contributions make up the difference that they explain."""
    check = attribution.faithfulness
    if "complete" in check:
        told = f"sum {check['sum']:+.2f}, difference {check['difference']:+.2f}"
        verdict(check["complete"], f"The contributions add up to what they explain ({told}).",
                f"The contributions do not add up to what they explain ({told}): do not rely on their sizes.")


WHY = Why(
    meaning={
        "shapley": "What each value adds to the log hazard, on average over the orders in which values become known.",
        "integrated_gradients": "What each value adds to the log hazard on the way from a patient who is average in all that is "
                                "known.",
    },
    shown=bars, beside=words, below=adds_up, erased="Leaving out",
    axes={"quantity": "log hazard", "removed": "share of the inputs left out"}, wide=True,
)
