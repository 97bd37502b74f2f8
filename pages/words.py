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


def short(name: str, most: int = 36) -> str:
    """A long file name, or a list of them, with its beginning and its end."""
    first, *others = name.split(", ")
    more = f" and {len(others)} more" if others else ""
    room = max(most - len(more), 12)
    if len(first) > room:
        first = f"{first[: room - room // 3 - 1]}…{first[-(room // 3):]}"
    return first + more
