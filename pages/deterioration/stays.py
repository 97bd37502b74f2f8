"""Which stays a table holds, where it holds several. Not a page."""

from __future__ import annotations

from collections.abc import Sequence

from core.deterioration.formats.columns import understood
from core.tables.rows import table
from core.uploads import InputError, Upload

MOST = 500  # stays to choose from; of a larger table the name is typed


def names(files: Sequence[Upload]) -> list[str]:
    """The stays of one plain table in its order, none where it does not name them or cannot be read: ``read`` says why."""
    if len(files) != 1:
        return []
    found: dict[str, None] = {}
    try:
        with table(files[0]) as opened:
            column = next((one.at for one in understood(opened.header) if one.role == "stay"), None)
            if column is None:
                return []
            for line in opened.rows:
                found[line.cells[column].strip() if len(line.cells) > column else ""] = None
                if len(found) > MOST:
                    break
    except InputError:
        return []
    return list(found)
