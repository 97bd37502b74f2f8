"""From a stack to its mask: find the left ventricle, crop, segment, crop again around what was found, put back.

Infarct is sought inside the myocardium, no-reflow inside the infarct, so that neither can lie elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor, nn

from core.cmr.frame import Frame, crop, frame_of, neighbours, paste, recrop, rotated, standardise
from core.cmr.model import WINDOW, CmrNet
from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM, NO_REFLOW
from core.progress import Done, report

CORNER = 0.7  # of the picture's sides: what a corner window shows
VENTRICLE = 0.4  # probability from which it counts: networks mark too little of it on unseen stacks
TURN = 15.0  # degrees by which the two views of a crop are turned
USUAL, BATCH = 16, 8  # slices of a stack up to which each goes alone, and of a larger one how many go together
CANDIDATES, FAINT = 3, 0.3  # places that are tried, and the probability from which one counts
SHOWN = 0.6  # share of the slices that show the ventricle where a stack reaches beyond base and apex
CROPS, SETTLED = 4, 0.15  # how often a candidate is cropped anew, until its size changes by less than this share
Net = Callable[[Tensor], Tensor]  # one forward pass of a network


@dataclass(frozen=True, eq=False)
class Segmentation:
    """``labels`` ``[n, rows, columns]`` uint8 of the ensemble.

    Attributes:
        probability: mean over the members, in the crops: ``[n, 5, 80, 80]``; ``frame`` says where they lie.
        members: labels of each member alone in the crops ``[members, n, 80, 80]``.
        located: probability of a left ventricle in its place, mean over the slices that show one (SHOWN at least), 0 to 1.
        certainty: probability of the label it chose, mean over the ventricle and the members, 0 to 1.
    """

    labels: np.ndarray
    probability: np.ndarray
    members: np.ndarray
    frame: Frame
    located: float
    certainty: float


@torch.inference_mode()
def segment(
    slices: np.ndarray, model: CmrNet, members: Sequence[int] | None = None, done: Done | None = None,
    lock: AbstractContextManager | None = None,
) -> Segmentation | None:
    """The mask of ``slices`` ``[n, rows, columns]``; None where no left ventricle is found.

    Args:
        members: which of the ensemble run; all where None.
        done: called with the slices done and all slices.
        lock: of a model that others run too (``core.serving``), held for one forward pass at a time.

    Raises:
        Cancelled: ``done`` returned False.
    """
    stack, lock = torch.from_numpy(np.ascontiguousarray(slices, np.float32)), lock or nullcontext()
    chosen = range(len(model.segmenters)) if members is None else members
    localisers, segmenters = ([_guarded(nets[k], lock) for k in chosen] for nets in (model.localisers, model.segmenters))
    tried = [_tried(stack, mask, sure, segmenters[0]) for mask, sure in _locate(stack, localisers)]
    if not tried:
        return None
    _, located, frame = max(tried, key=lambda candidate: candidate[0])
    x, parts = neighbours(standardise(crop(stack, frame))), []
    together = _together(len(x))
    for z in range(0, len(x), together):
        parts.append(_from_both_sides(segmenters, x[z: z + together]))
        report(done, min(z + together, len(x)), len(x))
    p = torch.cat(parts, 1)  # [members, n, 5, side, side]
    mean = p.mean(0)
    whole, alone = _on_grid(mean, frame, stack.shape[1:]), np.stack([decode(own.numpy()) for own in p])
    chosen_label = p.amax(2).numpy()
    certainty = float(chosen_label[alone > 0].mean()) if alone.any() else 0.0
    return Segmentation(whole, mean.numpy(), alone, frame, located, certainty)


def _locate(stack: Tensor, localisers: Sequence[Net]) -> list[tuple[np.ndarray, float]]:
    """Where the left ventricle may be, the likeliest place first: masks ``[n, rows, columns]``, and how sure the localisers are.

    Each of them sees the whole picture, and they in turn the four windows in its corners, which overlap: a heart
    that is too small to tell in the whole is larger there. Where views overlap their probabilities are averaged.
    """
    count, rows, columns = stack.shape
    whole = _window(count, 0, rows, 0, columns)
    low, right = round((1 - CORNER) * rows), round((1 - CORNER) * columns)
    corners = [_window(count, top, top + rows - low, left, left + columns - right) for top in (0, low) for left in (0, right)]
    views = [(net, whole) for net in localisers]
    views += [(localisers[i % len(localisers)], window) for i, window in enumerate(corners)]
    total, seen = torch.zeros(count, WINDOW, WINDOW), torch.zeros(count, WINDOW, WINDOW)
    for net, window in views:
        x = neighbours(standardise(crop(stack, window, WINDOW)))
        p = _each(net, x)[:, 0].sigmoid()
        total += recrop(p, window, whole)
        seen += recrop(torch.ones_like(p), window, whole)
    p = total / seen.clamp_min(1e-6)
    parts, _ = ndimage.label(p.numpy() > FAINT, np.ones((3, 3, 3)))
    mass = np.bincount(parts.ravel(), p.numpy().ravel())
    found = []
    for part in (1 + np.argsort(-mass[1:]))[:CANDIDATES]:
        inside = torch.from_numpy(parts == part)
        sure = [float(p[z][inside[z] & (p[z] > 0.5)].mean()) for z in range(count) if (inside[z] & (p[z] > 0.5)).any()]
        level = 0.5 if len(sure) > count / 2 else FAINT
        found.append((_likely(p * inside, whole, (rows, columns), level), float(np.sum(sure)) / max(len(sure), SHOWN * count)))
    return [(mask, sure) for mask, sure in found if mask.any()]


def _tried(stack: Tensor, mask: np.ndarray, sure: float, segmenter: Net) -> tuple[float, float, Frame]:
    """How much speaks for a candidate (a segmenter's certainty, and half as much the localisers'), how sure the localisers
    were, and the frame around what the segmenter found there, once it finds no other size."""
    frame = frame_of(mask)
    for _ in range(CROPS):
        p = _each(segmenter, neighbours(standardise(crop(stack, frame)))).softmax(1)
        ventricle = 1 - p[:, 0] > 0.5
        shown = ventricle.flatten(1).any(1).float().mean()
        certainty = p.amax(1)[ventricle].mean() if ventricle.any() else torch.zeros(())
        better = frame_of(_largest(_likely(1 - p[:, 0], frame, tuple(stack.shape[1:]))))
        if better is None:
            break
        change, frame = float(np.abs(np.log(better.half / frame.half)).max()), better
        if change < SETTLED:
            break
    return float(certainty * shown) + sure / 2, sure, frame


def _from_both_sides(segmenters: Sequence[Net], x: Tensor) -> Tensor:
    """Probabilities ``[members, n, 5, side, side]`` of crops ``[n, 3, side, side]``, mean of two views of each, a little
    turned."""
    views = torch.cat([rotated(x, angle) for angle in (TURN, -TURN)])
    p = torch.stack([segmenter(views).softmax(1) for segmenter in segmenters])
    one, other = (p[:, :len(x)].flatten(0, 1), p[:, len(x):].flatten(0, 1))
    return ((rotated(one, -TURN) + rotated(other, TURN)) / 2).unflatten(0, p.shape[:1] + (len(x),))


def _together(slices: int) -> int:
    """How many slices a network sees at once: one of a usual stack, whose slices fill the processor as they are."""
    return 1 if slices <= USUAL else BATCH


def _each(net: Net, x: Tensor) -> Tensor:
    """What a network says of each slice of ``[n, 3, side, side]``."""
    together = _together(len(x))
    return torch.cat([net(x[z: z + together]) for z in range(0, len(x), together)])


def _window(count: int, top: int, bottom: int, left: int, right: int) -> Frame:
    """A part of the picture as a frame, the same in every slice."""
    return Frame(np.tile([(top + bottom - 1) / 2, (left + right - 1) / 2], (count, 1)),
                 np.array([(bottom - top) / 2, (right - left) / 2]))


def _likely(p: Tensor, frame: Frame, shape: tuple[int, int], level: float = 0.5) -> np.ndarray:
    """Where crops of a probability ``[n, side, side]``, put back into the pictures, exceed ``level``; slice by slice."""
    return np.stack([paste(p[z: z + 1, None], Frame(frame.centres[z: z + 1], frame.half), shape)[0, 0].numpy() > level
                     for z in range(len(p))])


def _guarded(net: nn.Module, lock: AbstractContextManager) -> Net:
    """One forward pass under the lock, its answer on the CPU whatever it runs on: a stack's geometry is computed there."""
    device = next(net.parameters()).device

    def forward(x: Tensor) -> Tensor:
        with lock:
            return net(x.to(device, memory_format=torch.channels_last)).cpu()

    return forward


def _largest(mask: np.ndarray) -> np.ndarray:
    """The largest connected part of a stack's mask; slices touch where their masks overlap or lie side by side."""
    parts, count = ndimage.label(mask, np.ones((3, 3, 3)))
    if count < 2:
        return mask
    sizes = np.bincount(parts.ravel())
    return parts == sizes[1:].argmax() + 1


def decode(p: np.ndarray) -> np.ndarray:
    """Probabilities ``[n, 5, rows, columns]`` to labels: the ventricle's largest part, infarct inside the myocardium."""
    return _labels(*(np.stack(masks) for masks in zip(*map(_masks, p), strict=True)))


def _on_grid(p: Tensor, frame: Frame, shape: tuple[int, int]) -> np.ndarray:
    """``decode`` of crops put back into the pictures; slice by slice, for a large stack would fill the memory."""
    masks = [_masks(paste(p[z: z + 1], Frame(frame.centres[z: z + 1], frame.half), shape)[0].numpy()) for z in range(len(p))]
    return _labels(*(np.stack(found) for found in zip(*masks, strict=True)))


def _masks(p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """``[5, rows, columns]`` -> where there is ventricle, wall rather than cavity, infarct if wall, no-reflow if infarct."""
    wall, scar, core = p[2:].sum(0), p[3:].sum(0), p[4]
    return p[1] + wall > VENTRICLE, wall > p[1], scar > 0.5 * wall, core > 0.5 * scar


def _labels(ventricle: np.ndarray, wall: np.ndarray, scar: np.ndarray, core: np.ndarray) -> np.ndarray:
    ventricle = np.stack([ndimage.binary_fill_holes(mask) for mask in _largest(ventricle)])
    wall &= ventricle
    labels = np.where(ventricle, CAVITY, 0).astype(np.uint8)
    labels[wall] = MYOCARDIUM
    labels[wall & scar] = INFARCT
    labels[wall & scar & core] = NO_REFLOW
    return labels
