"""The random batches that the delineation network learns from, and its loss."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from core.ecg.delineation import RATE, DelineationNet
from core.ecg.training.delineation_data import IGNORE


def _lowpass(x: Tensor, cutoff: Tensor) -> Tensor:
    """First-order-like attenuation above a cut-off per record (Hz), as slower recorders and filters do."""
    hertz = torch.fft.rfftfreq(x.shape[-1], 1 / RATE)
    gain = 1 / (1 + (hertz / cutoff[:, None, None]) ** 8).sqrt()
    return torch.fft.irfft(torch.fft.rfft(x) * gain, n=x.shape[-1])


def distort(x: Tensor) -> Tensor:
    """Bedside distortions of ``[batch, leads, time]`` prepared signals: gain, bandwidth, noise, wander, lost leads."""
    batch, leads, time = x.shape
    rand = torch.rand
    flag = lambda p, *shape: (rand(*shape) < p).float()  # noqa: E731
    slow = rand(batch) < 0.4
    x = torch.where(slow[:, None, None], _lowpass(x, 25 + 35 * rand(batch)), x)
    seconds = torch.arange(time) / RATE
    noise = torch.randn(x.shape)
    white = 0.15 * rand(batch, leads, 1) ** 2 * noise
    muscle = 0.5 * rand(batch, leads, 1) ** 2 * _lowpass(torch.randn(x.shape), torch.full((batch,), 40.0))
    x = x + flag(0.7, batch, 1, 1) * white + flag(0.3, batch, 1, 1) * muscle
    for low, high, size, share in ((0.1, 0.8, 1.0, 0.6), (48.0, 62.0, 0.15, 0.2)):  # breathing; mains
        hertz, phase = low + (high - low) * rand(batch, 1, 1), rand(batch, leads, 1)
        wave = torch.sin(2 * math.pi * (hertz * seconds + phase))
        x = x + flag(share, batch, 1, 1) * size * rand(batch, leads, 1) * wave
    x = x * torch.exp(0.3 * torch.randn(batch, leads, 1))
    lost = flag(0.15, batch, leads, 1) * flag(0.4, batch, 1, 1)
    return x * (1 - lost)


def fibrillate(x: Tensor, classes: Tensor, peaks: Tensor) -> None:
    """Turns records into atrial fibrillation in place: P waves are bridged over, fibrillatory waves (4-9 Hz) added."""
    bridge = classes == 1
    if bridge.any():
        time = torch.arange(x.shape[-1]).expand_as(x)
        before = torch.where(bridge, -1, time).cummax(-1).values.clamp(min=0)
        after = torch.where(bridge, x.shape[-1], time).flip(-1).cummin(-1).values.flip(-1).clamp(max=x.shape[-1] - 1)
        share = (time - before) / (after - before).clamp(min=1)
        line = x.gather(-1, before) * (1 - share) + x.gather(-1, after) * share
        x.copy_(torch.where(bridge, line, x))
    classes[bridge] = 0
    peaks[:, :, 0] = 0
    batch, leads, time = x.shape
    seconds = torch.arange(time) / RATE
    drift = torch.cumsum(torch.randn(batch, 1, time), -1) / RATE * 2
    hertz = 4 + 5 * torch.rand(batch, 1, 1)
    angle = 2 * math.pi * (hertz * seconds + drift + torch.rand(batch, leads, 1))
    size = 0.35 * torch.rand(batch, leads, 1) * (torch.rand(batch, 1, 1) < 0.75)
    x += size * (torch.sin(angle) + 0.3 * torch.sin(2 * angle))


def crops(
    signals: Tensor, classes: Tensor, peaks: Tensor, batch: int, leads: int, length: int
) -> tuple[Tensor, Tensor, Tensor]:
    """One random batch: ``length`` samples, stretched in time by 0.75 to 1.35, of so many leads; distorted."""
    total = signals.shape[-1]
    pick = torch.randint(len(signals), (batch,))
    lead = torch.stack([torch.randperm(signals.shape[1])[: leads] for _ in range(batch)])
    stretch = torch.where(torch.rand(batch) < 0.6, torch.exp(torch.empty(batch).uniform_(-0.3, 0.3)), 1.0)
    start = torch.rand(batch) * (total - 1 - length * stretch).clamp(min=0)
    position = (start[:, None] + torch.arange(length) * stretch[:, None]).clamp(0, total - 1)
    low = position.floor().long().clamp(max=total - 2)
    share = (position - low)[:, None]
    take = lambda a, i: a.gather(-1, i.reshape(len(i), *[1] * (a.dim() - 2), -1).expand(*a.shape[:-1], -1))  # noqa: E731
    x = signals[pick[:, None], lead]
    x = take(x, low) * (1 - share) + take(x, low + 1) * share
    nearest = position.round().long()
    c = take(classes[pick[:, None], lead], nearest).long()
    h = take(peaks[pick[:, None], lead], nearest).float() / 255
    some = torch.rand(batch) < 0.12
    if some.any():
        xs, cs, hs = x[some], c[some], h[some]
        fibrillate(xs, cs, hs)
        x[some], c[some], h[some] = xs, cs, hs
    return distort(x), c, h


def loss(net: DelineationNet, x: Tensor, classes: Tensor, peaks: Tensor, peak_weight: float) -> Tensor:
    """Cross-entropy of the classes and of the peaks, where the annotators looked."""
    known = (classes != IGNORE) & (x.abs().amax(-1, keepdim=True) > 0)
    class_logits, peak_logits = net(x)
    masked = torch.where(known, classes, -100)
    first = F.cross_entropy(class_logits.flatten(0, 1), masked.flatten(0, 1))
    weight = known.unsqueeze(2).float() * (1 + 9 * peaks)
    second = F.binary_cross_entropy_with_logits(peak_logits, peaks, weight, reduction="sum") / known.sum().clamp(min=1)
    return first + peak_weight * second
