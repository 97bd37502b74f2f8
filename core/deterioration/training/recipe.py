"""The recipe of the deterioration weights: five-fold validation, then the fit on all stays, with the thresholds of the former."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from core.settings import ROOT
from core.training import recipe as base
from core.training.provenance import Release
from core.training.recipe import Schedule

DATA = "PhysioNet/CinC Challenge 2012 set A, 3,946 stays, 553 deaths in hospital (ODC-By 1.0, Silva et al. 2012)"
RELEASES = (Release("deterioration", "1.1.0", DATA),)


class Recipe(base.Recipe):
    """The defaults are the recipe of the shipped weights; ``data`` holds set-a/ and Outcomes-a.txt."""

    data: Path = Field(examples=["PHYSIONET2012"])
    name: str = "deterioration"
    out: Path = ROOT / "weights" / "deterioration"
    eicu: Path | None = Field(None, examples=["EICU_DEMO"])  # real text beside vital signs: measured, not learned from
    ktas: Path | None = Field(None, examples=["KTAS"])
    members: int = 3
    batch: int = 64
    schedule: Schedule = Schedule(epochs=10, weight_decay=0.3, averaging=0.99, precision="fp32")
    note: Schedule = Schedule(epochs=30, weight_decay=0.3, averaging=0.99, precision="fp32")
    published: Schedule = Schedule(epochs=12, learning_rate=1e-3, averaging=0.99, precision="fp32", patience=4, watch="AUROC")
    published_too: bool = True  # the network of the source, on the same folds

    @property
    def schedules(self) -> tuple[Schedule, Schedule]:
        """Of the whole network, and of its note pathway alone."""
        return self.schedule, self.note
