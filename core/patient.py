"""What files and forms say of a patient that is no identity: sex, age; and names of things, made safe to show."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from core.fields import Field

OLDEST = 130  # years
_AGE = re.compile(r"\s*(\d{1,3}(?:\.\d+)?)\s*([ymwd]?)(?:ears?|rs?|onths?|os?|eeks?|ks?|ays?)?\s*")


def sex_of(text: object) -> str | None:
    """ "female", "male" or None from what a file or a form says."""
    word = str(text or "").strip().lower()
    if word in ("f", "female", "w", "woman", "weiblich", "frau"):
        return "female"
    return "male" if word in ("m", "male", "man", "männlich", "mann") else None


def age_of(text: object) -> float | None:
    """Years from "56", "056Y", "18M" (months, as DICOM writes it), "6 months" or a number; None if implausible."""
    match = _AGE.fullmatch("" if text is None else str(text).lower())
    if not match:
        return None
    years = float(match[1]) / {"": 1, "y": 1, "m": 12, "w": 52.18, "d": 365.25}[match[2]]
    return round(years, 2) if 0 <= years <= OLDEST else None


def age_between(birth: object, recorded: object) -> float | None:
    """Years between two dates that begin with YYYYMMDD, whole ones from the age of three on; None if either is no date.

    Of an infant a month makes a difference: its age is given in hundredths where both dates are whole.
    """
    found = [re.match(r"(\d{4})-?(\d\d)?-?(\d\d)?", str(day or "")) for day in (birth, recorded)]
    if None in found:
        return None
    born, then = ((int(m[1]), int(m[2] or 1), int(m[3] or 1)) for m in found)
    years = then[0] - born[0] - (then[1:] < born[1:])
    if 0 <= years < 3 and all(m[2] and m[3] for m in found):
        days = 365.25 * (then[0] - born[0]) + 30.44 * (then[1] - born[1]) + then[2] - born[2]
        return round(max(days, 0.0) / 365.25, 2)
    return float(years) if 0 <= years <= OLDEST else None


def clean(text: object, limit: int = 80) -> str:
    """Printable, single-spaced and short: for device names that come from a file."""
    return " ".join("".join(c for c in str(text or "") if c.isprintable()).split())[:limit]


Sex = Annotated[Literal["female", "male"] | None, Field("Sex", spelt=sex_of)]
Age = Annotated[float | None, Field("Age", "years", low=0, high=OLDEST, spelt=age_of)]
