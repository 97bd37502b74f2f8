"""Fitting of the networks: one localiser and one segmenter per fold of scans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from core.cmr.frame import SIDE, Frame, frame_of
from core.cmr.model import PRESETS, WINDOW, CmrNet
from core.cmr.training.augment import anywhere, around_heart, seed
from core.cmr.training.data import FOLDS, Scan, identity_of
from core.cmr.training.losses import locating_loss, segmenting_loss
from core.cmr.training.recipe import Recipe
from core.progress import Done
from core.training.loop import fit
from core.training.recipe import chosen
from core.training.runs import start


def arguments_of(recipe: Recipe) -> dict[str, Any]:
    """Of the network: those of the preset, with a member for each fold.

    Raises:
        RecipeError: no such preset.
    """
    return {**chosen(PRESETS, recipe.preset), "members": FOLDS}


def fresh(recipe: Recipe) -> CmrNet:
    torch.manual_seed(recipe.schedule.seed)
    return CmrNet(**arguments_of(recipe)).to(memory_format=torch.channels_last)


def fit_localiser(net: nn.Module, scans: list[Scan], recipe: Recipe, fold: int, done: Done | None = None) -> nn.Module:
    """The same for every preset, so that their localisers are trained once."""
    network = {"arguments": arguments_of(recipe)["localiser"], "side": WINDOW, "seed": recipe.schedule.seed}
    run = start("cmr", f"{recipe.name}-localiser-fold{fold}", recipe=recipe.localiser.model_dump() | {"batch": recipe.batch},
                data=identity_of(scans), architecture=network)
    return fit(net, *_batches(scans, anywhere, WINDOW, recipe.batch), locating_loss, recipe.localiser, run, done=done).cpu()


def fit_segmenter(net: nn.Module, scans: list[Scan], recipe: Recipe, fold: int, done: Done | None = None) -> nn.Module:
    network = {"arguments": arguments_of(recipe)["arguments"], "side": SIDE}
    run = start("cmr", f"{recipe.name}-{recipe.preset}-fold{fold}", recipe=recipe.schedule.model_dump() | {"batch": recipe.batch},
                data=identity_of(scans), architecture=network)
    return fit(net, *_batches(scans, around_heart, SIDE, recipe.batch), segmenting_loss, recipe.schedule, run, done=done).cpu()


def _batches(
    scans: list[Scan], view: Callable[[Scan, Frame, int, int], tuple[Tensor, Tensor]], side: int, batch: int
) -> tuple[Callable[[int], Iterator[tuple[Tensor, Tensor]]], int]:
    """Every slice once an epoch, newly distorted."""
    frames = [frame_of(scan.labels > 0) for scan in scans]
    items = [(i, z) for i, scan in enumerate(scans) for z in range(len(scan.slices)) if frames[i] is not None]
    steps = max(len(items) // batch, 1)

    def batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        seed(int(torch.randint(2**31, ())))
        for chunk in torch.randperm(len(items))[: steps * batch].split(batch):
            drawn = [view(scans[i], frames[i], z, side) for i, z in (items[k] for k in chunk.tolist())]
            x = torch.stack([image for image, _ in drawn]).contiguous(memory_format=torch.channels_last)
            yield x, torch.stack([labels for _, labels in drawn])

    return batches, steps
