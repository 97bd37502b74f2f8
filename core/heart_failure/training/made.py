"""The model that ships: fitted on everyone, with what it says of them, from which the baselines come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from core.heart_failure.training.data import Data
from core.heart_failure.training.fit import fit_cox
from core.heart_failure.training.inputs import SUBSETS
from core.heart_failure.training.models import forward
from core.heart_failure.training.recipe import Recipe
from core.heart_failure.variables import NAMES
from core.progress import Done
from core.weights import Architecture


@dataclass(frozen=True, eq=False)
class Made:
    """Attributes: log_hazard, spread: of every row of the data. says, notes: entries of config.json, and limits,
    that only this model has."""

    model: nn.Module
    architecture: Architecture
    log_hazard: np.ndarray
    spread: np.ndarray
    says: dict[str, Any]
    notes: tuple[str, ...] = ()


def made(recipe: Recipe, data: Data, rows: np.ndarray, done: Done | None = None) -> Made:
    """The recipe's model, trained on those rows."""
    return _network(recipe, data, rows, done) if recipe.model == "mprtm" else _cox(data, rows)


def _cox(data: Data, rows: np.ndarray) -> Made:
    model = fit_cox(data, rows)
    arguments = {"numbers": len(NAMES), "flags": data.flags.shape[1]}
    architecture = Architecture(target="core.heart_failure.cox:MarginalCox", arguments=arguments)
    return Made(model, architecture, *forward(model, data, np.arange(len(data))), {})


def _network(recipe: Recipe, data: Data, rows: np.ndarray, done: Done | None) -> Made:
    from core.heart_failure.network import PRESETS
    from core.heart_failure.training.fit_network import NOTES, RECIPES, answers, fitted
    from core.text import encoder  # with its weights: only where it is asked for

    model = fitted(data, rows, RECIPES[recipe.preset], recipe.name, done).eval().requires_grad_(False)
    architecture = Architecture(target="core.heart_failure.network:MPrtm", arguments=PRESETS[recipe.preset])
    log_hazard, spread = answers(model, data, np.arange(len(data)), SUBSETS["everything"])
    return Made(model, architecture, log_hazard, spread, {"text_encoder": encoder(model.text_encoder).identity}, NOTES)
