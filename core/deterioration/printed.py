"""A stay as a printed picture: the running risk, NEWS2 and the six traces over the hours."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from core.assessment import Assessment
from core.deterioration import german
from core.deterioration.alarms import RATE
from core.deterioration.names import ENOUGH, HIGHEST, LOWEST, RISK, WITHOUT, curve
from core.deterioration.scales import EMERGENCY, MARKED, MOST, URGENT, connected, ends, top
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import VITALS
from core.export.entry import Language
from core.plot_style import LIGHT

WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {"risk": "Risk of death in this hospital stay, %", "running": "risk", "band": "95 % band",
           "without": "without the note", "thin": "too little observed", "hours": "hours of the stay", "threshold": "threshold",
           "alarm": "alarm line ({:g} alerts per 100 patient-days)"},
    "de": {"risk": "Risiko, im Krankenhaus zu sterben, %", "running": "Risiko", "band": "95-%-Band",
           "without": "ohne die Notiz", "thin": "zu wenig beobachtet", "hours": "Stunden des Aufenthalts",
           "threshold": "Schwelle", "alarm": "Alarmlinie ({:g} Alarme je 100 Patiententage)"},
}


def picture(
    study: DeteriorationStudy, assessment: Assessment, language: Language = "en", alarm: Mapping[str, Any] | None = None
) -> bytes | None:
    """PNG of the stay; None where it was refused.

    Args:
        alarm: the point of ``alarms.points`` whose line is drawn; None draws the operating threshold.
    """
    if assessment.refused:
        return None
    with rc_context({"font.family": "sans-serif", "font.size": 7.5, "text.color": LIGHT.ink, "axes.labelcolor": LIGHT.muted,
                     "xtick.color": LIGHT.muted, "ytick.color": LIGHT.muted, "axes.titlesize": 8, "axes.titlelocation": "left",
                     "axes.titlecolor": LIGHT.ink}):
        file = io.BytesIO()
        drawn(study, assessment, language, alarm).savefig(file, format="png", dpi=200, metadata={"Software": None})
    return _without_density(file.getvalue())


def drawn(
    study: DeteriorationStudy, assessment: Assessment, language: Language, alarm: Mapping[str, Any] | None = None
) -> Figure:
    """The panels, and above them what the lines of the first are; as ``picture``."""
    names = german.VITALS if language == "de" else {vital.code: vital.label for vital in VITALS}
    figure = Figure(figsize=(7.2, 4.8), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(4, 2, sharex=True, height_ratios=(1.5, 1, 1, 1))
    _risk(grid[0, 0], assessment, WORDS[language], alarm)
    _news2(grid[0, 1], assessment)
    for k, vital in enumerate(VITALS):
        _trace(grid[1 + k // 2, k % 2], study, assessment, k, f"{names[vital.code]}, {vital.unit}")
    end = curve(assessment, RISK).x[-1]
    for axes in grid.flat:
        axes.set_xlim(study.start, max(end, study.start + 1))
        axes.xaxis.set_major_locator(MultipleLocator(6))
        axes.grid(color=LIGHT.line, linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(LIGHT.line)
    for axes in grid[-1]:
        axes.set_xlabel(WORDS[language]["hours"])
    figure.legend(loc="outside upper left", frameon=False, fontsize=7, ncols=5, borderpad=0, handlelength=2.4)
    return figure


def _risk(axes: Axes, assessment: Assessment, words: Mapping[str, str], alarm: Mapping[str, Any] | None) -> None:
    course, without, enough = curve(assessment, RISK), curve(assessment, WITHOUT), assessment.overlays[ENOUGH] > 0
    x, y = np.array(course.x), np.array(course.y)
    axes.fill_between(x, course.low, course.high, color=LIGHT.accent, alpha=0.15, linewidth=0, label=words["band"])
    if not enough.all():
        axes.plot(x, y, color=LIGHT.muted, linestyle=":", linewidth=1.2, label=words["thin"])
    if without is not None:
        axes.plot(without.x, without.y, color=LIGHT.muted, linestyle=(0, (4, 2)), linewidth=1.1, label=words["without"])
    axes.plot(x, np.where(enough, y, np.nan), color=LIGHT.accent, linewidth=1.8, label=words["running"])
    threshold = assessment.findings[0].threshold if alarm is None else alarm["threshold"]
    if threshold is not None:
        label = words["threshold"] if alarm is None else words["alarm"].format(alarm[RATE])
        axes.axhline(100 * threshold, color=LIGHT.attention, linewidth=1, linestyle=(0, (4, 2)), label=label)
    axes.set(title=words["risk"], ylim=(0, top(max([*course.high, 100 * (threshold or 0)]))))


def _news2(axes: Axes, assessment: Assessment) -> None:
    low, high = curve(assessment, LOWEST), curve(assessment, HIGHEST)
    axes.fill_between(low.x, low.y, high.y, step="post", color=LIGHT.ink, alpha=0.15, linewidth=0)
    axes.step(low.x, low.y, where="post", color=LIGHT.ink, linewidth=1.3)
    for at in (URGENT, EMERGENCY):
        axes.axhline(at, color=LIGHT.muted, linewidth=0.8, linestyle=":")
    axes.set(title="NEWS2", ylim=(0, MOST))


def _trace(axes: Axes, study: DeteriorationStudy, assessment: Assessment, k: int, title: str) -> None:
    band = assessment.measured(VITALS[k].code)
    x, y = connected(study.hours, study.values[:, k])
    axes.plot(x, y, color=LIGHT.ink, linewidth=1, marker="o" if len(x) <= MARKED else "", markersize=1.8)
    low, high = ends(VITALS[k], y)
    axes.axhspan(low if band.low is None else band.low, high if band.high is None else band.high, color=LIGHT.muted, alpha=0.13,
                 linewidth=0)
    axes.set(title=title, ylim=(low, high))


def _without_density(png: bytes) -> bytes:
    """Density is kept for what is true to scale, and this is not."""
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as read:
        read.convert("RGB").save(file, format="PNG")
    return file.getvalue()
