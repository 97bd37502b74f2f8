"""CSV, TSV and the like: one row per time, one column per vital sign, one stay or many."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.assessment import Notice
from core.deterioration.chart import MARK, Chart
from core.deterioration.formats import pressures, words
from core.deterioration.formats.columns import ACCEPTED, Column, single, understood, units
from core.deterioration.formats.times import hours_of
from core.deterioration.vitals import CODES, DIASTOLIC, SYSTOLIC, UNITS
from core.deterioration.wards import ward_of
from core.fields import YES_NO
from core.patient import age_of, clean, sex_of
from core.tables.cells import NotOne, decimal_comma, is_missing, nan_for_none, number
from core.tables.rows import Line, table
from core.uploads import InputError, Upload

MOST_ROWS = 500_000  # of one stay: nearly a year of minutes
_OXYGEN = {"oxygen": words.oxygen_of, "fio2": words.oxygen_of_fraction, "flow": words.oxygen_of_flow}
_NUMERIC = {"time", *CODES, "pressure", "fio2", "flow",
            *(f"{kind}_{code}" for kind in ("cuff", "line") for code in ("systolic", "diastolic"))}
_ONCE = ("outcome", "age", "sex", "unit_type", "hypercapnic")  # said once of a stay
_UNREAD = "Nothing was read from the column{} {}."


def read(upload: Upload, stay: str | None = None, time_unit: str | None = None) -> Chart:
    """The stay of a table, or the chosen one of several.

    Raises:
        InputError: no such table, a cell that cannot be read, several stays and none chosen (field "stay").
    """
    with table(upload, remedy=ACCEPTED) as opened:
        columns = understood(opened.header)
        roles = single(columns)
        if "time" not in roles and "date" not in roles:
            raise InputError("files", "No column holds the times.",
                             "Add a column of hours since the start of the stay, named time.")
        if stay and "stay" not in roles:
            raise InputError("stay", "The table has no column that names the stay.",
                             "Leave the stay open, or add a column named stay.")
        name, numbers, body = _of_stay(opened.rows, roles.get("stay"), stay)
    monitored = upload.data.startswith(MARK.encode())
    chart = _chart(name, numbers, body, columns, roles, time_unit)
    if not monitored:
        return chart
    source = clean(upload.data[len(MARK):200].split(b"\n")[0].decode("utf-8", "replace"))
    return replace(chart, lines=None, names={}, units={**UNITS, **chart.units}, monitored=True, source={"Format": source})


def _of_stay(rows: Iterable[Line], column: Column | None, chosen: str | None) -> tuple[str, list[int], list[list[str]]]:
    """The name of the stay, and its rows with their numbers."""
    names: dict[str, None] = {}
    lines, body = [], []
    for line in rows:
        if line.error is not None:
            raise line.error
        row = [cell.strip() for cell in line.cells]
        name = row[column.at] if column else ""
        if len(names) <= 5 or name == chosen:
            names[name] = None
        if name != (chosen or next(iter(names))):
            continue
        if len(body) == MOST_ROWS:
            raise InputError("files", f"The stay has more than {MOST_ROWS:,} rows.", "Cut the table to the days of interest.")
        lines.append(line.number)
        body.append(row)
    if not names:
        raise InputError("files", "The table has a heading and no rows.", "Add a row for each time of measurement.")
    listed = f"{', '.join(clean(name, 20) or '(empty)' for name in list(names)[:5])}{' ...' if len(names) > 5 else ''}"
    if chosen and not body:
        raise InputError("stay", f"The table holds no stay {clean(chosen, 20)}; it holds {listed}.", "Choose one that is there.")
    if not chosen and len(names) > 1:
        raise InputError("stay", f"The table holds several stays: {listed}.", "Choose one of them as the stay.")
    return chosen or next(iter(names)), lines, body


def _chart(
    name: str, lines: list[int], body: list[list[str]], columns: Sequence[Column], roles: dict[str, Column],
    time_unit: str | None,
) -> Chart:
    parts = [roles[role].at for role in ("date", "time") if role in roles]
    unit = roles["time"].unit if "time" in roles else ""
    comma = _comma(body, roles)
    times = [" ".join(row[at] for at in parts if row[at]) for row in body]
    hours, notices, began = hours_of(times, lines, unit, time_unit, comma)
    values, line = _values(body, lines, roles, comma)
    values, missing = _without_code(values, lines, roles)
    notices += [pressures.BOTH] * ({pressures.LINE, pressures.CUFF} <= set(line)) + missing
    consciousness = _consciousness(body, lines, roles.get("consciousness"))
    once = {role: next((row[column.at] for row in body if not is_missing(row[column.at])), "")
            for role in _ONCE if (column := roles.get(role))}
    unread = [clean(column.heading, 30) or f"{column.at + 1}" for column in columns if column.role in ("", "gcs")]
    if unread:
        shown = ", ".join(unread[:5]) + (" ..." if len(unread) > 5 else "")
        notices.append(Notice("info", _UNREAD.format("s" if len(unread) > 1 else "", shown), "files"))
    if "gcs" in roles and "consciousness" not in roles:
        notices.append(Notice("info", "NEWS2 asks for consciousness as ACVPU; a coma scale is not turned into it.",
                              "consciousness"))
    return Chart(
        name, hours, values, _oxygen(body, lines, roles, comma), consciousness, _notes(body, hours, roles.get("note")),
        age_of(once.get("age")), sex_of(once.get("sex")), YES_NO.get(once.get("hypercapnic", "").lower()),
        ward_of(once.get("unit_type")), words.died_of(once.get("outcome", "")), line=line, units=units(roles),
        lines=np.array(lines), names=_headings(roles), began=began, source={"Format": "Table"}, notices=tuple(notices))


def _comma(body: list[list[str]], roles: dict[str, Column]) -> bool:
    """Whether the table writes decimals with a comma.

    Raises:
        InputError: both ways are there, or a comma may be either of decimals or of thousands.
    """
    numeric = [column.at for role, column in roles.items() if role in _NUMERIC]
    return decimal_comma(part for row in body for at in numeric for part in row[at].rstrip("%").split("/"))


def _headings(roles: dict[str, Column]) -> dict[str, str]:
    """Code of a vital sign -> the heading of its column."""
    found = {}
    for code in CODES:
        kinds = (code, f"line_{code}", f"cuff_{code}", "pressure" if code in ("systolic", "diastolic") else code)
        column = next((roles[role] for role in kinds if role in roles), None)
        found[code] = f"column {clean(column.heading, 40)}" if column else code
    return found


def _values(body: list[list[str]], lines: list[int], roles: dict[str, Column], comma: bool) -> tuple[np.ndarray, np.ndarray]:
    """float32 ``[n, 6]``, and whose the pressures are ``[n]``."""
    values = np.full((len(body), len(CODES)), np.nan)
    for k, code in enumerate(CODES):
        if code in roles and k not in (SYSTOLIC, DIASTOLIC):
            values[:, k] = _numbers(body, lines, roles[code], comma)
    empty, pairs, kinds = np.full(len(body), np.nan), [], []
    for kind, whose in (("line_", pressures.LINE), ("cuff_", pressures.CUFF), ("", np.nan)):
        pair = [_numbers(body, lines, roles[f"{kind}{code}"], comma) if f"{kind}{code}" in roles else empty
                for code in ("systolic", "diastolic")]
        if any(one is not empty for one in pair):
            pairs.append(tuple(pair))
            kinds.append(whose)
    if "pressure" in roles:
        pairs.append(_written_as_one(body, lines, roles["pressure"], comma))
        kinds.append(pressures.NAMED.get(roles["pressure"].heading.strip().lower(), np.nan))
    line = empty
    if pairs:
        values[:, SYSTOLIC], values[:, DIASTOLIC], line = pressures.chosen(pairs, kinds)
    return values.astype(np.float32), line.astype(np.float32)


def _numbers(body: list[list[str]], lines: list[int], column: Column, comma: bool) -> np.ndarray:
    found = np.empty(len(body))
    for k, row in enumerate(body):
        try:
            found[k] = nan_for_none(number(row[column.at], comma))
        except NotOne as why:
            raise _not_a_number(lines[k], column.heading, row[column.at], why) from why
    return found


def _not_a_number(row: int, heading: str, cell: str, why: NotOne) -> InputError:
    where, said = f"Row {row}, column {clean(heading, 40)}", str(why)
    if said == "is a formula":
        return InputError("files", f"{where} holds a formula.", "Export the table with its values, not its formulas.")
    said = " where a number is expected" if said == "is no number" else f", which {said}"
    return InputError("files", f"{where} holds {clean(cell, 30)!r}{said}.",
                      "Correct the cell, or leave it empty where nothing was measured.")


def _written_as_one(body: list[list[str]], lines: list[int], column: Column, comma: bool) -> tuple[np.ndarray, np.ndarray]:
    """Systolic and diastolic from cells such as 120/80."""
    found = np.full((len(body), 2), np.nan)
    for k, row in enumerate(body):
        if is_missing(row[column.at]):
            continue
        try:
            systolic, diastolic = (nan_for_none(number(part, comma)) for part in row[column.at].split("/"))
        except ValueError as why:
            raise InputError("files", f"Row {lines[k]}, column {clean(column.heading, 40)} holds {clean(row[column.at], 30)!r}, "
                             "not a pressure such as 120/80.", "Write the systolic and the diastolic pressure, 120/80.") from why
        found[k] = systolic, diastolic
    return found[:, 0], found[:, 1]


def _without_code(values: np.ndarray, lines: list[int], roles: dict[str, Column]) -> tuple[np.ndarray, list[Notice]]:
    """-1 is a missing value where the table writes all missing values so."""
    coded, known = values == -1, [k for k in range(len(CODES)) if np.isfinite(values[:, k]).any()]
    if not coded.any():
        return values, []
    if np.isnan(values[:, known]).any():
        row, k = np.argwhere(coded)[0]
        raise InputError("files", f"Row {lines[row]}, {_headings(roles)[CODES[k]]} holds -1, while other cells are empty.",
                         "Leave the cell empty if nothing was measured.")
    return np.where(coded, np.nan, values), [
        Notice("info", f"The table writes -1 where nothing was measured ({coded.sum()} cells); they were left open.", "files")]


def _oxygen(body: list[list[str]], lines: list[int], roles: dict[str, Column], comma: bool) -> np.ndarray:
    """float32 ``[n]``; a column that says yes or no comes before fractions and flows."""
    found = np.full(len(body), np.nan, np.float32)
    for role, told in _OXYGEN.items():
        if role not in roles:
            continue
        column = roles[role]
        for k, row in enumerate(body):
            try:
                value = told(row[column.at], comma)
            except NotOne as why:
                raise InputError("files", f"Row {lines[k]}, column {clean(column.heading, 40)} holds "
                                 f"{clean(row[column.at], 30)!r}, which does not say whether oxygen was given.",
                                 "Write yes or no, or leave the cell empty.") from why
            if math.isnan(found[k]):
                found[k] = value
    return found


def _consciousness(body: list[list[str]], lines: list[int], column: Column | None) -> tuple[str | None, ...]:
    if column is None:
        return (None,) * len(body)
    for k, row in enumerate(body):
        if not is_missing(row[column.at]) and words.awake_of(row[column.at]) is None:
            raise InputError("files", f"Row {lines[k]}, column {clean(column.heading, 40)} holds {clean(row[column.at], 30)!r}, "
                             "not a level of consciousness.", "Write A, C, V, P or U.")
    return tuple(words.awake_of(row[column.at]) for row in body)


def _notes(body: list[list[str]], hours: np.ndarray, column: Column | None) -> tuple[tuple[float, str], ...]:
    """Each text once, at the row where it stands first."""
    found: dict[str, float] = {}
    if column is not None:
        for row, hour in zip(body, hours, strict=True):
            if row[column.at]:
                found.setdefault(row[column.at], float(hour))
    return tuple((hour, text) for text, hour in found.items())
