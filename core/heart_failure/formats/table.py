"""A file to its header and its rows, one at a time: separators, quotes, ragged rows. What cells mean is not known here."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from core.heart_failure.formats.decoded import opened
from core.uploads import InputError, Upload

LONGEST_ROW = 1_000_000  # characters; more is no table
SEPARATORS = ";\t,|"
_REMEDY = "Give one row per patient below one row of column names."


@dataclass(frozen=True)
class Line:
    """One row. number: as a spreadsheet counts it, the header being 1. error: why its cells cannot be told apart."""

    number: int
    cells: list[str]
    error: InputError | None = None


@dataclass(frozen=True)
class Table:
    """header: names as they stand there, empty ones too. rows: read while they are asked for, empty ones left out."""

    header: tuple[str, ...]
    rows: Iterator[Line]


@contextmanager
def table(file: Upload | Path) -> Iterator[Table]:
    """A table, open as long as the context.

    Raises:
        InputError: as ``opened``, or no row of column names, or a cell without end; the latter two also while rows are read.
    """
    with opened(file) as text:
        lines = _bounded(text)
        first = next((line for line in lines if line.strip()), "")
        separator = _separator(first)
        records = _records(lines, first, separator)
        header = tuple(cell.strip() if not cell.strip() else cell for cell in next(records))
        if not any(header) or all(_is_number(cell) for cell in header if cell):
            raise InputError("files", "The first row of the table names no columns.", _REMEDY)
        yield Table(header, _rows(records, len(header)))


def column(header: tuple[str, ...], wanted: str) -> int | None:
    """Where a column stands; None of one that is not there.

    Raises:
        InputError: it is there twice, and which of them is meant is unknown.
    """
    found = _positions(header, wanted) if wanted else []
    if len(found) > 1:
        raise InputError(wanted.strip(), f"The column “{wanted.strip()}” is there {len(found)} times.", "Leave one of them.")
    return found[0] if found else None


def _positions(header: tuple[str, ...], wanted: str) -> list[int]:
    """Where a column stands: under exactly its name, else where only blanks, case or a lost letter differ."""
    exact, wanted_plain = [k for k, name in enumerate(header) if name == wanted], plain(wanted)
    return exact or [k for k, name in enumerate(header) if plain(name) == wanted_plain]


def plain(name: str) -> str:
    """A column's name without what encodings and spreadsheets change: blanks, case, the micro sign."""
    return " ".join(name.translate(_MICRO).lower().split())


_MICRO = str.maketrans({"µ": "?", "μ": "?", "\ufffd": "?", "\ufeff": ""})


def safe(cell: str) -> str:
    """A text cell for an exported table: spreadsheets run what begins with = + - @, so that it gets a quote before it."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _bounded(text: TextIO) -> Iterator[str]:
    while True:
        try:
            line = text.readline(LONGEST_ROW + 1)
        except UnicodeDecodeError as error:
            raise InputError("files", "The table begins as UTF-16 and does not go on so.", "Save it as UTF-8.") from error
        if not line:
            return
        if len(line) > LONGEST_ROW:
            raise InputError("files", "The table has a row of more than a million characters.", _REMEDY)
        yield line


def _separator(line: str) -> str:
    quoted, counts = False, Counter()
    for letter in line:
        quoted ^= letter == '"'
        if not quoted and letter in SEPARATORS:
            counts[letter] += 1
    if not counts:
        raise InputError("files", "The file is no table: its first line has one column only.", _REMEDY)
    return max(SEPARATORS, key=lambda one: counts[one])


def _records(lines: Iterator[str], first: str, separator: str) -> Iterator[list[str]]:
    """Rows as the csv module splits them; a quote that never closes ends at the limits, not at the end of memory."""
    length = 0

    def counted() -> Iterator[str]:
        nonlocal length
        yield first
        for line in lines:
            length += len(line)
            if length > LONGEST_ROW:
                raise InputError("files", f"The row that begins in line {reader.line_num} has a quote that does not end.",
                                 "Close the quote, or leave it out.")
            yield line

    reader = csv.reader(counted(), delimiter=separator)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError("files", f"Line {reader.line_num} cannot be split into cells: {error}.", _REMEDY) from error
        length = 0
        yield record


def _rows(records: Iterator[list[str]], width: int) -> Iterator[Line]:
    for number, cells in enumerate(records, 2):
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        if len(cells) == width or len(cells) > width and not any(cells[width:]):
            yield Line(number, cells)
        else:
            error = InputError("files", f"Row {number} has {len(cells)} cells; the header names {width} columns.",
                               "Mend the row; a decimal comma in a table with commas must be quoted.")
            yield Line(number, cells, error)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
