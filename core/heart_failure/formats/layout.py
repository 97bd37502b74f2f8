"""What a layout declares: which columns are which field, how their numbers become ours, drugs, outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.tables.cells import NotOne

Numbers = float | None  # of a cell; None where nothing is there
DRUGS = {  # how a flag of ``drugs.FLAGS`` is written into ``prescriptions``
    "acei": "ACE inhibitor", "arb": "angiotensin receptor blocker", "beta_blocker": "beta-blocker",
    "mra": "mineralocorticoid receptor antagonist", "loop": "loop diuretic", "thiazide": "thiazide", "digoxin": "digoxin",
    "antiarrhythmic": "antiarrhythmic", "antithrombotic": "antithrombotic", "statin": "statin", "nitrate": "nitrate",
    "hydralazine": "hydralazine", "calcium_blocker": "calcium channel blocker", "antidiabetic": "antidiabetic",
}
NO_DRUGS = "no drugs"


@dataclass(frozen=True)
class Source:
    """One field of ours. of: the numbers of ``columns``, in their order, to a value in our unit; None is unknown.

    Where ``text`` is true it takes the cell as it stands. It raises ``NotOne`` for what no code book has.
    """

    field: str
    columns: tuple[str, ...]
    of: Callable[..., Any]
    text: bool = False


@dataclass(frozen=True)
class Layout:
    """How one publisher writes a cohort.

    Attributes:
        name: of the cohort. signature: columns by which it is known; never outcomes, which may be withheld.
        ident: column of the patient's name. setting: where these patients were cared for.
        drugs: flag -> columns of 0 and 1, any of which says yes. A list of drugs is written only where all of them are known.
        spelt: column -> cell -> (number meant, what is told of it).
        outcome: columns, and what makes (years, died) of their numbers; None is unknown.
        belongs: column and the cell that it must hold, where a file also has patients without heart failure.
    """

    name: str
    title: str
    signature: tuple[str, ...]
    sources: tuple[Source, ...]
    ident: str | None = None
    setting: str | None = None
    drugs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spelt: Mapping[str, Mapping[str, tuple[float, str]]] = field(default_factory=dict)
    outcome: tuple[tuple[str, ...], Callable[..., tuple[float | None, bool | None]]] | None = None
    belongs: tuple[str, str] | None = None


def number(field: str, column: str, factor: float = 1.0, missing: tuple[float, ...] = ()) -> Source:
    """A number; ours is ``factor`` times it. missing: numbers that the publisher writes for what is unknown."""
    if factor == 1.0 and not missing:
        return Source(field, (column,), _same)
    return Source(field, (column,), lambda x: None if x is None or x in missing else x * factor)


def coded(field: str, column: str, book: Mapping[float, Any]) -> Source:
    """A code of the publisher's code book."""
    def of(x: Numbers) -> Any:
        if x is not None and x not in book:
            raise NotOne(f"is none of the codes {', '.join(f'{code:g}' for code in book)}")
        return None if x is None else book[x]
    return Source(field, (column,), of)


def flag(field: str, column: str) -> Source:
    """0 no, 1 yes."""
    return coded(field, column, YES_NO)


def any_of(field: str, *columns: str) -> Source:
    """Yes where one of several columns of 0 and 1 says so, no where all say no."""
    return Source(field, columns, lambda *xs: yes(*xs))


def yes(*numbers: Numbers) -> bool | None:
    """True where one is 1, False where all are 0, None where none is 1 and one is unknown.

    Raises:
        NotOne: another number.
    """
    for x in numbers:
        if x not in (None, 0, 1):
            raise NotOne("is neither 0 nor 1")
    return True if 1 in numbers else None if None in numbers else False


def _same(x: Numbers) -> Numbers:
    return x


YES_NO = {0: False, 1: True}
SEX = {0: "female", 1: "male"}
