"""The tabs under the film: findings and what else speaks to them. The Why tab has a file of its own."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from core.assessment import Assessment, Finding
from core.cxr import comparison, figures, xrv
from core.cxr.assess import zero_shot
from core.cxr.evidence import differential_of
from core.cxr.export import picture
from core.uploads import InputError
from pages import progress, state
from pages.charts import chart, dark, table
from pages.plain import untrained
from pages.report import Download
from pages.state import RoomState, problem_of, widget
from pages.words import percent, plain


def ranked(assessment: Assessment) -> list[Finding]:
    """Present ones first, then by falling probability; those without a number are not among them."""
    return sorted((f for f in assessment.own if f.probability is not None), key=lambda f: (not f.present, -f.probability))


def findings(held: RoomState) -> None:
    assessment, room = held.assessment, held.room
    models = comparison.beside(assessment)
    before = models.get(comparison.BEFORE)
    order = ranked(assessment)

    def bars(shown: list[Finding], name: str) -> None:
        figure = figures.findings_bars(assessment, before, shown=shown, dark=dark())
        chart(comparison.low_rank_beside(figure, assessment, dark=dark()), widget(room, name))

    above, below = [f for f in order if f.present], [f for f in order if not f.present]
    if above:
        bars(above, "findings")
    else:
        st.markdown("No finding reaches its operating threshold.")
    loose = [f.label for f in order if not f.calibrated]
    st.caption("Whisker: 95 % interval of the calibration. " + ("Ring: without the note. " if before else "")
               + "Diamond: the low-rank image-text score, which reads the film alone. "
               + (f"Not calibrated, for want of films: {', '.join(loose)}." if loose else "All are calibrated."))
    untrained(assessment)
    if below:
        with st.expander(f"Below the operating threshold ({len(below)})"):
            bars(below, "below")
    with st.expander("Findings as numbers"):
        table([numbers(f, models) for f in ranked(assessment)])
    st.markdown("##### Differential")
    *sentences, _ = assessment.report["en"]  # the conclusion comes last
    st.html("<ol class='differential'>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ol>")
    with st.expander("The numbers behind each sentence"):
        statements = state.made(room, "differential", partial(differential_of, held.study, assessment, held.weights))
        table([{"Sentence": str(i) if k == 0 else "", "Quantity": plain(name), "Value": f"{value:.4g}"}
               for i, s in enumerate(statements, 1) for k, (name, value) in enumerate(s.evidence)])
    own_words(held)


def numbers(f: Finding, models: dict[str, dict[str, float]]) -> dict[str, str]:
    before, low_rank = models.get(comparison.BEFORE), models[comparison.SCORES].get(f.target)
    by_note = {} if before is None else {"By the note": figures.points(f.probability - before.get(f.target, f.probability))}
    return {
        "Finding": f"**{f.label}**" if f.present else f.label, "Probability": percent(f.probability),
        "Threshold": percent(f.threshold), "95 % interval": " to ".join(percent(x) for x in f.interval or ()),
        "Calibrated": "yes" if f.calibrated else "no", **by_note, "Low-rank": percent(low_rank),
    }


@st.fragment
def own_words(held: RoomState) -> None:
    st.markdown("##### Another finding, in your words")
    text = st.text_input("Finding", key=widget(held.room, "own_words"), placeholder="For example: azygos lobe", max_chars=100,
                         label_visibility="collapsed")
    if text.strip():
        try:
            score = zero_shot(held.study, text, held.weights)
        except InputError as error:
            progress.failed(problem_of(error))
            return
        st.markdown(f"**{score:.2f}** similarity of film and text, on a scale from 0 to 1 &ensp;:orange-badge[unvalidated]")
    st.caption("The low-rank model compares the film with any text. Nobody has measured how often it is right: the number "
               "is no probability.")


def compare(held: RoomState) -> None:
    missing, rows = xrv.available(), ranked(held.assessment)
    third = None if missing else state.made(held.room, "xrv", partial(xrv.findings, held.study))
    models = comparison.beside(held.assessment, third)
    chart(comparison.dots(rows, models, dark=dark()), widget(held.room, "models"))
    if third:
        st.caption("TorchXRayVision's numbers are scaled so that its own operating point lies at 50 %; they are no "
                   "calibrated probabilities and not measured against our thresholds.")
    with st.expander("As numbers"):
        heads = {name[0].upper() + name[1:]: values for name, values in models.items()}
        table([{"Finding": f.label, **{head: percent(values.get(f.target)) for head, values in heads.items()}} for f in rows])
    untrained(held.assessment)
    st.markdown("##### A third model: TorchXRayVision")
    if missing:
        st.markdown("DenseNet-121 of Cohen et al. (arXiv 2111.00595), trained on several large public collections, can stand "
                    "beside ours.")
        st.caption(plain(missing))
    else:
        with st.expander("Its card"):
            st.markdown(xrv.CARD_TEXT.split("---", 2)[2].replace("\n# ", "\n##### ").replace("\n## ", "\n###### "))


def files(held: RoomState) -> list[Download]:
    film = partial(picture, held.study, held.attribution)
    return [Download("Film, PNG", film, "cardioscope-cxr-film.png", "image/png", "image")]
