"""The MAGGIC score: death within one and three years in heart failure (Pocock et al. 2013, Eur Heart J 34:1404).

Points and risks are the published integer table in ``maggic.json``, whose bands begin at their lower edge (20 to 24 is
20 <= x < 25). An input that is unknown is not filled in: the total is then a range, over all that it may be.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.heart_failure.variables import NYHA, Values, in_ours

SOURCE = "MAGGIC (Pocock et al. 2013, Eur Heart J 34:1404, doi 10.1093/eurheartj/ehs337)"
LONG_KNOWN = 18  # months since heart failure was diagnosed, from which it counts
MOST = 50  # points with a published risk; inputs of 51 to 57 points are possible, and have at least the risk of 50
INHIBITORS = frozenset({"acei", "arb", "arni", "ras_inhibitor"})  # an ARNI holds an angiotensin receptor blocker
_EF_BANDS = (30, 40)  # points for age and blood pressure depend on which of the three the ejection fraction is in
_EF_ROWS = ("<30", "30-39", ">=40")


@dataclass(frozen=True)
class MaggicScore:
    """A total, or what it may be.

    Attributes:
        low, high: lowest and highest total that the known inputs allow, 0 to 57; equal where all are known.
        known, missing: fields of ``read``. risk_1y, risk_3y: (at the middle of the range, lowest, highest), percent.
    """

    low: int
    high: int
    known: tuple[str, ...]
    missing: tuple[str, ...]
    risk_1y: tuple[float, float, float]
    risk_3y: tuple[float, float, float]

    @property
    def complete(self) -> bool:
        return not self.missing


def score(values: Values, drugs: frozenset[str] | None) -> MaggicScore:
    """Args: values: by field. drugs: codes of the current classes, None where nothing is known of the drugs."""
    table = _table()
    parts = [_by_ejection_fraction(values), *(_choices(points) for points in _alone(values, drugs, table))]
    low, high = sum(min(part) for part in parts), sum(max(part) for part in parts)
    asked = ("lvef", "age", "systolic", "bmi", "creatinine", "nyha", "sex", "smoker", "diabetes", "copd", "duration")
    known = tuple(name for name in asked if values.get(name) is not None) + (() if drugs is None else ("prescriptions",))
    missing = tuple(name for name in (*asked, "prescriptions") if name not in known)
    return MaggicScore(low, high, known, missing, _risk(low, high, table["risk1y"]), _risk(low, high, table["risk3y"]))


def _alone(values: Values, drugs: frozenset[str] | None, table: dict) -> Iterator[int | tuple[int, ...]]:
    """Points of what counts by itself: the number where it is known, all that it may be where it is not."""
    creatinine = values.get("creatinine")
    if creatinine is not None:
        creatinine = creatinine / in_ours("creatinine", 1, "µmol/l")
    yield _banded(table["bmi"], values.get("bmi"))
    yield _banded(table["creatinine_umol"], creatinine)
    nyha = values.get("nyha")
    yield tuple(table["nyha"]) if nyha is None else table["nyha"][NYHA.index(nyha)]
    sex, duration = values.get("sex"), values.get("duration")
    yield _counted(table["male"], None if sex is None else sex == "male")
    yield _counted(table["smoker"], values.get("smoker"))
    yield _counted(table["diabetes"], values.get("diabetes"))
    yield _counted(table["copd"], values.get("copd"))
    yield _counted(table["hf_over_18m"], None if duration is None else duration >= LONG_KNOWN)
    yield _counted(table["no_betablocker"], None if drugs is None else "beta_blocker" not in drugs)
    yield _counted(table["no_acei_arb"], None if drugs is None else not drugs & INHIBITORS)


def _by_ejection_fraction(values: Values) -> tuple[int, ...]:
    """Totals that ejection fraction, age and systolic pressure allow together."""
    table, known = _table(), values.get("lvef")
    totals = []
    for fraction in (known,) if known is not None else (edge - 1 for edge, _ in table["ef"]):
        row = _EF_ROWS[bisect_right(_EF_BANDS, fraction)]
        age = _stepped(table["age_by_ef"]["breaks"], table["age_by_ef"][row], values.get("age"))
        pressure = _stepped(table["sbp_by_ef"]["breaks"], table["sbp_by_ef"][row], values.get("systolic"))
        own = _banded(table["ef"], fraction)
        totals += [own + a + p for a in _choices(age) for p in _choices(pressure)]
    return tuple(totals)


def _banded(bands: list, value: float | None) -> int | tuple[int, ...]:
    """Of bands (upper edge, points); an edge belongs to the band above it."""
    return _stepped([edge for edge, _ in bands[:-1]], [points for _, points in bands], value)


def _stepped(edges: list, points: list, value: float | None) -> int | tuple[int, ...]:
    # rounded: 90 µmol/l that was kept in mg/dl comes back as 89.99999999999999
    return tuple(points) if value is None else points[bisect_right(edges, round(value, 6))]


def _counted(points: int, present: bool | None) -> int | tuple[int, ...]:
    return (0, points) if present is None else points * bool(present)


def _choices(points: int | tuple[int, ...]) -> tuple[int, ...]:
    return points if isinstance(points, tuple) else (points,)


def _risk(low: int, high: int, risks: list[float]) -> tuple[float, float, float]:
    """In percent: at the middle of the range of points, lowest, highest; between two numbers of points their mean."""
    twice = min(low, MOST) + min(high, MOST)
    middle = (risks[twice // 2] + risks[(twice + 1) // 2]) / 2
    return tuple(round(100 * risk, 2) for risk in (middle, risks[min(low, MOST)], risks[min(high, MOST)]))


@cache
def _table() -> dict:
    return json.loads((Path(__file__).parent / "maggic.json").read_text())
