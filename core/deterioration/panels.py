"""One panel each of the sheet of a stay: a trajectory, its reasons, the bedside strip, the running risk, NEWS2.

Every panel draws on the one hour axis of the figure, at the vertical axis whose name it is given ("y", "y2", ...).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import plotly.graph_objects as go

from core.assessment import Curve, Measurement
from core.deterioration.news2 import CARRY
from core.deterioration.scales import AWAKE, EMERGENCY, MARKED, MOST, OXYGEN, URGENT, connected, ends, top
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import VITALS
from core.figures import rgba
from core.plot_style import Palette


def trajectory(figure: go.Figure, axis: str, study: DeteriorationStudy, k: int, band: Measurement, p: Palette) -> None:
    """Args: k: place of the vital sign in VITALS. band: its reference, as measured."""
    vital = VITALS[k]
    x, y = connected(study.hours, study.values[:, k])
    low, high = ends(vital, y)
    bottom, above = low if band.low is None else band.low, high if band.high is None else band.high
    figure.add_shape(type="rect", xref="paper", x0=0, x1=1, yref=axis, y0=bottom, y1=min(above, high), layer="below",
                     fillcolor=rgba(p.muted, 0.13), line={"width": 0})
    outside = (y < bottom) | (y > above)
    figure.add_scatter(
        x=x, y=np.round(y, 2), yaxis=axis, name=vital.label, mode="lines+markers" if len(x) <= MARKED else "lines",
        connectgaps=False, line={"color": p.ink, "width": 1.6}, showlegend=False,
        marker={"size": 5, "color": [p.attention if out else p.ink for out in outside]},
        hovertemplate=f"%{{y}} {vital.unit}<extra>{vital.label}</extra>")
    _axis(figure, axis, range=[low, high], nticks=3)
    _name(figure, axis, f"{vital.label}, {vital.unit}", p)


def reasons(figure: go.Figure, axis: str, x: np.ndarray, weights: np.ndarray, label: str) -> None:
    """How each hour of one vital sign speaks for the risk, -1 to 1 on the figure's colour axis; NaN where not measured."""
    figure.add_heatmap(x=x - 0.5, y=[label], z=np.round(weights[None], 3), yaxis=axis, coloraxis="coloraxis", xgap=1,
                       hovertemplate="%{z:+.2f}<extra>weight of " + label.lower() + "</extra>")
    _axis(figure, axis, showticklabels=False, ticks="", showgrid=False, fixedrange=True)


def bedside(figure: go.Figure, axis: str, study: DeteriorationStudy, p: Palette) -> None:
    """Oxygen and consciousness, as long as each observation counts."""
    deep = dict(zip("CVPU", p.sequential[1:], strict=True))
    colours = {OXYGEN[0.0]: p.line, OXYGEN[1.0]: rgba(p.classes[6], 0.4), **{AWAKE[key]: deep.get(key, p.line) for key in AWAKE}}
    oxygen = [OXYGEN.get(float(value)) for value in study.oxygen]
    awake = [AWAKE.get(level) for level in study.consciousness]
    for name, states in (("consciousness", awake), ("oxygen", oxygen)):
        for state in dict.fromkeys(one for one in states if one):
            spans = [span for span in _spans(study.hours, states) if span[2] == state]
            figure.add_bar(orientation="h", y=[name] * len(spans), x=[end - begin for begin, end, _ in spans], yaxis=axis,
                           base=[begin for begin, *_ in spans], marker={"color": colours[state], "line": {"width": 0}},
                           name=state, showlegend=False, text=[state] * len(spans), textposition="inside",
                           insidetextanchor="start", textangle=0, textfont={"size": 11, "color": p.ink},
                           hovertemplate=f"{state}<extra>{name}</extra>")
    _axis(figure, axis, categoryorder="array", categoryarray=["consciousness", "oxygen"], showgrid=False, ticks="",
          fixedrange=True, range=[-0.5, 1.5])


def _spans(hours: np.ndarray, states: Sequence[str | None]) -> Iterator[tuple[float, float, str]]:
    """Beginning, end and state, joined while it stays the same and is told often enough."""
    known = [(hour, state) for hour, state in zip(hours.tolist(), states, strict=True) if state]
    begin = known[0][0] if known else 0.0
    for k, (hour, state) in enumerate(known):
        after = known[k + 1] if k + 1 < len(known) else None
        if after and after[1] == state and after[0] - hour <= CARRY:
            continue
        last = after is None
        yield begin, hour if last else min(after[0], hour + CARRY), state
        begin = hour if last else after[0]


def risk(figure: go.Figure, axis: str, course: Curve, without: Curve | None, enough: np.ndarray, alarm: float | None,
         p: Palette) -> None:
    """The running risk with its band, dotted where too little was observed; warm from the alarm line on.

    Args:
        enough: 1 where enough was observed, a value per point. alarm: percent, None for no line.
    """
    x, y = np.array(course.x), np.array(course.y)
    figure.add_scatter(x=[*x, *x[::-1]], y=[*course.high, *course.low[::-1]], yaxis=axis, fill="toself", mode="lines",
                       fillcolor=rgba(p.accent, 0.15), line={"width": 0}, hoverinfo="skip", showlegend=False)
    thin = enough == 0
    if thin.any():
        beside = thin | np.append(thin[1:], False) | np.append(False, thin[:-1])  # so that the two lines meet
        figure.add_scatter(x=x, y=np.where(beside, y, np.nan), yaxis=axis, name="risk, too little observed", mode="lines",
                           line={"color": p.muted, "width": 1.6, "dash": "dot"}, hovertemplate="%{y:.1f} %")
    if without is not None:
        figure.add_scatter(x=without.x, y=without.y, yaxis=axis, name="without the note", mode="lines",
                           line={"color": p.muted, "width": 1.6, "dash": "dash"}, hovertemplate="%{y:.1f} %")
    over = (y >= (np.inf if alarm is None else alarm)) & ~thin
    figure.add_scatter(x=x, y=np.where(thin, np.nan, y), yaxis=axis, name="risk, 95 % band", mode="lines+markers",
                       line={"color": p.accent, "width": 2.5}, customdata=np.stack([course.low, course.high], -1),
                       marker={"size": np.where(over, 6, 0), "color": p.attention, "opacity": 1},
                       hovertemplate="%{y:.1f} % (%{customdata[0]:.1f} to %{customdata[1]:.1f} %)")
    if alarm is not None:
        figure.add_shape(type="line", xref="paper", x0=0, x1=1, yref=axis, y0=alarm, y1=alarm,
                         line={"color": p.attention, "width": 1.5, "dash": "dash"})
        figure.add_annotation(text=f"alarm at {alarm:.1f} %", xref="paper", x=1, xanchor="right", yref=axis, y=alarm,
                              yanchor="bottom", showarrow=False, font={"size": 11, "color": p.attention})
    _axis(figure, axis, range=[0, top(max([*course.high, alarm or 0]))], nticks=4)
    _name(figure, axis, "Risk of death in this hospital stay, %", p)


def steps(figure: go.Figure, axis: str, low: Curve, high: Curve, p: Palette) -> None:
    """NEWS2 as steps: a line where it is certain, an area between the lowest and the highest it can be."""
    line = {"color": p.ink, "width": 1.6, "shape": "hv"}
    figure.add_scatter(x=low.x, y=low.y, yaxis=axis, name="NEWS2", mode="lines", line=line, showlegend=False,
                       customdata=high.y, hovertemplate="%{y:.0f} to %{customdata:.0f}<extra>NEWS2</extra>")
    figure.add_scatter(x=high.x, y=high.y, yaxis=axis, name="NEWS2, highest possible", mode="lines", fill="tonexty",
                       line={**line, "width": 0.6}, fillcolor=rgba(p.ink, 0.15), showlegend=False, hoverinfo="skip")
    for at, name, side in ((URGENT, "urgent", "top"), (EMERGENCY, "emergency", "bottom")):
        figure.add_shape(type="line", xref="paper", x0=0, x1=1, yref=axis, y0=at, y1=at, layer="below",
                         line={"color": p.muted, "width": 1, "dash": "dot"})
        figure.add_annotation(text=name, xref="paper", x=1, xanchor="right", yref=axis, y=at, yanchor=side, showarrow=False,
                              font={"size": 10, "color": p.muted})
    _axis(figure, axis, range=[0, MOST], nticks=4)
    _name(figure, axis, "NEWS2", p)


def _axis(figure: go.Figure, axis: str, **told: object) -> None:
    figure.update_layout({f"yaxis{axis[1:]}": told})


def _name(figure: go.Figure, axis: str, text: str, p: Palette) -> None:
    figure.add_annotation(text=text, xref="paper", x=0, xanchor="left", yref=f"{axis} domain", y=1, yanchor="bottom",
                          showarrow=False, font={"size": 12, "color": p.ink})
