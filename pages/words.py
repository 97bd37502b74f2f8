"""Numbers and names as the pages write them. Not a page."""

from __future__ import annotations


def plain(text: str) -> str:
    """A file name or label as text, not as Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+!|<>$:~" else c for c in text)


def percent(probability: float | None) -> str:
    """Whole percent, with one digit more below one; nothing for None."""
    if probability is None:
        return ""
    return f"{100 * probability:.0f} %" if probability >= 0.0095 else f"{100 * probability:.1f} %"
