"""Cohort tables to rows in our fields and units, one at a time, whichever publisher's layout it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from core.assessment import Notice
from core.heart_failure.formats import mapped, music, peakvo2, plain, support2, trace, uci
from core.heart_failure.formats.layout import Layout
from core.heart_failure.rows import Row, reader
from core.heart_failure.variables import FIELDS
from core.tables.cells import decimal_comma
from core.tables.rows import column, table
from core.uploads import InputError, Upload

LAYOUTS: dict[str, Layout] = {one.LAYOUT.name: one.LAYOUT for one in (music, peakvo2, support2, uci, trace)}
MUSIC_TABLE = "subject-info.csv"
ENDINGS = tuple(f".{kind}{packed}" for kind in ("csv", "tsv") for packed in ("", ".gz", ".xz"))
SAMPLE = 1000  # rows by which decimals and swapped columns are judged
FEWEST = 5  # values by which a whole column is judged
REMEMBERED = 200_000  # names by which a patient is known again, so that memory stays flat
_ORDERED = (("diastolic", "systolic"), ("lvesd", "lvedd"), ("hdl", "cholesterol"), ("ldl", "cholesterol"))


def cohort(path: Path | Upload, mapping: Mapping[str, Any] | Path | None = None) -> Iterator[Row]:
    """The patients of a table, which is streamed; a row that cannot be read comes with its error, and the next goes on.

    Args:
        path: a table, or a folder with one, such as MUSIC's. mapping: as ``formats.mapped`` says; without one, that which
            lies beside the table, or else the layout is known by its columns.

    Raises:
        InputError: no table, a layout that is not known, columns that are doubled or swapped, a unit that cannot be right.
    """
    file = path if isinstance(path, Upload) else table_at(path)
    if mapping is None and isinstance(file, Path):
        mapping = mapped.beside(file)
    if isinstance(mapping, Path):
        mapping = mapped.opened(mapping.read_bytes())
    with table(file, "a cohort table") as opened:
        layout = recognised(opened.header) if mapping is None else mapped.layout(mapping, opened.header)
        sample = list(islice(opened.rows, SAMPLE))
        read = reader(layout, opened.header, _comma(layout, opened.header, [line.cells for line in sample]))
        _credible([read(line) for line in sample])
        yield from _known_again(read(line) for line in chain(sample, opened.rows))


def one_patient(uploads: Sequence[Upload]) -> tuple[dict[str, Any], dict[str, str], tuple[Notice, ...]]:
    """Values, source and notices of a table with one row; a mapping may come with it.

    Raises:
        InputError: no table, none or several rows, or the row's own error.
    """
    mappings = [one for one in uploads if one.suffix == ".json"]
    tables = [one for one in uploads if one.suffix != ".json"]
    if len(tables) != 1 or len(mappings) > 1:
        raise InputError("files", f"There are {len(tables)} tables where one patient is read.", "Give one table with one row.")
    rows = list(islice(cohort(tables[0], mapped.opened(mappings[0].data) if mappings else None), 2))
    if len(rows) != 1:
        raise InputError("files", f"The table has {'several rows' if rows else 'no row of data'}; one patient is read here.",
                         "Give one row below the column names; a cohort is read as a batch.")
    (row,) = rows
    if row.error is not None:
        raise row.error
    title = LAYOUTS[row.cohort].title if row.cohort in LAYOUTS else row.cohort
    return row.values, {"Input": f"table, {title}"}, row.noticed


def recognised(header: tuple[str, ...]) -> Layout:
    """The layout that has a table's columns.

    Raises:
        InputError: none has.
    """
    for layout in LAYOUTS.values():
        if all(column(header, name) is not None for name in layout.signature):
            return layout
    if (own := plain.layout(header)) is not None:
        return own
    raise InputError("files", "The columns of the table are of no layout that is known.",
                     f"Known are {', '.join(one.title for one in LAYOUTS.values())}, columns named as the form's fields "
                     "(age, sex, lvef, sodium), and any table with a mapping beside it.")


def _comma(layout: Layout, header: tuple[str, ...], sample: list[list[str]]) -> bool:
    names = [name for source in layout.sources if not source.text for name in source.columns]
    places = {column(header, name) for name in (*names, *(layout.outcome or ((), None))[0])} - {None}
    return decimal_comma(cells[place] for cells in sample for place in places if place < len(cells))


def _credible(rows: list[Row]) -> None:
    """Whole columns that cannot be what their names say.

    Raises:
        InputError: most values of one are impossible, or most of two are in the wrong order.
    """
    for name in dict.fromkeys(name for row in rows for name in row.refused):
        known = [name in row.refused for row in rows if name in row.refused or name in row.values]
        if len(known) >= FEWEST and sum(known) > len(known) / 2:
            first = next(row for row in rows if name in row.refused)
            raise InputError(name, f"Most values of {FIELDS[name].label if name in FIELDS else name} cannot be right. "
                             f"{first.error.message}", "Are columns swapped, or is it another unit?")
    for smaller, larger in _ORDERED:
        pairs = [(row.values[smaller], row.values[larger]) for row in rows if {smaller, larger} <= row.values.keys()]
        if len(pairs) >= FEWEST and sum(a >= b for a, b in pairs) > len(pairs) / 2:
            raise InputError(smaller, f"{FIELDS[smaller].label} is not below {FIELDS[larger].label} in most rows.",
                             "The two columns are swapped, or one of them is something else.")


def _known_again(rows: Iterator[Row]) -> Iterator[Row]:
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            again = Notice("caution", f"{row.id} stands in the table more than once.", "files")
            row = replace(row, noticed=(*row.noticed, again))
        elif len(seen) < REMEMBERED:
            seen.add(row.id)
        yield row


def tables_in(folder: Path) -> list[Path]:
    """The tables of a folder; code books that a publisher lays beside are none."""
    if (folder / MUSIC_TABLE).is_file():
        return [folder / MUSIC_TABLE]
    return sorted(one for one in folder.iterdir() if one.is_file() and one.name.lower().endswith(ENDINGS))


def table_at(path: Path) -> Path:
    """The table at a path, which may be a folder with one.

    Raises:
        InputError: none in the folder, or several.
    """
    found = tables_in(path) if path.is_dir() else [path]
    if len(found) != 1:
        raise InputError("files", f"{path.name} has {len(found) or 'no'} tables.", "Give the path of one table.")
    return found[0]
