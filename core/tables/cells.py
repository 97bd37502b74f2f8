"""What stands in a cell: a number, nothing, or what is neither."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from core.uploads import InputError

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "nil", "unknown", "missing", "not recorded", ".", "-", "--", "?"})
LARGEST = 1e12  # nothing that is measured of a patient is as large
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
_WITH_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?|[+-]?\d+,")
_SIGNED = re.compile(r"[+-][\d.,]+([eE][+-]?\d+)?")
_WITH_POINT = re.compile(r"[+-]?\d*[.]\d+([eE][+-]?\d+)?")


class NotOne(ValueError):
    """A cell that is not what its column holds; says why, in words that follow the cell."""


def decimal_comma(cells: Iterable[str]) -> bool:
    """Whether numbers of a table are written 31,2; for the whole table, from the cells of its first rows.

    Raises:
        InputError: both are there, or 263,358 might be either.
    """
    commas, points, example = set(), None, None
    for cell in cells:
        cell = cell.strip()
        if _WITH_COMMA.fullmatch(cell) or _THOUSANDS.fullmatch(cell):
            commas.add(cell)
            example = cell
        elif points is None and _WITH_POINT.fullmatch(cell):
            points = cell
    if commas and points is not None:
        raise InputError("files", f"Numbers are written both with a comma ({example}) and with a point ({points}).",
                         "Write all numbers of the table in one way.")
    if commas and all(_THOUSANDS.fullmatch(cell) for cell in commas):
        raise InputError("files", f"The comma in {example} may stand for decimals or for thousands.",
                         "Write thousands without a comma.")
    return bool(commas)


def number(cell: str, comma: bool = False) -> float | None:
    """The number in a cell, None where nothing is there.

    Args:
        comma: decimals are written with a comma throughout the table.

    Raises:
        NotOne: a formula, text, infinite or beyond LARGEST, or decimals written otherwise than in the rest of the table.
    """
    try:
        value = float(cell.replace(",", ".") if comma and "." not in cell else cell)
        if abs(value) < LARGEST and "_" not in cell and not (comma and "." in cell):
            return value
    except ValueError:
        pass
    text = cell.strip()
    if is_missing(text):
        return None
    if formula(text):
        raise NotOne("is a formula")
    if comma and _WITH_POINT.fullmatch(text) or not comma and _WITH_COMMA.fullmatch(text):
        raise NotOne(f"is written with a {'point' if comma else 'comma'}, other numbers of the table are not")
    raise NotOne("is no number")


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, written in either way."""
    return any(_reads(cell, comma) for comma in (False, True))


def _reads(cell: str, comma: bool) -> bool:
    try:
        return number(cell, comma) is not None
    except NotOne:
        return False


def is_missing(cell: str) -> bool:
    """Whether nothing stands in a cell, in any of the words for it."""
    return cell.strip().lower() in MISSING


def formula(cell: str) -> bool:
    """What a spreadsheet would compute: = or @, or a sign before what is no number."""
    cell = cell.strip()
    if cell.startswith(("+", "-")) and len(cell) > 1 and not _SIGNED.fullmatch(cell):
        return not is_missing(cell)
    return cell.startswith(("=", "@"))


def nan_for_none(value: float | None) -> float:
    """As arrays hold what is not there."""
    return math.nan if value is None else value
