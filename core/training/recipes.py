"""The recipes of a room: that of its weights, ``main``, and the others that its ``training.recipe`` declares as ``ALSO``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.modality import get
from core.training.recipe import Recipe, RecipeError

MAIN = "main"


@dataclass(frozen=True)
class Kind:
    """One of a room's recipes. ``trained``: module and function, imported when it trains: ``train(recipe, done) -> Path``."""

    title: str
    recipe: type[Recipe]
    trained: str

    @property
    def train(self) -> Callable[..., Path]:
        module, _, name = self.trained.partition(":")
        return getattr(import_module(module), name)


def recipes(room: str) -> dict[str, Kind]:
    """By name, the main one first. Nothing heavy is imported.

    Raises:
        RecipeError: there is no such room.
    """
    try:
        modality = get(room)
    except KeyError as error:
        raise RecipeError(f"There is no room {room!r}.", "Choose one that is built.") from error
    others = getattr(import_module(f"core.{room}.training.recipe"), "ALSO", {})
    main = Kind(f"{modality.title}: the room's weights", modality.verb("Recipe"), f"core.{room}.training.train:train")
    return {MAIN: main, **{name: Kind(*one) for name, one in others.items()}}


def parse(room: str, settings: Mapping[str, Any]) -> tuple[Kind, Recipe]:
    """The recipe that settings ask for; ``recipe`` among them names which one.

    Raises:
        RecipeError: no such room or recipe, or settings that it does not take.
    """
    values, kinds = dict(settings), recipes(room)
    name = values.pop("recipe", MAIN)
    if name not in kinds:
        raise RecipeError(f"The room has no recipe {name!r}.", f"Choose one of {', '.join(kinds)}.")
    return kinds[name], built(kinds[name].recipe, values)


def built(recipe: type[Recipe], values: Mapping[str, Any]) -> Recipe:
    """The recipe of these settings.

    Raises:
        RecipeError: settings that it does not take, in one sentence.
    """
    try:
        return recipe(**values)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'settings'}: {one['msg']}" for one in error.errors())
        raise RecipeError(f"{wrong}.", "Settings are listed in the room's training/recipe.py.") from error


def settings_of(words: Iterable[str]) -> dict[str, Any]:
    """Of the command line: JSON files, and ``data=DIR`` or ``alignment.epochs=10``, the later before the earlier.

    Raises:
        RecipeError: a file that is no recipe, or a setting that is one value and also has settings of its own.
    """
    values: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            _assign(values, key.split("."), _json(value))
        else:
            values |= _file(Path(word))
    return values


def _file(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise RecipeError(f"{path} is no JSON file ({error}).", "Give a JSON file, or key=value settings.") from error
    if not isinstance(values, dict):
        raise RecipeError(f"{path} is no recipe.", "A recipe is a JSON object of settings.")
    return values


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _assign(values: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        values = values.setdefault(key, {})
        if not isinstance(values, dict):
            raise RecipeError(f"{key} is one value and also has settings of its own.", "Give one or the other.")
    values[keys[-1]] = value
