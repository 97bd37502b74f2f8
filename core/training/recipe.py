"""What every recipe shares; nothing heavier than pydantic, so that a form or the command line reads one at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic_core import to_jsonable_python

from core.uploads import InputError


class RecipeError(InputError):
    """A recipe that cannot be run: what is wrong with it and what to do."""

    def __init__(self, message: str, remedy: str):
        super().__init__("recipe", message, remedy)


class Schedule(BaseModel):
    """What the training loop needs to know; recipes embed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int
    learning_rate: float = 2e-3
    weight_decay: float = 0.05  # on the matrices of linear and convolution layers only
    warm_up: float = 0.1  # share of the steps; then cosine to zero
    averaging: float = 0.999  # exponential moving average of the weights, which is what is kept
    clip: float = 1.0
    precision: Literal["fp32", "bf16"] = "bf16"  # fp32 on a processor that does not know bf16
    seed: int = 0
    patience: int = Field(0, ge=0)  # validations without a better figure after which it ends; 0: it does not
    watch: str = ""  # the figure of the validation, larger is better; empty: its first
    accumulate: int = Field(1, ge=1)  # parts in which a batch is computed, for a memory that does not hold it

    @model_serializer(mode="wrap")
    def _said(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What was added later is said where it is not as before: a recipe without it is the recipe that it was."""
        fields = type(self).model_fields
        return {key: value for key, value in dump(self).items()
                if key not in ("patience", "watch", "accumulate") or value != fields[key].default}


class Recipe(BaseModel):
    """Of a room: the defaults are the recipe of its shipped weights; ``name`` is that of the runs and of a custom model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path
    name: str

    @model_validator(mode="before")
    @classmethod
    def _stages_in_part(cls, values: Any) -> Any:
        """``alignment.epochs=10`` changes the epochs of that stage and nothing else of it."""
        if not isinstance(values, Mapping):
            return values
        stages = {key: field.default.model_dump() for key, field in cls.model_fields.items()
                  if isinstance(field.default, BaseModel)}
        return {**values, **{key: stages[key] | value for key, value in values.items()
                             if key in stages and isinstance(value, dict)}}


def changed(recipe: Recipe) -> dict[str, Any]:
    """The settings that are not the defaults, as JSON values: ``{"alignment.epochs": 10}``. A required one always counts."""
    fields = type(recipe).model_fields
    usual = flat(to_jsonable_python({key: field.default for key, field in fields.items() if not field.is_required()}))
    short = recipe.model_dump(mode="json", exclude_defaults=True)
    return {key: short[key] if isinstance(value, list) else value
            for key, value in flat(recipe.model_dump(mode="json")).items() if key not in usual or usual[key] != value}


def flat(values: Mapping[str, Any], lists: bool = False) -> dict[str, Any]:
    """Nested mappings as one, ``{"a": {"b": 1}}`` -> ``{"a.b": 1}``; lists too where asked."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        if lists and isinstance(value, list):
            value = {str(i): item for i, item in enumerate(value)}
        if isinstance(value, Mapping) and value:
            result |= {f"{key}.{inner}": item for inner, item in flat(value, lists).items()}
        else:
            result[key] = value
    return result


def chosen(presets: Mapping[str, Any], name: str) -> Any:
    """The preset of that name.

    Raises:
        RecipeError: there is none.
    """
    if name not in presets:
        raise RecipeError(f"There is no preset {name!r}.", f"Choose one of {', '.join(presets)}.")
    return presets[name]
