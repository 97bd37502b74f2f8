"""A place for a chart on a static page: its two figures, light and dark, lie in ``charts.js`` and are drawn when seen."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go

Charts = dict[str, tuple[str, str]]  # key -> the figure as JSON, light and dark


def place(charts: Charts, key: str, light: go.Figure, dark: go.Figure, alt: str, caption: str, *, wide: bool = False) -> str:
    """HTML of the place; the figures go to ``charts``."""
    charts[key] = (_json(light), _json(dark))
    size = f"style='min-height:{light.layout.height or 360}px'"
    return (f"<figure class='chart{' wide' if wide else ''}'>"
            f"<div data-chart='{key}' role='img' {size} aria-label='{escape(alt, quote=True)}'></div>"
            f"<figcaption>{escape(caption)}</figcaption></figure>")


def script(charts: Charts) -> str:
    """``charts.js``: the page works from a folder too, where a browser fetches nothing."""
    rows = ",\n".join(f'"{key}": [{light}, {dark}]' for key, (light, dark) in charts.items())
    return f"window.CHARTS = {{{rows}}};\n"


def _json(figure: go.Figure) -> str:
    return figure.to_json().replace("</", "<\\/")
