"""Charts that every room shares."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from core import plot_style


def reliability(calibration: dict[str, Any], dark: bool = False) -> go.Figure:
    """Observed frequency over predicted probability; the diagonal is a probability that means what it says.

    Args:
        calibration: of metrics.json: ``{"bins": [{"predicted", "observed", "n"}, ...], "ece", "split"}``.
    """
    colours = plot_style.palette(dark)
    bins = [b for b in calibration["bins"] if b["n"]]
    most = max((b["n"] for b in bins), default=1)
    figure = go.Figure(layout={"template": plot_style.template(dark), "showlegend": False, "height": 340})
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
