"""Which stays lie at a path: a table of one or many, a folder of the 2012 challenge, of eICU or MIMIC, an npz, a manifest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.contract import Input
from core.deterioration import layouts
from core.deterioration.chart import as_table
from core.deterioration.formats import source_npz, tables
from core.deterioration.read import read
from core.manifest import is_manifest, listed
from core.uploads import InputError

_TABLES = (".csv", ".tsv")


def studies(path: Path) -> Iterator[Input]:
    """One input per stay, named by its id, one after the other: none is held while the next is read."""
    if is_manifest(path):
        yield from listed(path, read, _files)
    elif path.suffix.lower() == ".npz":
        yield from (Input(chart.stay, (as_table(chart),)) for chart in source_npz.charts(path))
    elif path.is_dir():
        yield from _below(path)
    elif path.suffix.lower() in _TABLES:
        yield from (Input(name, (upload,)) for name, upload in layouts.slices(path))
    else:
        yield Input(path.name, (path,))


def _below(folder: Path) -> Iterator[Input]:
    if files := layouts.challenge(folder):
        yield from (Input(file.stem, (file,)) for file in files)
    elif database := layouts.database_of(there := tables.below(folder)):
        yield from (Input(chart.stay, (as_table(chart),)) for chart in database.charts(there))
    else:
        for path in sorted(one for one in folder.rglob("*") if one.suffix.lower() in (*_TABLES, ".npz") and one.is_file()):
            try:
                yield from studies(path)
            except InputError as error:  # of a table of many, and none of the files after it
                yield Input(path.name, error=error)


def _files(path: Path) -> tuple[Path, ...]:
    """What belongs to one path of a manifest; a folder is the tables of a database."""
    return tuple(sorted(one for one in path.iterdir() if one.is_file())) if path.is_dir() else (path,)
