"""What the ECG room shows as charts. Every figure carries the house template and no ground of its own."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.assessment import Attribution
from core.ecg.sheet import coarse
from core.ecg.signal import SAMPLING_RATE, WINDOW, resample
from core.ecg.study import LEADS, EcgStudy
from core.figures import house_figure, levels
from core.plot_style import palette, template


def reconstruction(
    study: EcgStudy, rebuilt: np.ndarray, missed: np.ndarray | None = None, *, dark: bool = False,
) -> go.Figure:
    """What the network read first and what its decoder made of it, lead by lead, with the error of each lead.

    Args:
        rebuilt: ``[12, samples]`` mV as the study, NaN where nothing was rebuilt (an assessment's overlay).
        missed: ``[12]`` share of each lead's variance the decoder misses (its measurements of the group
            "reconstruction", over 100); computed when not given.
    """
    p = palette(dark)
    original = resample(study.millivolts, study.sampling_rate, SAMPLING_RATE)[:, :WINDOW]
    seconds = np.arange(original.shape[1]) / SAMPLING_RATE
    at = np.arange(study.millivolts.shape[1]) / study.sampling_rate
    rebuilt = np.stack([np.interp(seconds, at, lead) for lead in rebuilt]).astype(np.float32)
    if missed is None:
        missed = ((rebuilt - original) ** 2).mean(1) / np.maximum(original.var(1), 1e-6)
    rmse = np.sqrt(((rebuilt - original) ** 2).mean(1))
    titles = [f"{lead}   not recorded" if lead in study.missing or not np.isfinite(m)
              else f"{lead}   {e:.3f} mV RMS, {m:.0%} of variance missed"
              for lead, e, m in zip(LEADS, rmse, missed, strict=True)]
    figure = make_subplots(6, 2, shared_xaxes=True, vertical_spacing=0.045, horizontal_spacing=0.05,
                           subplot_titles=[titles[i + 6 * j] for i in range(6) for j in range(2)])
    figure.update_layout(template=template(dark), height=780, hovermode="x", margin={"t": 56})
    for k in range(12):
        at = {"row": k % 6 + 1, "col": k // 6 + 1}
        for name, line, signal in (("recording", {"color": p.ink, "width": 1}, original[k]),
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
    figure = house_figure(dark, height=380)
    bar = {"title": {"text": "weight"}, "tickvals": [-1, 0, 1] if signed else [0, 1],
           "ticktext": ["against", "none", "for"] if signed else ["none", "most"]}
    figure.add_heatmap(z=np.round(scaled if signed else np.maximum(scaled, 0), 3), x=seconds, y=list(LEADS),
                       zmin=-1 if signed else 0, zmax=1, colorscale=p.scale(signed), colorbar=bar, ygap=2,
                       hovertemplate="%{y}, %{x:.2f} s: %{z:.2f}<extra></extra>")
    figure.update_xaxes(title="s", showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont={"color": p.ink})
    return figure
