"""A stay: vital signs as they were measured, what else the bedside chart says, and the note."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from core.assessment import Notice

HOURS = 48  # at most that many are judged


@dataclass(frozen=True, eq=False)
class DeteriorationStudy:
    """What ``read`` made of an upload. Carries no patient identity.

    Attributes:
        hours: float64 ``[n]`` ascending, from the start of the stay, each once.
        values: float32 ``[n, 6]`` in the order and units of ``VITALS``; NaN where nothing was measured, never filled.
        oxygen: float32 ``[n]``, 1 on supplemental oxygen, 0 on room air, NaN unknown.
        consciousness: per row one of A, C, V, P, U, or None where it was not recorded.
        note: free text, "" for none. note_hour: when it was written; a model knows it from then on only.
        age: years. sex: "female" or "male". hypercapnic: confirmed hypercapnic respiratory failure with a target of
            88 to 92 %; None is unknown. unit_type: kind of ward, see ``wards``.
        grid: float32 ``[49, 6]`` means of each hour: row k is of (start + k - 1, start + k], row 0 of what was measured
            at ``start``, and in the hour before it where the stay is longer than 48 h.
        start: hour of the stay at row 0 of the grid: 0, or 48 h before its end.
        source: format and whatever else is worth showing; strings only.
        notices: what reading it noticed.
        sources: float32 ``[49, 4]`` as ``grid``, the pressures of the cuff and of the arterial line in the order of SOURCES;
            NaN where the chart does not say whose they are, None where it nowhere does.
        began: date and time of hour 0, where the chart has dates; it goes into a record of the vital signs and nowhere else.
    """

    hours: np.ndarray
    values: np.ndarray
    oxygen: np.ndarray
    consciousness: tuple[str | None, ...]
    grid: np.ndarray
    start: int = 0
    note: str = ""
    note_hour: float = 0.0
    age: float | None = None
    sex: str | None = None
    hypercapnic: bool | None = None
    unit_type: str | None = None
    source: dict[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    sources: np.ndarray | None = None
    began: datetime | None = None

    @property
    def last_hour(self) -> float:
        """When the last row was recorded."""
        return float(self.hours[-1])
