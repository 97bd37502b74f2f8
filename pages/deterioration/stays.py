"""Which stays a table holds, where it holds several. Not a page."""

from __future__ import annotations

from collections.abc import Sequence

from core.deterioration.formats import cells
from core.deterioration.formats.columns import understood
from core.uploads import InputError, Upload

MOST = 500  # stays to choose from; of a larger table the name is typed


def names(files: Sequence[Upload]) -> list[str]:
    """The stays of one plain table in its order, none where it does not name them or cannot be read: ``read`` says why."""
    if len(files) != 1:
        return []
    found: dict[str, None] = {}
    try:
        numbered = cells.rows(files[0])
        column = next((one.at for one in understood(next(numbered, (0, []))[1]) if one.role == "stay"), None)
        if column is None:
            return []
        for _, row in numbered:
            found[row[column] if len(row) > column else ""] = None
            if len(found) > MOST:
                break
    except InputError:
        return []
    return list(found)
