"""Charts of a run's curves, in the house style. ``curves`` are those of ``core.training.state``: "stage/figure" -> (x, y)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import plotly.graph_objects as go

from core.figures import house_figure
from core.plot_style import palette

Curves = Mapping[str, Sequence[tuple[float, float]]]
RATE = "learning_rate"
WORDS = {"cpu": "CPU, % of one core", "memory": "Memory, MB", "free_memory": "Memory that is free, MB", "gpu": "GPU, %",
         "gpu_memory": "GPU memory, MB", "gpu_used": "GPU memory in use by all, MB"}
LAST = (RATE, "samples_per_second")  # charts at the end
_LETTERS = 34  # of a legend, in a line
MACHINE = "machine"  # a stage that is none: by second
LAST = ("lr", "learning_rate", "samples/s", "samples_per_second", "rows_per_second", "seconds")  # charts at the end


def charts(curves: Curves) -> list[tuple[str, Curves]]:
    """Per figure its name and the stages' lines: losses first, then what was validated, then how fast it went."""
    found: dict[str, dict[str, Sequence[tuple[float, float]]]] = {}
    for key, points in curves.items():
        stage, _, figure = key.rpartition("/")
        found.setdefault(figure, {})[stage] = points
    return sorted(found.items(), key=lambda item: (item[0] in LAST, item[0] != "loss", "loss" not in item[0]))


def course(name: str, lines: Curves, *, dark: bool = False) -> go.Figure:
    """One figure by epoch, a line per stage; of the machine, by second."""
    p, by = palette(dark), "second" if MACHINE in lines else "epoch"
    figure = house_figure(dark, height=230, showlegend=len(lines) > 1)
    for k, (stage, points) in enumerate(lines.items()):
        x, y = zip(*points, strict=True)
        figure.add_scatter(x=x, y=y, name=stage_words(stage), mode="lines+markers" if len(x) < 30 else "lines",
                           line={"color": p.classes[k % len(p.classes)] if len(lines) > 1 else p.accent, "width": 2},
                           marker={"size": 5}, hovertemplate=f"{by} %{{x}}: %{{y:.4g}}<extra></extra>")
    figure.update_layout(margin={"t": _legend([stage_words(stage) for stage in lines])})
    figure.update_xaxes(title=by, rangemode="tozero")
    if name == RATE:
        figure.update_yaxes(exponentformat="power")
    return figure


def last(curves: Curves, figure: str) -> float | None:
    """The value of the stage that was at work last; None where there is none."""
    found = [points[-1][1] for key, points in curves.items() if key.rpartition("/")[2] == figure and points]
    return found[-1] if found else None


def figure_words(name: str) -> str:
    return WORDS.get(name) or name.replace("_", " ")[:1].upper() + name.replace("_", " ")[1:]


def stage_words(stage: str) -> str:
    words = stage.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _legend(labels: Iterable[str]) -> int:
    """Pixels above a chart of half the page's width for a legend of these labels; none of a single one."""
    labels = list(labels)
    return 12 if len(labels) < 2 else 14 + 20 * -(-sum(len(label) + 8 for label in labels) // _LETTERS)


def compared(lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], axes: tuple[str, str], *,
             dark: bool = False) -> go.Figure:
    """A curve of each source on the same studies. Args: lines: label -> x, y. axes: words of both."""
    p, figure = palette(dark), house_figure(dark, height=300)
    for k, (label, (x, y)) in enumerate(lines.items()):
        figure.add_scatter(x=x, y=y, name=label, mode="lines", line={"color": p.classes[k % len(p.classes)], "width": 2},
                           hovertemplate=f"{label}: %{{x:.3f}}, %{{y:.3f}}<extra></extra>")
    figure.update_layout(margin={"t": _legend(lines)})
    figure.update_xaxes(title=axes[0])
    figure.update_yaxes(title=axes[1])
    return figure
