"""UCI's heart failure clinical records, Faisalabad (Chicco and Jurman 2020, doi 10.1186/s12911-020-1023-5).

Platelets are per µl in the file. Anaemia is yes or no there and has no number, so that it is left out.
"""

from __future__ import annotations

from core.heart_failure.formats.layout import SEX, Layout, Numbers, coded, flag, number, yes
from core.heart_failure.formats.music import DAYS


def _outcome(days: Numbers, died: Numbers) -> tuple[float | None, bool | None]:
    return (None if days is None else days / DAYS), yes(died)


LAYOUT = Layout(
    "uci", "UCI heart failure", ("serum_creatinine", "serum_sodium", "ejection_fraction", "creatinine_phosphokinase"),
    (
        number("age", "age"), coded("sex", "sex", SEX), flag("diabetes", "diabetes"),
        flag("hypertension", "high_blood_pressure"), flag("smoker", "smoking"),
        number("creatine_kinase", "creatinine_phosphokinase"), number("lvef", "ejection_fraction"),
        number("platelets", "platelets", 1e-3), number("creatinine", "serum_creatinine"), number("sodium", "serum_sodium"),
    ),
    outcome=(("time", "DEATH_EVENT"), _outcome),
)
