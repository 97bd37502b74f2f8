"""The recipe of the heart-failure weights.

1. validation: repeated five-fold within each cohort, every model on the same folds (``training.validate``),
2. the fit on all patients of MUSIC and peakVO2, a baseline hazard per cohort, figures and operating points of the validation.

SUPPORT2 has a baseline of its own and no part in the coefficients: what it would do to them is among the figures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from core.settings import ROOT
from core.training import recipe as base
from core.training.provenance import Release

DATA = ("MUSIC 1.0.1, 692 patients (ODbL 1.0, Martin-Yebra et al. 2024); peakVO2, 1775 patients (Hsich et al. 2011, from the "
        "randomForestSRC data sets); baseline hazard alone: SUPPORT2 heart failure, 976 patients (CC BY 4.0, Knaus et al. 1995)")
RELEASES = (Release("heart_failure_cox", "1.0.0", DATA),
            Release("heart_failure", "1.0.0", DATA, {"model": "mprtm", "name": "heart_failure"}))


class Recipe(base.Recipe):
    """The defaults are the recipe of the shipped Cox weights; ``data`` is MUSIC."""

    data: Path = Field(examples=["MUSIC"])
    peakvo2: Path | None = Field(None, examples=["PEAKVO2"])
    support2: Path | None = Field(None, examples=["SUPPORT2"])
    model: Literal["cox", "mprtm"] = "cox"
    preset: Literal["compact", "published"] = "compact"  # of the network
    name: str = "heart_failure_cox"
    out: Path = ROOT / "weights" / "heart_failure_cox"
    compared: tuple[str, ...] = ("ridge", "cox", "indicators", "boosted", "cox_inpatients")  # of ``training.models``
    repeats: int = 5  # of the five folds

    @model_validator(mode="before")
    @classmethod
    def _own_place(cls, values: Any) -> Any:
        """The network has a name and a folder of its own."""
        if isinstance(values, dict) and values.get("model") == "mprtm":
            return {"name": "heart_failure", "out": ROOT / "weights" / "heart_failure"} | values
        return values

    @property
    def tables(self) -> tuple[Path, ...]:
        return tuple(path for path in (self.data, self.peakvo2, self.support2) if path is not None)
