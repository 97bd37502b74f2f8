"""Several models on one film, side by side, and whether a map depends on what the model learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.assessment import Assessment, Finding
from core.cxr.figures import points
from core.cxr.sources import FILM_ALONE, LOW_RANK, SOURCES, XRV, probabilities
from core.figures import house_figure
from core.plot_style import palette

OURS, BEFORE, SCORES = ("with the note", "our model"), "without the note", "low-rank, film alone"
_MARKS = {BEFORE: ("circle-open", None), SCORES: ("diamond", 1), SOURCES[XRV]: ("square", 2)}  # symbol, class colour


def beside(assessment: Assessment, others: Sequence[Finding] | None = None) -> dict[str, dict[str, float]]:
    """Probabilities by model and "group:code": with the note and without it where that makes a difference, else our model's;
    low-rank, and the third model's if given.

    Args:
        others: of ``core.cxr.xrv.findings``.
    """
    own, alone = probabilities(assessment.findings), probabilities(assessment.findings, FILM_ALONE)
    noted = any(points(own[target] - before) for target, before in alone.items() if target in own)
    models = {OURS[0]: own, BEFORE: alone} if noted else {OURS[1]: own}
    models[SCORES] = probabilities(assessment.findings, LOW_RANK)
    return models if others is None else models | {SOURCES[XRV]: probabilities(others, XRV)}


def low_rank_beside(figure: go.Figure, assessment: Assessment, *, dark: bool = False) -> go.Figure:
    """``core.cxr.figures.findings_bars`` with the low-rank score of each finding as a mark and a column of its own."""
    p, scores = palette(dark), beside(assessment)[SCORES]
    by_label = {f.label: scores[f.target] for f in assessment.own if f.target in scores}
    axis = figure.layout.yaxis
    rows = [(row, by_label[label]) for row, label in zip(axis.tickvals or (), axis.ticktext or (), strict=True)
            if label in by_label]
    if not rows:
        return figure
    figure.add_scatter(x=[score for _, score in rows], y=[row for row, _ in rows], mode="markers", cliponaxis=False,
                       name="low-rank score", hovertemplate="low-rank score %{x:.1%}<extra></extra>",
                       marker={"symbol": "diamond-open", "size": 8, "color": p.accent, "line": {"width": 1.5}})
    column = {"x": 1.42, "xanchor": "left", "showarrow": False, "font": {"color": p.muted, "size": 12}}
    for row, score in rows:
        figure.add_annotation(y=row, text=f"{score:.0%}", **column)
    figure.add_annotation(y=-0.1, text="low-rank", **column)
    figure.update_xaxes(range=[0, 1.56])
    return figure


def dots(
    findings: Sequence[Finding], models: Mapping[str, Mapping[str, float]], *, dark: bool = False
) -> go.Figure:
    """One row per finding, one mark per model, the operating threshold of our own as an upright tick.

    Args:
        findings: in the order of the rows, from the top. models: of ``beside``; the first is ours.
    """
    p, rows = palette(dark), {f.target: i for i, f in enumerate(findings)}
    figure = house_figure(dark, height=90 + 27 * max(len(rows), 1), margin={"l": 8, "r": 28, "t": 48, "b": 8})
    for key, row in rows.items():
        spread = [values[key] for values in models.values() if key in values]
        if len(spread) > 1:
            figure.add_shape(type="line", x0=min(spread), x1=max(spread), y0=row, y1=row, layer="below",
                             line={"color": p.line, "width": 3})
    marked = [f for f in findings if f.threshold is not None]
    figure.add_scatter(x=[f.threshold for f in marked], y=[rows[f.target] for f in marked], mode="markers",
                       name="operating threshold", hovertemplate="operating threshold %{x:.1%}<extra></extra>",
                       marker={"symbol": "line-ns", "size": 15, "line": {"color": p.attention, "width": 2.5}})
    for name, values in models.items():
        known = [key for key in rows if key in values]
        symbol, which = _MARKS.get(name, ("circle", 0))
        figure.add_scatter(
            x=[values[key] for key in known], y=[rows[key] for key in known], mode="markers", name=name, cliponaxis=False,
            marker={"symbol": symbol, "size": 10, "color": p.ink if which is None else p.classes[which],
                    "line": {"width": 1.6 if which is None else 0}},
            hovertemplate=f"{name} %{{x:.1%}}<extra></extra>")
    figure.update_xaxes(range=[-0.01, 1.01], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%", title="probability")
    figure.update_yaxes(tickvals=list(rows.values()), ticktext=[f.label for f in findings], ticks="", showgrid=False,
                        range=[len(rows) - 0.4, -0.6], tickfont={"color": p.ink})
    return figure


def randomisation(check: Mapping, *, dark: bool = False) -> go.Figure:
    """Rank correlation of the map with the original, while the model loses one stage of its weights after the other.

    Args:
        check: of ``core.attribution.weight_randomisation``.
    """
    p = palette(dark)
    figure = house_figure(dark, height=300)
    figure.add_scatter(x=["as trained", *check["stages"]], y=[1.0, *check["correlation"]], mode="lines+markers",
                       line={"color": p.accent, "width": 2.5}, showlegend=False,
                       hovertemplate="%{x}: correlation %{y:.2f}<extra></extra>")
    figure.add_hline(y=check["limit"], line={"color": p.attention, "width": 1.5, "dash": "dash"},
                     annotation={"text": "another map below", "font": {"color": p.muted, "size": 12}},
                     annotation_position="bottom right")
    figure.update_xaxes(title="randomised up to", tickangle=-35)
    figure.update_yaxes(title="correlation with the map", range=[min(-0.1, *check["correlation"]) - 0.05, 1.06])
    return figure
