"""H2FPEF: how likely it is that breathlessness comes from heart failure with preserved ejection fraction (Reddy et al. 2018).

Points as published. The probability of each number of points is drawn in a figure of the paper only, and public
transcriptions of it disagree: it is left out, the paper's own reading of the points is told instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.heart_failure.variables import Values

SOURCE = "H2FPEF (Reddy et al. 2018, Circulation 138:861, doi 10.1161/CIRCULATIONAHA.118.034646)"
PRESERVED = 50  # ejection fraction, percent, from which it is meant
FIRST_LINE = ("acei", "arb", "beta_blocker", "calcium_blocker", "thiazide")  # antihypertensive in any indication
# these lower pressure, and are given for other things as well: counted or not, the total is a range
FURTHER = ("mra", "loop", "hydralazine", "diuretic", "potassium_sparing", "alpha_blocker", "central_antihypertensive")


@dataclass(frozen=True)
class H2fpefScore:
    """Lowest and highest total, 0 to 9, that the known inputs allow; None where it does not apply."""

    low: int | None
    high: int | None
    missing: tuple[str, ...]

    @property
    def applies(self) -> bool:
        return self.low is not None


def score(values: Values, drugs: frozenset[str] | None) -> H2fpefScore:
    """Args: values: by field. drugs: codes of the current classes, None where nothing is known of the drugs."""
    if values.get("lvef") is None or values["lvef"] < PRESERVED:
        return H2fpefScore(None, None, ("lvef",) if values.get("lvef") is None else ())
    parts = {"bmi": _above(values, "bmi", 30, 2), "prescriptions": _two_drugs(drugs), "fibrillation": _fibrillation(values),
             "pulmonary_pressure": _above(values, "pulmonary_pressure", 35, 1), "age": _above(values, "age", 60, 1),
             "e_over_e": _above(values, "e_over_e", 9, 1)}
    unknown = tuple(name for name, (low, high) in parts.items() if low != high and (name != "prescriptions" or drugs is None))
    return H2fpefScore(sum(low for low, _ in parts.values()), sum(high for _, high in parts.values()), unknown)


def reading(low: int, high: int) -> str:
    """What the paper makes of the points, where the whole range says the same."""
    if high <= 1:
        return "0 and 1 points make heart failure with preserved ejection fraction unlikely."
    if low >= 6:
        return "6 to 9 points make heart failure with preserved ejection fraction very likely."
    if low >= 2 and high <= 5:
        return "2 to 5 points leave it open; further tests tell."
    return "The points that are known do not yet say on which side of it the patient is."


def _above(values: Values, name: str, edge: float, points: int) -> tuple[int, int]:
    value = values.get(name)
    return (0, points) if value is None else (points * (value > edge),) * 2


def _fibrillation(values: Values) -> tuple[int, int]:
    if values.get("fibrillation") or values.get("rhythm") == "fibrillation":
        return 3, 3
    return (0, 3) if values.get("fibrillation") is None else (0, 0)  # paroxysmal: sinus rhythm now says nothing


def _two_drugs(drugs: frozenset[str] | None) -> tuple[int, int]:
    if drugs is None:
        return 0, 1
    taken = drugs | {"arb"} if "arni" in drugs or "ras_inhibitor" in drugs and "acei" not in drugs else drugs
    sure = sum(one in taken for one in FIRST_LINE)
    return int(sure >= 2), int(sure + sum(one in taken for one in FURTHER) >= 2)
