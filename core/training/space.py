"""What a sweep may set: for each setting of a recipe the values to choose from, or a range.

As JSON: ``{"fusion.learning_rate": [1e-5, 1e-4], "fusion.weight_decay": {"low": 1e-4, "high": 0.1, "log": true}}``. On the
command line: ``fusion.learning_rate=1e-5,1e-4 fusion.weight_decay=1e-4..0.1:log``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.training.recipe import RecipeError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Space = Mapping[str, Any]
_RANGE = {"low", "high", "log", "step"}


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """As Optuna has them. A value that it cannot keep, such as a list, is chosen by its JSON.

    Raises:
        RecipeError: nothing to choose from, or a range that is none.
    """
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not space:
        raise RecipeError("The sweep has nothing to vary.", "Give values or a range for at least one setting.")
    found: dict[str, BaseDistribution] = {}
    for name, choice in space.items():
        try:
            if isinstance(choice, Mapping):
                if not {"low", "high"} <= choice.keys() <= _RANGE:
                    raise ValueError("a range has low and high, and perhaps log or step")
                whole = all(isinstance(choice[key], int) for key in ("low", "high"))
                kind = IntDistribution if whole else FloatDistribution
                found[name] = kind(**choice)
            elif isinstance(choice, Sequence) and not isinstance(choice, str) and choice:
                found[name] = CategoricalDistribution(tuple(_kept(value) for value in choice))
            else:
                raise ValueError("give a list of values, or low and high")
        except (TypeError, ValueError) as error:
            raise RecipeError(f"{name}: {error}.", 'Write ["a", "b"], or {"low": 1e-5, "high": 1e-3, "log": true}.') from error
    return found


def size(space: Space) -> int | None:
    """How many combinations there are; None where a range has no end of them."""
    return None if any(isinstance(choice, Mapping) for choice in space.values()) else math.prod(map(len, space.values()))


def nested(values: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """``{"fusion.epochs": 10}`` as settings of a recipe, ``{"fusion": {"epochs": 10}}``."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        *outer, last = name.split(".")
        place = result
        for key in outer:
            place = place.setdefault(key, {})
        place[last] = _given(value, space.get(name))
    return result


def merged(settings: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings with others over them."""
    result = dict(settings)
    for key, value in over.items():
        before = result.get(key)
        result[key] = merged(before, value) if isinstance(value, Mapping) and isinstance(before, Mapping) else value
    return result


def first(space: Space) -> dict[str, Any]:
    """Of each setting one value, to see whether a recipe takes it."""
    return nested({name: _kept(choice[0]) if isinstance(choice, Sequence) else choice["low"] for name, choice in space.items()},
                  space)


def parsed(text: str) -> tuple[str, Any]:
    """Of ``name=a,b,c`` or ``name=low..high`` or ``name=low..high:log``.

    Raises:
        RecipeError: it is neither.
    """
    name, _, values = text.partition("=")
    if not name or not values:
        raise RecipeError(f"{text!r} names no values.", "Write name=a,b,c or name=low..high or name=low..high:log.")
    if ".." in values:
        ends, _, how = values.partition(":")
        low, _, high = ends.partition("..")
        return name, {"low": value_of(low), "high": value_of(high)} | ({how: True} if how else {})
    return name, [value_of(one) for one in values.split(",")]


def value_of(text: str) -> Any:
    """A word of the command line: JSON where it is JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _kept(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int, float, str)) else json.dumps(value)


def _given(value: Any, choice: Any) -> Any:
    """The value that was meant by what was kept."""
    if isinstance(choice, Sequence):
        return next((one for one in choice if _kept(one) == value and type(_kept(one)) is type(value)), value)
    return value
