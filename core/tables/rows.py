"""A file to its header and its rows, one at a time: separators, quotes, ragged rows. What cells mean is not known here."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from core.tables.cells import is_number
from core.tables.text import REMEDY, WHAT, opened
from core.uploads import InputError, Upload

LONGEST_ROW = 1_000_000  # characters; more is no table
SEPARATORS = ";\t,|"


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
def table(file: Upload | Path, what: str = WHAT, remedy: str = REMEDY) -> Iterator[Table]:
    """A table, open as long as the context. Lines that begin with # are comments, unless they hold the columns.

    Args:
        what, remedy: which table is expected, and how it is given, for the words of an error.

    Raises:
        InputError: as ``opened``, or no row of column names, or a cell without end; the latter two also while rows are read.
    """
    with opened(file, what, remedy) as text:
        lines = _bounded(text)
        above, first, second = _heading(lines)
        separator = separator_of(first)
        if not separator:
            raise InputError("files", "The file is no table: its first line has one column only.", remedy)
        records = _records(lines, [first, *second], above, separator)
        _, names = next(records)
        header = tuple(cell if cell.strip() else "" for cell in names)
        if not any(header) or all(is_number(cell) for cell in header if cell):
            raise InputError("files", "The first row of the table names no columns.", remedy)
        yield Table(header, _rows(records, len(header)))


def _heading(lines: Iterator[str]) -> tuple[int, str, list[str]]:
    """How many lines stand above the names of the columns, the line with them, and what was read beyond it."""
    above, line = 0, next(lines, "")
    while line and (not line.strip() or line.startswith("#")):
        following, count = next(lines, ""), _counts(line)
        if count and following.strip() and not following.startswith("#") and count == _counts(following):
            return above, line, [following]  # "#id;age" over "1;64"
        above, line = above + 1, following
    return above, line, []


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
            raise InputError("files", "The table has a row of more than a million characters.", REMEDY)
        yield line


def separator_of(line: str) -> str:
    """The sign that parts the cells of a line, outside quotation marks; "" where there is none."""
    counts = _counts(line)
    return max(SEPARATORS, key=lambda one: counts[one]) if counts else ""


def _counts(line: str) -> Counter[str]:
    quoted, counts = False, Counter()
    for letter in line:
        quoted ^= letter == '"'
        if not quoted and letter in SEPARATORS:
            counts[letter] += 1
    return counts


def _records(lines: Iterator[str], begun: Sequence[str], above: int, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows as the csv module splits them, each with the line it begins in, as a spreadsheet counts its rows.

    A quote that never closes ends at the limits, not at the end of memory.
    """
    length = 0

    def counted() -> Iterator[str]:
        nonlocal length
        yield from begun
        for line in lines:
            length += len(line)
            if length > LONGEST_ROW:
                raise InputError("files", f"The row that begins in line {above + reader.line_num} has a quote that does not end.",
                                 "Close the quote, or leave it out.")
            yield line

    reader, number = csv.reader(counted(), delimiter=separator, skipinitialspace=True), above
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError("files", f"Line {above + reader.line_num} cannot be split into cells: {error}.", REMEDY) from error
        length, number = 0, number + 1
        yield number, record


def _rows(records: Iterator[tuple[int, list[str]]], width: int) -> Iterator[Line]:
    for number, cells in records:
        if not any(cell and not cell.isspace() for cell in cells) or cells[0].startswith("#") and not any(cells[1:]):
            continue
        if len(cells) == width or len(cells) > width and not any(cells[width:]):
            yield Line(number, cells)
        else:
            count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
            error = InputError("files", f"Row {number} has {count}; the header names {width} columns.",
                               "Mend the row: each has as many separators as the header. Text with a separator in it, or a "
                               "decimal comma in a table with commas, stands in quotation marks.")
            yield Line(number, cells, error)
