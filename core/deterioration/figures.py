"""What the deterioration room shows as charts. Every figure carries the house template and no ground of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.assessment import Assessment, Attribution, Curve
from core.deterioration import moments, news2, panels, qsofa
from core.deterioration.names import ENOUGH, HIGHEST, LOWEST, RISK, WITHOUT, curve
from core.deterioration.scales import EMERGENCY, MOST, URGENT, top
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import VITALS
from core.figures import house_figure, levels, rgba
from core.plot_style import palette

HEIGHTS = {"risk": 150, "news2": 76, "vital": 64, "why": 10, "bedside": 44}  # pixels
BAR = 40  # pixels of the colour bar below
FEWEST = 1  # alerts per 100 patient-days; what is rarer was too few stays to draw
GAP, CLOSE = 26, 3  # pixels above a panel that has a name, and above one that belongs to the panel over it


def sheet(
    study: DeteriorationStudy, assessment: Assessment, *, attribution: Attribution | None = None, alarm: float | None = None,
    dark: bool = False,
) -> go.Figure:
    """The whole stay on one hour axis: running risk, NEWS2, the six trajectories, oxygen and consciousness.

    Args:
        attribution: of ``explain``: a strip under each trajectory says how each hour speaks for the risk.
        alarm: percent, where the alarm line lies.
    """
    return _drawn(study, assessment, moments.last_row(study), None, attribution, alarm, dark)


def replay(
    study: DeteriorationStudy, assessment: Assessment, hour: float, *, attribution: Attribution | None = None,
    alarm: float | None = None, dark: bool = False,
) -> go.Figure:
    """The sheet as it was at one hour: what came after it is hidden, and the axes do not move for it.

    Args:
        assessment: of the whole stay; each hour of it is from its past alone. attribution: of ``explain`` at that hour.
    """
    row = int(np.clip(np.floor(hour - study.start + 1e-6), 0, len(curve(assessment, RISK).x) - 1))
    curves = tuple(_cut(one, row) for one in assessment.curves)
    past = replace(assessment, curves=curves, overlays={ENOUGH: assessment.overlays[ENOUGH][: row + 1]})
    return _drawn(moments.until(study, study.start + row), past, moments.last_row(study), study.start + row, attribution, alarm,
                  dark)


def _cut(one: Curve, row: int) -> Curve:
    return replace(one, **{part: getattr(one, part)[: row + 1] for part in ("x", "y", "low", "high")})


def _drawn(study: DeteriorationStudy, assessment: Assessment, end: int, now: float | None, attribution: Attribution | None,
           alarm: float | None, dark: bool) -> go.Figure:
    p, named = palette(dark), [(key, HEIGHTS[key]) for key in ("risk", "news2")]
    for vital in VITALS:
        named.append((vital.code, HEIGHTS["vital"]))
        if attribution is not None:
            named.append((f"{vital.code} why", HEIGHTS["why"]))
    named.append(("bedside", HEIGHTS["bedside"]))
    figure, axes = _stacked(named, dark)
    without = curve(assessment, WITHOUT)
    if without is not None and not study.note:  # not yet written
        without = None
    panels.risk(figure, axes["risk"], curve(assessment, RISK), without, assessment.overlays[ENOUGH], alarm, p)
    panels.steps(figure, axes["news2"], curve(assessment, LOWEST), curve(assessment, HIGHEST), p)
    for k, vital in enumerate(VITALS):
        panels.trajectory(figure, axes[vital.code], study, k, assessment.measured(vital.code), p)
    panels.bedside(figure, axes["bedside"], study, p)
    if attribution is not None:
        _strips(figure, axes, study, attribution, p.scale(signed=True))
    if study.note and moments.counts(study):
        _upright(figure, study.note_hour, {"color": p.muted, "width": 1, "dash": "dot"})
        figure.add_annotation(text="note", x=study.note_hour, xanchor="left", yref="paper", y=1, yanchor="top", showarrow=False,
                              font={"size": 11, "color": p.muted})
    if now is not None:
        _upright(figure, now, {"color": p.ink, "width": 1.5})
    figure.update_xaxes(range=[study.start - 1, study.start + max(end, 1) + 0.5], title="hours of the stay", dtick=6, tick0=0)
    return figure


def _upright(figure: go.Figure, hour: float, line: dict[str, Any]) -> None:
    """A line through all panels."""
    figure.add_shape(type="line", x0=hour, x1=hour, yref="paper", y0=0, y1=1, line=line)


def _strips(figure: go.Figure, axes: Mapping[str, str], study: DeteriorationStudy, attribution: Attribution,
            scale: list[list]) -> None:
    scaled, _ = levels(attribution.values)
    scaled = np.where(np.isnan(study.grid), np.nan, scaled)
    for k, vital in enumerate(VITALS):
        panels.reasons(figure, axes[f"{vital.code} why"], moments.hours(study), scaled[:, k], vital.label)
    figure.update_layout(margin={"b": BAR}, height=figure.layout.height + BAR, coloraxis={
        "colorscale": scale, "cmin": -1, "cmax": 1, "colorbar": {
            "orientation": "h", "x": 1, "xanchor": "right", "y": 0, "yref": "container", "yanchor": "bottom", "len": 0.35,
            "thickness": 8, "outlinewidth": 0, "tickvals": [-1, 0, 1], "ticktext": ["lowers", "the risk", "raises"],
            "tickfont": {"size": 11}}})


def _stacked(named: Sequence[tuple[str, int]], dark: bool) -> tuple[go.Figure, dict[str, str]]:
    """An empty figure of panels one under the other on one horizontal axis, and the vertical axis of each."""
    gaps = [CLOSE if key.endswith((" why", "bedside")) and k else GAP for k, (key, _) in enumerate(named)]
    whole = sum(height for _, height in named) + sum(gaps)
    figure = house_figure(dark, height=whole + 60, hovermode="x unified", hoversubplots="axis", barmode="overlay", bargap=0.15,
                          uniformtext={"minsize": 9, "mode": "hide"},
                          margin={"t": 8}, legend={"y": 1, "yanchor": "bottom", "x": 1, "xanchor": "right"})
    axes, top = {}, float(whole)
    for k, ((key, height), gap) in enumerate(zip(named, gaps, strict=True)):
        top -= gap
        axes[key] = f"y{k + 1}" if k else "y"
        domain = [max(top - height, 0) / whole, top / whole]
        figure.update_layout({f"yaxis{axes[key][1:]}": {"domain": domain, "anchor": "x"}})
        top -= height
    figure.update_layout(xaxis={"anchor": axes[named[-1][0]]})
    return figure, axes


def alarms(rules: Mapping[str, Sequence[Mapping[str, Any]]], *, chosen: float | None = None, dark: bool = False) -> go.Figure:
    """Sensitivity and positive predictive value of several rules at equal numbers of alerts, on one plot.

    Args:
        rules: name -> ``per_100_patient_days``, ``sensitivity`` and ``ppv`` of each operating point; the first is the model.
        chosen: alerts per 100 patient-days of the alarm line.
    """
    p = palette(dark)
    figure = house_figure(dark, height=360, legend={"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0})
    colours = (p.accent, p.ink, p.classes[3], p.muted)
    for (name, points), colour in zip(rules.items(), colours, strict=False):
        for key, label, dash, symbol in (("sensitivity", "sensitivity", "solid", "circle"),
                                         ("ppv", "positive predictive value", "dot", "diamond")):
            known = sorted((one["per_100_patient_days"], 100 * one[key]) for one in points
                           if one.get(key) is not None and one["per_100_patient_days"] >= FEWEST)
            if known:
                figure.add_scatter(x=[x for x, _ in known], y=[y for _, y in known], name=f"{name}, {label}",
                                   mode="lines+markers", hovertemplate="%{y:.0f} % at %{x:g} alerts",
                                   line={"color": colour, "dash": dash, "width": 2}, marker={"symbol": symbol, "size": 7})
    if chosen is not None:
        figure.add_vline(x=chosen, line={"color": p.attention, "width": 1.5, "dash": "dash"})
        figure.add_annotation(text="alarm line", x=chosen, xanchor="left", yref="paper", y=1, yanchor="bottom", showarrow=False,
                              font={"size": 11, "color": p.attention})
    figure.update_xaxes(title="alerts per 100 patient-days", rangemode="tozero")
    figure.update_yaxes(title="%", range=[0, 101])
    return figure


def courses(study: DeteriorationStudy, assessment: Assessment, *, alarm: float | None = None, dark: bool = False) -> go.Figure:
    """The running risk with NEWS2 over it, and qSOFA below, on one hour axis; a range is an area.

    Args:
        alarm: percent, where the alarm line lies.
    """
    p = palette(dark)
    risk, low, high = (curve(assessment, name) for name in (RISK, LOWEST, HIGHEST))
    values, _, awake = news2.carried(study, risk.x)
    sepsis = [qsofa.score(row, level) for row, level in zip(values, awake, strict=True)]
    figure = house_figure(dark, height=330, hovermode="x unified", hoversubplots="axis", margin={"t": 8, "r": 40},
                          legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0})
    _area(figure, risk.x, risk.low, risk.high, "y", rgba(p.accent, 0.15))
    figure.add_scatter(x=risk.x, y=risk.y, name="risk, %", line={"color": p.accent, "width": 2.5}, hovertemplate="%{y:.1f} %")
    for name, axis, lowest, highest, colour in (
            ("NEWS2", "y2", low.y, high.y, p.ink),
            ("qSOFA", "y3", [one.low for one in sepsis], [one.high for one in sepsis], p.classes[3])):
        _area(figure, risk.x, lowest, highest, axis, rgba(colour, 0.15), "hv")
        figure.add_scatter(x=risk.x, y=list(lowest), yaxis=axis, name=f"{name}, points", customdata=list(highest),
                           line={"color": colour, "width": 1.6, "shape": "hv"},
                           hovertemplate="%{y:.0f} to %{customdata:.0f}")
    lines = [("y2", URGENT, p.ink), ("y2", EMERGENCY, p.ink), ("y3", qsofa.POSITIVE, p.classes[3])]
    if alarm is not None:
        lines.append(("y", alarm, p.attention))
    for axis, at, colour in lines:
        figure.add_shape(type="line", xref="paper", x0=0, x1=1, yref=axis, y0=at, y1=at, layer="below",
                         line={"color": rgba(colour, 0.7), "width": 1, "dash": "dot"})
    ceiling = top(max([*risk.high, alarm or 0]))
    figure.update_layout(
        xaxis={"title": "hours of the stay", "dtick": 6, "tick0": 0, "anchor": "y3"},
        yaxis={"domain": [0.3, 1], "title": "risk, %", "range": [0, ceiling]},
        yaxis2={"domain": [0.3, 1], "overlaying": "y", "side": "right", "title": "NEWS2", "range": [0, MOST], "showgrid": False},
        yaxis3={"domain": [0, 0.2], "title": "qSOFA", "range": [0, 3.1], "dtick": 1, "anchor": "x"})
    return figure


def _area(figure: go.Figure, x: Sequence[float], low: Sequence[float], high: Sequence[float], axis: str, colour: str,
          shape: str = "linear") -> None:
    """What lies between two courses."""
    for y, fill in ((low, None), (high, "tonexty")):
        figure.add_scatter(x=list(x), y=list(y), yaxis=axis, mode="lines", line={"width": 0, "shape": shape}, fill=fill,
                           fillcolor=colour, showlegend=False, hoverinfo="skip")


def changed(rows: Sequence[tuple[str, float]], *, dark: bool = False) -> go.Figure:
    """What moved the risk within one hour: label and log odds of each reason; what raises it is warm."""
    p, values = palette(dark), np.array([value for _, value in rows], float)
    figure = house_figure(dark, height=90 + 26 * len(rows), showlegend=False, bargap=0.3)
    figure.add_bar(orientation="h", y=[label for label, _ in rows], x=values,
                   marker={"color": [rgba(p.sequential[3] if value > 0 else p.opposing[3], 0.85) for value in values],
                           "line": {"width": 0}}, hovertemplate="%{y}: %{x:+.2f}<extra></extra>")
    figure.add_vline(x=0, line={"color": p.line, "width": 1})
    figure.update_xaxes(title="lowers the risk ← log odds → raises the risk")
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", tickfont={"color": p.ink})
    return figure
