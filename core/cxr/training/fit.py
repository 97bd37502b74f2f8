"""Fitting of probe, fusion and low-rank scores, on a frozen image encoder or end to end."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional as F

from core.cxr.aspects import embed_labels
from core.cxr.image import augment, tensor
from core.cxr.labels import LABELS
from core.cxr.lowrank import LowRank, truncated_nuclear_norm
from core.cxr.model import LONGEST_NOTE, PRESETS, CxrNet
from core.cxr.training.data import Films
from core.cxr.training.features import feature_maps
from core.cxr.training.outputs import note_states
from core.cxr.training.recipe import Recipe
from core.plugins.catalogue import PLUGINS
from core.plugins.rule import installed
from core.progress import Done
from core.text import encoder as text_encoder
from core.text import token_states
from core.training import identity
from core.training.loop import fit
from core.training.recipe import RecipeError, chosen
from core.training.runs import start
from core.training.steps import parts
from core.weights import WEIGHTS

ELSEWHERE = {"data", "pretrained", "outliers", "hospital", "out", "name"}  # settings that say where, not what


def arguments_of(recipe: Recipe) -> dict[str, Any]:
    """Of the network: those of the preset, with the recipe's own heads and dropout.

    Raises:
        RecipeError: no such preset, or heads that do not divide its width.
    """
    arguments = dict(chosen(PRESETS, recipe.preset))
    if recipe.heads is not None:
        if recipe.heads < 1 or arguments["width"] % recipe.heads:
            raise RecipeError(f"{recipe.heads} heads do not divide the width {arguments['width']}.", "Take 4 or 8, or 12 of 768.")
        arguments["heads"] = recipe.heads
    if recipe.dropout is not None:
        arguments["dropout"] = recipe.dropout
    return arguments


def pretrained(recipe: Recipe) -> CxrNet:
    """The network with the backbone's published weights, the rest fresh.

    Raises:
        RecipeError: as of ``arguments_of``.
    """
    torch.manual_seed(recipe.fusion.seed)
    model_arguments = arguments_of(recipe)
    model = CxrNet(**model_arguments)
    # a plug-in's file is taken from where its rule has checked it, whatever the recipe names
    plugin = next((one for one in PLUGINS if one.mark == model_arguments["backbone"]), None)
    source = installed(plugin) / WEIGHTS if plugin else recipe.pretrained
    state = {k: v.float() for k, v in load_file(source).items()}
    model.encoder.net.load_state_dict({k: v for k, v in state.items() if k in model.encoder.net.state_dict()})
    if model.text is not None:
        model.text.load_state_dict(text_encoder(recipe.text_encoder).model.state_dict())
    nn.init.zeros_(model.head[-1].weight)  # the network starts as its linear probe
    nn.init.zeros_(model.head[-1].bias)
    return model.to(memory_format=torch.channels_last).eval()


def fit_network(
    model: CxrNet, films: Films, maps: np.ndarray, rows: np.ndarray, recipe: Recipe, name: str, done: Done | None = None
) -> tuple[CxrNet, np.ndarray]:
    """Train probe, fusion and low-rank scores on the given rows; returns the network and its feature maps of all films.

    Args:
        maps: feature maps of the pretrained image encoder; they stay true while it is frozen.
        done: counts in epochs.
    """
    known = {"recipe": recipe.model_dump(mode="json", exclude=ELSEWHERE), "data": films.identity(rows),
             "architecture": {"preset": arguments_of(recipe), "encoder": identity.of_weights(model.encoder.state_dict())}}
    first, second = parts(done, [recipe.fusion.epochs, recipe.aspects.epochs])
    if not recipe.freeze:
        model = fit_end_to_end(model, films, rows, recipe, name, known, first)
        maps = feature_maps(model.encoder, films, recipe.views)
    pooled = np.asarray(maps[:, rows].mean((-2, -1), dtype=np.float32))
    probe = copy.deepcopy(model.direct)
    fit_probe(probe, pooled, films.targets[rows], recipe.probe_strength)
    if recipe.freeze:
        model.direct = copy.deepcopy(probe)
        model = fit_fusion(model, films, maps, rows, recipe, name, known, first)
    scores = model.aspects.requires_grad_(True)
    model.aspects = fit_aspects(scores, probe, pooled, films.targets[rows], recipe, name, known, second)
    return model.eval().requires_grad_(False), maps


@torch.no_grad()
def fit_probe(direct: nn.Linear, pooled: np.ndarray, targets: np.ndarray, strength: float) -> None:
    """One ridge logistic regression per label on standardised pooled features ``[views, n, width]``."""
    mean, spread = pooled.mean((0, 1)), pooled.std((0, 1)) + 1e-6
    standard = (pooled - mean) / spread
    direct.weight.zero_()
    direct.bias.zero_()
    for k in range(len(LABELS)):
        known = ~np.isnan(targets[:, k])
        truth = targets[known, k]
        if truth.size == 0 or truth.min() == truth.max():
            continue
        probe = LogisticRegression(C=strength, max_iter=300).fit(
            standard[:, known].reshape(-1, standard.shape[-1]), np.tile(truth, len(standard)))
        weight = probe.coef_[0] / spread
        direct.weight[k] = torch.from_numpy(weight)
        direct.bias[k] = float(probe.intercept_[0] - weight @ mean)


def fit_end_to_end(
    model: CxrNet, films: Films, rows: np.ndarray, recipe: Recipe, name: str, known: dict[str, Any], done: Done | None = None
) -> CxrNet:
    """Train image encoder, the model's own text encoder if it has one, and fusion on distorted films."""
    targets, notes = torch.from_numpy(films.targets), [films.notes[row] for row in rows]
    if model.text is None:
        words, silent = note_states(notes, model, recipe.text_encoder)
    else:
        words, mask, _ = text_encoder(recipe.text_encoder).tokens(notes, LONGEST_NOTE)
        silent = mask == 0
    batch = min(recipe.batch, len(rows))
    steps = len(rows) // batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        for chunk in torch.randperm(len(rows))[: steps * batch].split(batch):
            images = augment(torch.from_numpy(films.images[rows[chunk.numpy()]]))
            gone = torch.rand(len(chunk), 1) < recipe.note_dropout
            yield tensor(images), words[chunk], silent[chunk], gone, targets[rows[chunk.numpy()]]

    def loss(net: CxrNet, pixels: Tensor, note: Tensor, quiet: Tensor, gone: Tensor, truth: Tensor) -> Tensor:
        states, padding = (note.float(), quiet) if net.text is None else token_states(net.text, note, (~quiet).long())
        return masked_loss(net(pixels, states, padding | gone), truth)

    return fit(model, batches, steps, loss, recipe.fusion, start("cxr", f"{name}-whole", **known), done=done).cpu()


def fit_fusion(
    model: CxrNet, films: Films, maps: np.ndarray, rows: np.ndarray, recipe: Recipe, name: str, known: dict[str, Any],
    done: Done | None = None,
) -> CxrNet:
    model.encoder.requires_grad_(False)
    targets = torch.from_numpy(films.targets)
    labelled = rows[~np.isnan(films.targets[rows, :-1]).all(1)]  # children's films carry no label of the fusion
    states, padding = note_states([films.notes[row] for row in labelled], model, recipe.text_encoder)
    steps = max(len(labelled) // recipe.batch, 1)

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        order, views = torch.randperm(len(labelled)), torch.randint(len(maps), (len(labelled),))
        for chunk in order[: steps * recipe.batch].split(recipe.batch):
            features = torch.from_numpy(np.stack([maps[views[i], labelled[i]] for i in chunk.tolist()])).float()
            hidden = padding[chunk] | (torch.rand(len(chunk), 1) < recipe.note_dropout)
            yield features, states[chunk].float(), hidden, targets[labelled[chunk.numpy()]]

    def loss(net: CxrNet, features: Tensor, words: Tensor, hidden: Tensor, truth: Tensor) -> Tensor:
        return masked_loss(net.fuse(features, words, hidden), truth)

    return fit(model, batches, steps, loss, recipe.fusion, start("cxr", f"{name}-fusion", **known), done=done).cpu()


def fit_aspects(
    scores: LowRank, probe: nn.Linear, pooled: np.ndarray, targets: np.ndarray, recipe: Recipe, name: str,
    known: dict[str, Any], done: Done | None = None,
) -> LowRank:
    """Train the low-rank scores on pooled features ``[views, n, width]``.

    They learn the probe's probabilities, not the labels (distillation, Hinton et al. 2015, arXiv 1503.02531): from so
    few films the labels themselves are learned by heart within ten epochs.
    """
    texts = torch.from_numpy(embed_labels(text_encoder(recipe.text_encoder))).float()
    x = torch.from_numpy(pooled)
    with torch.no_grad():
        soft = probe(x).sigmoid().masked_fill(torch.from_numpy(np.isnan(targets)), torch.nan)
    count, batch = x.shape[1], min(recipe.batch, x.shape[1])
    steps = count // batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        views = torch.randint(len(x), (count,))
        for chunk in torch.randperm(count)[: steps * batch].split(batch):
            yield x[views[chunk], chunk], soft[views[chunk], chunk]

    def loss(net: LowRank, features: Tensor, truth: Tensor) -> dict[str, Tensor]:
        low = net.features(features)
        entropy, norm = masked_loss(net.score(low, texts), truth), truncated_nuclear_norm(low, recipe.kept_rank)
        return {"loss": entropy + recipe.eta * norm, "entropy": entropy, "nuclear_norm": norm}

    run = start("cxr", f"{name}-aspects", **known)
    # whole: the rank is that of the batch's features
    return fit(scores, batches, steps, loss, recipe.aspects, run, whole=True, done=done).cpu()


def masked_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Binary cross-entropy over the labels that the dataset speaks of; NaN in ``truth`` is left out."""
    known = ~truth.isnan()
    return F.binary_cross_entropy_with_logits(logits.float()[known], truth[known])
