"""Times as charts write them, hours, minutes, times of day, dates with times, to hours from the start of the stay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from core.assessment import Notice
from core.patient import clean
from core.tables.cells import is_missing, is_number, number
from core.uploads import InputError

PER_HOUR = {"hours": 1.0, "minutes": 60.0, "seconds": 3600.0, "days": 1 / 24}
LONGEST = 24 * 366  # hours of a stay; a larger number is a date that a spreadsheet counts in days or seconds
_UNSAID = 48  # hours; larger numbers without a unit may be minutes
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})[ T,]+(\d{1,2}:\d{2}(?::\d{2})?)")
_DAY_OR_MONTH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})[ T,]+(\d{1,2}:\d{2}(?::\d{2})?)")
_SLASHED = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}\b.*")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}\.\d{2,4}|\d{8}")
_REMEDY = "Give hours since the start of the stay, or dates with times such as 2024-05-31 14:30."


def hours_of(
    cells: Sequence[str], lines: Sequence[int], unit: str, chosen: str | None, comma: bool = False
) -> tuple[np.ndarray, list[Notice], datetime | None]:
    """Hours from the start of the stay, in the order of the rows; what to say of them; and the date of hour 0, where it is one.

    Args:
        cells: one per row. lines: their rows in the file. unit: of numbers, where the heading names it. chosen: by the user.
        comma: decimals are written with a comma.

    Raises:
        InputError: a cell that is no time, kinds of times in one column, times before the start, a unit that must be asked.
    """
    cells, said = _ordered(cells)
    kinds = {}
    for cell, line in zip(cells, lines, strict=True):
        kinds.setdefault(_kind(cell, line), line)
    if len(kinds) > 1:
        (first, _), (second, line) = list(kinds.items())[:2]
        raise InputError("files", f"The times are {_WORDS[first]}, but in row {line} {_WORDS[second]}.", _REMEDY)
    kind = next(iter(kinds))
    if kind == "number":
        return *_numbers([number(cell, comma) for cell in cells], lines, chosen or unit), None
    if kind == "clock":
        return *_clock(cells), None
    hours, notices, began = _dates(cells, lines)
    return hours, [*said, *notices], began


def _ordered(cells: Sequence[str]) -> tuple[Sequence[str], list[Notice]]:
    """Dates with strokes as year-month-day, where the column itself tells the day from the month: only a day is above 12."""
    found = [_DAY_OR_MONTH.fullmatch(cell) for cell in cells]
    if not all(found):
        return cells, []
    days = [max(int(one[place]) for one in found) > 12 for place in (1, 2)]
    if days[0] == days[1]:
        return cells, []
    day, month = (1, 2) if days[0] else (2, 1)
    return ([f"{one[3]}-{one[month]:0>2}-{one[day]:0>2} {_padded(one[4])}" for one in found],
            [Notice("info", f"The dates were read with the {'day' if days[0] else 'month'} first.", "time")])


_WORDS = {"number": "numbers", "clock": "times of day", "date": "dates with times"}


def _kind(cell: str, line: int) -> str:
    if is_missing(cell):
        raise InputError("files", f"Row {line} has no time.", "Give every row its time, or leave the row out.")
    if is_number(cell) and not re.fullmatch(r"(19|20)\d{6}", cell):
        return "number"
    if _CLOCK.fullmatch(cell):
        return "clock"
    if _date(cell) is not None:
        return "date"
    said = clean(cell, 30)
    if _SLASHED.fullmatch(cell):
        raise InputError("files", f"Row {line} has the date {said!r}, which can be read with the day or the month first.",
                         "Write dates as year-month-day, such as 2024-05-31 14:30.")
    if _DATE.fullmatch(cell):
        raise InputError("files", f"Row {line} has the date {said!r} without a time of day.", _REMEDY)
    raise InputError("files", f"Row {line} has {said!r} where a time is expected.", _REMEDY)


def _numbers(hours: Sequence[float], lines: Sequence[int], unit: str) -> tuple[np.ndarray, list[Notice]]:
    values, notices = np.array(hours, np.float64), []
    if unit not in PER_HOUR:
        if np.nanmax(values) > LONGEST:
            raise _too_late(values, lines, 1.0)
        if np.nanmax(values) > _UNSAID:
            raise InputError("time_unit", f"The times run to {np.nanmax(values):g}, and the table does not say in what unit.",
                             "Choose hours or minutes; a heading can say it, such as time (min).")
        notices.append(Notice("info", "The table names no unit of its times; they were read as hours.", "time_unit"))
        unit = "hours"
    early = np.flatnonzero(values < 0)
    if early.size:
        before = -values[early[0]]
        said = f"{before:g} {unit if before != 1 else unit.removesuffix('s')}"
        raise InputError("files", f"Row {lines[early[0]]} lies {said} before the start of the stay.",
                         "Leave out what was measured before, or count the times from the first measurement.")
    if (values / PER_HOUR[unit]).max() > LONGEST:
        raise _too_late(values, lines, PER_HOUR[unit])
    return values / PER_HOUR[unit], notices


def _too_late(values: np.ndarray, lines: Sequence[int], per_hour: float) -> InputError:
    row = int(np.argmax(values / per_hour > LONGEST))
    return InputError("files", f"Row {lines[row]} has the time {values[row]:.10g}, which is no time of a stay; spreadsheets and "
                      "computers write dates as such numbers.", _REMEDY)


def _clock(cells: Sequence[str]) -> tuple[np.ndarray, list[Notice]]:
    found = [_CLOCK.fullmatch(cell).groups() for cell in cells]
    hours = np.array([int(h) + int(m) / 60 + float(s or 0) / 3600 for h, m, s in found])
    if hours.max() >= 24 or hours[0] < 1:  # elapsed, or as good as
        return hours, []
    return hours - hours[0], [Notice("info", f"The times were read as times of day; hour 0 is the first, {clean(cells[0], 10)}.",
                                     "time")]


def _dates(cells: Sequence[str], lines: Sequence[int]) -> tuple[np.ndarray, list[Notice], datetime]:
    moments = [_date(cell) for cell in cells]
    zoned = [moment.tzinfo is not None for moment in moments]
    if len(set(zoned)) > 1:
        odd = lines[zoned.index(not zoned[0])]
        raise InputError("files", f"Some times have a time zone, and others, such as row {odd}, have none.", _REMEDY)
    hours = np.array([(moment - moments[0]).total_seconds() / 3600 for moment in moments])
    if hours.max() > LONGEST:
        row = int(np.argmax(hours > LONGEST))
        raise InputError("files", f"Row {lines[row]} lies more than a year after the first.", "Correct its date.")
    return hours, [Notice("info", "The hours count from the first measurement.", "time")], moments[0]


def _padded(clock: str) -> str:
    """8:30 or 8:30:00 with two digits of the hour."""
    return clock if clock.index(":") == 2 else f"0{clock}"


def _date(cell: str) -> datetime | None:
    german = _GERMAN.fullmatch(cell)
    if german:
        cell = f"{german[3]}-{german[2]:0>2}-{german[1]:0>2} {_padded(german[4])}"
    if ":" not in cell and not re.fullmatch(r"\d{8}T\d{4,6}", cell):
        return None
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        return None
