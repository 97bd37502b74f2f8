"""The network that sees P, QRS and T in every lead, and its marks on a recording.

A small U-Net (Ronneberger et al. 2015, arXiv 1505.04597) runs over each lead with the same weights; at
every scale the leads tell each other the mean of their features, so that a P wave lost in the noise of
one lead is found by the others, and a missing lead is simply left out of the mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.ecg import parts
from core.ecg.marks import RATE, WAVES, Delineation, decode
from core.ecg.signal import high_pass, resample
from core.ecg.study import EcgStudy
from core.progress import Done, report
from core.serving import get

Forward = Callable[[Tensor], tuple[Tensor, Tensor]]  # what DelineationNet computes
_STEP = 4  # samples: the network works at 62.5 Hz and says four samples of 250 Hz at each step
_OUTPUTS = [1 + len(WAVES), len(WAVES)]  # classes with the background, peaks
_CHUNK, _OVERLAP = 30 * RATE, 4 * RATE  # long recordings go through the network in pieces


class Block(nn.Module):
    """Two convolutions and a skip."""

    def __init__(self, width: int, kernel: int, dilation: int = 1):
        super().__init__()
        pad = (0, dilation * (kernel // 2))
        self.conv1 = nn.Conv2d(width, width, (1, kernel), 1, pad, (1, dilation), bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, (1, kernel), 1, pad, (1, dilation), bias=False)
        self.norm2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class Fuse(nn.Module):
    """Adds to every lead a linear map of the mean over the leads that are there."""

    def __init__(self, width: int):
        super().__init__()
        self.mix = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """``x [batch * leads, width, 1, time]``, ``there [batch, leads]`` 1 or 0."""
        batch, leads = there.shape
        x = x.unflatten(0, (batch, leads))
        weight = (there / there.sum(1, keepdim=True).clamp(min=1)).to(x.dtype)
        mean = torch.einsum("blcht,bl->bcht", x, weight)
        return (x + self.mix(mean).unsqueeze(1).to(x.dtype)).flatten(0, 1)


class DelineationNet(nn.Module):
    """``[batch, leads, time]`` at 250 Hz, as prepare() makes it -> class and peak logits.

    Args:
        widths: channels at 62.5, 31.25 ... Hz.
        kernel: of the convolutions; the coarsest scale adds dilations 1, 2 and 4.
    """

    def __init__(self, widths: list[int], kernel: int = 7):
        super().__init__()
        self.multiple = _STEP * 2 ** (len(widths) - 1)
        self.stem = nn.Sequential(
            nn.Conv2d(1, widths[0], (1, 15), (1, _STEP), (0, 7), bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        pairs = list(zip(widths[:-1], widths[1:], strict=True))
        self.encoder = nn.ModuleList(Block(width, kernel) for width in widths[:-1])
        self.fuse = nn.ModuleList(Fuse(width) for width in widths)
        self.down = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, (1, 5), (1, 2), (0, 2), bias=False), nn.BatchNorm2d(b), nn.ReLU())
            for a, b in pairs
        )
        self.bottom = nn.Sequential(*(Block(widths[-1], 5, dilation) for dilation in (1, 2, 4)))
        self.up = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a + b, a, 1, bias=False), nn.BatchNorm2d(a), nn.ReLU()) for a, b in pairs
        )
        self.decoder = nn.ModuleList(Block(width, 5) for width in widths[:-1])
        self.head = nn.Conv2d(widths[0], sum(_OUTPUTS) * _STEP, (1, 5), 1, (0, 2))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Class logits ``[batch, leads, 4, time]`` (background, P, QRS, T), peak logits ``[batch, leads, 3, time]``."""
        batch, leads, time = x.shape
        there = (x.abs().amax(-1) > 0).to(x.dtype)
        x = F.pad(x, (0, -time % self.multiple)).reshape(batch * leads, 1, 1, -1)
        x = self.stem(x.contiguous(memory_format=torch.channels_last))
        skips = []
        for block, fuse, down in zip(self.encoder, self.fuse, self.down, strict=False):
            x = fuse(block(x), there)
            skips.append(x)
            x = down(x)
        x = self.bottom(self.fuse[-1](x, there))
        for i in reversed(range(len(skips))):
            x = torch.cat([F.interpolate(x, scale_factor=(1, 2), mode="nearest"), skips[i]], 1)
            x = self.decoder[i](self.up[i](x))
        out = self.head(x).float().squeeze(2).unflatten(1, (sum(_OUTPUTS), _STEP)).transpose(2, 3).flatten(2)[..., :time]
        return out.unflatten(0, (batch, leads)).split(_OUTPUTS, 2)


def prepare(millivolts: np.ndarray, sampling_rate: float) -> np.ndarray:
    """``[leads, samples]`` mV at any rate -> float32 at 250 Hz, baseline below 0.5 Hz removed, unit amplitude.

    A lead is divided by the median of its standard deviations over 2 s; a flat one (< 10 uV) becomes zero.
    """
    x = np.asarray(millivolts, np.float64)
    x = x - np.median(x, axis=1, keepdims=True)
    x = high_pass(resample(x, sampling_rate, RATE), RATE)
    pieces = np.array_split(x, max(x.shape[1] // (2 * RATE), 1), axis=1)
    scale = np.median([piece.std(1) for piece in pieces], axis=0)[:, None]
    flat = np.ptp(x, axis=1, keepdims=True) < 0.01
    return np.where(flat, 0.0, x / (scale + 0.02)).clip(-20, 20).astype(np.float32)


def _starts(time: int) -> range:
    """First sample of each piece of a prepared recording."""
    return range(0, max(time - _OVERLAP, 1), _CHUNK - _OVERLAP)


def passes(study: EcgStudy) -> int:
    """How many passes of the network a study takes."""
    if study.gaps:
        return len(parts.stretches(study.there, study.sampling_rate)) + 1
    return len(_starts(round(study.duration * RATE)))


@torch.inference_mode()
def probabilities(
    net: Forward, prepared: np.ndarray, device: torch.device, done: Done | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Class ``[leads, 4, time]`` and peak ``[leads, 3, time]`` probabilities of a prepared recording.

    Raises:
        Cancelled: ``done`` returned False.
    """
    time, pieces = prepared.shape[1], []
    starts = _starts(time)
    for number, start in enumerate(starts, 1):
        x = torch.from_numpy(prepared[:, start : start + _CHUNK]).to(device)[None]
        classes, peaks = net(x)
        both = torch.cat([classes[0].softmax(1), peaks[0].sigmoid()], 1).cpu().numpy()
        head = _OVERLAP // 2 if start else 0  # the edges of a piece know less than the neighbour does
        tail = _OVERLAP // 2 if start + _CHUNK < time else 0
        pieces.append(both[..., head : both.shape[-1] - tail])
        report(done, number, len(starts))
    joined = np.concatenate(pieces, -1)
    return joined[:, :4], joined[:, 4:]


def delineate(study: EcgStudy, weights: str = "ecg_delineation", done: Done | None = None) -> Delineation:
    """Marks of every wave of a study of any length; flat and missing leads have none.

    Raises:
        Cancelled: ``done`` returned False.
    """
    served = get(weights)

    def one_pass(x: Tensor) -> tuple[Tensor, Tensor]:
        with served.lock:
            return served.model(x)

    if study.gaps:
        return _of_parts(one_pass, served.device, study, done)
    return _marks(one_pass, served.device, study.read_from, study.sampling_rate, done)


def run(net: DelineationNet, millivolts: np.ndarray, sampling_rate: float) -> Delineation:
    """Marks of ``[leads, samples]`` mV by a network that nobody else uses."""
    return _marks(net, next(net.parameters()).device, millivolts, sampling_rate)


def _of_parts(net: Forward, device: torch.device, study: EcgStudy, done: Done | None = None) -> Delineation:
    """Marks of a study whose leads were not all recorded all the time, stretch by stretch."""
    there, signal, rate = study.there, study.read_from, study.sampling_rate
    through = there.all(1)
    spans, pieces = parts.stretches(there, rate), []
    for number, (first, last) in enumerate(spans):
        recorded = signal[:, first:last] * there[:, first, None]
        pieces.append(parts.inside(_marks(net, device, recorded, rate), last - first, first, number))
        report(done, number + 1, len(spans) + 1)
    if not through.any():
        return parts.after_one_another(pieces, rate)
    whole = parts.inside(_marks(net, device, signal * through[:, None], rate), signal.shape[1], 0, 0)
    return parts.beside(replace(whole, stretch=None), pieces, np.flatnonzero(~through))


def _marks(
    net: Forward, device: torch.device, millivolts: np.ndarray, sampling_rate: float, done: Done | None = None,
) -> Delineation:
    prepared = prepare(millivolts, sampling_rate)
    seen = np.abs(prepared).max(1) > 0
    classes, peaks = probabilities(net, prepared, device, done)
    return decode(classes, peaks, seen, sampling_rate, millivolts.shape[1])
