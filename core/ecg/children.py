"""Limits of rate, PR, QRS, QTc and axis in children: the 2nd and 98th percentiles of 1,912 healthy ones, by age and sex.

Rijnbeek et al. 2001, Eur Heart J 22:702, doi 10.1053/euhj.2000.2399: 11 days to 16 years, recorded digitally at 1,200 Hz and
measured over all leads by a program, as here. QTc is Bazett's. Before the 11th day there are none.
"""

from __future__ import annotations

from core.ecg.study import EcgStudy

ADULT = 16  # years; from then on the ranges of adults hold
RIJNBEEK = "Rijnbeek et al. 2001, doi 10.1053/euhj.2000.2399"
FIRST = 11 / 365.25  # years
_UNTIL = (1 / 12, 0.25, 0.5, 1, 3, 5, 8, 12, ADULT)  # years, the end of each age group
_NAMES = ("11 days to 1 month", "1 to 3 months", "3 to 6 months", "6 to 12 months", "1 to 3 years", "3 to 5 years",
          "5 to 8 years", "8 to 12 years", "12 to 16 years")
_BOYS = {
    "heart_rate": ((129, 192), (126, 187), (112, 165), (106, 194), (97, 155), (73, 123), (62, 113), (55, 101), (48, 99)),
    "pr_interval": ((77, 120), (85, 120), (87, 134), (82, 141), (86, 151), (98, 152), (99, 160), (105, 174), (107, 178)),
    "qrs_duration": ((50, 85), (52, 77), (54, 85), (52, 86), (54, 88), (58, 92), (63, 98), (67, 103), (78, 111)),
    "qtc_bazett": ((378, 448), (396, 458), (391, 453), (379, 449), (383, 455), (377, 448), (371, 443), (373, 440), (362, 449)),
    "qrs_axis": ((75, 140), (37, 138), (-6, 107), (14, 122), (-4, 118), (7, 112), (-10, 112), (-21, 114), (-9, 112)),
}
_GIRLS = {
    "heart_rate": ((136, 216), (126, 200), (122, 191), (106, 187), (95, 178), (78, 124), (68, 115), (58, 110), (54, 107)),
    "pr_interval": ((91, 121), (78, 133), (84, 127), (88, 133), (78, 147), (99, 153), (92, 156), (103, 163), (106, 176)),
    "qrs_duration": ((54, 79), (48, 77), (50, 78), (52, 80), (54, 85), (58, 88), (59, 95), (66, 99), (72, 106)),
    "qtc_bazett": ((379, 462), (381, 454), (386, 448), (381, 446), (381, 447), (388, 442), (375, 449), (365, 447), (370, 457)),
    "qrs_axis": ((63, 155), (39, 121), (17, 108), (1, 102), (2, 121), (3, 106), (27, 117), (5, 117), (5, 101)),
}


def is_child(study: EcgStudy) -> bool:
    """Whether the rules of adults do not hold."""
    return study.age is not None and study.age < ADULT


def age_group(age: float) -> str:
    """The age group in words; "" where there is none: an age of 0 is that of a newborn as well as of a child of 11 months."""
    return _NAMES[_index(age)] if FIRST <= age < ADULT else ""


def limits(age: float, sex: str | None) -> dict[str, tuple[float, float]]:
    """2nd and 98th percentile by measurement in /min, ms or degrees; empty where there are none.

    Args:
        age: years. sex: "female", "male", or None: then the wider of both.
    """
    if not age_group(age):
        return {}
    k = _index(age)
    tables = {"male": (_BOYS,), "female": (_GIRLS,)}.get(sex or "", (_BOYS, _GIRLS))
    return {code: (float(min(table[code][k][0] for table in tables)), float(max(table[code][k][1] for table in tables)))
            for code in _BOYS}


def _index(age: float) -> int:
    return next(k for k, end in enumerate(_UNTIL) if age < end)
