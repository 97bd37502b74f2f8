"""What a network says of many films."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.calibration import Platt
from core.cxr.aspects import embed_labels
from core.cxr.image import tensor
from core.cxr.model import LONGEST_NOTE, CxrNet
from core.cxr.training.data import Films
from core.cxr.training.features import upright
from core.progress import Done
from core.text import encoder as text_encoder
from core.text import token_states
from core.training.steps import counted
from core.weights import Config


@torch.no_grad()
def note_states(notes: list[str], model: CxrNet, name: str, batch: int = 64) -> tuple[Tensor, Tensor]:
    """Token states ``[n, m, size]`` float16 and padding ``[n, m]``; equal notes are read once.

    They come from the model's own text encoder if it has one, else from the one of that name.
    """
    named, different = text_encoder(name), sorted(set(notes))
    bert, kept = named.model if model.text is None else model.text, {}
    for first in range(0, len(different), batch):
        ids, mask, _ = named.tokens(different[first: first + batch], LONGEST_NOTE)
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


@torch.no_grad()
def probabilities(
    model: CxrNet, config: Config, films: Films, rows: np.ndarray, done: Done | None = None, batch: int = 32
) -> np.ndarray:
    """Calibrated, ``[n, labels]`` of the pixels and the note; NaN for labels that were not trained."""
    states, padding = note_states([films.notes[row] for row in rows], model, config.extra["text_encoder"]["id"])
    found = []
    for first in counted(range(0, len(rows), batch), "films", done):
        part = slice(first, first + batch)
        found.append(model(tensor(upright(films.images[rows[part]])), states[part].float(), padding[part]))
    raw = torch.cat(found).numpy()
    p = np.stack([Platt(**scale).probability(raw[:, k]) for k, scale in enumerate(config.extra["calibration"])], 1)
    return np.where(config.extra["trained"], p, np.nan)


@torch.no_grad()
def pooled_features(model: CxrNet, images: Tensor, batch: int = 64) -> np.ndarray:
    """``[n, width]`` of upright pixels ``[n, 224, 224]`` uint8."""
    return torch.cat([model.encoder(tensor(part)).mean((2, 3)) for part in images.split(batch)]).numpy()
