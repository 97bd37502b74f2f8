"""Risks as the page writes them. Not a page."""

from __future__ import annotations

RISKS = {"death_1y": (1, "Death within 1 year"), "death_3y": (3, "Death within 3 years")}


def number(value: float) -> str:
    """With a decimal below 10, where it matters."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"


def percent(value: float) -> str:
    return f"{number(value)} %"


def span(low: float, high: float) -> str:
    """``5.1 to 12 %``, or one number where both are the same."""
    return percent(low) if high - low < 0.05 else f"{number(low)} to {percent(high)}"
