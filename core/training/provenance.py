"""What a model says of its origin, made from its recipe and from what was loaded: never the shipped stamp on other weights."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.settings import settings
from core.training import generated
from core.training.recipe import Recipe, changed
from core.training.state import WEIGHTS

CUSTOM = "0.0.0+custom"  # until whoever publishes the weights gives them a version


@dataclass(frozen=True)
class Release:
    """Weights that ship: their data in the words of the card, and the settings that are not the recipe's defaults."""

    name: str
    version: str
    training_data: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def release_of(recipe: Recipe, training_data: str, releases: Sequence[Release]) -> Release | None:
    """The release that this recipe makes of this data; None for a custom one. Where the files lie makes no difference."""
    made = {key: value for key, value in changed(recipe).items() if not _is_path(recipe, key)}
    return next((r for r in releases if (r.settings, r.training_data) == (made, training_data)), None)


def stamp(recipe: Recipe, training_data: str, release: Release | None) -> dict[str, str]:
    """Name, version and data for config.json; of generated data it says that they are."""
    name, version = (release.name, release.version) if release else (recipe.name, CUSTOM)
    return {"name": name, "version": version, "training_data": generated.told(recipe.data, training_data)}


def train_command(room: str, recipe: Recipe) -> str:
    """What trains the same again.

    Folders are not named as on this machine: a word stands for them, the field's example or, of generated data, GENERATED,
    and ``weights/`` for where the weights go.
    """
    words = [f"{key}={_place(recipe, key) if _is_path(recipe, key) else _text(value)}" for key, value in changed(recipe).items()]
    return f"python -m core train {room} --recipe {shlex.join(words)}"


def evaluate_command(room: str, data: str, fold: int, weights: str, folder: Path | None = None) -> str:
    """What measures the same again; ``data`` is the word for ``folder``, unless what lies there is generated."""
    data = (generated.word(folder) if folder is not None else None) or data
    ours = Path(weights).resolve().parent == settings.weights.resolve() or weights == Path(weights).name
    named = "" if weights == room else f" --weights {shlex.quote(Path(weights).name if ours else 'DIR')}"
    return f"python -m core evaluate {room} --data {data} --fold {fold} --out DIR{named}"


def _is_path(recipe: Recipe, key: str) -> bool:
    return isinstance(getattr(recipe, key, None), Path)


def _place(recipe: Recipe, key: str) -> str:
    path, examples = getattr(recipe, key), type(recipe).model_fields[key].examples
    name = recipe.name if path.name == WEIGHTS else path.name  # a launched run's folder has no name of its own
    return generated.word(path) or (examples[0] if examples else f"weights/{name}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
