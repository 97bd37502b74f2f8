"""What the showcase says of models and training: the figures of every model, and the curves of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go

from core import figures, markup
from core.plot_style import palette
from core.settings import settings
from core.space.charts import Charts, place
from core.weights import WeightsError, read_config, read_metrics


@dataclass(frozen=True)
class Run:
    """A training run. ``curves``: name -> (step, value) in their order."""

    room: str
    name: str
    state: str
    curves: Mapping[str, Sequence[tuple[float, float]]]


def models(folders: Sequence[str], charts: Charts) -> str:
    """A section each: identity, figures, and the reliability diagram, whose figures go to ``charts``."""
    made = []
    for name in folders:
        try:
            config, metrics = read_config(settings.weights / name), read_metrics(settings.weights / name)
        except WeightsError:
            continue
        facts = " · ".join((f"version {config.version}", config.licence, f"SHA-256 {config.sha256[:12]}"))
        table = _figures(metrics)
        chart = ""
        if metrics.get("calibration"):
            pair = (figures.reliability(metrics["calibration"], dark) for dark in (False, True))
            chart = place(charts, f"reliability-{name}", *pair, "Reliability diagram",
                          "Observed frequency over predicted probability")
        made.append(_folded(name.replace("_", " "), facts,
                            f"<p class='cs-small'>{escape(config.training_data)}</p>{table}{chart}"))
    return "".join(made)


def _figures(metrics: Mapping) -> str:
    rows = []
    for one in metrics.get("figures", ()):
        unit = f" {one['unit']}" if one.get("unit") else ""
        interval = f"{one['interval'][0]:.4g} to {one['interval'][1]:.4g}" if one.get("interval") else "–"
        aim = "" if one.get("target") is None else f"{one['target']}"
        cells = (one["name"], f"{one['value']:.4g}{unit}", interval, one["split"], f"{one['n']:,}", aim)
        rows.append((tuple(map(escape, cells)), ""))
    if not rows:
        return ""
    table = markup.table(("Figure", "Value", "95 % interval", "Split", "n", "Aim"), rows, numbers=(1, 2, 4, 5))
    source = f"Measured on {escape(metrics['dataset'])} with <code>{escape(metrics['command'])}</code>"
    return f"{table}<p class='cs-small'>{source}</p>"


def runs(rows: Sequence[Run], charts: Charts) -> str:
    """Each run with its curves, one chart a figure."""
    if not rows:
        return "<p>No training run lay on the machine when this page was made. Figures of the shipped weights stand above.</p>"
    made = []
    for number, one in enumerate(rows):
        drawn = [place(charts, f"run-{number}-{k}", *(_curve(name, points, dark) for dark in (False, True)),
                       f"{name} over the steps", name)
                 for k, (name, points) in enumerate(one.curves.items()) if len(points) > 1]
        made.append(_folded(one.name, f"{one.room}, {one.state}", f"<div class='charts'>{''.join(drawn)}</div>"))
    return "".join(made)


def _folded(title: str, facts: str, inside: str) -> str:
    head = f"<summary><b>{escape(title)}</b> <span class='cs-small'>{escape(facts)}</span></summary>"
    return f"<details class='model'>{head}{inside}</details>"


def _curve(name: str, points: Sequence[tuple[float, float]], dark: bool) -> go.Figure:
    figure = figures.house_figure(dark, height=240, showlegend=False)
    steps, values = zip(*points, strict=True)
    figure.add_scatter(x=steps, y=values, mode="lines", line={"color": palette(dark).accent, "width": 2},
                       hovertemplate="%{x}: %{y:.4g}<extra></extra>")
    figure.update_xaxes(title="step")
    figure.update_yaxes(title=name)
    return figure
