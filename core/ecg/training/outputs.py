"""What a network says of many records."""

from __future__ import annotations

import numpy as np
import torch

from core.ecg.model import EcgNet, standardise
from core.ecg.training.data import PtbXl, millivolts
from core.progress import Done
from core.training.precision import half
from core.training.steps import counted


@torch.no_grad()
def latents(
    model: EcgNet, data: PtbXl, rows: np.ndarray, batch: int = 128, fast: bool = True, done: Done | None = None
) -> np.ndarray:
    """z_ecg ``[n, 512]``; ``fast`` computes in bfloat16, which is for training, not for reported figures."""
    device, parts = next(model.parameters()).device, []
    for first in counted(range(0, len(rows), batch), "records", done):
        with half(device, fast):
            parts.append(model.encode(millivolts(data, rows[first: first + batch]).to(device)).float().cpu())
    return torch.cat(parts).numpy()


def logits(model: EcgNet, data: PtbXl, rows: np.ndarray, fast: bool = True, done: Done | None = None) -> np.ndarray:
    """``[n, 99]``."""
    weight, bias = (p.detach().cpu().float().numpy() for p in (model.head.weight, model.head.bias))
    return latents(model, data, rows, fast=fast, done=done) @ weight.T + bias


@torch.no_grad()
def read_all(model: EcgNet, data: PtbXl, rows: np.ndarray, done: Done | None = None) -> tuple[np.ndarray, np.ndarray]:
    """z_ecg ``[n, 512]`` and the share of the standardised signal's energy that the decoder misses ``[n]``."""
    latent, missed = [], []
    for chunk in counted(np.array_split(rows, len(rows) // 64 + 1), "records", done):
        batch = millivolts(data, chunk)
        rebuilt, z = model.reconstruct(batch)
        signal = standardise(batch)[0]
        latent.append(z)
        missed.append(((rebuilt - signal) ** 2).mean((1, 2)) / (signal**2).mean((1, 2)).clamp_min(1e-6))
    return torch.cat(latent).numpy(), torch.cat(missed).numpy()
