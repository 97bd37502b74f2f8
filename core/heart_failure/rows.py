"""One row of a cohort table to one patient, by what its layout declares; what is wrong is said of row and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.assessment import Notice
from core.fields import Asked
from core.heart_failure.formats.asked import ASKED
from core.heart_failure.formats.layout import DRUGS, NO_DRUGS, Layout, yes
from core.patient import clean
from core.tables.cells import NotOne, formula, number
from core.tables.rows import Line, column
from core.uploads import InputError

_REMEDY = "Correct the cell, or leave it empty."


@dataclass(frozen=True)
class Row:
    """One patient of a cohort.

    Attributes:
        id: as in the table, else "row 7". values: by field of ``read``, in its units, with "prescriptions" and "setting"
            where they are known; all within the bounds. time: years until death or the end of what is known.
        event: whether that was death. cohort: name of the layout. refused: what ``read`` refuses, by field, as it stands in
            the table. noticed: what was not taken as it stands. error: why the row cannot be used as it is, the first reason.
    """

    id: str
    values: dict[str, Any]
    time: float | None
    event: bool | None
    cohort: str
    refused: Mapping[str, Any] = field(default_factory=dict)
    noticed: tuple[Notice, ...] = ()
    error: InputError | None = None


@dataclass(frozen=True)
class _Part:
    """A source with the places of its columns in this table."""

    name: str  # field
    columns: tuple[str, ...]
    places: tuple[int | None, ...]
    of: Callable[..., Any]
    text: bool
    check: Callable[[Any], Any]


class _Wrong(Exception):
    """A cell that cannot be taken: of which field, why, what was given."""

    def __init__(self, name: str, message: str, given: str = ""):
        super().__init__(message)
        self.name, self.given = name, given


def reader(layout: Layout, header: tuple[str, ...], comma: bool) -> Callable[[Line], Row]:
    """What turns the lines of one table into rows.

    Args:
        comma: its decimals are written with a comma.

    Raises:
        InputError: a column that is needed is there twice.
    """
    placed = [(one, _places(header, one.columns)) for one in layout.sources]
    parts = [_Part(one.field, one.columns, places, one.of, one.text, _check(ASKED[one.field]))
             for one, places in placed if any(place is not None for place in places)]
    drugs = [(DRUGS[name], columns, _places(header, columns)) for name, columns in layout.drugs.items()]
    told = bool(drugs) and all(place is not None for _, _, places in drugs for place in places)
    ident = None if layout.ident is None else column(header, layout.ident)
    outcome, measure = layout.outcome or ((), None)
    ends = _places(header, outcome)
    measure = None if all(place is None for place in ends) else measure  # withheld
    group = None if layout.belongs is None else column(header, layout.belongs[0])

    def row(line: Line) -> Row:
        if line.error is not None:
            return Row(f"row {line.number}", {}, None, None, layout.name, error=line.error)
        cells, values, refused, noticed, wrong = line.cells, {}, {}, [], None
        for part in parts:
            try:
                value = _value(part, cells, comma, layout, noticed)
                if value is not None:
                    values[part.name] = part.check(value)
            except _Wrong as error:
                refused[error.name] = error.given
                wrong = wrong or error
            except InputError as error:  # out of bounds, in our unit
                refused[part.name] = value
                wrong = wrong or _Wrong(part.name, f"{_named(part.columns)} ({_shown(cells, part.places)}): {error.message}")
        name, time, event = f"row {line.number}", None, None
        try:
            name = _ident(cells, ident, layout) or name
            if group is not None and cells[group].strip() != layout.belongs[1]:
                raise _Wrong("files", f"{_named(layout.belongs[:1])}: “{clean(cells[group], 40)}” is not {layout.belongs[1]}, "
                             "heart failure.")
            if told and (listed := _drugs(drugs, cells, comma)) is not None:
                values["prescriptions"] = listed
            if measure is not None:
                time, event = _outcome(layout, measure, ends, cells, comma)
        except _Wrong as error:
            wrong = wrong or error
        if layout.setting is not None:
            values.setdefault("setting", layout.setting)
        error = None if wrong is None else InputError(wrong.name, f"Row {line.number}, {wrong}", _REMEDY)
        return Row(name, values, time, event, layout.name, refused, tuple(noticed), error)

    return row


def _places(header: tuple[str, ...], columns: tuple[str, ...]) -> tuple[int | None, ...]:
    return tuple(column(header, name) for name in columns)


def _check(asked: Asked) -> Callable[[Any], Any]:
    """The bounds of a field, without a call into it for most values: there are many."""
    low, high = asked.field.low, asked.field.high
    if asked.kind is float and low is not None and high is not None:
        return lambda value: value if low <= value <= high else asked.value(value)
    known = asked.choices or ((True, False) if asked.kind is bool else ())
    return lambda value: value if value in known else asked.value(value)


def _value(part: _Part, cells: list[str], comma: bool, layout: Layout, noticed: list[Notice]) -> Any:
    try:
        if part.text:
            return part.of(*(None if place is None else cells[place] for place in part.places))
        if len(part.places) == 1 and part.columns[0] not in layout.spelt:  # most are so, of a million rows
            cell = cells[part.places[0]]
            return part.of(number(cell, comma) if cell else None)
        return part.of(*_numbers(part.columns, part.places, cells, comma, layout.spelt, noticed, part.name))
    except NotOne as error:
        given = ", ".join(cells[place].strip()[:200] for place in part.places if place is not None)
        raise _Wrong(part.name, f"{_named(part.columns)}: “{_shown(cells, part.places)}” {error}.", given) from error
    except InputError as error:
        given = cells[part.places[0]]
        raise _Wrong(part.name, f"{_named(part.columns)} ({_shown(cells, part.places)}): {error.message}", given) from error


def _numbers(columns: tuple[str, ...], places: tuple[int | None, ...], cells: list[str], comma: bool,
             spelt: Mapping[str, Mapping[str, tuple[float, str]]], noticed: list[Notice], subject: str) -> list[float | None]:
    found: list[float | None] = []
    for name, place in zip(columns, places, strict=True):
        cell = None if place is None else cells[place]
        meant = spelt[name].get(cell.strip().lower()) if cell and name in spelt else None
        if meant is None:
            found.append(number(cell, comma) if cell else None)
        else:
            found.append(meant[0])
            if meant[1]:
                noticed.append(Notice("info", meant[1], subject))
    return found


def _named(columns: tuple[str, ...]) -> str:
    return f"column{'s' * (len(columns) > 1)} {', '.join(f'“{clean(name, 60)}”' for name in columns)}"


def _shown(cells: list[str], places: tuple[int | None, ...]) -> str:
    return clean(", ".join(cells[place].strip()[:60] for place in places if place is not None), 60)


def _ident(cells: list[str], place: int | None, layout: Layout) -> str:
    if place is None:
        return ""
    if formula(cells[place]):
        raise _Wrong("files", f"{_named((layout.ident,))}: “{clean(cells[place], 40)}” is a formula.")
    return clean(cells[place])


def _drugs(drugs: list[tuple[str, tuple[str, ...], tuple[int | None, ...]]], cells: list[str], comma: bool) -> str | None:
    """The drugs taken, as text; None where one of them is unknown, for a list is taken to be complete."""
    taken, open_ = [], False
    for wording, columns, places in drugs:
        try:
            answer = yes(*(number(cells[place], comma) if cells[place] else None for place in places))
        except NotOne as error:
            raise _Wrong("prescriptions", f"{_named(columns)}: “{_shown(cells, places)}” {error}.") from error
        open_ |= answer is None
        if answer:
            taken.append(wording)
    return None if open_ else ", ".join(taken) or NO_DRUGS


def _outcome(layout: Layout, measure: Callable[..., tuple[float | None, bool | None]], places: tuple[int | None, ...],
             cells: list[str], comma: bool) -> tuple[float | None, bool | None]:
    columns = layout.outcome[0]
    try:
        time, event = measure(*_numbers(columns, places, cells, comma, layout.spelt, [], ""))
    except NotOne as error:
        raise _Wrong("files", f"{_named(columns)}: “{_shown(cells, places)}” {error}.") from error
    if time is not None and time < 0:
        raise _Wrong("files", f"{_named(columns[:1])}: the follow-up is below zero.")
    return time, event
