"""The order that the names of files speak of."""

from __future__ import annotations

import re
from pathlib import PurePosixPath


def natural(name: str) -> tuple[list[tuple[str, int]], str]:
    """A key that puts slice2 before slice10."""
    parts = re.findall(r"([^0-9]*)([0-9]*)", PurePosixPath(name.lower()).stem)
    return [(text, int(digits or -1)) for text, digits in parts], name
