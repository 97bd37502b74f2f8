"""Tables that list studies: a manifest CSV has a column ``path``; further columns are fields of ``read``."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.contract import Input
from core.fields import fields_of

PATH = "path"
ENCODING = "utf-8-sig"  # spreadsheets put a mark before the first column's name


def is_manifest(path: Path) -> bool:
    if path.suffix.lower() != ".csv" or not path.is_file():
        return False
    with path.open(newline="", encoding=ENCODING, errors="replace") as file:
        try:
            return PATH in (csv.DictReader(file).fieldnames or ())
        except csv.Error:  # one endless cell is no list of studies
            return False


def listed(path: Path, read: Callable[..., Any], files_of: Callable[[Path], tuple[Path, ...]]) -> Iterator[Input]:
    """The studies of a manifest, row by row.

    Args:
        read: of the room; columns that it does not ask for are left out, and so are empty cells. A row without a path is
            a study without files, which ``read`` refuses.
        files_of: the files that belong to a path of the table, which may be a folder.
    """
    with path.open(newline="", encoding=ENCODING, errors="replace") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            place = row[PATH]
            yield Input(place or f"row {number}", files_of(path.parent / place) if place else (), given(row, read))


def given(row: Mapping[str, str | None], read: Callable[..., Any]) -> dict[str, str]:
    """The cells of a row that are fields of ``read``; an empty cell is left open."""
    return {name: row[name] for name in fields_of(read) if row.get(name)}
