"""The recipe of the chest X-ray weights.

``tuned``, on ten thousand films and more, trains encoder, fusion and scores together (``core.cxr.training.encoder``); so the
shipped weights were made. On about 1,400 films a frozen image encoder is read out; everything on top of it is learned from
feature maps that are computed once:

1. a linear probe per label, the start of the network's direct path (Kumar et al. 2022, arXiv 2202.10054),
2. the fusion with the note, from there on, with the note left out of every third film,
3. the low-rank, multi-aspect scores with the truncated nuclear norm (arXiv 2404.18933, 2403.07636),
4. all of it once per fold of patients, whose unseen films calibrate and are reported,
5. the input gate (``core.cxr.gate``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from core.settings import ROOT
from core.training import recipe as base
from core.training.provenance import Release
from core.training.recipe import Schedule

RELEASES = (Release("cxr", "1.1.0",
                    "NIH ChestX-ray14, 14958 films (Wang et al. 2017); Kermany, 2887 children's films (CC BY 4.0, Kermany et al. "
                    "2018); ImageNet backbone (Keras Applications, Apache-2.0)", {"tuned": True, "preset": "tuned"}),)


class Stage(Schedule):
    """Of the encoder: ``side`` pixels of the films, with no more detail than ``finest`` pixels; its first layers and
    ``still`` stages keep their ImageNet filters, which halves the time."""

    side: int = 128
    finest: int = 80
    still: int = 2


class Recipe(base.Recipe):
    """The defaults read a frozen encoder out; RELEASES has what the shipped weights changed."""

    data: Path = Field(examples=["DIR"])
    pretrained: Path = Field(examples=["FILE"])  # state dict of the backbone, safetensors
    text_encoder: str = "minilm"  # emilyalsentzer/Bio_ClinicalBERT for the published preset
    outliers: Path | None = Field(None, examples=["DIR"])  # pictures of other things, a folder per kind, to measure the gate on
    hospital: Path | None = Field(None, examples=["DIR"])  # films of a hospital that is not learned from, to measure the gate on
    name: str = "cxr"
    out: Path = ROOT / "weights" / "cxr"
    preset: str = "compact"
    heads: int | None = Field(None, ge=1)  # of the fusion's attention; None: the preset's
    dropout: float | None = Field(None, ge=0, lt=1)  # of the fusion; None: the preset's
    notes: Literal["fields", "generated"] = "fields"  # "generated": written from the labels (core.cxr.training.note_generator)
    freeze: bool = True  # read a frozen image encoder out; False trains everything end to end, which wants a GPU
    tuned: bool = False  # train encoder and all on it together (core.cxr.training.encoder): wants ten thousand films
    small: Stage = Stage(side=96, finest=256, epochs=3, learning_rate=6e-4, averaging=0.998, precision="fp32", seed=3)
    large: Stage = Stage(side=128, finest=80, epochs=3, learning_rate=4e-4, averaging=0.998, precision="fp32", seed=4)
    views: int = 2  # distorted views of each film, the undistorted one among them
    probe_strength: float = 1e-3  # C of the logistic regressions; standardised features
    # the published hyperparameters are learning_rate 1e-4, weight_decay 0.01, 10 to 20 epochs, batch 16 or 32
    fusion: Schedule = Schedule(epochs=8, learning_rate=2e-4, averaging=0.98, precision="fp32", seed=1)
    aspects: Schedule = Schedule(epochs=12, learning_rate=1e-3, averaging=0.98, precision="fp32", seed=2)
    note_dropout: float = 0.3
    eta: float = 1e-2  # weight of the truncated nuclear norm
    kept_rank: int = 16
    batch: int = 64
    gate_pictures: int = Field(800, ge=10)  # of every kind that is no proper film, for the input gate
