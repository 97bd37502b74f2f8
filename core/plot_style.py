"""The house colours and the one Plotly template, light and dark.

`.streamlit/config.toml` and `assets/style.css` take the same values. Class colours are the *muted* scheme
on light and the *light* scheme on dark ground of Tol, "Colour Schemes" (SRON/EPS/TN/09-002, 2021), which
stay apart under the common colour vision deficiencies. Maps for values are perceptually uniform (magma).
"""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

FONT = "Inter, 'Source Sans', 'Source Sans 3', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Palette:
    """Colours of one theme, as #rrggbb."""

    paper: str  # page ground
    surface: str  # what lies on it: cards, inputs, the sidebar
    ink: str  # text and traces
    muted: str  # secondary text, axes
    line: str  # hairlines, borders, chart grids
    accent: str  # interaction, and nothing else
    attention: str  # the one warm colour: what needs attention, and nothing else
    classes: tuple[str, ...]  # categories, in this order
    ecg_paper: str
    ecg_minor: str  # 1 mm squares
    ecg_major: str  # 5 mm squares
    ecg_ink: str
    waves: tuple[str, str, str]  # P, QRS, T
    sequential: tuple[str, ...]  # nothing to much, a segment of magma that leaves the ink readable
    opposing: tuple[str, ...]  # the same for values that speak against

    def scale(self, signed: bool = False) -> list[list]:
        """Plotly colour scale from nothing to much, or from against over nothing to for."""
        stops = (*reversed(self.opposing), self.surface, *self.sequential) if signed else (
            self.surface, *self.sequential)
        return [[i / (len(stops) - 1), colour] for i, colour in enumerate(stops)]


LIGHT = Palette(
    paper="#f8faf9", surface="#ffffff", ink="#0f3d3e", muted="#557070", line="#d9e3e1",
    accent="#0b7285", attention="#b4530a",
    classes=("#332288", "#44aa99", "#cc6677", "#999933", "#aa4499", "#117733", "#88ccee", "#882255"),
    ecg_paper="#fffdfc", ecg_minor="#f7e6e2", ecg_major="#ebc6bf", ecg_ink="#0d2b2e",
    waves=("#332288", "#1b998b", "#999933"),
    sequential=("#fecf92", "#fe9f6d", "#f7705c", "#de4968", "#b73779"),
    opposing=("#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5"),
)
DARK = Palette(
    paper="#0b151c", surface="#12212a", ink="#e3eeec", muted="#93aaab", line="#263a44",
    accent="#4fc3cf", attention="#f0a35e",
    classes=("#77aadd", "#44bb99", "#ee8866", "#bbcc33", "#ffaabb", "#aaaa00", "#99ddff", "#eedd88"),
    ecg_paper="#0a141b", ecg_minor="#13232c", ecg_major="#21394a", ecg_ink="#dcebe8",
    waves=("#99aaff", "#44bb99", "#ccbb44"),
    sequential=("#2c115f", "#51127c", "#8c2981", "#c73d73", "#f4695c"),
    opposing=("#08306b", "#08519c", "#2171b5", "#4292c6", "#6baed6"),
)


def palette(dark: bool = False) -> Palette:
    return DARK if dark else LIGHT


def template(dark: bool = False) -> go.layout.Template:
    """The Plotly template of the house. Grounds are transparent: a chart lies on whatever carries it."""
    p = palette(dark)
    axis = {"gridcolor": p.line, "linecolor": p.line, "zeroline": False, "ticks": "outside", "ticklen": 4,
            "tickcolor": p.line, "tickfont": {"color": p.muted, "size": 12},
            "title": {"font": {"color": p.muted, "size": 13}, "standoff": 10}, "automargin": True}
    colour_bar = {"outlinewidth": 0, "thickness": 12, "tickfont": {"color": p.muted, "size": 11},
                  "title": {"font": {"color": p.muted, "size": 12}, "side": "right"}}
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": p.ink},
            "title": {"font": {"size": 15, "color": p.ink}, "x": 0, "xanchor": "left"},
            "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(p.classes),
            "colorscale": {"sequential": p.scale(), "diverging": p.scale(signed=True)},
            "xaxis": axis, "yaxis": axis,
            "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"color": p.muted}},
            "hoverlabel": {"bgcolor": p.surface, "bordercolor": p.line, "font": {"family": FONT, "color": p.ink}},
            "hovermode": "closest", "dragmode": False,
        },
        data={"heatmap": [{"colorbar": colour_bar}]},
    )
