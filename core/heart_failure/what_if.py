"""What the model would say of a patient who differs in one thing: an association in the cohorts, not the effect of a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.drugs import CLASSES
from core.heart_failure.prognosis import Prognosis, predict
from core.heart_failure.read import study as study_of
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import MODIFIABLE
from core.serving import get
from core.uploads import InputError


@dataclass(frozen=True, eq=False)
class Variation:
    """Attributes: ``values`` tried, ``prognosis`` of each."""

    field: str
    values: tuple[Any, ...]
    prognosis: Prognosis


def vary(study: HeartFailureStudy, field: str, values: Sequence[Any], weights: str = "heart_failure_cox") -> Variation:
    """The same patient with other values of one field; what was computed from it follows.

    Args:
        values: of the field, in its unit; of "prescriptions" the whole text (``with_class``).

    Raises:
        InputError: the field cannot be changed, or a value does not fit the others.
    """
    if field not in MODIFIABLE:
        raise InputError("field", f"{field} does not change with treatment.", f"Choose one of {', '.join(MODIFIABLE)}.")
    given = {name: value for name, value in study.values.items() if name not in study.computed} | {"prescriptions": study.text}
    others = [study_of({**given, field: value}, {}) for value in values]
    return Variation(field, tuple(values), predict(get(weights), others))


def with_class(text: str, code: str, taken: bool) -> str:
    """A prescription with a class of drugs added or stopped on a line of its own."""
    line = f"{CLASSES[code]}{'' if taken else ' stopped'}"
    return f"{text}\n{line}" if text else line
