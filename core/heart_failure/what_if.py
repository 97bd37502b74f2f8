"""What the model would say if one thing that treatment changes were otherwise: associations, not effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.fields import fields_of
from core.heart_failure import read as reading
from core.heart_failure.drugs import CLASSES
from core.heart_failure.prognosis import predict
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import FIELDS, MODIFIABLE
from core.serving import get
from core.uploads import InputError

ASSOCIATION = ("What the model says of patients who differ in this alone. It is an association in the cohort, not the effect of a "
               "treatment.")
Risk = tuple[float, float, float]  # percent: value, low, high; NaN where the cohort was not watched as long


@dataclass(frozen=True)
class Varied:
    """One value and what follows; a drug class is "+code" or "-code", and "" is the patient as it is."""

    value: float | bool | str
    risk_1y: Risk
    risk_3y: Risk
    log_hazard: float


def vary(
    study: HeartFailureStudy, field: str, values: Sequence[float | bool | str], weights: str = "heart_failure_cox"
) -> tuple[Varied, ...]:
    """The risks with each of the values, all else as it is; what is computed from the field follows it.

    Args:
        field: of ``MODIFIABLE``. values: of the field; of "prescriptions", "+mra" adds a class of ``drugs.CLASSES``,
            "-loop" takes it away, and "" leaves the text.

    Raises:
        InputError: a field that is not to be varied, a value it cannot have, or a class when nothing is known of the drugs.
    """
    if field not in MODIFIABLE:
        raise InputError(field, f"{field} is not what treatment changes.", f"Choose one of {', '.join(MODIFIABLE)}.")
    others = [varied(study, field, value) for value in values]
    for one in others:
        _accepted(one, field)
    found = predict(get(weights), others)
    years = [[tuple(float(part[k]) for part in found.risk(year)) for year in (1, 3)] for k in range(len(others))]
    return tuple(Varied(value, *risks, float(log)) for value, risks, log in zip(values, years, found.log_hazard, strict=True))


def varied(study: HeartFailureStudy, field: str, value: float | bool | str) -> HeartFailureStudy:
    """The study with another value of one field.

    Raises:
        InputError: as ``vary``.
    """
    values = {name: known for name, known in study.values.items() if name not in study.computed}
    text = study.text
    if field == "prescriptions":
        text = _with_class(text, str(value))
    else:
        values[field] = fields_of(reading.read)[field].value(value)
    return reading.study({**values, "prescriptions": text}, study.source)


def _with_class(text: str, change: str) -> str:
    if not change:
        return text
    sign, code = change[:1], change[1:]
    if sign not in "+-" or code not in CLASSES:
        raise InputError("prescriptions", f"{change!r} adds or removes no drug class.",
                         f"Give + or - and one of {', '.join(CLASSES)}.")
    if not text:
        raise InputError("prescriptions", "Nothing is known of the patient's drugs.", "Give the list of drugs first.")
    return f"{text}\n{CLASSES[code]}{'' if sign == '+' else ' stopped'}"


def _accepted(study: HeartFailureStudy, field: str) -> None:
    reason = next((notice for notice in study.notices if notice.level == "refuse"), None)
    if reason is not None:
        label = FIELDS[field].label if field in FIELDS else field
        raise InputError(field, f"{label} cannot be varied: {reason.message}", "Enter more of the patient first.")
