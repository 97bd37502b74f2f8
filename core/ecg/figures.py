"""What the ECG room shows as charts. Every figure carries the house template and no ground of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.assessment import Attribution, Finding
from core.ecg.model import SAMPLING_RATE
from core.ecg.paper import coarse, levels, paper
from core.ecg.signal import windows
from core.ecg.study import LEADS, EcgStudy
from core.figures import reliability
from core.plot_style import Palette, palette, template

__all__ = ["attribution_by_lead", "calibration", "confidence_bars", "deletion_curve", "paper", "reconstruction", "roc"]


def _figure(dark: bool, **layout) -> go.Figure:
    return go.Figure(layout={"template": template(dark), **layout})


def _rgba(colour: str, alpha: float) -> str:
    return f"rgba({', '.join(str(int(colour[i:i + 2], 16)) for i in (1, 3, 5))}, {alpha})"


def confidence_bars(findings: Sequence[Finding], *, dark: bool = False) -> go.Figure:
    """Probability of each finding with its operating threshold and 95 % interval, grouped by category.

    A finding at or above its threshold is drawn full, one below it pale; an untrained label says so and has no bar.
    """
    p = palette(dark)
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.category or finding.group, []).append(finding)
    figure = _figure(dark, bargap=0.3)
    y, places, legend = 0.0, [], True
    for i, (group, members) in enumerate(groups.items()):
        heading = {"x": 0, "y": y, "xanchor": "left", "showarrow": False}
        figure.add_annotation(text=f"<b>{group.capitalize()}</b>", font={"size": 12, "color": p.muted}, **heading)
        at = y + 1 + np.arange(len(members))
        y = float(at[-1]) + 1.3
        places += zip(at, members)
        known = [(row, f) for row, f in zip(at, members) if f.probability is not None]
        _bars(figure, known, p.classes[i % len(p.classes)], p)
        marked = [(row, f) for row, f in known if f.threshold is not None]
        figure.add_scatter(
            x=[f.threshold for _, f in marked], y=[row for row, _ in marked], mode="markers", name="operating threshold",
            marker={"symbol": "line-ns", "size": 17, "line": {"color": p.attention, "width": 2.5}}, showlegend=legend,
            hovertemplate="operating threshold %{x:.2f}<extra></extra>")
        legend = False
    for row, f in places:
        known = f.probability is not None
        figure.add_annotation(
            x=1.02 if known else 0.005, y=row, xanchor="left", showarrow=False,
            text=f"{f.probability:.0%}" if known else "not trained",
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
        marker={"color": [_rgba(colour, 0.6 if f.present else 0.22) for _, f in rows], "line": {"width": 0}},
        error_x={"type": "data", "symmetric": False, "thickness": 1.2, "width": 4, "color": p.ink,
                 "array": high - value, "arrayminus": value - low},
        customdata=[_hover(f) for _, f in rows], hovertemplate="%{customdata}<extra></extra>",
    )


def _hover(f: Finding) -> str:
    lines = [f"<b>{f.label}</b> ({f.code})", f"probability {f.probability:.3f}{'' if f.calibrated else ', not calibrated'}"]
    if f.interval:
        lines.append(f"95 % interval {f.interval[0]:.3f} to {f.interval[1]:.3f}")
    if f.threshold is not None:
        lines.append(f"threshold {f.threshold:.3f}, {'reached' if f.present else 'not reached'}")
    if f.sensitivity is not None and f.specificity is not None:
        lines.append(f"sensitivity {f.sensitivity:.0%}, specificity {f.specificity:.0%}")
    return "<br>".join(lines)


def reconstruction(
    study: EcgStudy, rebuilt: np.ndarray, missed: np.ndarray | None = None, *, dark: bool = False,
) -> go.Figure:
    """What the network read and what its decoder made of it, lead by lead, with the error of each lead.

    Args:
        rebuilt: ``[12, n]`` mV at 100 Hz, the first window of the recording.
        missed: ``[12]`` share of each lead's variance the decoder misses; computed when not given.
    """
    p = palette(dark)
    read = windows(study)[0][:, : rebuilt.shape[1]]
    if missed is None:
        missed = ((rebuilt - read) ** 2).mean(1) / np.maximum(read.var(1), 1e-6)
    rmse = np.sqrt(((rebuilt - read) ** 2).mean(1))
    titles = [f"{lead}   not recorded" if lead in study.missing or not np.isfinite(m)
              else f"{lead}   {e:.3f} mV RMS, {m:.0%} of variance missed" for lead, e, m in zip(LEADS, rmse, missed)]
    figure = make_subplots(6, 2, shared_xaxes=True, vertical_spacing=0.045, horizontal_spacing=0.05,
                           subplot_titles=[titles[i + 6 * j] for i in range(6) for j in range(2)])
    figure.update_layout(template=template(dark), height=780, hovermode="x", margin={"t": 56})
    seconds = np.arange(rebuilt.shape[1]) / SAMPLING_RATE
    for k in range(12):
        at = {"row": k % 6 + 1, "col": k // 6 + 1}
        for name, line, signal in (("recording", {"color": p.ink, "width": 1}, read[k]),
                                   ("reconstruction", {"color": p.accent, "width": 1.8}, rebuilt[k])):
            figure.add_scatter(x=seconds, y=np.round(signal, 3), name=name, legendgroup=name, showlegend=k == 0,
                               mode="lines", line=line, hovertemplate=f"%{{y:.2f}} mV<extra>{name}</extra>", **at)
    figure.update_annotations(font={"size": 12, "color": p.ink})
    figure.update_layout(legend={"y": 1.05})
    figure.update_yaxes(nticks=3)
    figure.update_xaxes(title="s", row=6)
    return figure


def attribution_by_lead(attribution: Attribution | np.ndarray, *, duration: float = 10.0, dark: bool = False) -> go.Figure:
    """Lead by time, coloured by weight for the finding; signed where the method says against as well as for.

    Args:
        attribution: values ``[12, steps]`` over ``duration`` seconds.
    """
    values = attribution.values if isinstance(attribution, Attribution) else attribution
    scaled, signed = levels(coarse(values, round(duration * SAMPLING_RATE)))
    seconds = (np.arange(scaled.shape[1]) + 0.5) * duration / scaled.shape[1]
    p = palette(dark)
    figure = _figure(dark, height=380)
    bar = {"title": {"text": "weight"}, "tickvals": [-1, 0, 1] if signed else [0, 1],
           "ticktext": ["against", "none", "for"] if signed else ["none", "most"]}
    figure.add_heatmap(z=np.round(scaled if signed else np.maximum(scaled, 0), 3), x=seconds, y=list(LEADS),
                       zmin=-1 if signed else 0, zmax=1, colorscale=p.scale(signed), colorbar=bar, ygap=2,
                       hovertemplate="%{y}, %{x:.2f} s: %{z:.2f}<extra></extra>")
    figure.update_xaxes(title="s", showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont={"color": p.ink})
    return figure


def deletion_curve(
    fractions: Sequence[float], targeted: Sequence[float], random: Sequence[float] | np.ndarray, *,
    quantity: str = "logit of the finding", dark: bool = False,
) -> go.Figure:
    """What the model says while the signal is taken away, most important first, against random order.

    Args:
        fractions: ``[k]`` share removed. targeted: ``[k]``. random: ``[k]``, or ``[repeats, k]`` (drawn as a range).
    """
    p, chance = palette(dark), np.atleast_2d(np.asarray(random, dtype=float))
    x = np.asarray(fractions, dtype=float)
    figure = _figure(dark, height=300)
    if len(chance) > 1:
        figure.add_scatter(x=np.r_[x, x[::-1]], y=np.r_[chance.max(0), chance.min(0)[::-1]], fill="toself",
                           fillcolor=_rgba(p.muted, 0.18), line={"width": 0}, hoverinfo="skip", showlegend=False)
    figure.add_scatter(x=x, y=chance.mean(0), name="random order", mode="lines+markers", line={"color": p.muted, "dash": "dash", "width": 2})
    figure.add_scatter(x=x, y=np.asarray(targeted, dtype=float), name="most important first", mode="lines+markers",
                       line={"color": p.accent, "width": 2.5})
    figure.update_xaxes(title="share of the signal removed", tickformat=".0%", range=[0, max(float(x[-1]), 0.01)])
    figure.update_yaxes(title=quantity)
    return figure


def calibration(bins: Sequence[Mapping[str, float]], *, dark: bool = False) -> go.Figure:
    """Reliability diagram of bins ``{"predicted", "observed", "n"}``."""
    return reliability({"bins": bins}, dark)


def roc(curves: Mapping[str, tuple[Sequence[float], Sequence[float], float]], *, dark: bool = False) -> go.Figure:
    """Receiver operating characteristics.

    Args:
        curves: by label, false positive rate, true positive rate, and area under the curve.
    """
    p = palette(dark)
    figure = _figure(dark, height=400, legend={"orientation": "v", "x": 0.98, "xanchor": "right", "y": 0.04, "yanchor": "bottom"})
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": p.muted, "dash": "dot", "width": 1.5},
                       hoverinfo="skip", showlegend=False)
    for i, (label, (fpr, tpr, area)) in enumerate(curves.items()):
        figure.add_scatter(x=np.asarray(fpr), y=np.asarray(tpr), mode="lines", name=f"{label}  {area:.3f}",
                           line={"color": p.classes[i % len(p.classes)], "width": 2},
                           hovertemplate=f"{label}: 1 - specificity %{{x:.2f}}, sensitivity %{{y:.2f}}<extra></extra>")
    figure.update_xaxes(title="1 - specificity", range=[0, 1])
    figure.update_yaxes(title="sensitivity", range=[0, 1.005])
    return figure
