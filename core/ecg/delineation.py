"""Where P, QRS and T begin, peak and end, in every lead, and where a wave is absent.

A small U-Net (Ronneberger et al. 2015, arXiv 1505.04597) runs over each lead with the same weights; at
every scale the leads tell each other the mean of their features, so that a P wave lost in the noise of
one lead is found by the others, and a missing lead is simply left out of the mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.ecg.signal import high_pass, resample
from core.ecg.study import EcgStudy
from core.serving import get

RATE = 250  # Hz, what the network reads
WAVES = ("P", "QRS", "T")
_STEP = 4  # samples: the network works at 62.5 Hz and says four samples of 250 Hz at each step
_CHUNK, _OVERLAP = 30 * RATE, 4 * RATE  # long recordings go through the network in pieces
_SHORTEST = (0.028, 0.032, 0.06)  # s, of P, QRS and T; anything shorter is noise
_REACH = (0.06, 0.06, 0.08)  # s, how far a lead's wave may lie outside the consensus
_AGREED = (0.4, 0.5, 0.5)  # mean probability over the leads from which they see the wave; P is the faintest
_FAINT = 0.2  # probability at which a lead still joins what the other leads agree upon


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
        self.head = nn.Conv2d(widths[0], 7 * _STEP, (1, 5), 1, (0, 2))

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
        out = self.head(x).float().squeeze(2).unflatten(1, (7, _STEP)).transpose(2, 3).flatten(2)[..., :time]
        return out.unflatten(0, (batch, leads)).split([4, 3], 2)


@dataclass(frozen=True, eq=False)
class Delineation:
    """What was found, in samples of the study.

    Attributes:
        marks: ``[n, 5]`` int64: lead index, wave (0 P, 1 QRS, 2 T), onset, peak, end; sorted by lead, then onset.
            A wave that is absent has no row.
        beat: ``[n]`` int64, the beat each mark belongs to: a P to the QRS after it, a T to the QRS before it;
            -1 for a P or T without its QRS.
        r_times: ``[beats]`` float64, seconds; the median over leads of the QRS peaks.
        presence: ``[beats, 3]`` bool, whether the beat has a P, QRS and T.
        sampling_rate: Hz, of the study.
    """

    marks: np.ndarray
    beat: np.ndarray
    r_times: np.ndarray
    presence: np.ndarray
    sampling_rate: float

    def has(self, wave: str) -> bool:
        """Whether at least half of the beats that could show the wave do (a first P or last T may be cut off)."""
        column = self.presence[:, WAVES.index(wave)]
        inner = column[1:-1] if len(column) > 2 else column
        return bool(len(inner)) and float(inner.mean()) >= 0.5


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


@torch.inference_mode()
def probabilities(net: DelineationNet, prepared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class ``[leads, 4, time]`` and peak ``[leads, 3, time]`` probabilities of a prepared recording."""
    device = next(net.parameters()).device
    time, pieces = prepared.shape[1], []
    starts = range(0, max(time - _OVERLAP, 1), _CHUNK - _OVERLAP)
    for start in starts:
        x = torch.from_numpy(prepared[:, start : start + _CHUNK]).to(device)[None]
        classes, peaks = net(x)
        both = torch.cat([classes[0].softmax(1), peaks[0].sigmoid()], 1).cpu().numpy()
        head = _OVERLAP // 2 if start else 0  # the edges of a piece know less than the neighbour does
        tail = _OVERLAP // 2 if start + _CHUNK < time else 0
        pieces.append(both[..., head : both.shape[-1] - tail])
    joined = np.concatenate(pieces, -1)
    return joined[:, :4], joined[:, 4:]


def _runs(high: np.ndarray) -> np.ndarray:
    """``[n, 2]`` first and last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], high.astype(np.int8), [0]])))
    return np.stack([edges[::2], edges[1::2] - 1], 1)


def _crossing(p: np.ndarray, inside: int, outside: int, level: float) -> float:
    """Position between two neighbouring samples at which the probability crosses the level."""
    if not 0 <= outside < len(p) or p[inside] <= p[outside]:
        return float(inside)
    return inside + (outside - inside) * min((p[inside] - level) / (p[inside] - p[outside]), 1.0)


def _events(p: np.ndarray, wave: int) -> np.ndarray:
    """``[n, 2]`` where the leads together see the wave."""
    runs = _runs(p > _AGREED[wave])
    gap = 0.04 * RATE
    merged: list[list[int]] = []
    for first, last in runs.tolist():
        if merged and first - merged[-1][1] <= gap:
            merged[-1][1] = last
        else:
            merged.append([first, last])
    return np.array([r for r in merged if r[1] - r[0] + 1 >= _SHORTEST[wave] * RATE], int).reshape(-1, 2)


def _lead_wave(p: np.ndarray, heat: np.ndarray, event: np.ndarray, wave: int) -> tuple[float, float, float] | None:
    """Onset, peak and end of one wave in one lead, or None where that lead does not show it."""
    reach = round(_REACH[wave] * RATE)
    low, high = max(event[0] - reach, 0), min(event[1] + reach, len(p) - 1)
    for level in (0.5, _FAINT):
        runs = _runs(p[low : high + 1] > level) + low
        runs = runs[(runs[:, 1] >= event[0]) & (runs[:, 0] <= event[1])]
        runs = runs[runs[:, 1] - runs[:, 0] + 1 >= 0.7 * _SHORTEST[wave] * RATE]
        if len(runs):
            first, last = max(runs.tolist(), key=lambda run: p[run[0] : run[1] + 1].sum())
            peak = first + int(np.argmax(heat[first : last + 1]))
            return _crossing(p, first, first - 1, level), float(peak), _crossing(p, last, last + 1, level)
    return None


def decode(classes: np.ndarray, peaks: np.ndarray, there: np.ndarray, rate: float, samples: int) -> Delineation:
    """Probabilities to marks: a wave exists where the leads together say so, its limits are each lead's own.

    Args:
        classes, peaks: see probabilities(). there: ``[leads]`` bool, leads with a signal.
        rate, samples: sampling rate (Hz) and length of the study, in whose samples the marks are.
    """
    rows: list[tuple[float, ...]] = []
    groups: list[tuple[int, int]] = []  # (wave, event) of each row
    leads = np.flatnonzero(there)
    for wave in range(3):
        for number, event in enumerate(_events(classes[leads, wave + 1].mean(0) if len(leads) else np.zeros(1), wave)):
            for lead in leads:
                found = _lead_wave(classes[lead, wave + 1], peaks[lead, wave], event, wave)
                if found is not None:
                    rows.append((lead, wave, *found))
                    groups.append((wave, number))
    marks = np.array(rows).reshape(-1, 5)
    marks[:, 2:] = (marks[:, 2:] * rate / RATE).round().clip(0, samples - 1)
    marks = marks.astype(np.int64)
    return _assign(marks, np.array(groups, int).reshape(-1, 2), rate)


def _assign(marks: np.ndarray, groups: np.ndarray, rate: float) -> Delineation:
    """Beats from QRS complexes; each P goes with the next QRS, each T with the one before."""
    centre = {tuple(g): np.median(marks[(groups == g).all(1), 3]) for g in np.unique(groups, axis=0)}
    r = np.array([centre[key] for key in sorted(centre) if key[0] == 1])
    owner = {}
    for (wave, number), peak in centre.items():
        if wave == 1:
            owner[wave, number] = int(np.argmin(np.abs(r - peak)))
            continue
        index = int(np.searchsorted(r, peak)) - (wave == 2)
        near = 0 <= index < len(r) and abs(r[index] - peak) <= (0.5 if wave == 0 else 0.8) * rate
        owner[wave, number] = index if near else -1
    beat = np.array([owner[tuple(g)] for g in groups], np.int64)
    presence = np.zeros((len(r), 3), bool)
    presence[beat[beat >= 0], marks[beat >= 0, 1]] = True
    order = np.lexsort((marks[:, 2], marks[:, 0]))
    return Delineation(marks[order], beat[order], r / rate, presence, float(rate))


def delineate(study: EcgStudy, weights: str = "ecg_delineation") -> Delineation:
    """Marks of every wave of a study (any length, 100 to 1,000 Hz; flat and missing leads have no marks)."""
    served = get(weights)
    with served.lock:
        return run(served.model, study.millivolts, study.sampling_rate)


def run(net: DelineationNet, millivolts: np.ndarray, sampling_rate: float) -> Delineation:
    """Marks of ``[leads, samples]`` mV by a given network."""
    prepared = prepare(millivolts, sampling_rate)
    classes, peaks = probabilities(net, prepared)
    return decode(classes, peaks, np.abs(prepared).max(1) > 0, sampling_rate, millivolts.shape[1])
