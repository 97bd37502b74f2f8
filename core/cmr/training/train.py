"""The recipe of the cardiac MR weights.

One localiser and one segmenter per fold of cases; together they are the ensemble that ships, and each is judged on the
cases of its own fold, which it has not seen (``core.cmr.training.crossval``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from monai.losses.dice import DiceLoss
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn
from torch.nn import functional as F

from core.cmr.frame import SIDE, Frame, frame_of
from core.cmr.model import PRESETS, WINDOW, CmrNet
from core.cmr.training.augment import anywhere, around_heart, seed
from core.cmr.training.data import Case
from core.settings import ROOT
from core.training.loop import Schedule, fit
from core.training.runs import start

SCHEDULES = {"unet": Schedule(epochs=130, learning_rate=2e-3, weight_decay=0.01, averaging=0.99, seed=2),
             "dae_former": Schedule(epochs=45, learning_rate=1e-3, weight_decay=0.01, averaging=0.99, seed=2)}


class Recipe(BaseModel):
    """The defaults are the recipe of the shipped weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path
    name: str = "cmr"
    out: Path = ROOT / "weights" / "cmr"
    preset: str = "unet"
    localiser: Schedule = Schedule(epochs=40, learning_rate=2e-3, weight_decay=0.01, averaging=0.99, seed=1)
    segmenter: Schedule | None = None  # None: that of the preset
    batch: int = 16

    @property
    def schedule(self) -> Schedule:
        return self.segmenter or SCHEDULES.get(self.preset, SCHEDULES["dae_former"])


def train(recipe: Recipe) -> Path:
    """Train the members, cross-validate, calibrate, measure; returns the weights folder."""
    from core.cmr.training.crossval import run

    return run(recipe)


def fresh(recipe: Recipe) -> CmrNet:
    torch.manual_seed(recipe.schedule.seed)
    return CmrNet(**PRESETS[recipe.preset]).to(memory_format=torch.channels_last)


def fit_localiser(net: nn.Module, cases: list[Case], recipe: Recipe, fold: int) -> nn.Module:
    """The same for every preset, so that their localisers are trained once."""
    run = start("cmr", f"{recipe.name}-localiser-fold{fold}", recipe.localiser.model_dump())
    return fit(net, *_batches(cases, anywhere, WINDOW, recipe.batch), locating_loss, recipe.localiser, run).cpu()


def fit_segmenter(net: nn.Module, cases: list[Case], recipe: Recipe, fold: int) -> nn.Module:
    run = start("cmr", f"{recipe.name}-{recipe.preset}-fold{fold}", recipe.schedule.model_dump())
    return fit(net, *_batches(cases, around_heart, SIDE, recipe.batch), segmenting_loss, recipe.schedule, run).cpu()


def _batches(
    cases: list[Case], view: Callable[[Case, Frame, int, int], tuple[Tensor, Tensor]], side: int, batch: int
) -> tuple[Callable[[int], Iterator[tuple[Tensor, Tensor]]], int]:
    """Every slice once an epoch, newly distorted."""
    frames = [frame_of(case.labels > 0) for case in cases]
    items = [(i, z) for i, case in enumerate(cases) for z in range(len(case.slices)) if frames[i] is not None]
    steps = max(len(items) // batch, 1)

    def batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        seed(int(torch.randint(2**31, ())))
        for chunk in torch.randperm(len(items))[: steps * batch].split(batch):
            drawn = [view(cases[i], frames[i], z, side) for i, z in (items[k] for k in chunk.tolist())]
            x = torch.stack([image for image, _ in drawn]).contiguous(memory_format=torch.channels_last)
            yield x, torch.stack([labels for _, labels in drawn])

    return batches, steps


_dice = DiceLoss(batch=True, smooth_nr=1.0, smooth_dr=1.0)
# the infarct is the smallest of what is reported and counts most; no-reflow, which few slices have, least
_dice_of_regions = DiceLoss(batch=True, smooth_nr=1.0, smooth_dr=1.0, weight=(1.5, 1.5, 3.0, 0.5))


def locating_loss(net: nn.Module, x: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy and Dice of the left ventricle."""
    logits, truth = net(x).float(), (labels > 0).float()[:, None]
    return F.binary_cross_entropy_with_logits(logits, truth) + _dice(logits.sigmoid(), truth)


def segmenting_loss(net: nn.Module, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """Cross-entropy of the five labels and Dice of what is reported: cavity, myocardium (2+3+4), infarct (3+4)."""
    logits = net(x).float()
    truth = regions(F.one_hot(labels, logits.shape[1]).permute(0, 3, 1, 2).float())
    dice = _dice_of_regions(regions(logits.softmax(1)), truth)
    entropy = F.cross_entropy(logits, labels)
    return {"loss": entropy + dice, "entropy": entropy, "dice": dice}


def regions(p: Tensor) -> Tensor:
    """``[batch, 5, ...]`` label probabilities -> cavity, myocardium, infarct, no-reflow ``[batch, 4, ...]``."""
    return torch.stack([p[:, 1], p[:, 2:].sum(1), p[:, 3:].sum(1), p[:, 4]], 1)


