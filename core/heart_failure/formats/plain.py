"""A table whose columns are called as the fields of the form, in their units: no layout of a publisher, anybody's own.

``id`` names the patient, ``time`` is years until death or the end of what is known, ``event`` 1 says that it was death.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.heart_failure.formats.asked import ASKED
from core.heart_failure.formats.layout import Layout, Numbers, Source, number, yes
from core.tables.cells import MISSING, NotOne, formula
from core.tables.rows import plain

IDS = ("id", "patient_id", "patient", "study")
FEWEST = 2  # columns of ours that make a table one of this room
TRUTH = {word: (float(value), "") for value, words in enumerate((("false", "no"), ("true", "yes"))) for word in words}
_WHOLE = re.compile(r"(\d)[.,]0")  # as tables write 1 where the column has gaps


def layout(header: tuple[str, ...]) -> Layout | None:
    """A layout for these columns; None where too few are fields."""
    names = {plain(name).replace(" ", "_"): name for name in header}
    found = {field: names[field] for field in ASKED if field in names}
    if len(found) < FEWEST:
        return None
    sources = tuple(source(field, column) for field, column in found.items())
    ident = next((names[name] for name in IDS if name in names), None)
    return Layout("plain", "columns named as the fields", tuple(found.values()), sources, ident,
                  spelt={names["event"]: TRUTH} if "event" in names else {},
                  outcome=((names.get("time", "time"), names.get("event", "event")), outcome()))


def source(field: str, column: str, factor: float = 1.0, book: Mapping[str, Any] | None = None) -> Source:
    """A column of one field. book: cell -> value, where the table has codes of its own."""
    if book is not None:
        return Source(field, (column,), _listed(book), text=True)
    if ASKED[field].kind in (float, int):
        return number(field, column, factor)
    return Source(field, (column,), _free if ASKED[field].field.multiline else _word(field), text=True)


def outcome(days: float = 1.0) -> Callable[[Numbers, Numbers], tuple[float | None, bool | None]]:
    """What makes (years, died) of the two columns. days: years that one unit of time is."""
    return lambda time, event: (None if time is None else time * days, yes(event))


def _word(field: str) -> Callable[[str | None], Any]:
    def of(cell: str | None) -> Any:
        text = (cell or "").strip()
        if text.lower() in MISSING:
            return None
        if formula(text):
            raise NotOne("is a formula")
        whole = _WHOLE.fullmatch(text)
        return ASKED[field].value(whole[1] if whole else text)
    return of


def _free(cell: str | None) -> str | None:
    text = (cell or "").strip()
    if text.startswith(("=", "@")):  # a list of drugs may begin with a dash
        raise NotOne("is a formula")
    return text if text.lower() not in MISSING - {"none", "nil"} else None


def _listed(book: Mapping[str, Any]) -> Callable[[str | None], Any]:
    def of(cell: str | None) -> Any:
        text = (cell or "").strip()
        whole = _WHOLE.fullmatch(text)
        for known in (text, text.lower(), whole[1] if whole else text):
            if known in book:
                return book[known]
        if text.lower() in MISSING:
            return None
        raise NotOne("is a formula" if formula(text) else f"is none of {', '.join(book)}")
    return of
