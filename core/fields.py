"""What a room asks for beside files. Each field of ``read`` is annotated once, with ``Annotated[type | None, Field(...)]``.

Page forms, components for programs, columns of a manifest, bounds and error messages all derive from that annotation.
"""

from __future__ import annotations

import inspect
import math
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, Literal

from core.uploads import InputError

OPEN = ("", "unknown", "none", "other")  # how a form or a table says that a field is left open
YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Field:
    """One input of a room.

    Attributes:
        unit: of a number, in words or as a symbol. low, high: bounds, both allowed. wording: of the choices, by value.
        multiline: free text of several lines. longest: characters of a text. spelt: reads other ways of saying the value
            ("F" for "female"); None where it cannot.
    """

    label: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    help: str = ""
    wording: typing.Mapping[str, str] | None = None
    multiline: bool = False
    longest: int | None = None
    spelt: Callable[[object], object | None] | None = None


@dataclass(frozen=True)
class Asked:
    """A field of one ``read``: its name there, its kind, and the choices where there are some."""

    name: str
    field: Field
    kind: type  # float, int, bool or str
    choices: tuple[str, ...] = ()

    def value(self, raw: object) -> float | int | bool | str | None:
        """What was given, as the kind that ``read`` expects; None is left open, 0 and False are values.

        Raises:
            InputError: not of that kind, outside the bounds, or none of the choices.
        """
        if raw is None or self.kind is not str and _is_open(raw) or self.choices and _is_open(raw):
            return None
        spelt = self.field.spelt(raw) if self.field.spelt is not None else None
        raw = raw if spelt is None else spelt
        if self.choices:
            return self._choice(raw)
        if self.kind is bool:
            return self._yes_no(raw)
        return self._text(raw) if self.kind is str else self._number(raw)

    def _choice(self, raw: object) -> str:
        found = [choice for choice in self.choices if choice.lower() == str(raw).strip().lower()]
        if not found:
            listed = ", ".join(self.choices)
            raise InputError(self.name, f"{self.field.label} is none of {listed}.", f"Choose {listed}, or leave it open.")
        return found[0]

    def _yes_no(self, raw: object) -> bool:
        if isinstance(raw, bool):
            return raw
        word = f"{raw:g}" if isinstance(raw, float) else str(raw).strip().lower()
        if word not in YES_NO:
            raise InputError(self.name, f"{self.field.label} is neither yes nor no.", "Give yes or no, or leave it open.")
        return YES_NO[word]

    def _number(self, raw: object) -> float | int:
        field = self.field
        try:
            number = float(raw.strip() if isinstance(raw, str) else raw)
        except (TypeError, ValueError):
            number = math.nan
        low, high = (-math.inf if field.low is None else field.low), (math.inf if field.high is None else field.high)
        whole = self.kind is int
        if not (low <= number <= high and math.isfinite(number)) or whole and not number.is_integer():
            raise InputError(self.name, f"{field.label} is not a {'whole ' if whole else ''}number{self._of()}{self._range()}.",
                             f"Give it{self._in()}, or leave it open.")
        return int(number) if whole else number

    def _text(self, raw: object) -> str:
        if not isinstance(raw, str | int | float):
            raise InputError(self.name, f"{self.field.label} is not text.", "Give it as text, or leave it open.")
        text = f"{raw:g}" if isinstance(raw, float) else str(raw)
        if self.field.longest is not None and len(text) > self.field.longest:
            raise InputError(self.name, f"{self.field.label} has {len(text):,} characters; at most {self.field.longest:,} are "
                             "read.", "Shorten it.")
        return text

    def _of(self) -> str:
        return f" of {self.field.unit}" if self.field.unit else ""

    def _in(self) -> str:
        return f" in {self.field.unit}" if self.field.unit else " as a number"

    def _range(self) -> str:
        low, high = self.field.low, self.field.high
        if low is None:
            return "" if high is None else f" of at most {high:g}"
        return f" of at least {low:g}" if high is None else f" from {low:g} to {high:g}"


def _is_open(raw: object) -> bool:
    return isinstance(raw, str) and raw.strip().lower() in OPEN


@cache
def fields_of(read: Callable[..., Any]) -> dict[str, Asked]:
    """The fields of a ``read``, by name, in its order.

    Raises:
        TypeError: a field without a ``Field``, or of a kind that no form has.
    """
    hints, found = typing.get_type_hints(read, include_extras=True), {}
    for name in list(inspect.signature(read).parameters)[1:]:
        kind, *notes = typing.get_args(hints[name]) if typing.get_origin(hints[name]) is typing.Annotated else (hints[name],)
        field = next((note for note in notes if isinstance(note, Field)), None)
        if field is None:
            raise TypeError(f"{read.__module__}.{read.__name__}: {name} is not annotated with a Field")
        found[name] = Asked(name, field, *_kind(kind))
    return found


def _kind(hint: Any) -> tuple[type, tuple[str, ...]]:
    parts = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    for part in parts:
        if typing.get_origin(part) is Literal:
            return str, typing.get_args(part)
        if part in (float, int, bool, str):
            return part, ()
    raise TypeError(f"{hint} is no number, truth value, choice or text")


def checked(read: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a ``read``: what is given arrives as its annotated kind and within its bounds, or as an ``InputError``."""

    @wraps(read)
    def with_fields(files: typing.Sequence[Any] = (), **given: Any) -> Any:
        asked = fields_of(read)
        return read(files, **{name: asked[name].value(value) if name in asked else value for name, value in given.items()})

    return with_fields
