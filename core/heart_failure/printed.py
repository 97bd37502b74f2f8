"""The survival curve as a printed picture."""

from __future__ import annotations

import io

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.assessment import Assessment
from core.export.entry import Language
from core.heart_failure import german, scar
from core.plot_style import LIGHT

_LINES = {"Cohort": (LIGHT.muted, (0, (1, 2)), 1.4), scar.CURVE: (LIGHT.attention, (0, (4, 2)), 1.6),
          "Survival": (LIGHT.accent, "-", 2.0)}
_NAMES = {"Survival": "this patient, 95 % band", "Cohort": "cohort", scar.CURVE: "with scar, published effect, not learned"}
_WORDS: dict[Language, tuple[str, str]] = {"en": ("years", "alive, %"), "de": ("Jahre", "am Leben, %")}


def picture(assessment: Assessment, language: Language = "en") -> bytes | None:
    """PNG of the curves with their bands; None where there are none."""
    curves = {curve.name: curve for curve in assessment.curves}
    if not curves:
        return None
    names = german.CURVES if language == "de" else _NAMES
    with rc_context({"font.family": "sans-serif", "font.size": 9, "text.color": LIGHT.ink, "axes.labelcolor": LIGHT.muted,
                     "xtick.color": LIGHT.muted, "ytick.color": LIGHT.muted}):
        figure = Figure(figsize=(7.2, 3.4), facecolor="white", layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for name, (colour, dash, width) in _LINES.items():
            if (one := curves.get(name)) is None:
                continue
            if one.low:
                axes.fill_between(one.x, one.low, one.high, color=colour, alpha=0.13, linewidth=0)
            axes.plot(one.x, one.y, color=colour, linestyle=dash, linewidth=width, label=names[name])
        years, alive = _WORDS[language]
        axes.set(xlabel=years, ylabel=alive, ylim=(0, 101), xlim=(0, max(curve.x[-1] for curve in curves.values())))
        axes.grid(color=LIGHT.line, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(LIGHT.line)
        axes.legend(frameon=False, loc="lower left")
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=200, metadata={"Software": None})
    return _without_density(file.getvalue())


def _without_density(png: bytes) -> bytes:
    """Density is kept for what is true to scale, and a curve is not."""
    from PIL import Image

    file = io.BytesIO()
    with Image.open(io.BytesIO(png)) as read:
        read.convert("RGB").save(file, format="PNG")
    return file.getvalue()
