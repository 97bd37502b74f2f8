"""The recording on calibrated paper, printed: PNG, SVG or PDF."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from core.ecg.sheet import DERIVED, LAYOUTS, PULSE_SECONDS, Layout, Panel, Sheet, centred, lead_notes, sheet
from core.ecg.study import LEADS, EcgStudy
from core.figures import levels
from core.plot_style import LIGHT


def paper(
    study: EcgStudy, *, layout: Layout = "3x4", speed: float = 25, gain: float = 10, marks: np.ndarray | None = None,
    attribution: np.ndarray | None = None, flags: dict[str, str] | None = None, start: float = 0.0,
    format: Literal["png", "svg", "pdf"] = "png", dpi: int = 150,
) -> bytes:
    """The recording on calibrated paper, physically true when printed at 100 %.

    Args:
        speed: mm/s. gain: mm/mV. start: second the sheet begins at.
        marks: ``[n, 5]`` int: lead, wave (0 P, 1 QRS, 2 T), onset, peak, end in samples; -1 where absent.
        attribution: ``[12, steps]`` over the whole recording, any step; drawn under the trace.
        flags: note beside a lead's name, by lead; by default those of ``lead_notes``.
        dpi: of PNG.
    """
    if layout not in LAYOUTS or format not in ("png", "svg", "pdf"):
        raise ValueError(f"layout is one of {', '.join(LAYOUTS)}; format is png, svg or pdf")
    page = sheet(study, layout, speed, gain, start)
    figure = Figure(figsize=(page.width / 25.4, page.height / 25.4), dpi=dpi, facecolor=LIGHT.ecg_paper)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, page.width), ylim=(page.height, 0))
    axes.set_axis_off()
    _squares(axes, page)
    _calibration(axes, page, speed, gain)
    signal = centred(study)
    scaled, signed = levels(attribution) if attribution is not None else (None, False)
    notes = lead_notes(study) if flags is None else flags
    for panel in page.panels:
        lead = LEADS.index(panel.lead)
        low, high = np.ceil(panel.start * study.sampling_rate), np.floor(panel.end * study.sampling_rate)
        index = np.arange(int(low), min(int(high) + 1, study.millivolts.shape[1]))
        x = panel.x + (index / study.sampling_rate - panel.start) * speed
        y = panel.base - signal[lead, index] * gain
        if panel.lead in study.missing:
            axes.plot(x[[0, -1]], [panel.base] * 2, color=LIGHT.muted, linewidth=0.6, linestyle=(0, (2, 4)))
        else:
            if scaled is not None:
                steps = (index * scaled.shape[1] // study.millivolts.shape[1])[:-1]
                _underlay(axes, x, y, scaled[lead, steps])
            axes.plot(x, y, color=LIGHT.ecg_ink, linewidth=0.7, solid_joinstyle="round", gid=f"lead-{panel.lead}")
        if marks is not None:
            _fiducials(axes, panel, marks[marks[:, 0] == lead], index, x, y)
        repeated = panel is page.panels[-1] and layout == "3x4"  # the rhythm strip
        _name(axes, panel, "" if repeated else notes.get(panel.lead, ""))
    words = f"{speed:g} mm/s    {gain:g} mm/mV    {study.sampling_rate:g} Hz"
    axes.text(2, page.height - 1.5, words, fontsize=7, color=LIGHT.muted)
    if scaled is not None:
        _colour_bar(axes, page, signed)
    out = io.BytesIO()
    # Text stays text, and equal input gives equal bytes.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "ecg", "pdf.fonttype": 3}):
        dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}, "png": None}[format]
        figure.savefig(out, format=format, dpi=dpi, facecolor=figure.get_facecolor(), metadata=dated)
    return out.getvalue()


def _squares(axes, page: Sheet) -> None:
    for step, colour, width in ((1, LIGHT.ecg_minor, 0.25), (5, LIGHT.ecg_major, 0.45)):
        across, down = np.arange(0, page.width + 0.01, step), np.arange(0, page.height + 0.01, step)
        lines = [((x, 0), (x, page.height)) for x in across] + [((0, y), (page.width, y)) for y in down]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, gid=f"squares-{step}mm"))


def _calibration(axes, page: Sheet, speed: float, gain: float) -> None:
    wide = PULSE_SECONDS * speed
    x = page.left - 2 - wide
    for base in {panel.base for panel in page.panels}:
        axes.plot([x - 1, x, x, x + wide, x + wide, x + wide + 1], base - gain * np.array([0, 0, 1, 1, 0, 0]),
                  color=LIGHT.ecg_ink, linewidth=0.7, gid="calibration")
    for panel in page.panels:
        if panel.x > page.left:
            axes.plot([panel.x] * 2, [panel.base - 6, panel.base - 3], color=LIGHT.ecg_ink, linewidth=0.6)
            axes.plot([panel.x] * 2, [panel.base + 3, panel.base + 6], color=LIGHT.ecg_ink, linewidth=0.6)


def _underlay(axes, x: np.ndarray, y: np.ndarray, level: np.ndarray) -> None:
    points = np.stack([x, y], 1)
    for part, stops in ((level > 0.06, LIGHT.sequential), (level < -0.06, LIGHT.opposing)):
        if not part.any():
            continue
        strength = np.abs(level[part])
        order = np.argsort(strength)  # the strongest on top
        colours = LinearSegmentedColormap.from_list("weight", stops)(strength[order])
        colours[:, 3] = 0.3 + 0.7 * strength[order]
        axes.add_collection(LineCollection(np.stack([points[:-1], points[1:]], 1)[part][order], colors=colours,
                                           linewidths=4.5, capstyle="butt"))


def _colour_bar(axes, page: Sheet, signed: bool) -> None:
    stops = (*LIGHT.opposing[::-1], LIGHT.ecg_paper, *LIGHT.sequential) if signed else (LIGHT.ecg_paper, *LIGHT.sequential)
    colours = LinearSegmentedColormap.from_list("bar", stops)(np.linspace(0, 1, 60))
    right, y = page.width - 22, page.height - 2.4
    for i, colour in enumerate(colours):
        axes.add_patch(Rectangle((right - 30 + i / 2, y - 0.9), 0.52, 1.8, facecolor=colour, linewidth=0))
    about = {"fontsize": 7, "color": LIGHT.muted, "va": "center"}
    axes.text(right - 31, y, "against the finding" if signed else "weight for the finding: none", ha="right", **about)
    axes.text(right + 1, y, "for" if signed else "most", **about)


def _fiducials(axes, panel: Panel, marks: np.ndarray, index: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    for _, wave, onset, peak, end in marks:
        colour, inside = LIGHT.waves[wave], [s - index[0] for s in (onset, end) if index[0] <= s <= index[-1]]
        for i in inside:
            axes.plot([x[i]] * 2, [y[i] - 1.4, y[i] + 1.4], color=colour, linewidth=0.8)
        if len(inside) == 2:
            axes.plot(x[inside], [panel.bottom - 0.7] * 2, color=colour, linewidth=1.6, solid_capstyle="butt")
        if index[0] <= peak <= index[-1]:
            i = peak - index[0]
            axes.plot(x[i], y[i], "o", markersize=3.2, markerfacecolor="none", color=colour, markeredgewidth=0.8)


def _name(axes, panel: Panel, note: str) -> None:
    box = {"facecolor": LIGHT.ecg_paper, "alpha": 0.75, "edgecolor": "none", "pad": 0.6}
    axes.text(panel.x + 1.2, panel.top + 3.6, panel.lead, fontsize=9.5, fontweight="bold", color=LIGHT.ecg_ink, bbox=box)
    if note:
        fits = max(8, int((panel.right - panel.x - 12) / 1.35))
        text = note if len(note) <= fits else note[: fits - 1].rstrip() + "…"
        mild = note == DERIVED
        axes.text(panel.x + 3.5 + 2.4 * len(panel.lead), panel.top + 3.6, text if mild else f"▲ {text}", fontsize=7,
                  bbox=box, color=LIGHT.muted if mild else LIGHT.attention)
