"""Training-time distortions of a batch of ECGs, each one a thing that happens at the bedside."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.ecg.signal import SAMPLING_RATE


def augment(millivolts: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Shift in time, gain, noise, baseline wander and lost leads.

    Args:
        millivolts: ``[batch, 12, time]`` at 100 Hz.

    Returns:
        The same shape. Shifts of up to 1 s leave zeros at the edge; one record in two loses each lead
        with probability 0.1.
    """
    batch, leads, time = millivolts.shape
    draw = lambda *shape: torch.rand(*shape, generator=generator)  # noqa: E731
    shift = ((draw(batch, 1, 1) - 0.5) * 2 * SAMPLING_RATE).long()
    index = torch.arange(time) + shift
    inside = (index >= 0) & (index < time)
    x = torch.gather(millivolts, 2, index.clamp(0, time - 1).expand(-1, leads, -1)) * inside
    x = x * (0.9 + 0.2 * draw(batch, 1, 1))
    x = x + 0.02 * draw(batch, 1, 1) * torch.randn(x.shape, generator=generator)
    hertz, phase = 0.05 + 0.45 * draw(batch, leads, 1), draw(batch, leads, 1)
    seconds = torch.arange(time) / SAMPLING_RATE
    x = x + 0.05 * draw(batch, leads, 1) * torch.sin(2 * math.pi * (hertz * seconds + phase))
    lost = (draw(batch, leads, 1) < 0.1) & (draw(batch, 1, 1) < 0.5)
    return x.masked_fill(lost, 0.0)


def mixup(signal: Tensor, target: Tensor, alpha: float, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    """Convex combinations of pairs of records and of their labels (Zhang et al. 2018, arXiv 1710.09412)."""
    weight = torch.distributions.Beta(alpha, alpha).sample((len(signal), 1, 1))
    weight = torch.maximum(weight, 1 - weight)
    partner = torch.randperm(len(signal), generator=generator)
    mixed = weight * signal + (1 - weight) * signal[partner]
    weight = weight.squeeze(-1)
    return mixed, weight * target + (1 - weight) * target[partner]
