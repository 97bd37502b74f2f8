"""What the heart-failure room shows as charts. Every figure carries the house template and no ground of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.assessment import Assessment, Attribution, Curve
from core.figures import house_figure, rgba
from core.heart_failure import scar
from core.plot_style import Palette, palette

if TYPE_CHECKING:  # they bring torch, and charts need none
    from core.heart_failure.scores import ScoreResult
    from core.heart_failure.strata import Stratum
    from core.heart_failure.what_if import Variation

MOST = 15  # bars of contributions
APART = 0.06  # years between the marks of scores at one time
SIGNS = ("diamond", "square", "triangle-up", "cross")
YEARS = (1, 3)


def survival(assessment: Assessment, scores: Sequence[ScoreResult] = (), *, dark: bool = False) -> go.Figure:
    """The patient's curve with its band, the cohort's behind it, the line with scar, and what the scores say at 1 and 3 years.

    Args:
        scores: those with a wide range are left out: they say too little for a chart.
    """
    p, curves = palette(dark), {curve.name: curve for curve in assessment.curves}
    figure = house_figure(dark, height=420, hovermode="x unified")
    if "Cohort" in curves:
        one = curves["Cohort"]
        figure.add_scatter(x=one.x, y=one.y, name="cohort", mode="lines", line={"color": p.muted, "width": 2, "dash": "dot"},
                           hovertemplate="%{y:.0f} %")
    if scar.CURVE in curves:
        _banded(figure, curves[scar.CURVE], "with scar, published effect, not learned", p.attention, "dash")
    if "Survival" in curves:
        _banded(figure, curves["Survival"], "this patient, 95 % band", p.accent, "solid")
    _scores(figure, [one for one in scores if not one.wide], p)
    longest = max((curve.x[-1] for curve in assessment.curves), default=5)
    figure.update_xaxes(title="years", range=[0, longest], dtick=1)
    figure.update_yaxes(title="alive, %", range=[0, 101])
    return figure


def _banded(figure: go.Figure, one: Curve, name: str, colour: str, dash: str) -> None:
    figure.add_scatter(x=[*one.x, *one.x[::-1]], y=[*one.high, *one.low[::-1]], fill="toself", fillcolor=rgba(colour, 0.14),
                       line={"width": 0}, hoverinfo="skip", showlegend=False, legendgroup=name)
    figure.add_scatter(x=one.x, y=one.y, name=name, mode="lines", line={"color": colour, "width": 2.5, "dash": dash},
                       legendgroup=name, customdata=np.stack([one.low, one.high], -1),
                       hovertemplate="%{y:.0f} % (%{customdata[0]:.0f} to %{customdata[1]:.0f} %)")


def _scores(figure: go.Figure, scores: Sequence[ScoreResult], p: Palette) -> None:
    """Ranges beside each other, so that none hides another; a known value is a mark alone."""
    told = [one for one in scores if one.risk_1y or one.risk_3y]
    for k, one in enumerate(told):
        marks = [(year + (k - (len(told) - 1) / 2) * APART, *risk) for year, risk in zip(YEARS, (one.risk_1y, one.risk_3y),
                                                                                    strict=True) if risk]
        at, middle, low, high = np.array(marks).T
        figure.add_scatter(
            x=at, y=100 - middle, name=one.label, mode="markers",
            marker={"color": p.classes[k % len(p.classes)], "size": 9, "symbol": SIGNS[k % len(SIGNS)]},
            error_y={"type": "data", "symmetric": False, "array": middle - low, "arrayminus": high - middle, "thickness": 1.5,
                     "width": 4},
            customdata=np.stack([100 - high, 100 - low], -1),
            hovertemplate="%{y:.0f} % (%{customdata[0]:.0f} to %{customdata[1]:.0f} %)")


def contributions(attribution: Attribution, *, most: int = MOST, dark: bool = False) -> go.Figure:
    """What each field adds to the log hazard, the largest first; what speaks for a higher risk is warm."""
    p, rows = palette(dark), attribution.parameters["fields"]
    shown, rest = rows[:most], rows[most:]
    if rest:
        shown = [*shown, ["", f"{len(rest)} further fields", sum(value for *_, value in rest)]]
    labels, values = [label for _, label, _ in shown], np.array([value for *_, value in shown], float)
    figure = house_figure(dark, height=96 + 24 * len(shown), showlegend=False, bargap=0.3)
    figure.add_bar(
        orientation="h", y=labels, x=values, marker={"color": [rgba(p.sequential[3] if value > 0 else p.opposing[3], 0.85)
                                                              for value in values], "line": {"width": 0}},
        customdata=np.exp(values), hovertemplate="%{y}: %{x:+.2f}, hazard times %{customdata:.2f}<extra></extra>")
    figure.add_vline(x=0, line={"color": p.line, "width": 1})
    figure.update_xaxes(title="lowers the risk ← log hazard → raises the risk")
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", tickfont={"color": p.ink})
    return figure


def modalities(assessment: Assessment, *, dark: bool = False) -> go.Figure | None:
    """How the model weighed numbers, prescriptions and cardiac MR for this patient; None of a model that does not."""
    p, found = palette(dark), [one for one in assessment.measurements if one.group == "modalities" and one.value is not None]
    if not found:
        return None
    figure = house_figure(dark, height=130, barmode="stack", legend={"traceorder": "normal"})
    for k, one in enumerate(found):
        figure.add_bar(orientation="h", x=[one.value], y=[""], name=one.label,
                       marker={"color": p.classes[k], "line": {"width": 0}}, text=f"{one.value:.0f} %" if one.value >= 5 else "",
                       hovertemplate=f"{one.label}: {one.value:.1f} %<extra></extra>")
    figure.update_xaxes(visible=False, range=[0, 100])
    figure.update_yaxes(visible=False)
    return figure


def stratum(own: Stratum, patient: Curve | None = None, *, dark: bool = False) -> go.Figure:
    """Kaplan and Meier of the patients most like this one, how many were at risk under the axis, the patient's curve over it."""
    p = palette(dark)
    figure = house_figure(dark, height=400, margin={"b": 86})
    (x, low), (_, high) = _steps(own.years, own.low), _steps(own.years, own.high)
    figure.add_scatter(x=[*x, *x[::-1]], y=[*high, *low[::-1]], fill="toself", fillcolor=rgba(p.muted, 0.18), hoverinfo="skip",
                       line={"width": 0}, showlegend=False)
    said = "%{x:.1f} years: %{y:.0f} %<extra></extra>"
    figure.add_scatter(x=own.years, y=[100 * value for value in own.survival], name=f"{own.label}, observed", mode="lines",
                       line={"color": p.ink, "width": 2, "shape": "hv"}, hovertemplate=said)
    if patient is not None:
        figure.add_scatter(x=patient.x, y=patient.y, name="this patient, modelled", mode="lines",
                           line={"color": p.accent, "width": 2.5}, hovertemplate=said)
    for year, count in enumerate(own.at_risk):
        figure.add_annotation(x=year, y=-0.26, yref="paper", text=f"{count}", showarrow=False,
                              font={"size": 12, "color": p.ink})
    figure.add_annotation(x=0, y=-0.19, yref="paper", xref="paper", xanchor="left", text="patients at risk", showarrow=False,
                          font={"size": 11, "color": p.muted})
    figure.update_xaxes(title="years", range=[-0.1, max(own.years[-1], len(own.at_risk) - 1) + 0.1], dtick=1)
    figure.update_yaxes(title="alive, %", range=[0, 101])
    return figure


def _steps(years: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Corners of a step function, in percent: a band cannot be drawn as steps by itself."""
    x = np.repeat(np.asarray(years, float), 2)[1:]
    return x.tolist(), (100 * np.repeat(np.asarray(values, float), 2)[:-1]).tolist()


def variation(found: Variation, labels: Sequence[str] | None = None, *, title: str = "", dark: bool = False) -> go.Figure:
    """Risk at 1 and 3 years over the values that one field could have: an association.

    Args:
        labels: of values that are no numbers.
    """
    p = palette(dark)
    figure = house_figure(dark, height=300)
    x = list(labels or found.values)
    for year, colour in zip(YEARS, (p.classes[1], p.accent), strict=True):
        value, low, high = found.prognosis.risk(year)
        figure.add_scatter(x=x, y=value, name=f"within {'one year' if year == 1 else 'three years'}",
                           mode="markers" if labels else "lines+markers", line={"color": colour, "width": 2},
                           marker={"color": colour}, hovertemplate="%{x}: %{y:.1f} %<extra></extra>",
                           error_y={"type": "data", "symmetric": False, "array": high - value, "arrayminus": value - low,
                                    "thickness": 1.2, "width": 3})
    figure.update_xaxes(title=title)
    figure.update_yaxes(title="death, %", rangemode="tozero")
    return figure
