"""NEWS2, the National Early Warning Score (Royal College of Physicians 2017): points, total, tier and response.

Seven parameters: six physiological ones and whether oxygen is given. SpO2 scale 2 is for confirmed hypercapnic respiratory
failure with a target of 88 to 92 % alone. What was not measured makes a range of what the score can be, never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import CODES

SOURCE = "Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017"
CARRY = 6.0  # hours a value counts on: the longest the RCP lets a patient who scores 1 or more wait for new observations
ALERT = "A"

# parameter -> (upper edges, points of the bands below, between and above them), as on the RCP's chart
BANDS: Mapping[str, tuple[tuple[float, ...], tuple[int, ...]]] = {
    "respiration": ((8, 11, 20, 24), (3, 1, 0, 2, 3)),
    "saturation": ((91, 93, 95), (3, 2, 1, 0)),
    "saturation_2_air": ((83, 85, 87), (3, 2, 1, 0)),
    "saturation_2_oxygen": ((83, 85, 87, 92, 94, 96), (3, 2, 1, 0, 1, 2, 3)),
    "systolic": ((90, 100, 110, 219), (3, 2, 1, 0, 3)),
    "heart_rate": ((40, 50, 90, 110, 130), (3, 1, 0, 1, 2, 3)),
    "temperature": ((35.0, 36.0, 38.0, 39.0), (3, 1, 0, 1, 2)),
}
OXYGEN, NOT_ALERT = 2, 3  # points
PARAMETERS = ("respiration", "saturation", "oxygen", "systolic", "heart_rate", "consciousness", "temperature")
LABELS = {"respiration": "Respiratory rate", "saturation": "Oxygen saturation", "oxygen": "Supplemental oxygen",
          "systolic": "Systolic pressure", "heart_rate": "Pulse", "consciousness": "Consciousness", "temperature": "Temperature"}
_DECIMALS = {"temperature": 1}  # of the chart; all else is charted in whole numbers
_MOST = np.array([OXYGEN if name == "oxygen" else 3 for name in PARAMETERS])  # points of one parameter


@dataclass(frozen=True)
class Tier:
    """A threshold of the RCP's clinical response. ``code`` orders them: zero, low, single, medium, high."""

    code: str
    label: str
    risk: str
    monitoring: str
    response: str


TIERS = {tier.code: tier for tier in (
    Tier("zero", "0", "Low", "At least every 12 hours", "Continue routine NEWS monitoring."),
    Tier("low", "1 to 4", "Low", "At least every 4 to 6 hours",
         "Inform the registered nurse, who must assess the patient and decides whether more frequent monitoring or escalation of "
         "care is required."),
    Tier("single", "3 in a single parameter", "Low to medium", "At least every hour",
         "The registered nurse informs the medical team caring for the patient, who review and decide whether escalation of care "
         "is necessary."),
    Tier("medium", "5 to 6: urgent response", "Medium", "At least every hour",
         "The registered nurse immediately informs the medical team caring for the patient and requests urgent assessment by a "
         "clinician or team with core competencies in the care of acutely ill patients; care in an environment with monitoring "
         "facilities."),
    Tier("high", "7 or more: emergency response", "High", "Continuously",
         "The registered nurse immediately informs the medical team caring for the patient, at least at specialist registrar "
         "level; emergency assessment by a team with critical care competencies, including advanced airway management; consider "
         "transfer to a level 2 or 3 facility (high dependency or intensive care)."),
)}


@dataclass(frozen=True)
class News2:
    """The score at one time.

    Attributes:
        low, high: what the total can be; equal where all seven parameters are known.
        parts: parameter -> points, None where it was not measured.
        missing: parameters that were not measured. single_three: parameters known to score 3.
        tier, highest_tier: of the lowest and the highest the score can be; equal where the response is certain.
        scale: of the saturation, 1 or 2.
    """

    low: int
    high: int
    parts: Mapping[str, int | None]
    missing: tuple[str, ...]
    single_three: tuple[str, ...]
    tier: Tier
    highest_tier: Tier
    scale: int = 1

    @property
    def total(self) -> int | None:
        """The score, where it is certain."""
        return self.low if self.low == self.high else None


def points(parameter: str, values: np.ndarray | float) -> np.ndarray:
    """Points of one band table, NaN where the value is NaN; values are rounded as a chart writes them."""
    edges, scores = BANDS[parameter]
    scale = 10 ** _DECIMALS.get(parameter, 0)
    charted = np.floor(np.round(np.asarray(values, np.float64) * scale, 3) + 0.5) / scale  # half up, as people round
    found = np.asarray(scores, np.float64)[np.searchsorted(edges, charted - 1e-9, side="left")]
    return np.where(np.isnan(charted), np.nan, found)


def bounds(
    values: np.ndarray, oxygen: np.ndarray, consciousness: Sequence[str | None], hypercapnic: bool | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the score can be at many times at once.

    Args:
        values: ``[n, 6]`` in the order of VITALS. oxygen: ``[n]`` 1, 0 or NaN. consciousness: per row, None unknown.

    Returns:
        lowest and highest total, and the number of parameters known to score 3, each ``[n]``.
    """
    parts = _parts(values, oxygen, consciousness, hypercapnic)
    # Scale 2 depends on oxygen: both answers are tried where it is not known, and the total's range spans them.
    totals = [_range(part) for part in parts]
    sure = np.minimum(*(np.sum(part == 3, 1) for part in parts))
    return np.minimum(totals[0][0], totals[1][0]), np.maximum(totals[0][1], totals[1][1]), sure


def _range(part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    unknown = np.isnan(part)
    return np.where(unknown, 0, part).sum(1).astype(int), np.where(unknown, _MOST, part).sum(1).astype(int)


def _parts(
    values: np.ndarray, oxygen: np.ndarray, consciousness: Sequence[str | None], hypercapnic: bool | None
) -> tuple[np.ndarray, np.ndarray]:
    """Points ``[n, 7]`` in the order of PARAMETERS, NaN unknown: with an unknown oxygen taken as air, and as oxygen."""
    awake = np.array([np.nan if c is None else 0.0 if c == ALERT else NOT_ALERT for c in consciousness])
    found = []
    for taken in (0.0, 1.0):
        given = np.where(np.isnan(oxygen), taken, oxygen)
        table = np.full((len(values), len(PARAMETERS)), np.nan)
        for k, name in enumerate(PARAMETERS):
            if name == "oxygen":
                table[:, k] = OXYGEN * given
            elif name == "consciousness":
                table[:, k] = awake
            elif name == "saturation" and hypercapnic:
                saturation = values[:, CODES.index(name)]
                table[:, k] = np.where(given == 1, points("saturation_2_oxygen", saturation),
                                       points("saturation_2_air", saturation))
            else:
                table[:, k] = points(name, values[:, CODES.index(name)])
        found.append(table)
    return found[0], found[1]


def score(
    values: Mapping[str, float] | np.ndarray, oxygen: bool | float | None = None, consciousness: str | None = None,
    hypercapnic: bool | None = None,
) -> News2:
    """The score of one set of observations.

    Args:
        values: code of a vital sign -> value, or ``[6]`` in the order of VITALS; what is not there or NaN was not measured.
        oxygen: given or not; None or NaN unknown. consciousness: A, C, V, P, U; None unknown.
        hypercapnic: confirmed hypercapnic respiratory failure with a target of 88 to 92 %: scale 2.
    """
    row = [values.get(code, np.nan) for code in CODES] if isinstance(values, Mapping) else values
    given = np.nan if oxygen is None else float(oxygen)
    return scores(np.array([row], np.float64), np.array([given]), (consciousness,), hypercapnic)[0]


def scores(
    values: np.ndarray, oxygen: np.ndarray, consciousness: Sequence[str | None], hypercapnic: bool | None = None
) -> tuple[News2, ...]:
    """The same of many sets of observations at once; as ``bounds``."""
    low, high, _ = bounds(values, oxygen, consciousness, hypercapnic)
    air, breathed = _parts(values, oxygen, consciousness, hypercapnic)
    lacking = np.isnan(air)
    lacking[:, PARAMETERS.index("oxygen")] = np.isnan(oxygen)
    told = np.where(air == breathed, air, np.nan)
    found = []
    for k in range(len(values)):
        parts = {name: None if part != part else int(part) for name, part in zip(PARAMETERS, told[k].tolist(), strict=True)}
        threes = tuple(name for name, part in parts.items() if part == 3)
        can = bool(threes) or any(part is None for name, part in parts.items() if name != "oxygen")
        missing = tuple(name for name, lacks in zip(PARAMETERS, lacking[k].tolist(), strict=True) if lacks)
        found.append(News2(int(low[k]), int(high[k]), parts, missing, threes, tier_of(int(low[k]), bool(threes)),
                           tier_of(int(high[k]), can), 2 if hypercapnic else 1))
    return tuple(found)


def tier_of(total: int, single: bool) -> Tier:
    """The response to a total. Args: single: whether one parameter scores 3."""
    code = "high" if total >= 7 else "medium" if total >= 5 else "single" if single else "low" if total else "zero"
    return TIERS[code]


def carried(study: DeteriorationStudy, hours: Sequence[float]) -> tuple[np.ndarray, np.ndarray, tuple[str | None, ...]]:
    """What is known at given hours: the last observation of each parameter, for CARRY hours; values, oxygen, consciousness."""
    hours = np.asarray(hours, np.float64)
    before = np.searchsorted(study.hours, hours + 1e-6, side="right")  # rows at or before each hour
    awake = np.array([np.nan if c is None else float(ord(c)) for c in study.consciousness])
    columns = np.column_stack([study.values, study.oxygen, awake])
    found = np.full((hours.size, columns.shape[1]), np.nan)
    for k in range(columns.shape[1]):
        rows = np.flatnonzero(~np.isnan(columns[:, k]))
        last = np.searchsorted(rows, before, side="left") - 1
        known = last >= 0
        row = rows[last[known]]
        fresh = hours[known] - study.hours[row] <= CARRY + 1e-6
        found[np.flatnonzero(known)[fresh], k] = columns[row[fresh], k]
    letters = tuple(None if np.isnan(c) else chr(int(c)) for c in found[:, -1])
    return found[:, : len(CODES)], found[:, len(CODES)], letters


def course(study: DeteriorationStudy, hours: Sequence[float] | None = None) -> tuple[tuple[float, News2], ...]:
    """The score over the stay, from the past alone.

    Args:
        hours: when; at every row of the study where None.
    """
    times = study.hours if hours is None else np.asarray(hours, np.float64)
    found = scores(*carried(study, times), study.hypercapnic)
    return tuple(zip(times.tolist(), found, strict=True))
