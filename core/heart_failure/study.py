"""What is known of a patient with heart failure: numbers, prescriptions, scar; typed, in the units of ``variables``."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from core.assessment import Notice
from core.heart_failure.variables import Values


@dataclass(frozen=True, eq=False)
class HeartFailureStudy:
    """What ``read`` made of a form or of a row of a cohort. Carries no patient identity.

    Attributes:
        values: by field, entered and computed; what is unknown is not there. text: prescriptions, plan and history.
        numbers: float32 ``[len(ENCODED)]``, clinical units, NaN where unknown.
        computed: which of the values were computed from others, and how.
        source: where it comes from, in words.
        notices: what was noticed; one that refuses says why nothing can be told.
    """

    values: Values
    text: str
    numbers: np.ndarray
    computed: MappingProxyType[str, str]
    source: dict[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
