"""What a network that was trained whole says of patients it never saw, and its readout of children's films."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from core.cxr.labels import LABELS
from core.cxr.model import CxrNet
from core.cxr.training.data import FOLDS, Films
from core.cxr.training.encoder import held_out
from core.cxr.training.features import feature_maps
from core.cxr.training.fit import fit_probe
from core.cxr.training.input_gate import learns_from
from core.cxr.training.outputs import aspect_logits, logits
from core.cxr.training.recipe import Recipe
from core.cxr.training.scores import CHILD
from core.progress import Done

Seen = dict[str, np.ndarray]


def unseen(model: CxrNet, films: Films, recipe: Recipe, done: Done | None = None) -> tuple[Seen, np.ndarray]:
    """Logits ``[n, labels]`` with the note, without it and of the low-rank scores, NaN for films that were learned from; and
    pooled features ``[1, n, width]`` of these, of children and of what the gate learns from, NaN of the rest. The model's
    readout of children is fitted."""
    rows = np.flatnonzero(held_out(films) | films.child)
    looked = np.union1d(rows, learns_from(films))
    some = replace(films, images=np.array(films.images[looked]))
    maps = feature_maps(model.encoder, some, 1, done=done)
    pooled = np.full((1, len(films), maps.shape[2]), np.nan, np.float32)
    pooled[:, looked] = maps.mean((-2, -1), dtype=np.float32)
    children = fit_children(model, films, pooled, recipe.probe_strength)
    seen = {kind: np.full((len(films), len(LABELS)), np.nan, np.float32) for kind in ("note", "image", "aspects")}
    own = replace(films, notes=tuple(films.notes[row] for row in looked))
    at = np.searchsorted(looked, rows)
    seen["note"][rows] = logits(model, own, maps, at, recipe.text_encoder)
    seen["image"][rows] = logits(model, own, maps, at, recipe.text_encoder, note=False)
    seen["aspects"][rows] = aspect_logits(model, maps, at, recipe.text_encoder)
    for kind in ("note", "image"):
        seen[kind][:, CHILD] = children
    return seen, pooled


@torch.no_grad()
def fit_children(model: CxrNet, films: Films, pooled: np.ndarray, strength: float) -> np.ndarray:
    """Put a linear readout of child pneumonia into the model; its logits ``[n]`` of unseen children, by fold of patients."""
    targets = np.full_like(films.targets, np.nan)
    targets[:, CHILD] = films.targets[:, CHILD]
    known, found = ~np.isnan(targets[:, CHILD]), np.full(len(films), np.nan, np.float32)
    for fold in range(FOLDS):
        probe, held = nn.Linear(pooled.shape[-1], len(LABELS)), known & (films.fold == fold)
        fit_probe(probe, pooled[:, known & (films.fold != fold)], targets[known & (films.fold != fold)], strength)
        found[held] = probe(torch.from_numpy(pooled[0, held]))[:, CHILD].numpy()
    probe = nn.Linear(pooled.shape[-1], len(LABELS))
    fit_probe(probe, pooled[:, known], targets[known], strength)
    model.direct.weight[CHILD], model.direct.bias[CHILD] = probe.weight[CHILD], probe.bias[CHILD]
    model.head[-1].weight[CHILD], model.head[-1].bias[CHILD] = 0, 0
    return found
