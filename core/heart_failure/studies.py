"""Which patients are at a path: the rows of a cohort table, or what a manifest lists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from core.contract import Input
from core.heart_failure.formats.mapped import beside
from core.heart_failure.layouts import cohort, tables_in
from core.heart_failure.read import read
from core.manifest import is_manifest, listed


def studies(path: Path) -> Iterator[Input]:
    """The patients of a cohort table in any layout, of a folder with one, or of the one-patient tables of a manifest.

    They are streamed. A row that cannot be read carries its error, and what ``read`` refuses stands in its fields as it is. A
    table with one row is a file to be read.

    Raises:
        InputError: as ``layouts.cohort``.
    """
    if is_manifest(path):
        yield from listed(path, read, _files)
        return
    if path.is_dir() and not tables_in(path):
        return
    rows = cohort(path)
    first = list(islice(rows, 2))
    if len(first) == 1:
        yield Input(first[0].id, _files(path))
        return
    for row in chain(first, rows):
        yield Input(row.id, (), {**row.values, **row.refused}, row.noticed, row.error)


def _files(path: Path) -> tuple[Path, ...]:
    """The table of one patient with its mapping where one lies beside it; of several in a folder ``read`` says so."""
    tables = tables_in(path) if path.is_dir() else [path]
    return (*tables, *(found for table in tables if (found := beside(table)) is not None))
