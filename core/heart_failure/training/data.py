"""Cohorts as arrays: what models take, and what became of the patients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.heart_failure.layouts import cohort as rows_of
from core.heart_failure.prescriptions import flags
from core.heart_failure.read import study
from core.heart_failure.rows import Row
from core.heart_failure.study import HeartFailureStudy
from core.training.identity import of_rows
from core.uploads import InputError

TITLES = {"music": "MUSIC", "peakvo2": "peakVO2", "support2": "SUPPORT2 heart failure", "uci": "UCI heart failure",
          "trace": "TRACE"}


@dataclass(frozen=True, eq=False)
class Data:
    """Patients of one or more cohorts, in the order of their tables.

    Attributes:
        ids: ``[n]``. numbers: ``[n, k]`` clinical units, NaN unknown. flags: ``[n, 14]``, NaN where no list of drugs is given.
        texts: their prescriptions. time: years watched, ``[n]``. event: died, ``[n]`` bool. cohort: ``[n]`` names.
        settings: whose baseline a patient is held against, ``[n]``, as ``variables.SETTINGS``. unread: rows left out, by cohort.
    """

    ids: np.ndarray
    numbers: np.ndarray
    flags: np.ndarray
    texts: tuple[str, ...]
    time: np.ndarray
    event: np.ndarray
    cohort: np.ndarray
    settings: np.ndarray
    unread: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, *cohorts: str) -> np.ndarray:
        return np.flatnonzero(np.isin(self.cohort, cohorts))

    def identity(self, rows: np.ndarray | None = None) -> dict[str, int | str]:
        rows = np.arange(len(self)) if rows is None else rows
        return of_rows(rows, self.numbers, self.flags, self.time, self.event)

    def describe(self, rows: np.ndarray | None = None) -> str:
        """The cohorts with their numbers of patients and deaths."""
        rows = np.arange(len(self)) if rows is None else rows
        names = list(dict.fromkeys(self.cohort[rows]))
        return "; ".join(f"{TITLES.get(name, name)}, {int((own := self.cohort[rows] == name).sum())} patients, "
                         f"{int(self.event[rows][own].sum())} deaths" for name in names)


def load(paths: Sequence[Path]) -> Data:
    """All tables, one after the other.

    Raises:
        InputError: a table that cannot be read, or one without outcomes.
    """
    return joined([kept(path)[1] for path in paths])


def kept(path: Path) -> tuple[list[Row], Data]:
    """The rows of a table that can be used, and what they are as arrays."""
    return from_rows(rows_of(path))


def from_rows(rows: Iterable[Row]) -> tuple[list[Row], Data]:
    """Patients with an outcome, of whom something can be told; the others are counted in ``unread``.

    Raises:
        InputError: nobody is left.
    """
    usable, unread = [], {}
    for row in rows:
        one = _study(row)
        if one is None:
            unread[row.cohort] = unread.get(row.cohort, 0) + 1
        else:
            usable.append((row, one))
    if not usable:
        raise InputError("data", "No row has an outcome: how long the patient was watched, and whether he or she died.",
                         "Give a table with both columns; a mapping names them.")
    rows, studies = (list(part) for part in zip(*usable, strict=True))
    return rows, Data(
        np.array([row.id for row in rows]), np.stack([one.numbers for one in studies]),
        np.stack([flags(one.text) for one in studies]), tuple(one.text for one in studies),
        np.array([row.time for row in rows], float), np.array([row.event for row in rows], bool),
        np.array([row.cohort for row in rows]), np.array([one.values.get("setting", "outpatient") for one in studies]), unread)


def _study(row: Row) -> HeartFailureStudy | None:
    """None where the row has no outcome, or says what cannot be."""
    if row.error is not None or row.time is None or row.event is None or not row.time >= 0:
        return None
    try:
        one = study(row.values, {})
    except InputError:
        return None
    return None if any(notice.level == "refuse" for notice in one.notices) else one


def joined(tables: Sequence[Data]) -> Data:
    if len(tables) == 1:
        return tables[0]
    arrays = {name: np.concatenate([getattr(one, name) for one in tables])
              for name in ("ids", "numbers", "flags", "time", "event", "cohort", "settings")}
    unread: dict[str, int] = {}
    for one in tables:
        for name, count in one.unread.items():
            unread[name] = unread.get(name, 0) + count
    return Data(**arrays, texts=sum((one.texts for one in tables), ()), unread=unread)
