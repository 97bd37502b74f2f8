"""The recipe of the cardiac MR weights.

One localiser and one segmenter per fold of scans; together they are the ensemble that ships, and each is judged on the
scans of its own fold, which it has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from core.settings import ROOT
from core.training import recipe as base
from core.training.provenance import Release
from core.training.recipe import Schedule

SCHEDULES = {"unet": Schedule(epochs=130, learning_rate=2e-3, weight_decay=0.01, averaging=0.99, seed=2),
             "dae_former": Schedule(epochs=45, learning_rate=1e-3, weight_decay=0.01, averaging=0.99, seed=2)}
EMIDEC = "EMIDEC, 80 of its 100 training cases, 53 with infarct (Lalande et al. 2020, Data 5:89)"
RELEASES = (Release("cmr", "1.1.0", EMIDEC), Release("cmr_dae_former", "1.1.0", EMIDEC, {"preset": "dae_former"}))


class Recipe(base.Recipe):
    """The defaults are the recipe of the shipped weights."""

    data: Path = Field(examples=["EMIDEC"])
    name: str = "cmr"
    preset: str = "unet"
    out: Path = ROOT / "weights" / "cmr"
    localiser: Schedule = Schedule(epochs=40, learning_rate=2e-3, weight_decay=0.01, averaging=0.99, seed=1)
    segmenter: Schedule | None = None  # None: that of the preset
    batch: int = 16

    @model_validator(mode="before")
    @classmethod
    def _segmenter_in_part(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and isinstance(values.get("segmenter"), dict):
            usual = _usual(values.get("preset", cls.model_fields["preset"].default)).model_dump()
            return {**values, "segmenter": usual | values["segmenter"]}
        return values

    @property
    def schedule(self) -> Schedule:
        """Of the segmenters."""
        return self.segmenter or _usual(self.preset)


def _usual(preset: str) -> Schedule:
    return SCHEDULES.get(preset, SCHEDULES["dae_former"])
