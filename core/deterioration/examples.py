"""Four stays to try without any file at hand. All are made up, by fixed rules; no patient is behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from core.contract import Input
from core.deterioration.chart import Chart, as_table
from core.deterioration.vitals import CODES
from core.uploads import Upload

HOURS = 48
_NOISE = (3.0, 1.0, 0.15, 4.0, 3.0, 0.8)  # spread of a measurement about its course, in the units of VITALS
_DECIMALS = (0, 0, 1, 0, 0, 0)
# Hours between measurements of each vital sign: nurses write down temperature and respiration less often.
_EVERY = (1.0, 2.0, 4.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True)
class _Made:
    """A course through a few points.

    Attributes:
        course: hours -> the six vital signs, straight between the points. oxygen: hour from which it is given, or None.
        awake: (hour, level), each until the next. note: what the nurse wrote at ``note_hour``.
    """

    title: str
    seed: int
    course: dict[float, tuple[float, ...]]
    note: str
    note_hour: float
    oxygen: float | None = None
    awake: tuple[tuple[float, str], ...] = ((0.0, "A"),)
    fields: dict[str, object] = field(default_factory=dict)


_STAYS = {
    "stable": _Made(
        "Made up: stable after an elective operation", 1,
        {0: (78, 15, 36.7, 128, 74, 97), 24: (74, 15, 36.9, 124, 72, 97), 48: (72, 14, 36.7, 126, 74, 98)},
        "Comfortable, sitting out. Pain controlled with paracetamol. Eating and drinking, no nausea. Wound dry.", 4,
        fields={"age": 58, "sex": "female", "unit_type": "surgical"}),
    "septic": _Made(
        "Made up: septic shock from the urinary tract", 2,
        {0: (88, 18, 37.4, 122, 70, 96), 10: (96, 20, 38.3, 116, 64, 95), 18: (118, 26, 39.1, 98, 52, 92),
         24: (128, 30, 39.4, 82, 44, 90), 32: (112, 26, 38.8, 92, 50, 93), 48: (98, 22, 38.0, 104, 58, 95)},
        "Rigors overnight, dysuria for three days. Now clammy, mottled knees, newly confused. Poor urine output. ?urosepsis, "
        "cultures taken, given ceftriaxone and fluids. No chest pain.", 19, oxygen=17, awake=((0, "A"), (20, "C"), (36, "A")),
        fields={"age": 74, "sex": "female", "unit_type": "medical"}),
    "bleeding": _Made(
        "Made up: bleeding from the stomach", 3,
        {0: (84, 16, 36.8, 132, 78, 98), 14: (92, 17, 36.8, 124, 72, 98), 20: (124, 24, 36.4, 92, 54, 97),
         24: (138, 28, 35.9, 78, 42, 95), 30: (110, 22, 36.2, 102, 58, 97), 48: (90, 17, 36.7, 118, 68, 98)},
        "Two large melaena, then vomited fresh blood. Pale, dizzy on standing, cold extremities. On aspirin at home. "
        "Outreach called, blood ordered, started pantoprazole.", 21, oxygen=22, awake=((0, "A"), (23, "V"), (28, "A")),
        fields={"age": 66, "sex": "male", "unit_type": "medical"}),
    "hypercapnic": _Made(
        "Made up: hypercapnic failure with COPD on too much oxygen", 4,
        {0: (96, 26, 37.2, 142, 82, 88), 6: (94, 24, 37.1, 140, 80, 96), 16: (98, 14, 37.0, 136, 78, 98),
         22: (102, 9, 36.8, 128, 72, 97), 28: (92, 18, 36.9, 132, 76, 90), 48: (86, 20, 36.8, 134, 76, 90)},
        "Known COPD, CO2 retainer. Short of breath on arrival, put on 10 L oxygen. Now drowsy, hard to rouse. Denies chest pain. "
        "?CO2 narcosis, oxygen to be reduced, BiPAP considered.", 20, oxygen=1, awake=((0, "A"), (18, "V"), (26, "A")),
        fields={"age": 70, "sex": "male", "unit_type": "medical", "hypercapnic": True}),
}


def examples() -> Iterator[Input]:
    """Stable, septic, bleeding, hypercapnic; a table, and what the form asks beside it."""
    for key, made in _STAYS.items():
        yield Input(made.title, (_table(key),), {"note": made.note, "note_hour": made.note_hour, **made.fields})


@cache
def _table(key: str) -> Upload:
    made = _STAYS[key]
    generator = np.random.default_rng(made.seed)
    hours = np.arange(0, HOURS + 1, dtype=np.float64)
    points = np.array(list(made.course))
    values = np.full((hours.size, len(CODES)), np.nan)
    for k, course in enumerate(np.array(list(made.course.values())).T):
        measured = hours % _EVERY[k] == 0
        smooth = np.interp(hours, points, course) + generator.normal(0, _NOISE[k], hours.size)
        values[measured, k] = np.round(smooth[measured], _DECIMALS[k])
    values[:, -1] = np.minimum(values[:, -1], 100)
    oxygen = np.zeros(hours.size) if made.oxygen is None else (hours >= made.oxygen).astype(float)
    awake = tuple([level for since, level in made.awake if since <= hour][-1] for hour in hours)
    return as_table(Chart(f"made_up_{key}", hours, values.astype(np.float32), oxygen.astype(np.float32), awake))
