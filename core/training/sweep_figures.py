"""Charts of a sweep."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures import house_figure
from core.plot_style import palette, template
from core.training.studies import Study, course, slices

_ACROSS = 3  # settings in a row
_DECADES = 20  # values that span more than this are drawn on a logarithmic axis


def importance_figure(shares: Mapping[str, float], *, dark: bool = False) -> go.Figure:
    """How much each setting matters, the most on top. Args: shares: of ``studies.importance``."""
    p, names = palette(dark), list(shares)[::-1]
    figure = house_figure(dark, height=90 + 34 * len(names), showlegend=False)
    figure.add_bar(orientation="h", y=names, x=[shares[name] for name in names], marker={"color": p.accent}, width=0.55,
                   text=[f"{shares[name]:.0%}" for name in names], textposition="outside", cliponaxis=False,
                   hovertemplate="%{y}: %{x:.1%} of the spread<extra></extra>")
    figure.update_xaxes(title="share of the spread of the results", tickformat=".0%",
                        range=[0, min(1.0, max(shares.values(), default=1)) * 1.15])
    figure.update_yaxes(ticks="", showgrid=False, tickfont={"color": p.ink})
    return figure


def slice_figure(study: Study, *, dark: bool = False) -> go.Figure:
    """The result over the values of each setting, a trial a dot; later ones are darker, the best has a ring."""
    p, points = palette(dark), slices(study)
    rows = max(-(-len(points) // _ACROSS), 1)
    figure = make_subplots(rows, min(max(len(points), 1), _ACROSS), shared_yaxes=True, vertical_spacing=0.28 / rows,
                           horizontal_spacing=0.05)
    figure.update_layout(template=template(dark), height=80 + 240 * rows, showlegend=False)
    best = study.best.number if study.best else None
    for i, (name, found) in enumerate(points.items()):
        at = {"row": i // _ACROSS + 1, "col": i % _ACROSS + 1}
        values = [value for value, _, _ in found]
        numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
        figure.add_scatter(
            x=values if numbers else [str(value) for value in values], y=[result for _, result, _ in found], mode="markers",
            marker={"size": 9, "color": [number for *_, number in found], "colorscale": [[0, p.line], [1, p.accent]],
                    "line": {"width": [2.5 if number == best else 0 for *_, number in found], "color": p.attention}},
            customdata=[number for *_, number in found],
            hovertemplate=f"{name} %{{x}}<br>{study.goal.figure} %{{y:.4f}}<br>trial %{{customdata}}<extra></extra>", **at)
        wide = numbers and values and min(values) > 0 and max(values) / min(values) > _DECADES
        figure.update_xaxes(title=name, type="log" if wide else "linear" if numbers else "category", **at)
    figure.update_yaxes(title=study.goal.figure, col=1)
    return figure


def course_figure(study: Study, *, dark: bool = False) -> go.Figure:
    """The results one after the other, and the best until then."""
    p, points = palette(dark), course(study)
    figure = house_figure(dark, height=300)
    figure.add_scatter(x=[n for n, _, _ in points], y=[value for _, value, _ in points], mode="markers", name="trial",
                       marker={"size": 8, "color": p.muted})
    figure.add_scatter(x=[n for n, _, _ in points], y=[best for _, _, best in points], mode="lines", name="best until then",
                       line={"color": p.accent, "width": 2.5, "shape": "hv"})
    figure.update_xaxes(title="trial", rangemode="nonnegative")
    figure.update_yaxes(title=study.goal.figure)
    return figure
