"""The recipe of the chest X-ray weights.

On about 1,400 films a frozen image encoder is read out; everything on top of it is learned from feature maps that are
computed once:

1. a linear probe per label, the start of the network's direct path (Kumar et al. 2022, arXiv 2202.10054),
2. the fusion with the note, from there on, with the note left out of every third film,
3. the low-rank, multi-aspect scores with the truncated nuclear norm (arXiv 2404.18933, 2403.07636),
4. all of it once per fold of patients, whose unseen films calibrate and are reported (``core.cxr.training.crossval``),
5. the input gate (``core.cxr.gate``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
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
from core.settings import ROOT, settings
from core.text import encoder as text_encoder
from core.text import token_states
from core.training.loop import Schedule, fit
from core.training.runs import start


class Recipe(BaseModel):
    """The defaults are the recipe of the shipped weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path
    pretrained: Path  # state dict of the backbone, safetensors
    text_encoder: str = settings.text_encoder  # Bio_ClinicalBERT for the published preset
    outliers: Path | None = None  # pictures of other things, one sub-folder per kind, to measure the input gate on
    name: str = "cxr"
    out: Path = ROOT / "weights" / "cxr"
    preset: str = "compact"
    freeze: bool = True  # read a frozen image encoder out; False trains everything end to end, which wants a GPU
    views: int = 2  # distorted views of each film, the undistorted one among them
    probe_strength: float = 1e-3  # C of the logistic regressions; standardised features
    # the published hyperparameters are learning_rate 1e-4, weight_decay 0.01, 10 to 20 epochs, batch 16 or 32
    fusion: Schedule = Schedule(epochs=8, learning_rate=2e-4, averaging=0.98, precision="fp32", seed=1)
    aspects: Schedule = Schedule(epochs=12, learning_rate=1e-3, averaging=0.98, precision="fp32", seed=2)
    note_dropout: float = 0.3
    eta: float = 1e-2  # weight of the truncated nuclear norm
    kept_rank: int = 16
    batch: int = 64


def train(recipe: Recipe) -> Path:
    """Cross-validate, train on everything, calibrate, measure; returns the weights folder."""
    from core.cxr.training.crossval import run

    return run(recipe)


def pretrained(recipe: Recipe) -> CxrNet:
    """The network with the backbone's published weights, the rest fresh."""
    torch.manual_seed(recipe.fusion.seed)
    model = CxrNet(**PRESETS[recipe.preset])
    state = {k: v.float() for k, v in load_file(recipe.pretrained).items()}
    model.encoder.net.load_state_dict({k: v for k, v in state.items() if k in model.encoder.net.state_dict()})
    if model.text is not None:
        model.text.load_state_dict(text_encoder(recipe.text_encoder).model.state_dict())
    nn.init.zeros_(model.head[-1].weight)  # the network starts as its linear probe
    nn.init.zeros_(model.head[-1].bias)
    return model.to(memory_format=torch.channels_last).eval()


def fit_network(
    model: CxrNet, films: Films, maps: np.ndarray, rows: np.ndarray, recipe: Recipe, name: str
) -> tuple[CxrNet, np.ndarray]:
    """Train probe, fusion and low-rank scores on the given rows; returns the network and its feature maps of all films.

    Args:
        maps: feature maps of the pretrained image encoder; they stay true while it is frozen.
    """
    if not recipe.freeze:
        model = fit_end_to_end(model, films, rows, recipe, name)
        maps = feature_maps(model.encoder, films, recipe.views)
    pooled = np.asarray(maps[:, rows].mean((-2, -1), dtype=np.float32))
    probe = copy.deepcopy(model.direct)
    fit_probe(probe, pooled, films.targets[rows], recipe.probe_strength)
    if recipe.freeze:
        model.direct = copy.deepcopy(probe)
        model = fit_fusion(model, films, maps, rows, recipe, name)
    model.aspects = fit_aspects(model.aspects.requires_grad_(True), probe, pooled, films.targets[rows], recipe, name)
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


def fit_end_to_end(model: CxrNet, films: Films, rows: np.ndarray, recipe: Recipe, name: str) -> CxrNet:
    """Train image encoder, the model's own text encoder if it has one, and fusion on distorted films."""
    targets, notes = torch.from_numpy(films.targets), [films.notes[row] for row in rows]
    if model.text is None:
        said, silent = note_states(notes, model, recipe.text_encoder)
    else:
        said, mask, _ = text_encoder(recipe.text_encoder).tokens(notes, LONGEST_NOTE)
        silent = mask == 0
    batch = min(recipe.batch, len(rows))
    steps = len(rows) // batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        for chunk in torch.randperm(len(rows))[: steps * batch].split(batch):
            images = augment(torch.from_numpy(films.images[rows[chunk.numpy()]]))
            gone = torch.rand(len(chunk), 1) < recipe.note_dropout
            yield tensor(images), said[chunk], silent[chunk], gone, targets[rows[chunk.numpy()]]

    def loss(net: CxrNet, pixels: Tensor, note: Tensor, quiet: Tensor, gone: Tensor, truth: Tensor) -> Tensor:
        states, padding = (note.float(), quiet) if net.text is None else token_states(net.text, note, (~quiet).long())
        return masked_loss(net(pixels, states, padding | gone), truth)

    run = start("cxr", f"{name}-whole", recipe.fusion.model_dump())
    return fit(model, batches, steps, loss, recipe.fusion, run).cpu()


def fit_fusion(model: CxrNet, films: Films, maps: np.ndarray, rows: np.ndarray, recipe: Recipe, name: str) -> CxrNet:
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

    def loss(net: CxrNet, features: Tensor, said: Tensor, hidden: Tensor, truth: Tensor) -> Tensor:
        return masked_loss(net.fuse(features, said, hidden), truth)

    run = start("cxr", f"{name}-fusion", recipe.fusion.model_dump())
    return fit(model, batches, steps, loss, recipe.fusion, run).cpu()


def fit_aspects(
    scores: LowRank, probe: nn.Linear, pooled: np.ndarray, targets: np.ndarray, recipe: Recipe, name: str
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

    run = start("cxr", f"{name}-aspects", recipe.aspects.model_dump())
    return fit(scores, batches, steps, loss, recipe.aspects, run).cpu()


def masked_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Binary cross-entropy over the labels that the dataset speaks of; NaN in ``truth`` is left out."""
    known = ~truth.isnan()
    return F.binary_cross_entropy_with_logits(logits.float()[known], truth[known])


@torch.no_grad()
def note_states(notes: list[str], model: CxrNet, name: str, batch: int = 64) -> tuple[Tensor, Tensor]:
    """Token states ``[n, m, size]`` float16 and padding ``[n, m]``; equal notes are read once.

    They come from the model's own text encoder if it has one, else from the one of that name.
    """
    reader, different = text_encoder(name), sorted(set(notes))
    bert, kept = reader.model if model.text is None else model.text, {}
    for first in range(0, len(different), batch):
        ids, mask, _ = reader.tokens(different[first: first + batch], LONGEST_NOTE)
        states, padding = token_states(bert, ids.to(bert.device), mask.to(bert.device))
        for text, state, gap in zip(different[first: first + batch], states, padding, strict=True):
            kept[text] = state[~gap].half().cpu()
    longest = max((len(state) for state in kept.values()), default=0)
    states = torch.zeros(len(notes), longest, bert.config.hidden_size, dtype=torch.float16)
    padding = torch.ones(len(notes), longest, dtype=torch.bool)
    for i, note in enumerate(notes):
        states[i, : len(kept[note])], padding[i, : len(kept[note])] = kept[note], False
    return states, padding


@torch.no_grad()
def logits(
    model: CxrNet, films: Films, maps: np.ndarray, rows: np.ndarray, name: str, note: bool = True, batch: int = 64
) -> np.ndarray:
    """``[n, labels]`` of the undistorted view, with or without the note; ``name`` of the text encoder."""
    states, padding = note_states([films.notes[row] if note else "" for row in rows], model, name)
    parts = [
        model.fuse(torch.from_numpy(np.array(maps[0, rows[i: i + batch]])).float(), states[i: i + batch].float(),
                   padding[i: i + batch])
        for i in range(0, len(rows), batch)
    ]
    return torch.cat(parts).numpy()


@torch.no_grad()
def aspect_logits(model: CxrNet, maps: np.ndarray, rows: np.ndarray, name: str) -> np.ndarray:
    """``[n, labels]`` of the low-rank, multi-aspect scores, undistorted view."""
    texts = torch.from_numpy(embed_labels(text_encoder(name))).float()
    pooled = torch.from_numpy(np.asarray(maps[0, rows].mean((-2, -1), dtype=np.float32)))
    return model.aspects(pooled, texts).numpy()
