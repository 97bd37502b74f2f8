"""Charts of a cohort: how risk is spread, and whether it means what it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures import house_figure, rgba
from core.heart_failure.fifths import Fifth
from core.plot_style import palette

WIDTH = 5  # percent of a bar


def spread(risk: np.ndarray, year: int, *, dark: bool = False) -> go.Figure:
    """How many patients have which predicted risk; NaN is left out.

    Args:
        risk: percent ``[n]``.
    """
    p, edges = palette(dark), np.arange(0, 100 + WIDTH, WIDTH)
    counts, _ = np.histogram(risk[np.isfinite(risk)], edges)
    figure = house_figure(dark, height=280, bargap=0.06, showlegend=False)
    figure.add_bar(x=edges[:-1] + WIDTH / 2, y=counts, width=WIDTH * 0.94, marker={"color": rgba(p.accent, 0.6)},
                   customdata=np.column_stack([edges[:-1], edges[1:]]),
                   hovertemplate="%{customdata[0]} to %{customdata[1]} %<br>%{y:,} patients<extra></extra>")
    figure.update_xaxes(title=f"predicted death within {year} year{'s' * (year > 1)}, %", range=[0, 100])
    figure.update_yaxes(title="patients", rangemode="tozero")
    return figure


def calibration(parts: Sequence[Fifth], year: int, *, dark: bool = False) -> go.Figure:
    """Observed over predicted deaths, by fifth of risk; on the diagonal a risk means what it says."""
    p, top = palette(dark), max(5.0, *(max(one.high, one.predicted) for one in parts)) * 1.05
    figure = house_figure(dark, height=280, showlegend=False)
    figure.add_scatter(x=[0, top], y=[0, top], mode="lines", line={"color": p.muted, "width": 1, "dash": "dot"},
                       hoverinfo="skip")
    figure.add_scatter(
        x=[one.predicted for one in parts], y=[one.observed for one in parts], mode="lines+markers",
        line={"color": p.accent, "width": 2}, marker={"size": 9},
        error_y={"type": "data", "symmetric": False, "array": [one.high - one.observed for one in parts],
                 "arrayminus": [one.observed - one.low for one in parts], "color": p.accent, "thickness": 1.2, "width": 4},
        customdata=[one.n for one in parts],
        hovertemplate="predicted %{x:.1f} %<br>observed %{y:.1f} %<br>n = %{customdata:,}<extra></extra>")
    figure.update_xaxes(title=f"predicted death within {year} year{'s' * (year > 1)}, %", range=[0, top])
    figure.update_yaxes(title="observed (Kaplan-Meier), %", range=[0, top])
    return figure
