"""A stay as its file holds it, before anything was judged: what every format returns, and the table it is written as."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from core.assessment import Notice
from core.deterioration.vitals import CODES, DIASTOLIC, SOURCES, SYSTOLIC
from core.uploads import Upload

COLUMNS = ("stay", "hours", *CODES, "oxygen", "consciousness", "note", "age", "sex", "unit_type")
MARK = "# monitored: "  # begins a table that was written from a database of monitors


@dataclass(frozen=True, eq=False)
class Chart:
    """One stay.

    Attributes:
        stay: its name in the file, "" for none.
        hours: float64 ``[n]`` from the start of the stay, in the order of the file.
        values: float32 ``[n, 6]`` in the order of VITALS, in the units of the file; NaN where nothing was measured.
        oxygen: float32 ``[n]``, 1 supplemental, 0 room air, NaN unknown. consciousness: A, C, V, P, U or None per row.
        line: float32 ``[n]``, 1 where the pressures are of an arterial line, 0 of a cuff, NaN where nobody says; None: nowhere.
        notes: (hour, text). age: years. outcome: died in hospital, where the file says so; never read for a prediction.
        extra: of layouts that hold more: name -> [(hour, value)].
        units: "temperature", "pressure", "saturation" -> unit, where the file's headings name it.
        lines: int ``[n]`` row of the file, as a spreadsheet counts. names: code of a vital sign -> heading.
        began: date and time of hour 0, where the times are dates.
        monitored: straight from a database of monitors, where artefacts are left as they were recorded.
    """

    stay: str
    hours: np.ndarray
    values: np.ndarray
    oxygen: np.ndarray
    consciousness: tuple[str | None, ...]
    notes: tuple[tuple[float, str], ...] = ()
    age: float | None = None
    sex: str | None = None
    hypercapnic: bool | None = None
    unit_type: str | None = None
    outcome: bool | None = None
    extra: Mapping[str, list[tuple[float, float]]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    line: np.ndarray | None = None
    lines: np.ndarray | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    began: datetime | None = None
    monitored: bool = False
    source: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    def place(self, row: int, code: str = "") -> str:
        """Where a row, or a cell of it, stands, in words: "Row 5, HR"."""
        at = f"Row {self.lines[row]}" if self.lines is not None else f"{self.hours[row]:g} h"
        return f"{at}, {self.names.get(code, code)}" if code else at


def as_table(chart: Chart) -> Upload:
    """The stay as the plain table that ``formats.plain`` reads; numbers as short as they are exact."""
    text = io.StringIO()
    if chart.monitored:
        text.write(f"{MARK}{chart.source.get('Format', '')}\n")
    writer = csv.writer(text, lineterminator="\n")
    several = chart.line is not None and bool(np.isfinite(chart.line).any())
    writer.writerow((*COLUMNS, *SOURCES) if several else COLUMNS)
    notes = dict(_placed(chart))
    for row, hour in enumerate(chart.hours):
        first = row == 0
        writer.writerow([
            chart.stay, _short(hour), *map(_short, chart.values[row]), _short(chart.oxygen[row]),
            chart.consciousness[row] or "", notes.get(row, ""),
            _short(chart.age) if first and chart.age is not None else "", (chart.sex or "") if first else "",
            (chart.unit_type or "") if first else "", *(_of_source(chart, row) if several else ()),
        ])
    return Upload(f"{chart.stay or 'stay'}.csv", text.getvalue().encode())


def _of_source(chart: Chart, row: int) -> list[str]:
    """The pressures of a row once more, under whose they are; ``formats.plain`` takes them for the ones."""
    pair, none = [_short(value) for value in chart.values[row, [SYSTOLIC, DIASTOLIC]]], ["", ""]
    return (pair if chart.line[row] == 0 else none) + (pair if chart.line[row] == 1 else none)


def _placed(chart: Chart) -> list[tuple[int, str]]:
    """Each note at the first row that is not before it; a later one than all rows stands in the last."""
    found: dict[int, str] = {}
    for hour, text in chart.notes:
        later = np.flatnonzero(chart.hours >= hour)
        row = int(later[0]) if later.size else len(chart.hours) - 1
        found[row] = f"{found[row]}\n{text}" if row in found else text
    return list(found.items())


def _short(value: float) -> str:
    return "" if np.isnan(value) else f"{np.round(float(value), 4):.10g}"
