"""Pictures of survival predictions: calibration, decision curve, survival by quarters of predicted risk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure as Drawing

from core.heart_failure.survival import grid, kaplan_meier

GROUPS = 5  # of patients by predicted risk, in the calibration


def groups(risk: np.ndarray, count: int = GROUPS) -> list[np.ndarray]:
    """Rows in order of risk, in so many equal parts."""
    return [part for part in np.array_split(np.argsort(risk, kind="stable"), count) if len(part)]


def calibration(time: np.ndarray, event: np.ndarray, risk: np.ndarray, year: float) -> list[dict[str, float]]:
    """Mean predicted against Kaplan-Meier risk, percent with 95 % interval, in fifths of predicted risk."""
    result = []
    for rows in groups(risk):
        curve = kaplan_meier(time[rows], event[rows])
        at = np.searchsorted(curve.years, year, side="right") - 1
        low, high = 100 * (1 - curve.high[at]), 100 * (1 - curve.low[at])
        observed = 100 * (1 - curve.survival[at])
        result.append({"predicted": round(100 * float(risk[rows].mean()), 2), "observed": round(float(observed), 2),
                       "low": round(float(low), 2), "high": round(float(high), 2), "n": len(rows)})
    return result


def draw_calibration(by_year: dict[float, list[dict[str, float]]], title: str, path: Path) -> None:
    drawing = Drawing(figsize=(5, 5), layout="constrained")
    axes = drawing.subplots()
    top = max((row["high"] for rows in by_year.values() for row in rows), default=100)
    axes.plot([0, top], [0, top], color="grey", linewidth=0.8)
    for year, rows in by_year.items():
        y = np.array([row["observed"] for row in rows])
        error = [y - [row["low"] for row in rows], [row["high"] for row in rows] - y]
        axes.errorbar([row["predicted"] for row in rows], y, yerr=np.maximum(error, 0), marker="o", capsize=2, linewidth=1.2,
                      label=f"{year:g} year{'s' * (year > 1)}")
    axes.set(xlabel="predicted deaths, %", ylabel="observed deaths (Kaplan-Meier), %", title=title)
    axes.legend(frameon=False)
    drawing.savefig(path, dpi=150)


def draw_decisions(curve: list[dict[str, float]], year: float, title: str, path: Path) -> None:
    drawing = Drawing(figsize=(5.5, 4), layout="constrained")
    axes, thresholds = drawing.subplots(), [100 * row["threshold"] for row in curve]
    axes.plot(thresholds, [row["model"] for row in curve], marker="o", label="model")
    axes.plot(thresholds, [row["everyone"] for row in curve], linestyle="--", label="everyone")
    axes.axhline(0, color="grey", linewidth=0.8, label="nobody")
    axes.set(xlabel=f"risk of death in {year:g} years at which one acts, %", ylabel="net benefit per patient", title=title,
             ylim=(min(-0.02, min(row["model"] for row in curve)), None))
    axes.legend(frameon=False)
    drawing.savefig(path, dpi=150)


def draw_quarters(time: np.ndarray, event: np.ndarray, log_hazard: np.ndarray, title: str, path: Path) -> None:
    """What was observed in each quarter of predicted risk."""
    drawing, years = Drawing(figsize=(5.5, 4), layout="constrained"), grid(time)
    axes = drawing.subplots()
    for k, rows in enumerate(groups(log_hazard, 4)):
        axes.step(years, 100 * kaplan_meier(time[rows], event[rows]).at(years), where="post", label=f"quarter {k + 1}")
    axes.set(xlabel="years", ylabel="alive, %", title=title, ylim=(0, 101))
    axes.legend(frameon=False, title="by predicted risk")
    drawing.savefig(path, dpi=150)
