"""What the chest X-ray room shows as pictures and charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from core.assessment import Assessment, Finding
from core.cxr.study import CxrStudy
from core.figures import confidence_bars, house_figure, levels, rgba
from core.pictures import png
from core.plot_style import DARK, palette

# A radiograph is dark on any page: its colours are those of the dark theme, nothing dark and most bright.
GROUND = DARK


def film(study: CxrStudy, low: float = 0.0, high: float = 1.0, invert: bool = False) -> np.ndarray:
    """The radiograph as uint8 ``[height, width]``.

    Args:
        low, high: window on ``study.pixels``: what becomes black and white. invert: bone dark, as some readers like it.
    """
    grey = np.clip((study.pixels - low) / max(high - low, 1e-6), 0, 1)
    shown = np.round(255 * grey).astype(np.uint8)
    return 255 - shown if invert else shown


def overlay(
    study: CxrStudy, values: np.ndarray, opacity: float = 0.5, low: float = 0.0, high: float = 1.0, invert: bool = False
) -> np.ndarray:
    """The radiograph under an attribution, uint8 ``[height, width, 3]``.

    Colour and cover both grow with the weight, so that the film shows unchanged where the attribution is nothing.

    Args:
        values: shaped like the film; below zero speaks against. opacity: cover of the largest weight, 0 to 1.
    """
    scaled, signed = levels(values)
    scaled = scaled if signed else np.maximum(scaled, 0)
    colours = _colours(signed)[np.round(255 * ((scaled + 1) / 2 if signed else scaled)).astype(np.uint8)]
    cover = np.float32(opacity) * np.abs(scaled)[..., None]
    grey = film(study, low, high, invert)[..., None]
    return np.round(grey * (1 - cover) + colours * cover).astype(np.uint8)


def _colours(signed: bool) -> np.ndarray:
    """The scale as a table, float32 ``[256, 3]``."""
    stops = GROUND.scale(signed)
    rgb = np.array([[int(colour[i:i + 2], 16) for i in (1, 3, 5)] for _, colour in stops])
    at, table = [place for place, _ in stops], np.linspace(0, 1, 256)
    return np.stack([np.interp(table, at, channel) for channel in rgb.T], -1).astype(np.float32)


def overlay_png(
    study: CxrStudy, values: np.ndarray, opacity: float = 0.5, low: float = 0.0, high: float = 1.0, invert: bool = False
) -> bytes:
    """``overlay`` as a PNG file."""
    return png(overlay(study, values, opacity, low, high, invert))


def colour_bar(signed: bool = False, *, dark: bool = False) -> go.Figure:
    """What the colours of ``overlay`` mean: nothing to most, or against over nothing to for."""
    strip = np.linspace(-1 if signed else 0, 1, 201)
    figure = house_figure(dark, height=52, margin={"l": 32, "r": 32, "t": 4, "b": 32})
    figure.add_heatmap(z=[strip], x=strip, colorscale=GROUND.scale(signed), showscale=False, hoverinfo="skip")
    figure.update_xaxes(tickvals=[-1, 0, 1] if signed else [0, 1], showgrid=False,
                        ticktext=["against", "none", "for"] if signed else ["none", "most"])
    figure.update_yaxes(visible=False)
    return figure


def findings_bars(
    assessment: Assessment, without_note: Mapping[str, float] | None = None, *, shown: Sequence[Finding] | None = None,
    dark: bool = False,
) -> go.Figure:
    """The model's findings, or those of them that are ``shown``, ranked within their group, with threshold, interval and
    the change due to the note.

    Args:
        without_note: probability without the note by "group:code"; what did not change is not drawn.
    """
    groups = list(dict.fromkeys(f.group for f in assessment.own))
    ranked = sorted(assessment.own if shown is None else shown,
                    key=lambda f: (groups.index(f.group), f.probability is None, -(f.probability or 0)))
    figure = confidence_bars(ranked, dark=dark)
    rows = [(row, f, without_note[f.target]) for row, f in zip(figure.layout.yaxis.tickvals or (), ranked, strict=False)
            if f.probability is not None and points(f.probability - (without_note or {}).get(f.target, f.probability))]
    if not rows:
        return figure
    p = palette(dark)
    figure.add_scatter(
        x=[before for _, _, before in rows], y=[row for row, _, _ in rows], mode="markers",
        name="without the note", cliponaxis=False,
        marker={"symbol": "circle-open", "size": 9, "color": p.ink, "line": {"width": 1.5}},
        hovertemplate="without the note %{x:.1%}<extra></extra>")
    for row, f, before in rows:
        figure.add_annotation(x=1.16, y=row, xanchor="left", showarrow=False, font={"color": p.muted, "size": 12},
                              text=points(f.probability - before))
    figure.add_annotation(x=1.16, y=-0.1, xanchor="left", showarrow=False, text="by the note",
                          font={"color": p.muted, "size": 12})
    figure.update_xaxes(range=[0, 1.36])
    return figure


def points(change: float) -> str:
    """Percentage points, signed; nothing of a change that rounds to nothing."""
    whole = round(100 * change)
    return f"{whole:+d} point{'s' * (abs(whole) != 1)}" if whole else ""


def note_html(
    words: Sequence[tuple[str, float]], leaks: Sequence[tuple[int, int, str, str]] = (), *, dark: bool = False
) -> str:
    """The note with each word on a ground as strong as its weight; words that name a finding are underlined.

    Args:
        words: of ``core.cxr.explain_note.note_words``. leaks: start, end, phrase and label of ``core.cxr.notes``.
    """
    p, top = palette(dark), max((abs(value) for _, value in words), default=0) or 1.0
    named = _named([word for word, _ in words], leaks)
    spans = []
    for i, (word, value) in enumerate(words):
        ground = rgba((p.sequential if value > 0 else p.opposing)[2], round(0.5 * abs(value) / top, 3))
        style = f"background:{ground};padding:0 2px"
        title = f"{value:+.3f} on the logit"
        if i in named:
            style += f";text-decoration:underline wavy {p.attention}"
            title += f"; names {named[i]}"
        spans.append(f'<span style="{escape(style)}" title="{escape(title)}">{escape(word)}</span>')
    return f'<p class="note-words">{" ".join(spans)}</p>'


def _named(words: Sequence[str], leaks: Sequence[tuple[int, int, str, str]]) -> dict[int, str]:
    """By position in ``words``: the label whose phrase begins, continues or ends there."""
    def bare(text: str) -> str:
        return text.strip(".,;:!?()[]\"'").casefold()

    plain, found = [bare(word) for word in words], {}
    for _, _, phrase, label in leaks:
        parts = [bare(part) for part in phrase.split()]
        for i in range(len(plain) - len(parts) + 1):
            if parts and plain[i: i + len(parts)] == parts:
                found |= dict.fromkeys(range(i, i + len(parts)), label)
    return found
