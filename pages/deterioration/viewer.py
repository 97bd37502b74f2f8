"""The stay in its viewer: risk, NEWS2 and the six trajectories on one hour axis, replayed in the browser. Not a page."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from core.assessment import Assessment, Attribution, Measurement
from core.deterioration import moments, news2
from core.deterioration.names import ENOUGH, RISK, WITHOUT, curve
from core.deterioration.news2 import CARRY
from core.deterioration.scales import AWAKE, EMERGENCY, MOST, URGENT, top
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import VITALS
from core.figures import levels
from core.plot_style import DARK, LIGHT
from pages.deterioration import moment
from pages.viewer import viewer

# What an axis spans at least: from where NEWS2 gives most points to where it gives most on the other side, of pressures what
# a chart at the bedside has. It grows with what was measured.
ENDS = {"heart_rate": (40, 131), "respiration": (8, 25), "temperature": (35.0, 39.1), "systolic": (80, 160),
        "diastolic": (40, 100), "saturation": (88, 100)}
SCRIPTS = ("panels", "paint", "viewer")


def payload(
    study: DeteriorationStudy, assessment: Assessment, alarm: float | None = None, attribution: Attribution | None = None
) -> dict[str, Any]:
    """What the browser gets. Each hour's numbers are of its past alone, and it draws nothing after the hour it shows.

    Args:
        alarm: percent. attribution: of ``explain``, drawn under the trajectories.
    """
    risk = curve(assessment, RISK)
    rows = len(risk.x)
    scores = moment.course(study, rows)
    _, oxygen, awake = news2.carried(study, risk.x)
    said = [asdict(one) for one in moment.all_of(study, assessment)]
    within = (study.hours >= study.start - 1) & (study.hours <= study.start + rows - 1 + 1e-6)
    data = {
        "id": zlib.crc32(repr((study.hours.tobytes(), study.values.tobytes(), risk, study.note)).encode()),
        "start": study.start, "said": said, "carry": CARRY,
        "vitals": [_vital(k, study, within, assessment.measured(vital.code)) for k, vital in enumerate(VITALS)],
        "risk": {"y": risk.y, "low": risk.low, "high": risk.high, "enough": assessment.overlays[ENOUGH].tolist(),
                 "tops": [top(max(high, (alarm or 0) * 1.1)) for high in np.maximum.accumulate(risk.high).tolist()]},
        "alarm": alarm,
        "news2": {"low": [one.low for one in scores], "high": [one.high for one in scores], "most": MOST,
                  "lines": {"urgent": URGENT, "emergency": EMERGENCY}},
        "oxygen": [None if np.isnan(one) else int(one) for one in oxygen], "awake": list(awake), "levels": AWAKE,
        "note": study.note_hour if study.note and moments.counts(study) else None,
        "palettes": {"light": asdict(LIGHT), "dark": asdict(DARK)},
    }
    without = curve(assessment, WITHOUT)
    if without is not None:
        data["risk"]["without"] = without.y
    if attribution is not None:
        scaled, _ = levels(attribution.values)
        data["why"] = {"hour": attribution.parameters["hour"],
                       "weights": _listed(np.where(np.isnan(study.grid), np.nan, scaled).T, 2)}
    return data


def _vital(k: int, study: DeteriorationStudy, within: np.ndarray, measured: Measurement | None) -> dict[str, Any]:
    """One trajectory; ``ends`` is what its axis spans at least, ``band`` the reference."""
    vital, known = VITALS[k], within & ~np.isnan(study.values[:, k])
    low, high = vital.band if measured is None else (measured.low, measured.high)
    return {"label": vital.label, "unit": vital.unit, "decimals": int(vital.code == "temperature"), "ends": ENDS[vital.code],
            "band": [vital.low if low is None else low, vital.high if high is None else high],
            "hours": _listed(study.hours[known], 3), "values": _listed(study.values[known, k], 2)}


def _listed(values: np.ndarray, decimals: int) -> list:
    """Numbers as JSON has them, None for NaN."""
    rounded = np.round(np.asarray(values, np.float64), decimals)
    return np.where(np.isnan(rounded), None, rounded).tolist()


def stay_viewer(
    study: DeteriorationStudy, assessment: Assessment, *, alarm: float | None = None, attribution: Attribution | None = None,
    key: str, asked: Callable[[], None] | None = None,
) -> None:
    """Show the stay at its last hour; it can be played from the beginning.

    Args:
        asked: called where an hour is to be explained; ``hour_asked`` says which.
    """
    data = payload(study, assessment, alarm, attribution) | {"explains": asked is not None}
    viewer("deterioration_viewer", SCRIPTS)(data=data, key=key, on_explain_change=asked or (lambda: None))


def hour_asked(value: Any, assessment: Assessment) -> float | None:
    """The hour that the browser asks for; None for anything else."""
    row = value.get("row") if isinstance(value, Mapping) else None
    hours = curve(assessment, RISK).x
    return hours[row] if type(row) is int and 0 <= row < len(hours) else None
