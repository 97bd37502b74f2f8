"""The tables of a database, in a folder or uploaded together, plain or packed, read row by row."""

from __future__ import annotations

import csv
import gzip
import io
import lzma
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from core.deterioration.formats import pressures
from core.deterioration.vitals import CODES, DIASTOLIC, SYSTOLIC
from core.tables.cells import LARGEST
from core.tables.text import decoded
from core.uploads import InputError, Upload

Tables = Mapping[str, Callable[[], TextIO]]
Events = dict[str, array]  # stay -> minute, channel, value, minute, channel, value ...
_PACKED = {".gz": gzip.open, ".xz": lzma.open}
# Channels: the six vital signs, the pressures those of an arterial line; then the pressures of a cuff.
CUFF_SYSTOLIC, CUFF_DIASTOLIC, CHANNELS = len(CODES), len(CODES) + 1, len(CODES) + 2


def below(folder: Path) -> Tables:
    """Name of a table, in lower case and without endings -> how it is opened."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.name.lower().removesuffix(path.suffix.lower() if path.suffix.lower() in _PACKED else "")
        if name.endswith(".csv") and path.is_file():
            found[name[:-4]] = lambda path=path: _PACKED.get(path.suffix.lower(), open)(
                path, "rt", newline="", encoding="utf-8-sig", errors="replace")
    return found


def uploaded(uploads: Sequence[Upload]) -> Tables:
    """The same of files in memory."""
    return {upload.name.lower().removesuffix(".csv"): lambda upload=upload: io.StringIO(decoded(upload.data), newline="")
            for upload in uploads}


def select(tables: Tables, name: str, *columns: str) -> Iterator[list[str]]:
    """Some columns of a table, row by row.

    Raises:
        InputError: no such table, or it lacks a column.
    """
    if name not in tables:
        raise InputError("files", f"The table {name} is missing.", "Add it to the others; see the publisher's layout.")
    try:
        with tables[name]() as file:
            reader = csv.reader(file)
            heading = [cell.strip().lower() for cell in next(reader, [])]
            lacking = [column for column in columns if column not in heading]
            if lacking:
                raise InputError("files", f"The table {name} has no column {lacking[0]}.", "Give the publisher's own tables.")
            at = [heading.index(column) for column in columns]
            for row in reader:
                if len(row) > max(at):
                    yield [row[k] for k in at]
    except (csv.Error, OSError, EOFError, lzma.LZMAError) as error:
        raise InputError("files", f"The table {name} is damaged.", "Download it again.") from error


def number(text: str) -> float:
    """The number of a cell, NaN for none."""
    try:
        return float(text)
    except ValueError:
        return np.nan


def note_down(events: Events, stay: str, minute: float, channel: int, text: str) -> None:
    """Keep one value; what is no number, and -1, is missing."""
    value = number(text)
    if abs(value) < LARGEST and value != -1:
        events.setdefault(stay, array("d")).extend((minute, channel, value))


def pivoted(events: array) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Minutes ``[n]`` ascending, values ``[n, 6]``, whose the pressures are ``[n]`` (``pressures``), and whether both kinds are
    there; of two values the later."""
    triples = np.frombuffer(events, np.float64).reshape(-1, 3)
    minutes, rows = np.unique(triples[:, 0], return_inverse=True)
    table = np.full((minutes.size, CHANNELS), np.nan)
    table[rows, triples[:, 1].astype(int)] = triples[:, 2]
    line, cuff = table[:, [SYSTOLIC, DIASTOLIC]].T, table[:, [CUFF_SYSTOLIC, CUFF_DIASTOLIC]].T
    values = table[:, : len(CODES)].copy()
    values[:, SYSTOLIC], values[:, DIASTOLIC], whose = pressures.chosen([tuple(line), tuple(cuff)])
    return minutes, values.astype(np.float32), whose.astype(np.float32), bool(np.isfinite(line).any() and np.isfinite(cuff).any())
