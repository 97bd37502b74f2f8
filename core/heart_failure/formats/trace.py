"""TRACE: survival after myocardial infarction, not only with heart failure (Jensen et al. 1997, as in the R package timereg).

The wall-motion index times 30 is the ejection fraction in percent: 0.4 of the one are 12 of the other (TRACE register,
Eur Heart J 2010, doi 10.1093/eurjhf/hfq071). Clinical heart failure and ventricular fibrillation have no field.
"""

from __future__ import annotations

from core.heart_failure.formats.layout import SEX, Layout, Numbers, Source, coded, flag, number
from core.tables.cells import NotOne

_DIED = {0: False, 7: True, 8: None, 9: True}  # no code book says what 8 is


def _outcome(years: Numbers, status: Numbers) -> tuple[float | None, bool | None]:
    if status is not None and status not in _DIED:
        raise NotOne("is none of the codes 0, 7, 8, 9")
    return years, None if status is None else _DIED[status]


LAYOUT = Layout(
    "trace", "TRACE", ("wmi", "chf", "vf"),
    (
        number("age", "age"), coded("sex", "sex", SEX), flag("diabetes", "diabetes"), number("lvef", "wmi", 30),
        Source("infarction", ("wmi",), lambda index: True),  # all of them
    ),
    ident="id", outcome=(("time", "status"), _outcome),
)
