"""True notes in a nurse's words, out of what the six vital signs do not hold, from what was recorded up to an hour.

Where the levels of a laboratory value lie is wording, not medicine: round numbers near the bands of SOFA (Vincent et al. 1996),
SAPS II (Le Gall et al. 1993) and APACHE II (Knaus et al. 1985). The value always stands beside the word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Series = Mapping[str, Sequence[tuple[float, float]]]
RECENT = 12.0  # hours within which a record of ventilation says that it goes on
LONGEST = 30  # sentences of one note


@dataclass(frozen=True)
class Lab:
    """Attributes:
        names: what nurses call it. low, high: upper edges of the low levels, lower edges of the high ones, mildest last
            and first. digits: decimals of the value, significant to two digits.
    """

    names: tuple[str, ...]
    unit: str
    low: tuple[float, ...]
    high: tuple[float, ...]
    digits: int = 0


LABS = {
    "BUN": Lab(("BUN", "Blood urea nitrogen", "Urea nitrogen"), "mg/dL", (), (21, 28, 50, 84)),
    "Creatinine": Lab(("Creatinine", "Serum creatinine", "Creat"), "mg/dL", (), (1.2, 2.0, 3.5, 5.0), 1),
    "Lactate": Lab(("Lactate", "Serum lactate", "Lac"), "mmol/L", (), (2.0, 4.0, 6.0, 10.0), 1),
    "HCO3": Lab(("Bicarbonate", "HCO3", "Serum bicarbonate"), "mmol/L", (10, 15, 20), (30, 36)),
    "pH": Lab(("pH", "Arterial pH", "Gas pH"), "", (7.15, 7.25, 7.33), (7.5, 7.6), 2),
    "PaCO2": Lab(("PaCO2", "Arterial CO2", "pCO2"), "mmHg", (25, 33), (46, 55, 70)),
    "WBC": Lab(("White cells", "WBC", "White count"), "thousand", (1, 3, 4), (12, 20, 30)),
    "Platelets": Lab(("Platelets", "Platelet count", "Plts"), "thousand", (20, 50, 100, 150), (450,)),
    "Bilirubin": Lab(("Bilirubin", "Total bilirubin", "Bili"), "mg/dL", (), (1.2, 2.0, 6.0, 12.0), 1),
    "Albumin": Lab(("Albumin", "Serum albumin", "Alb"), "g/dL", (2.0, 2.5, 3.0, 3.5), (), 1),
    "Na": Lab(("Sodium", "Serum sodium", "Na"), "mmol/L", (120, 130, 135), (146, 155, 160)),
    "K": Lab(("Potassium", "Serum potassium", "K"), "mmol/L", (2.5, 3.0, 3.5), (5.1, 5.5, 6.0), 1),
    "Mg": Lab(("Magnesium", "Serum magnesium", "Mg"), "mg/dL", (1.2, 1.6), (2.6, 3.5), 1),
    "Glucose": Lab(("Glucose", "Blood sugar", "Blood glucose"), "mg/dL", (40, 70), (180, 250, 350)),
    "HCT": Lab(("Haematocrit", "Hct", "Packed cell volume"), "%", (20, 25, 30), (50,)),
    "AST": Lab(("AST", "Aspartate transaminase"), "U/L", (), (60, 200, 1000)),
    "ALP": Lab(("Alkaline phosphatase", "ALP"), "U/L", (), (130, 300)),
    "TroponinT": Lab(("Troponin T", "TropT"), "ng/mL", (), (0.1, 0.5, 2.0), 2),
    "TroponinI": Lab(("Troponin I", "TropI"), "ng/mL", (), (0.4, 2.0, 10.0), 1),
}
_DOWN, _UP = ("a little low", "low", "very low", "extremely low"), ("a little raised", "raised", "very high", "extremely high")
_OXYGENATION = ((100, "extremely poor"), (200, "very poor"), (300, "poor"), (400, "a little reduced"))
_COMA = ((8, "unresponsive or nearly so"), (12, "drowsy and obtunded"), (14, "drowsy or confused"), (15, "alert"))
_URINE = ((100, "anuric"), (500, "very poor"), (1000, "low"), (2000, "fair"), (np.inf, "good"))  # mL in 24 h


def note(extra: Series, ward: str | None, hour: float, rng: np.random.Generator) -> list[str]:
    """The sentences of one note, of what was recorded at or before ``hour``, in some order.

    Args:
        extra: name -> [(hour, value)] as in set A of PhysioNet 2012. rng: what it draws decides the wording alone.
    """
    known = {name: [(at, value) for at, value in found if at <= hour + 1e-6] for name, found in extra.items()}
    known = {name: found for name, found in known.items() if found}
    said = [*_who(known, ward, rng), *_awake(known, hour, rng), *_lungs(known, hour, rng), *_urine(known, hour, rng)]
    normal = []
    for name, lab in LABS.items():
        values = [value for _, value in known.get(name, ()) if value > 0 and (name != "pH" or 6.5 < value < 8)]
        if values:
            said += [one] if (one := _lab(lab, values, rng)) else []
            normal += [] if one else [lab.names[0]]
    for name in normal:
        said.append(_one(rng, f"{name} normal.", f"{name} within range.", f"Normal {name}."))
    head, rest = said[:2], said[2:]
    return [*head, *(rest[k] for k in rng.permutation(len(rest)))][:LONGEST]


def _one(rng: np.random.Generator, *wordings: str) -> str:
    return wordings[rng.integers(len(wordings))]


def _short(value: float, digits: int) -> str:
    """Two significant digits, but never more decimals than the value has."""
    if digits < 2:
        size = 10.0 ** (np.floor(np.log10(max(value, 1e-3))) - 1)
        value = round(value / size) * size
    return f"{value:.{digits}f}"


def _lab(lab: Lab, values: Sequence[float], rng: np.random.Generator) -> str | None:
    """One sentence of a value out of range, the last one; None within range now and before."""
    last, first = values[-1], values[0]
    worst = max(values, key=lambda value: abs(_level(lab, value)))
    level = _level(lab, last)
    way = int(rng.integers(3))  # one draw for name, order and trend: fewer different sentences to embed
    name, unit = lab.names[way % len(lab.names)], f" {lab.unit}" if lab.unit else ""
    if not level:
        if not _level(lab, worst):
            return None
        was, value = _word(_level(lab, worst)), f"{_short(worst, lab.digits)}{unit}"
        return (f"{name} was {was} at {value}, now normal.", f"{name} back to normal after {value}, {was}.",
                f"{name} normal now, had been {was} at {value}.")[way]
    word, value = _word(level), f"{_short(last, lab.digits)}{unit}"
    moved = (last - first) / max(abs(first), 1e-6)
    edge = 0.005 if lab.unit == "" else 0.15  # a pH moves in hundredths
    up, down = (", rising", ", going up", ", rising")[way], (", falling", ", coming down", ", falling")[way]
    trend = up if moved > edge else down if moved < -edge else ""
    return (f"{name} {word} at {value}{trend}.", f"{name} {value}, {word}{trend}.", f"{name} is {word}, {value}{trend}.")[way]


def _level(lab: Lab, value: float) -> int:
    return int(sum(value >= edge for edge in lab.high)) - int(sum(value < edge for edge in lab.low))


def _word(level: int) -> str:
    return _UP[level - 1] if level > 0 else _DOWN[-level - 1]


def _who(known: Series, ward: str | None, rng: np.random.Generator) -> list[str]:
    said = []
    age, sex = (known[name][0][1] if name in known else None for name in ("Age", "Gender"))
    noun = {0: "woman", 1: "man"}.get(sex, "patient")
    if age is not None:
        said.append(_one(rng, f"{age:.0f}-year-old {noun}.", f"{noun.capitalize()} of {age:.0f} years."))
    if ward:
        said.append(_one(rng, f"In the {ward} ICU.", f"{ward.capitalize()} intensive care.", f"Admitted to {ward} ICU."))
    return said


def _awake(known: Series, hour: float, rng: np.random.Generator) -> list[str]:
    scores = known.get("GCS")
    if not scores:
        return []
    now = scores[-1][1]
    day = [value for at, value in scores if at > hour - 24] or [now]
    worst, best = min(day), max(day)
    word = next(word for edge, word in _COMA if now <= edge)
    said = [_one(rng, f"GCS {now:.0f}, {word}.", f"{word.capitalize()}, GCS {now:.0f}.",
                 f"Glasgow coma score {now:.0f}, {word}.")]
    if worst < now:
        said.append(_one(rng, f"GCS was as low as {worst:.0f}.", f"Lowest GCS of the last day {worst:.0f}."))
    if best > now:
        said.append(_one(rng, f"GCS was {best:.0f} before, worse now.", f"Best GCS of the last day {best:.0f}."))
    return said


def _lungs(known: Series, hour: float, rng: np.random.Generator) -> list[str]:
    said, vents, fraction = [], known.get("MechVent"), known.get("FiO2")
    if vents and hour - vents[-1][0] <= RECENT:
        length = vents[-1][0] - vents[0][0]
        since = "for more than a day" if length > 24 else "for many hours" if length > 8 else "for a few hours"
        said.append(_one(rng, f"Ventilated {since}.", f"On the ventilator {since}.", f"Intubated and ventilated {since}."))
    elif vents:
        said.append(_one(rng, "Was ventilated, now off the ventilator.", "Weaned from the ventilator."))
    else:
        said.append(_one(rng, "Not ventilated.", "Breathing without a ventilator."))
    if fraction and hour - fraction[-1][0] <= RECENT:
        share = 10 * round(10 * fraction[-1][1])
        said.append(_one(rng, f"FiO2 {share} %.", f"Inspired oxygen {share} %."))
    oxygen = known.get("PaO2")
    if oxygen and fraction:
        at, pressure = oxygen[-1]
        given = [value for when, value in fraction if when <= at + 1] or [fraction[0][1]]
        ratio = 10 * round(pressure / given[-1] / 10)
        word = next((word for edge, word in _OXYGENATION if ratio < edge), "good")
        said.append(_one(rng, f"Oxygenation {word}, PaO2/FiO2 {ratio}.", f"P/F ratio {ratio}, gas exchange {word}."))
    return said


def _urine(known: Series, hour: float, rng: np.random.Generator) -> list[str]:
    passed = [value for at, value in known.get("Urine", ()) if at > hour - 24]
    if not passed:
        return [_one(rng, "No urine output charted.", "Urine output not recorded.")]
    span = max(min(24.0, hour), 1.0)
    day = sum(passed) * 24 / span
    word = next(word for edge, word in _URINE if day < edge)
    rate = 5 * round(day / 24 / 5) if day < 2400 else 25 * round(day / 24 / 25)
    return [_one(rng, f"Urine output {word}, about {rate} mL an hour.", f"Passing {rate} mL of urine an hour, {word}.")]
