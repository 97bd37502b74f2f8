"""The recipe of the ECG weights, stage by stage; every stage resumes where it stopped.

1. each member network on all 99 labels (71 statements and their sub- and superclasses),
2. the members joined into one encoder, frozen; report alignment, then the reconstruction decoder on it,
3. calibration and operating points on one half of fold 9, figures on the other (``core.ecg.training.evaluate``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.settings import ROOT
from core.training import recipe as base
from core.training.provenance import Release
from core.training.recipe import Schedule

RELEASES = (Release("ecg", "1.1.0", "PTB-XL 1.0.3, folds 1-8 (CC BY 4.0, Wagner et al. 2020)"),)


class Member(BaseModel):
    """One network of the ensemble: trained on mixed records, then perhaps briefly on whole ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str
    schedule: Schedule
    cool_down: Schedule | None = None  # without mixup, from the averaged weights on
    batch: int = 64
    mixup: float = 0.3


class Recipe(base.Recipe):
    """The defaults are the recipe of the shipped weights."""

    data: Path = Field(examples=["PTB-XL"])
    name: str = "ecg"
    out: Path = ROOT / "weights" / "ecg"
    members: tuple[Member, ...] = (
        Member(preset="residual", schedule=Schedule(epochs=24, seed=1)),
        Member(preset="state_space", schedule=Schedule(epochs=20, seed=2),
               cool_down=Schedule(epochs=4, learning_rate=5e-4, warm_up=0.0, seed=102)),
    )
    text_encoder: str = "minilm"
    alignment: Schedule = Schedule(epochs=40, learning_rate=3e-3, precision="fp32")
    decoder: Schedule = Schedule(epochs=4, learning_rate=3e-3)
    records: int = 0  # train on the first so many records only; 0: all (a quick look, a learning curve)


class Delineation(BaseModel):
    """How the delineation network is trained; the defaults are the recipe of the shipped weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "ecg_delineation"
    widths: tuple[int, ...] = (32, 56, 80)
    kernel: int = 7
    steps: int = 600
    batch: int = 12
    leads: int = 4  # of the twelve, drawn anew for each batch
    crop: int = 1024  # samples at 250 Hz
    learning_rate: float = 4e-3
    weight_decay: float = 0.02
    average: float = 0.99  # decay of the running mean of the weights
    peak_weight: float = 0.5
    seed: int = 1

    @property
    def arguments(self) -> dict[str, Any]:
        return {"widths": list(self.widths), "kernel": self.kernel}


class DelineationRecipe(Delineation, base.Recipe):
    """With its data, LUDB, and the place of its weights."""

    data: Path = Field(examples=["LUDB"])
    out: Path = ROOT / "weights" / "ecg_delineation"

    @property
    def network(self) -> Delineation:
        """The same wherever the files lie."""
        return Delineation(**{key: getattr(self, key) for key in Delineation.model_fields})


class RiskRecipe(base.Recipe):
    """Fine-tuning for a time to an event (``core.ecg.training.risk``): your own outcomes, or the proof on a simulated hazard."""

    data: Path = Field(examples=["PTB-XL"])
    outcomes: Path | None = Field(None, examples=["FILE"])  # CSV: ecg_id, time, event; None: simulated
    name: str = "ecg_risk"
    out: Path = ROOT / "weights" / "ecg_risk"
    weights: str = "ecg"  # of the encoder that it starts from
    records: int = Field(4000, ge=1)  # training records at most
    alpha: float = Field(0.5, ge=0, le=1)  # weight of the reconstruction beside the risk
    batch: int = Field(64, ge=2)
    schedule: Schedule = Schedule(epochs=4, learning_rate=5e-4)


ALSO = {  # beside the room's weights: title, recipe, what trains it
    "risk": ("Risk: fine-tuning for a time to an event", RiskRecipe, "core.ecg.training.risk:train"),
    "delineation": ("Delineation: P, QRS and T", DelineationRecipe, "core.ecg.training.delineation_train:train_recipe"),
}
