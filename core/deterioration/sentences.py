"""A note cut into sentences, each of which is embedded on its own: so a reader can be told which of them counted."""

from __future__ import annotations

import re

MOST = 48  # sentences that are read; a longer note loses its last ones
LIST = 160  # characters; a longer sentence is a list, and its commas separate it
_END = re.compile(r"(?<=[.!?;])\s+|\s*\n\s*")  # no space follows the point of a number


def sentences(note: str) -> list[str]:
    """The sentences of a note, in order, without empty ones."""
    parts = [part for one in _END.split(note) for part in (re.split(r",\s+", one) if len(one) > LIST else [one])]
    return [one.strip() for one in parts if any(c.isalnum() for c in one)][:MOST]
