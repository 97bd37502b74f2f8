"""A room's recipe as the entries of a form: label, kind, bounds, choices and help of each setting, from the recipe's schema.

An entry's key is what the command line says, ``fusion.epochs``; of a list, ``members.0.schedule.epochs``. What the schema does
not say of a setting that many recipes have (its name for people, sensible bounds) stands in ``setting_words``, once.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticUndefined, to_jsonable_python

from core.training.recipe import Recipe, RecipeError, flat
from core.training.recipes import MAIN, recipes
from core.training.setting_words import WORDS, Words

HIDDEN = ("out",)  # a launched run has a place of its own
FIRST = ("data", "name", "preset", "model")  # what a run is about; the rest is how it learns


@dataclass(frozen=True)
class Entry:
    """One setting of a form.

    Attributes:
        kind: bool, int, float, str, Path, or tuple, whose items are of the kind ``item`` and separated by commas. default: a
            JSON value; None is left open, or the preset's.
        low, high: bounds, both allowed. group: the part of the recipe it belongs to, "" for the whole. advanced: folded away.
    """

    key: str
    label: str
    kind: type
    default: Any
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    help: str = ""
    group: str = ""
    advanced: bool = False
    item: type = str


def entries(room: str, recipe: str = MAIN) -> tuple[Entry, ...]:
    """Every setting of a recipe of the room, those of a stage together, in the recipe's order."""
    return tuple(_entries(recipes(room)[recipe].recipe, room, "", "", None))


def settings_of(room: str, given: Mapping[str, Any], recipe: str = MAIN) -> dict[str, Any]:
    """What ``launch`` takes, nested: what is required or is not the default; what is left open is not said.

    Args:
        given: values by the entries' keys.
    """
    result: dict[str, Any] = {}
    for entry in entries(room, recipe):
        value = _clean(entry, given.get(entry.key, entry.default))
        if value is not None and (entry.required or value != _clean(entry, entry.default)):
            _assign(result, entry.key.split("."), value)
    fields = recipes(room)[recipe].recipe.model_fields
    usual = {name: to_jsonable_python(field.default) for name, field in fields.items() if not field.is_required()}
    return {key: _whole(usual.get(key), value) for key, value in result.items()}


def given_of(room: str, settings: Mapping[str, Any], recipe: str = MAIN) -> dict[str, Any]:
    """The form's values of what was launched: the way back. What the form does not ask is left out."""
    texts = {entry.key: entry for entry in entries(room, recipe)}
    plain = to_jsonable_python(dict(settings))
    values = flat({key: value for key, value in plain.items() if key not in texts}, lists=True)
    values |= {key: value for key, value in plain.items() if key in texts}
    return {key: _listed(value) if isinstance(value, list) else value for key, value in values.items() if key in texts}


def checked(room: str, settings: Mapping[str, Any]) -> Recipe:
    """The recipe with these settings; ``recipe`` among them names another one than the main.

    Raises:
        RecipeError: what is wrong, in the form's words.
    """
    name = settings.get("recipe", MAIN)
    try:
        return recipes(room)[name].recipe(**{key: value for key, value in settings.items() if key != "recipe"})
    except ValidationError as error:
        labels = {entry.key: f"{entry.group}: {entry.label}" if entry.group else entry.label for entry in entries(room, name)}
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        said = "is missing" if first["type"] == "missing" else first["msg"][0].lower() + first["msg"][1:]
        raise RecipeError(f"{labels.get(key, key)}: {said}.", "Change it in the form.") from error


def folders(recipe: Recipe) -> dict[str, Path]:
    """The files and folders that somebody named for the recipe to read, by setting."""
    usual = {key: field.default for key, field in type(recipe).model_fields.items()}
    return {key: value for key, value in recipe if isinstance(value, Path) and key not in HIDDEN and value != usual[key]}


def _entries(model: type[BaseModel], room: str, prefix: str, group: str, usual: Any) -> typing.Iterator[Entry]:
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        if key in HIDDEN:
            continue
        default = None if field.default is PydanticUndefined else field.default
        if usual is not None:
            default = usual.get(name, default if usual else None)  # what a stage does not say of itself is as ever
        plain, optional = _plain(field.annotation)
        if isinstance(plain, type) and issubclass(plain, BaseModel):
            empty = {} if default is None else to_jsonable_python(default)
            yield from _entries(plain, room, f"{key}.", _title(group, name), empty)
        elif isinstance(default, tuple | list) and default and isinstance(default[0], BaseModel | dict):
            for i, item in enumerate(default):
                yield from _entries(typing.get_args(plain)[0], room, f"{key}.{i}.", _title(group, name, i),
                                    to_jsonable_python(item))
        else:
            yield _entry(key, name, field, plain, to_jsonable_python(default), room, group, usual is None and not optional)


def _entry(key: str, name: str, field: Any, plain: Any, default: Any, room: str, group: str, needed: bool) -> Entry:
    words = WORDS.get(name, Words(name.replace("_", " ").capitalize()))
    kind, choices = _kind(plain)
    low, high = words.low, words.high
    for bound in field.metadata:
        if isinstance(bound, Ge | Gt):
            low = getattr(bound, "ge", getattr(bound, "gt", None))
        elif isinstance(bound, Le | Lt):
            most = getattr(bound, "le", getattr(bound, "lt", None))
            high = most if high is None or isinstance(bound, Le) else min(high, most)
    if name == "preset" and not choices:
        choices = _presets(room)
    if kind is tuple:
        default = _listed(default or ())
    if key == "name":
        default = None  # a launched run gets one of its own
    required = needed and field.is_required()
    known = name in WORDS or required
    return Entry(key, field.title or words.label, kind, default, required, choices, low, high, field.description or words.help,
                 group, not required and (words.advanced or not known or kind is Path),
                 (typing.get_args(plain) or (str,))[0] if kind is tuple else str)


def _plain(annotation: Any) -> tuple[Any, bool]:
    """The type without None, and whether None is allowed."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kinds = [kind for kind in typing.get_args(annotation) if kind is not type(None)]
        return kinds[0], len(kinds) < len(typing.get_args(annotation))
    return annotation, False


def _kind(plain: Any) -> tuple[type, tuple[str, ...]]:
    if typing.get_origin(plain) is Literal:
        return str, typing.get_args(plain)
    if typing.get_origin(plain) is tuple:
        return tuple, ()
    return (plain if plain in (bool, int, float, str, Path) else str), ()


def _presets(room: str) -> tuple[str, ...]:
    home = f"core.{room}.model"
    return tuple(getattr(import_module(home), "PRESETS", ())) if find_spec(home) else ()


def _title(group: str, name: str, place: int | None = None) -> str:
    words = name.replace("_", " ") if place is None else f"{name.removesuffix('s').replace('_', ' ')} {place + 1}"
    return f"{group}, {words}" if group else words.capitalize()


def _clean(entry: Entry, value: Any) -> Any:
    """None for what is left open; texts without blanks around them."""
    if isinstance(value, str) and entry.kind is tuple:
        return [_item(word.strip(), entry.item) for word in value.split(",") if word.strip()]
    if isinstance(value, str):
        return value.strip() or None
    if entry.kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _item(word: str, kind: type) -> Any:
    """What is no number stays as it is: the recipe says so."""
    try:
        return kind(word) if kind in (int, float) else word
    except ValueError:
        return word


def _listed(values: typing.Iterable[Any]) -> str:
    return ", ".join(map(str, values))


def _assign(values: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        values = values.setdefault(key, {})
    values[keys[-1]] = value


def _whole(usual: Any, value: Any) -> Any:
    """Lists are given whole, with what was changed in them; so is a part of an item."""
    if isinstance(usual, list) and isinstance(value, dict):
        return [_merged(item, value.get(str(i), {})) for i, item in enumerate(usual)]
    return value


def _merged(usual: Any, changes: Any) -> Any:
    if isinstance(usual, dict) and isinstance(changes, dict):
        return {**usual, **{key: _merged(usual.get(key), value) for key, value in changes.items()}}
    return changes
