"""What the toy room takes: how many steps, how long each, and how it is to fail."""

from pathlib import Path
from typing import Literal

from core.training import recipe as base
from core.training.recipe import Schedule


class Recipe(base.Recipe):
    data: Path = Path("data")
    name: str = "toyroom"
    out: Path = Path("weights")
    steps: int = 5
    pause: float = 0.01  # s a step
    seed: int = 0
    logs: bool = False  # the mean so far, a step an epoch
    fails: Literal["", "input", "fault", "exit", "disk", "memory", "deaf", "loud"] = ""


class Linear(base.Recipe):
    data: Path = Path("data")
    name: str = "linear"
    out: Path = Path("weights")
    schedule: Schedule = Schedule(epochs=6, learning_rate=0.3, weight_decay=0.0, averaging=0.9, precision="fp32")
    pause: float = 0.0  # s a batch
    poison: int = -1  # epoch whose batches hold NaN


ALSO = {"linear": ("A linear map", Linear, "core.toyroom.training.train:linear")}
