"""The recipe of the ECG weights, stage by stage; every stage resumes where it stopped.

1. each member network on all 99 labels (71 statements and their sub- and superclasses),
2. the members joined into one encoder, frozen; report alignment, then the reconstruction decoder on it,
3. calibration and operating points on one half of fold 9, figures on the other (``core.ecg.training.evaluate``).
"""

from __future__ import annotations

from pathlib import Path

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
