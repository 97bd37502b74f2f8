"""A whole cohort in pieces: the risk of each patient, packed as it comes.

What is kept of a table of any size: the packed lines of the predictions, four numbers per patient, and the first reasons of
rows that could not be read. The table itself is streamed, and nothing is written to a disk.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from core import progress
from core.heart_failure.layouts import cohort
from core.heart_failure.prognosis import predict
from core.heart_failure.read import study
from core.heart_failure.rows import Row
from core.heart_failure.study import HeartFailureStudy
from core.serving import Served, get
from core.tables.rows import safe
from core.tables.text import opened
from core.uploads import InputError, Upload

AT_ONCE = 1000  # patients of a pass, and lines of a packed piece
YEARS = (1, 3)
REASONS = 20  # rows without a prediction are told one by one up to here, and counted all
HEAD = ("id", *(f"death_{year}y{end}" for year in YEARS for end in ("_percent", "_low", "_high")), "log_hazard", "error")


@dataclass(frozen=True)
class Failed:
    """A row without a prediction: the patient's id, the field it stumbled over, and why."""

    id: str
    field: str
    reason: str


@dataclass(frozen=True, eq=False)
class Batch:
    """What is kept of a cohort.

    Attributes:
        cohort: name of the table's layout. pieces: CSV lines without the head, of AT_ONCE patients each, packed with gzip.
        rows: of the table. failed: the first of those without a prediction. fields: how many stumbled over which field.
        risk: float32 ``[n, 2]`` of the others, percent within 1 and 3 years. time, event: years and 0 or 1, NaN unknown.
    """

    cohort: str
    pieces: tuple[bytes, ...]
    rows: int
    failed: tuple[Failed, ...]
    fields: Mapping[str, int]
    risk: np.ndarray
    time: np.ndarray
    event: np.ndarray

    def csv_packed(self) -> bytes:
        """The predictions; gzip files one after the other are one gzip file."""
        return b"".join((gzip.compress(_lines([HEAD]).encode()), *self.pieces))

    def csv(self) -> bytes:
        return gzip.decompress(self.csv_packed())

    def jsonl(self) -> bytes:
        return b"".join(map(_as_jsonl, self.pieces))

    def jsonl_packed(self) -> bytes:
        return b"".join(gzip.compress(_as_jsonl(piece)) for piece in self.pieces)


def run(
    file: Upload | Path, weights: str, mapping: Mapping[str, Any] | None = None, done: progress.Done | None = None
) -> Batch:
    """Predict for every row of a cohort table.

    Args:
        mapping: of columns to fields, where the layout is not one that is known.

    Raises:
        InputError: no such table, or nothing in it. Cancelled: ``done`` returned False.
    """
    served, of, rows = get(weights), _length(file), cohort(file, mapping)
    pieces, parts, failed, fields, seen = [], [], [], Counter(), 0
    while some := list(islice(rows, AT_ONCE)):
        part = _predicted(some, served)
        errors = [(row, error) for row, error in zip(some, part.errors, strict=True) if error is not None]
        fields.update(error.field for _, error in errors)
        failed += [Failed(row.id, error.field, str(error)) for row, error in errors[:REASONS - len(failed)]]
        pieces.append(gzip.compress(_lines(part.lines).encode()))
        parts.append((part.risk, part.outcome))
        seen, name = seen + len(some), some[0].cohort
        progress.report(done, min(seen, of), of)
    if not seen:
        raise InputError("files", "The table has no patients.", "Give one row per patient below the column names.")
    risk, outcome = (np.concatenate(numbers) for numbers in zip(*parts, strict=True))
    return Batch(name, tuple(pieces), seen, tuple(failed), dict(fields), risk, outcome[:, 0], outcome[:, 1])


@dataclass(frozen=True)
class _Part:
    """Of some rows: a line of the predictions and an error or None for each; risk and outcome of those without an error."""

    lines: Sequence[Sequence[str]]
    errors: Sequence[InputError | None]
    risk: np.ndarray
    outcome: np.ndarray


def _predicted(rows: Sequence[Row], served: Served) -> _Part:
    read = [_study(row) for row in rows]
    good = [(row, one) for row, one in zip(rows, read, strict=True) if isinstance(one, HeartFailureStudy)]
    outcome = np.array([(np.nan if row.time is None else row.time, np.nan if row.event is None else row.event)
                        for row, _ in good], np.float32).reshape(-1, 2)
    if not good:
        return _Part([_line(row.id, None, error) for row, error in zip(rows, read, strict=True)], read,
                     np.empty((0, len(YEARS)), np.float32), outcome)
    prognosis = predict(served, [one for _, one in good])
    risks = [prognosis.risk(year) for year in YEARS]
    numbers = np.column_stack([column for risk in risks for column in risk] + [prognosis.log_hazard])
    told = iter(numbers.round(3).tolist())
    errors = [one if isinstance(one, InputError) else None for one in read]
    lines = [_line(row.id, None if error else next(told), error) for row, error in zip(rows, errors, strict=True)]
    return _Part(lines, errors, np.column_stack([risk[0] for risk in risks]).astype(np.float32), outcome)


def _study(row: Row) -> HeartFailureStudy | InputError:
    """What can be predicted from, or why nothing can."""
    if row.error is not None:
        return row.error
    try:
        made = study(row.values, {}, row.noticed)
    except InputError as error:
        return error
    reason = next((notice for notice in made.notices if notice.level == "refuse"), None)
    return made if reason is None else InputError(reason.subject, reason.message, "")


def _line(ident: str, numbers: Sequence[float] | None, error: InputError | None) -> list[str]:
    told = [""] * (len(HEAD) - 2) if numbers is None else ["" if number != number else f"{number:g}" for number in numbers]
    return [safe(ident), *told, "" if error is None else safe(str(error).strip())]


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _as_jsonl(piece: bytes) -> bytes:
    """A packed piece as one JSON object per patient."""
    lines = []
    for ident, *numbers, error in csv.reader(io.StringIO(gzip.decompress(piece).decode())):
        told = dict(zip(HEAD[1:-1], (float(number) if number else None for number in numbers), strict=True))
        told = {"error": error} if error else told
        lines.append(json.dumps({"study": ident, **told}, ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines).encode()


def _length(file: Upload | Path) -> int:
    """About how many patients a table has: its lines."""
    with opened(file) as text:
        return max(sum(1 for _ in text) - 1, 1)
