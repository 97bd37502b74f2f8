"""SUPPORT2 (Knaus et al. 1995, doi 10.7326/0003-4819-122-3-199501310-00007): seriously ill inpatients of the 1990s, day 3.

Its group CHF alone has heart failure. 0 stands for a pressure, a heart rate or a respiratory rate that was not measured.
"""

from __future__ import annotations

from core.heart_failure.formats.layout import Layout, Numbers, Source, flag, number, yes
from core.heart_failure.formats.music import DAYS
from core.tables.cells import NotOne


def _sex(cell: str) -> str | None:
    word = cell.strip().lower()
    if word not in ("male", "female", "", "na"):
        raise NotOne("is neither male nor female")
    return word if word in ("male", "female") else None


def _outcome(days: Numbers, died: Numbers) -> tuple[float | None, bool | None]:
    return (None if days is None else days / DAYS), yes(died)


LAYOUT = Layout(
    "support2", "SUPPORT2", ("meanbp", "hrt", "wblc", "crea", "sod"),
    (
        number("age", "age"), Source("sex", ("sex",), _sex, text=True), flag("diabetes", "diabetes"),
        number("mean_pressure", "meanbp", missing=(0,)), number("heart_rate", "hrt", missing=(0,)),
        number("respiration", "resp", missing=(0,)), number("temperature", "temp"), number("leukocytes", "wblc"),
        number("albumin", "alb"), number("bilirubin", "bili"), number("creatinine", "crea"), number("sodium", "sod"),
        number("glucose", "glucose"), number("bun", "bun"),
    ),
    ident="patient_id", setting="inpatient", outcome=(("d.time", "death"), _outcome), belongs=("dzgroup", "CHF"),
)
