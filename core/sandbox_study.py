"""A study on its way out of the decoding process: JSON types, and the one array that holds its pixels.

The array is the first field of the study's dataclass; every other field is annotated with a type that ``revive`` knows.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, TypeVar

import numpy as np

from core.assessment import revive, to_dict

Study = TypeVar("Study")


def dumped(study: Any) -> tuple[dict[str, Any], np.ndarray]:
    """The fields of a study but the first, as JSON types, and the first."""
    first, *others = dataclasses.fields(study)
    return {f.name: to_dict(getattr(study, f.name)) for f in others}, getattr(study, first.name)


def revived(kind: type[Study], fields: dict[str, Any], values: np.ndarray) -> Study:
    """The study that was dumped."""
    hints = typing.get_type_hints(kind)
    return kind(values, **{name: revive(hints[name], value) for name, value in fields.items()})
