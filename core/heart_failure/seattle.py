"""The Seattle Heart Failure Model: survival in heart failure (Levy et al. 2006, Circulation 113:1424).

survival(t) = exp(-0.0405 t) ** exp(score), t in years; the score adds the logarithm of a published hazard ratio per input.
The ratios and bounds stand as independent public transcriptions of the paper agree on them. A resynchronisation pacemaker
without defibrillator has a term of its own in the paper, which they lack: it is left out, and the patient counts as having no
device. Above 160 mmHg pressure counts as 160; lymphocytes above 47 % as 47; uric acid under 3.4 mg/dl as 3.4.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.heart_failure.variables import NYHA, Values

if TYPE_CHECKING:
    from core.heart_failure.prescriptions import Mention

SOURCE = "Seattle Heart Failure Model (Levy et al. 2006, Circulation 113:1424, doi 10.1161/CIRCULATIONAHA.105.584102)"
HAZARD = 0.0405  # a year, at a score of 0
NUMBERS = ("age", "nyha", "lvef", "systolic", "sodium", "cholesterol", "haemoglobin", "lymphocytes", "uric_acid")
DRUGS = {"beta_blocker": 0.66, "statin": 0.63, "allopurinol": 1.571}
ACEI, ARB, POTASSIUM_SPARING = 0.77, 0.85, 0.74
DEVICES = {"no device": 1.0, "pacemaker": 1.0, "ICD": 0.73, "CRT-D": 0.79, "CRT-P": 1.0}
# mg of furosemide that 1 mg counts as in this model (80 mg are 40, 3, 2 and 25 mg of the others)
FUROSEMIDE = {"furosemide": 1.0, "torasemide": 2.0, "bumetanide": 26.7, "metolazone": 40.0, "hydrochlorothiazide": 3.2}
DIURETICS = frozenset({"loop", "thiazide", "diuretic"})


@dataclass(frozen=True)
class SeattleScore:
    """Attributes:
        low, high: the score, or its range over yes-or-no inputs that are unknown; None where a number is unknown.
        missing: fields of ``read``. dose_missing: a diuretic is taken and its dose in mg a day is not known.
    """

    low: float | None
    high: float | None
    missing: tuple[str, ...]
    dose_missing: bool

    def risk(self, years: float) -> tuple[float, float, float] | None:
        """Death within that time, percent: (at the middle of the range, lowest, highest)."""
        if self.low is None:
            return None
        return tuple(100 * (1 - survival(score, years)) for score in ((self.low + self.high) / 2, self.low, self.high))


def survival(score: float, years: float) -> float:
    """The share that is alive after that time."""
    return math.exp(-HAZARD * years * math.exp(score))


def score(values: Values, drugs: frozenset[str] | None, mentions: Sequence[Mention]) -> SeattleScore:
    """Args: values: by field. drugs: codes of the current classes, None where nothing is known. mentions: one of each drug."""
    dose = 0.0 if drugs is not None and not drugs & DIURETICS else daily_furosemide(mentions)
    missing = [name for name in (*NUMBERS, "sex", "aetiology", "device") if values.get(name) is None]
    if drugs is None:
        missing.append("prescriptions")
    if dose != 0 and values.get("weight") is None:
        missing.append("weight")
    unknown_dose = drugs is not None and dose is None
    if dose is None or "weight" in missing or any(name in missing for name in NUMBERS):
        return SeattleScore(None, None, tuple(missing), unknown_dose)
    fixed = sum(_terms(values)) + (dose and dose / values["weight"] * math.log(1.178))
    ranges = list(_ranges(values, drugs))
    return SeattleScore(fixed + sum(low for low, _ in ranges), fixed + sum(high for _, high in ranges), tuple(missing), False)


def daily_furosemide(mentions: Sequence[Mention]) -> float | None:
    """What the current diuretics come to, mg of furosemide a day; None unless each has a dose and a published factor."""
    total = 0.0
    for one in mentions:
        if one.status != "current" or one.drug_class not in DIURETICS:
            continue
        factor = FUROSEMIDE.get(one.drug.lower())
        if factor is None or one.dose is None or one.unit != "mg" or one.times_per_day is None:
            return None
        total += factor * one.dose * one.times_per_day
    return total or None


def _terms(values: Values) -> Iterator[float]:
    yield values["age"] / 10 * math.log(1.09)
    yield (NYHA.index(values["nyha"]) + 1) * math.log(1.6)
    yield 100 / values["lvef"] * math.log(1.03)
    yield min(values["systolic"], 160) / 10 * math.log(0.877)
    yield max(138 - values["sodium"], 0) * math.log(1.05)
    yield 100 / values["cholesterol"] * math.log(2.206)
    yield max(16 - values["haemoglobin"], 0) * math.log(1.124) + max(values["haemoglobin"] - 16, 0) * math.log(1.336)
    yield min(values["lymphocytes"], 47) / 5 * math.log(0.897)
    yield max(values["uric_acid"], 3.4) * math.log(1.064)


def _ranges(values: Values, drugs: frozenset[str]) -> Iterator[tuple[float, float]]:
    """(lowest, highest) logarithm of what is yes or no, or one of a few."""
    yield _range(math.log(1.089), _is(values, "sex", "male"))
    yield _range(math.log(1.354), _is(values, "aetiology", "ischaemic"))
    device = values.get("device")
    devices = list(DEVICES.values()) if device is None else [DEVICES[device]]
    yield math.log(min(devices)), math.log(max(devices))
    for drug, ratio in DRUGS.items():
        yield _range(math.log(ratio), drug in drugs)
    yield _range(math.log(POTASSIUM_SPARING), bool(drugs & {"mra", "potassium_sparing"}))
    inhibitors = math.log(ACEI) * ("acei" in drugs) + math.log(ARB) * bool(drugs & {"arb", "arni"})
    unsaid = "ras_inhibitor" in drugs and not inhibitors  # an ACE inhibitor or a receptor blocker
    yield (math.log(ACEI), math.log(ARB)) if unsaid else (inhibitors, inhibitors)


def _is(values: Values, name: str, choice: str) -> bool | None:
    return None if values.get(name) is None else values[name] == choice


def _range(effect: float, present: bool | None) -> tuple[float, float]:
    return (min(effect, 0.0), max(effect, 0.0)) if present is None else (effect * present, effect * present)
