"""Image encoder, fusion and low-rank scores trained together on many small films, some patients kept apart.

One network is trained, not one per fold: every film of a patient who has one in the enriched part of ChestX-ray14 is left
out, and the figures are of that part. Films come in several sizes, and how sharp one is says which collection it is of
and so what it shows: all are reduced to the detail of most. Without that the enriched part, which is sharper, is judged by
its sharpness (0.59 instead of 0.68 after three epochs). Low resolution first, then higher, costs half the time (Tan and
Le 2021, arXiv 2104.00298). Labels are balanced by the square root of their odds; mirror, position, exposure and sharpness
of the films vary.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.cxr.aspects import embed_labels
from core.cxr.image import augment, coarsened, tensor
from core.cxr.lowrank import truncated_nuclear_norm
from core.cxr.model import PRESETS, CxrNet
from core.cxr.training.data import Films
from core.cxr.training.outputs import note_states
from core.cxr.training.recipe import Recipe, Stage
from core.cxr.training.scores import NIH_COLUMNS
from core.metrics import macro_auc
from core.progress import Done
from core.text import encoder as text_encoder
from core.training import cache, identity
from core.training.loop import fit
from core.training.runs import start
from core.training.steps import parts

SPARE = 1.125  # side of what is kept of a film over that of what is cut out of it
SOFT = 0.3  # share of films shown at half their resolution
HEAVIEST = 4.0  # weight of a rare finding
ASPECTS = 0.5  # weight of the low-rank scores
SHARED = {"batch", "note_dropout", "eta", "kept_rank", "text_encoder", "notes"}  # settings that both stages depend on


def held_out(films: Films) -> np.ndarray:
    """``[n]``: films of patients the encoder never sees: those of the enriched part, else fold 0."""
    part = films.enriched if films.enriched.any() else films.fold == 0
    return np.isin(films.patient, np.unique(films.patient[part]))


def learned(films: Films) -> np.ndarray:
    """Rows to learn from: of the other patients, adults, with a label of the fusion."""
    return np.flatnonzero(~held_out(films) & ~films.child & ~np.isnan(films.targets[:, :-1]).all(1))


def smaller(films: Films, side: int, finest: int) -> np.ndarray:
    """The films at ``side`` pixels ``[n, side, side]`` uint8, none with more detail than ``finest`` pixels; cached."""
    def fill(result: np.ndarray) -> None:
        for first in range(0, len(films), 256):
            x = torch.from_numpy(np.array(films.images[first: first + 256])).unsqueeze(1).float()
            x = coarsened(x, finest, side)
            result[first: first + 256] = x.squeeze(1).round().to(torch.uint8).numpy()

    sample = identity.of_rows(np.arange(0, len(films), 16), films.images)
    key = identity.digest([side, finest, films.files, len(films), sample])
    return cache.kept("cxr-small", key, (len(films), side, side), np.uint8, fill)


def softened(images: Tensor) -> Tensor:
    """``[batch, side, side]`` uint8, some of them at half their resolution."""
    x = images.unsqueeze(1).float()
    soft = F.interpolate(F.interpolate(x, scale_factor=0.5, mode="bilinear", antialias=True), x.shape[2:], mode="bilinear")
    chosen = torch.rand(len(x), 1, 1, 1) < SOFT
    return torch.where(chosen, soft, x).squeeze(1).round().to(torch.uint8)


def fit_encoder(model: CxrNet, films: Films, recipe: Recipe, done: Done | None = None) -> CxrNet:
    """The network with the pretrained backbone, trained on the films of all patients but those held out."""
    first, second = parts(done, [recipe.small.epochs, recipe.large.epochs])
    told = functools.cache(lambda: read_notes(films, model, recipe.text_encoder))
    model = fit_stage(model, films, recipe, "small", told, first).requires_grad_(True)
    return fit_stage(model, films, recipe, "large", told, second).eval().requires_grad_(False)


def read_notes(films: Films, model: CxrNet, encoder: str) -> tuple[Tensor, Tensor, Tensor]:
    """Token states and padding of the different notes, and which one is whose ``[n]``."""
    different, which = np.unique(np.array(films.notes, dtype=object), return_inverse=True)
    return *note_states(list(different), model, encoder), torch.from_numpy(which)


def fit_stage(
    model: CxrNet, films: Films, recipe: Recipe, name: Literal["small", "large"],
    told: Callable[[], tuple[Tensor, Tensor, Tensor]], done: Done | None = None,
) -> CxrNet:
    """One resolution. ``told``: of ``read_notes``, asked for once there is something to learn."""
    stage: Stage = getattr(recipe, name)
    rows, judged = learned(films), np.flatnonzero(held_out(films) & (films.enriched | ~films.enriched.any()))
    targets = torch.from_numpy(films.targets)
    weight = balance(films.targets[rows])
    texts = torch.from_numpy(embed_labels(text_encoder(recipe.text_encoder))).float()
    begun, images = model.state_dict(), smaller(films, round(stage.side * SPARE), stage.finest)
    for part in (model.encoder.net.conv_stem, model.encoder.net.bn1, *model.encoder.net.blocks[: stage.still]):
        part.requires_grad_(False)
    batch = min(recipe.batch, len(rows))
    steps = len(rows) // batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        words, silent, which = told()
        for chunk in torch.randperm(len(rows))[: steps * batch].split(batch):
            chosen = np.sort(rows[chunk.numpy()])
            pixels = augment(softened(torch.from_numpy(images[chosen])), side=stage.side)
            hidden = silent[which[chosen]] | (torch.rand(batch, 1) < recipe.note_dropout)
            yield tensor(pixels), words[which[chosen]], hidden, targets[chosen]

    def loss(net: CxrNet, pixels: Tensor, note: Tensor, hidden: Tensor, truth: Tensor) -> dict[str, Tensor]:
        features = net.encoder(pixels)
        low = net.aspects.features(features.mean((2, 3)))
        fused = balanced_loss(net.fuse(features, note.float(), hidden), truth, weight)
        scores = balanced_loss(net.aspects.score(low, texts), truth, weight)
        norm = truncated_nuclear_norm(low, recipe.kept_rank)
        return {"loss": fused + ASPECTS * (scores + recipe.eta * norm), "fused": fused, "scores": scores}

    @torch.no_grad()
    def validate(net: CxrNet) -> dict[str, float]:
        net.eval()
        words, silent, which = told()
        seen = {kind: [] for kind in ("note", "image", "aspects")}
        for part in np.array_split(judged, -(-len(judged) // 32)):
            pixels = coarsened(torch.from_numpy(np.array(films.images[part])).unsqueeze(1).float(), stage.finest, stage.side)
            features, note = net.encoder(tensor(pixels.squeeze(1))), words[which[part]].float()
            hidden = silent[which[part]]
            seen["note"].append(net.fuse(features, note, hidden))
            seen["image"].append(net.fuse(features, note, torch.ones_like(hidden)))
            seen["aspects"].append(net.aspects(features.mean((2, 3)), texts))
        return {f"auc_{kind}": round(macro_auc(films.targets[judged], torch.cat(found).numpy(), NIH_COLUMNS) or float("nan"), 4)
                for kind, found in seen.items()}

    run = start("cxr", f"{recipe.name}-{name}", recipe=stage.model_dump() | recipe.model_dump(include=SHARED),
                data=films.identity(rows),
                architecture={"preset": PRESETS.get(recipe.preset), "begun": identity.of_weights(begun)})
    return fit(model, batches, steps, loss, stage, run, validate, validate_every=1, done=done).cpu()


def balance(targets: np.ndarray) -> Tensor:
    """Weight of a film with the finding ``[labels]``: the square root of its odds, 1 to ``HEAVIEST``."""
    known, found = (~np.isnan(targets)).sum(0), np.nansum(targets, 0)
    return torch.from_numpy(np.sqrt((known - found) / np.maximum(found, 1)).clip(1, HEAVIEST).astype(np.float32))


def balanced_loss(logits: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Binary cross-entropy over the labels that the dataset speaks of, findings weighted ``[labels]``."""
    known = ~truth.isnan()
    heavy = weight.to(logits.device).expand_as(logits)[known]
    return F.binary_cross_entropy_with_logits(logits.float()[known], truth[known], pos_weight=heavy)

