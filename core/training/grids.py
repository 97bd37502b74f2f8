"""Sweeps that are ready: the settings that the published descriptions of the source systems name, as our recipes call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from core.training.space import Space, size


@dataclass(frozen=True)
class Goal:
    """What a trial is judged by.

    Attributes:
        figure: its name in ``metrics.json`` of the trial's weights, or that of a curve of its run, whose last value counts
            (``loss``, or of one stage ``alignment/loss``).
        direction: "maximize" or "minimize". watch: a validation figure among the curves, by which a trial that does worse than
            most is ended early; empty: every trial goes to its end.
    """

    figure: str
    direction: str = "maximize"
    watch: str = ""


@dataclass(frozen=True)
class Grid:
    """A ready sweep.

    Attributes:
        source: what names these values, and where ours are not those of the source. space: what is varied. settings: what is
            fixed beside it. needs: what it takes, in words; empty: minutes of two cores a trial. goal: if not the room's.
    """

    source: str
    space: Space
    settings: Mapping[str, Any] = field(default_factory=dict)
    needs: str = ""
    goal: Goal | None = None

    @property
    def combinations(self) -> int | None:
        return size(self.space)


def grids(room: str) -> dict[str, Grid]:
    """The ready sweeps of a room, by their title."""
    return dict(getattr(_of(room), "GRIDS", {}))


def goal(room: str) -> Goal:
    """What the trials of a room are judged by, where nothing else is said."""
    return getattr(_of(room), "GOAL", Goal("loss", "minimize"))


def _of(room: str) -> Any:
    name = f"core.{room}.training.sweeps"
    return import_module(name) if find_spec(name) else None
