"""Bytes of a table to rows of cells: its encoding, its separator, and what a cell may hold."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence

from core.patient import clean
from core.uploads import InputError, Upload, foreign, sniff

ACCEPTED = "Upload a table (CSV) with a column of times and one column per vital sign."
EMPTY = {"", "-", "--", ".", "na", "n/a", "nan", "null", "none", "nil", "?", "not recorded", "missing", "unknown"}
_SEPARATORS = "\t;,|"
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?\d{1,3},\d{3}")
LARGEST = 1e12  # nothing at a bedside is as large
_LONGEST = 100_000  # characters of a line without a quote, and of a cell


def rows(upload: Upload) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, with their number as a spreadsheet counts them; the first is the heading.

    Raises:
        InputError: no text, no table.
    """
    kind = sniff(upload)
    if kind != "text":
        raise foreign([upload], "a table", ACCEPTED)
    text = decoded(upload.data)
    lines = [line for line in text[:_LONGEST].splitlines() if line.strip() and not line.startswith("#")]
    separator = separator_of(lines[0] if lines else "")
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=None), delimiter=separator, skipinitialspace=True), 1):
            cells = [cell.strip() for cell in row]
            if any(cells) and not cells[0].startswith("#"):
                yield number, cells
    except csv.Error as error:
        raise InputError("files", "The table is damaged: a quotation mark is open, or a cell is endless.", ACCEPTED) from error


def decoded(data: bytes) -> str:
    """The text, as spreadsheets of any system write it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def separator_of(heading: str) -> str:
    """The sign that parts the cells of a heading, outside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", heading)
    return max(_SEPARATORS, key=lambda sign: (bare.count(sign), -_SEPARATORS.index(sign)))


def number(cell: str) -> float | None:
    """The number of a cell, with a decimal point or comma; NaN for an empty one, None for anything else."""
    if cell.lower() in EMPTY:
        return math.nan
    if not _NUMBER.fullmatch(cell) or _THOUSANDS.fullmatch(cell):
        return None
    value = float(cell.replace(",", "."))
    return value if abs(value) < LARGEST else None


def not_a_number(row: int, heading: str, cell: str) -> InputError:
    """The error for text where a number is expected."""
    if cell.startswith(("=", "@")):
        return InputError("files", f"Row {row}, column {clean(heading, 40)} holds a formula.",
                          "Export the table with its values, not its formulas.")
    return InputError("files", f"Row {row}, column {clean(heading, 40)} holds {clean(cell, 30)!r} where a number is expected.",
                      "Correct the cell, or leave it empty where nothing was measured.")


def headed(heading: Sequence[str]) -> None:
    """Whether the first row names the columns.

    Raises:
        InputError: it holds numbers.
    """
    if all(number(cell) is not None for cell in heading):
        raise InputError("files", "The first row holds numbers; the columns carry no names.",
                         "Name the columns in the first row: time, HR, RR, temp, SBP, DBP, SpO2.")
