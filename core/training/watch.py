"""The validation of a run: when it is enough, which weights were the best, and when to say that it falls."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from core.training.recipe import RecipeError, Schedule
from core.training.runs import Run

FALLS = 2  # validations in a row below the best, then it is said


class Watch:
    """Follows one figure; larger is better. With patience, ``enough`` ends the training and ``best`` gives back its best weights,
    which are part of the checkpoint."""

    def __init__(self, figure: str, patience: int, run: Run):
        self.figure, self.patience, self.run = figure, patience, run
        self.value, self.epoch, self.since = -math.inf, 0, 0
        self.weights: dict[str, torch.Tensor] = {}

    @property
    def enough(self) -> bool:
        return 0 < self.patience <= self.since

    def see(self, figures: Mapping[str, float | None], model: nn.Module, epoch: int) -> None:
        """Raises:
            RecipeError: the figure is none of them.
        """
        figure = self.figure or next(iter(figures), "")
        if self.patience and figure not in figures:
            raise RecipeError(f"The validation has no figure {figure!r}.", f"Watch one of {', '.join(figures)}.")
        value = figures.get(figure)
        if value is not None and value > self.value:  # no number is no better
            self.value, self.epoch, self.since = float(value), epoch, 0
            if self.patience:
                self.weights = {name: kept.detach().clone() for name, kept in model.state_dict().items()}
            return
        self.since += 1
        if self.since == FALLS and self.epoch:
            now = "no number" if value is None or math.isnan(value) else f"{value:.4g}"
            self.run.alert("Validation falls", f"{figure} is {now} in epoch {epoch}, and was {self.value:.4g} in {self.epoch}")

    def best(self, model: nn.Module) -> nn.Module:
        """The model with the best weights that were seen, or as it is."""
        if self.weights:
            model.load_state_dict(self.weights)
        return model

    def state_dict(self) -> dict[str, Any]:
        return {"value": self.value, "epoch": self.epoch, "since": self.since, "weights": self.weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.value, self.epoch, self.since, self.weights = (state[key] for key in ("value", "epoch", "since", "weights"))


def watch_of(schedule: Schedule, validate: Callable[[nn.Module], dict[str, float]] | None, run: Run, whole: bool) -> Watch:
    """What the schedule asks for.

    Raises:
        RecipeError: it asks for what this stage does not have.
    """
    if schedule.patience and validate is None:
        raise RecipeError("This stage has no validation to be patient about.", "Leave its patience at 0.")
    if schedule.accumulate > 1 and whole:
        raise RecipeError("This stage has a loss over the whole batch, which cannot be computed in parts.",
                          "Leave its accumulate at 1 and take a smaller batch.")
    return Watch(schedule.watch, schedule.patience, run)
