"""Whether values fit each other and are what one sees: nothing is repaired, what looks wrong is named."""

from __future__ import annotations

from collections.abc import Iterator

from core.assessment import Notice
from core.heart_failure.variables import ASKED, USUAL, Values, inside
from core.uploads import InputError


def check(values: Values) -> Iterator[Notice]:
    """Cautions on what is possible and rare.

    Raises:
        InputError: two values that cannot both be right.
    """
    for name, (low, high) in USUAL.items():
        value = values.get(name)
        if value is not None and not low <= value <= high:
            label, unit = ASKED[name].label, ASKED[name].unit
            yield Notice("caution", f"{label} {value:g}{f' {unit}' if unit else ''} is unusual. Was it meant, and in this unit?",
                         name)
    if said := _disordered(values, "diastolic", "systolic"):
        raise InputError("diastolic", said, "Check both: they may be swapped.")
    for smaller, larger in (("lvesd", "lvedd"), ("ldl", "cholesterol"), ("hdl", "cholesterol")):
        if said := _disordered(values, smaller, larger):  # four patients of MUSIC have that: each measurement errs
            yield Notice("caution", f"{said} Check both: they may be swapped.", smaller)
    if values.get("scar_segments") and values.get("scar_share") == 0:
        raise InputError("scar_segments", "Segments are more than half transmural, and no scar is entered.",
                         "Correct one of the two, or leave it open.")
    if {"weight", "height"} <= values.keys() and not 10 <= values["weight"] / (values["height"] / 100) ** 2 <= 90:
        raise InputError("weight", f"Weight {values['weight']:g} kg and height {values['height']:g} cm do not fit each other.",
                         "Check both and their units.")
    age = values.get("age")
    if age is not None and age < 18:
        yield Notice("refuse", f"The patient is {age:g} years old; the cohorts are of adults.", "age")


def _disordered(values: Values, smaller: str, larger: str) -> str | None:
    a, b = values.get(smaller), values.get(larger)
    if a is None or b is None or a < b:
        return None
    return f"{ASKED[smaller].label} ({a:g}) is not below {inside(ASKED[larger].label)} ({b:g})."
