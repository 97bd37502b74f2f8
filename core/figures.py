"""Charts that every room shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.assessment import Curve, Finding
from core.plot_style import Palette, palette, template


def house_figure(dark: bool, **layout: Any) -> go.Figure:
    """An empty figure in the house style, on whatever ground carries it."""
    return go.Figure(layout={"template": template(dark), **layout})


def rgba(colour: str, alpha: float) -> str:
    """#rrggbb with an opacity, for CSS and Plotly."""
    return f"rgba({', '.join(str(int(colour[i:i + 2], 16)) for i in (1, 3, 5))}, {alpha})"


def levels(attribution: np.ndarray) -> tuple[np.ndarray, bool]:
    """Attribution scaled to -1 to 1 by its 99.5th percentile, and whether it speaks both for and against."""
    values = np.nan_to_num(np.asarray(attribution, dtype=np.float32))
    top = float(np.quantile(np.abs(values), 0.995)) or float(np.abs(values).max()) or 1.0
    scaled = np.clip(values / top, -1, 1)
    return scaled, bool(scaled.min() < -0.05)


def confidence_bars(findings: Sequence[Finding], *, dark: bool = False) -> go.Figure:
    """Probability of each finding with its operating threshold and 95 % interval, grouped by category.

    A finding at or above its threshold is drawn full, one below it pale; an untrained label says so and has no bar.
    """
    p = palette(dark)
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.category or finding.group, []).append(finding)
    figure = house_figure(dark, bargap=0.3)
    y, places, legend = 0.0, [], True
    for i, (group, members) in enumerate(groups.items()):
        heading = {"x": 0, "y": y, "xanchor": "left", "showarrow": False}
        figure.add_annotation(text=f"<b>{group.capitalize()}</b>", font={"size": 12, "color": p.muted}, **heading)
        at = y + 1 + np.arange(len(members))
        y = float(at[-1]) + 1.3
        places += zip(at, members, strict=False)
        known = [(row, f) for row, f in zip(at, members, strict=False) if f.probability is not None]
        _bars(figure, known, p.classes[i % len(p.classes)], p)
        marked = [(row, f) for row, f in known if f.threshold is not None]
        figure.add_scatter(
            x=[f.threshold for _, f in marked], y=[row for row, _ in marked], mode="markers",
            name="operating threshold",
            marker={"symbol": "line-ns", "size": 17, "line": {"color": p.attention, "width": 2.5}}, showlegend=legend,
            hovertemplate="operating threshold %{x:.2f}<extra></extra>")
        legend = False
    for row, f in places:
        known = f.probability is not None
        figure.add_annotation(
            x=1.02 if known else 0.005, y=row, xanchor="left", showarrow=False,
            text=f"{f.probability:.0%}" if known else "not trained" if not f.trained else "not usable",
            font={"color": p.ink if f.present else p.muted, "size": 12})
    ranged = any(f.interval for f in findings)
    figure.update_layout(height=int(84 + 25 * y), barmode="overlay")
    figure.update_xaxes(range=[0, 1.13], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%",
                        title="probability with 95 % interval" if ranged else "probability")
    figure.update_yaxes(tickvals=[row for row, _ in places], ticktext=[f.label for _, f in places], ticks="",
                        showgrid=False, range=[y - 0.6, -0.7], tickfont={"color": p.ink})
    return figure


def _bars(figure: go.Figure, rows: list[tuple[float, Finding]], colour: str, p: Palette) -> None:
    value = np.array([f.probability for _, f in rows])
    low, high = np.array([f.interval or (f.probability,) * 2 for _, f in rows]).reshape(-1, 2).T
    figure.add_bar(
        orientation="h", y=[row for row, _ in rows], x=value, width=0.6, showlegend=False,
        marker={"color": [rgba(colour, 0.6 if f.present else 0.22) for _, f in rows], "line": {"width": 0}},
        error_x={"type": "data", "symmetric": False, "thickness": 1.2, "width": 4, "color": p.ink,
                 "array": high - value, "arrayminus": value - low},
        customdata=[_hover(f) for _, f in rows], hovertemplate="%{customdata}<extra></extra>",
    )


def _hover(f: Finding) -> str:
    lines = [f"<b>{f.label}</b> ({f.code})",
             f"probability {f.probability:.3f}{'' if f.calibrated else ', not calibrated'}"]
    if f.interval:
        lines.append(f"95 % interval {f.interval[0]:.3f} to {f.interval[1]:.3f}")
    if f.threshold is not None:
        lines.append(f"threshold {f.threshold:.3f}, {'reached' if f.present else 'not reached'}")
    if f.sensitivity is not None and f.specificity is not None:
        lines.append(f"sensitivity {f.sensitivity:.0%}, specificity {f.specificity:.0%}")
    return "<br>".join(lines)


def deletion_curve(
    fractions: Sequence[float], targeted: Sequence[float], random: Sequence[float] | np.ndarray, *,
    quantity: str = "logit of the finding", removed: str = "share of the signal removed", dark: bool = False,
) -> go.Figure:
    """What the model says while the input is taken away, most important first, against random order.

    Args:
        fractions: ``[k]`` share removed. targeted: ``[k]``. random: ``[k]``, or ``[repeats, k]`` (drawn as a range).
    """
    p, chance = palette(dark), np.atleast_2d(np.asarray(random, dtype=float))
    x = np.asarray(fractions, dtype=float)
    figure = house_figure(dark, height=300)
    if len(chance) > 1:
        figure.add_scatter(x=np.r_[x, x[::-1]], y=np.r_[chance.max(0), chance.min(0)[::-1]], fill="toself",
                           fillcolor=rgba(p.muted, 0.18), line={"width": 0}, hoverinfo="skip", showlegend=False)
    figure.add_scatter(x=x, y=chance.mean(0), name="random order", mode="lines+markers",
                       line={"color": p.muted, "dash": "dash", "width": 2})
    figure.add_scatter(x=x, y=np.asarray(targeted, dtype=float), name="most important first", mode="lines+markers",
                       line={"color": p.accent, "width": 2.5})
    figure.update_xaxes(title=removed, tickformat=".0%", range=[0, max(float(x[-1]), 0.01)])
    figure.update_yaxes(title=quantity)
    return figure


def curve(one: Curve, *, dark: bool = False) -> go.Figure:
    """A course, with its 95 % band where it has one."""
    p, x = palette(dark), np.asarray(one.x, dtype=float)
    figure = house_figure(dark, height=320, showlegend=False)
    if one.low and one.high:
        figure.add_scatter(x=np.r_[x, x[::-1]], y=[*one.high, *one.low[::-1]], fill="toself", fillcolor=rgba(p.accent, 0.15),
                           line={"width": 0}, hoverinfo="skip")
    figure.add_scatter(x=x, y=one.y, name=one.name, mode="lines", line={"color": p.accent, "width": 2.5})
    figure.update_xaxes(title=one.x_unit)
    figure.update_yaxes(title=one.y_unit)
    return figure


def reliability(calibration: dict[str, Any], dark: bool = False) -> go.Figure:
    """Observed frequency over predicted probability; the diagonal is a probability that means what it says.

    Args:
        calibration: of metrics.json: ``{"bins": [{"predicted", "observed", "n"}, ...], "ece", "split"}``.
    """
    colours = palette(dark)
    bins = [b for b in calibration["bins"] if b["n"]]
    most = max((b["n"] for b in bins), default=1)
    figure = house_figure(dark, showlegend=False, height=340)
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": colours.muted, "width": 1, "dash": "dot"},
                       hoverinfo="skip")
    figure.add_scatter(
        x=[b["predicted"] for b in bins], y=[b["observed"] for b in bins], mode="lines+markers",
        line={"color": colours.accent, "width": 2},
        marker={"size": [7 + 11 * (b["n"] / most) ** 0.5 for b in bins], "opacity": 1},
        customdata=[b["n"] for b in bins],
        hovertemplate="predicted %{x:.2f}<br>observed %{y:.2f}<br>n = %{customdata:,}<extra></extra>",
    )
    figure.update_xaxes(title="Predicted probability", range=[-0.03, 1.03], dtick=0.25)
    figure.update_yaxes(title="Observed frequency", range=[-0.03, 1.03], dtick=0.25)
    return figure
