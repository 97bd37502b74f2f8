"""From a stack to its mask: find the left ventricle, crop, segment, crop again around what was found, put back.

Infarct is looked for inside the myocardium, no-reflow inside the infarct, so that neither can lie elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor, nn

from core.cmr.frame import Frame, crop, frame_of, neighbours, paste, standardise
from core.cmr.model import WINDOW, CmrNet
from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM, NO_REFLOW

SliceDone = Callable[[int, int], None]  # slices done, slices in all


@dataclass(frozen=True, eq=False)
class Segmentation:
    """``labels`` ``[n, rows, columns]`` uint8 of the ensemble.

    Attributes:
        probability: mean over the members, in the crops: ``[n, 5, 96, 96]``; ``frame`` says where they lie.
        members: labels of each member alone in the crops ``[members, n, 96, 96]``.
        located: probability of a left ventricle in its place, mean over the slices that show one, 0 to 1.
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
    slices: np.ndarray, model: CmrNet, members: Sequence[int] | None = None, done: SliceDone | None = None
) -> Segmentation | None:
    """The mask of ``slices`` ``[n, rows, columns]``; None where no left ventricle is found.

    Args:
        members: which of the ensemble are asked; all where None.
        done: called with the slices done and all slices.
    """
    stack = torch.from_numpy(np.ascontiguousarray(slices, np.float32))
    chosen = list(range(len(model.segmenters))) if members is None else list(members)
    found, located = _locate(stack, model, chosen)
    frame = frame_of(found)
    if frame is None:
        return None
    first = neighbours(standardise(crop(stack, frame)))
    rough = torch.cat([_asked(model.segmenters[chosen[0]], view[None]).softmax(1) for view in first])
    frame = frame_of(_largest(_likely(1 - rough[:, 0], frame, stack.shape[1:]))) or frame
    x, parts = neighbours(standardise(crop(stack, frame))), []
    for z in range(len(x)):
        parts.append(torch.stack([_asked(model.segmenters[k], x[z: z + 1]).softmax(1)[0] for k in chosen]))
        if done is not None:
            done(z + 1, len(x))
    p = torch.stack(parts, 1)  # [members, n, 5, side, side]
    mean = p.mean(0)
    whole, alone = _on_grid(mean, frame, stack.shape[1:]), np.stack([decode(own.numpy()) for own in p])
    chosen_label = p.amax(2).numpy()
    certainty = float(chosen_label[alone > 0].mean()) if alone.any() else 0.0
    return Segmentation(whole, mean.numpy(), alone, frame, located, certainty)


def _locate(stack: Tensor, model: CmrNet, members: Sequence[int]) -> tuple[np.ndarray, float]:
    """The left ventricle ``[n, rows, columns]`` in the whole picture, and how sure of it the localisers are."""
    count, rows, columns = stack.shape
    whole = Frame(np.tile([(rows - 1) / 2, (columns - 1) / 2], (count, 1)), np.array([rows / 2, columns / 2]))
    x = neighbours(standardise(crop(stack, whole, WINDOW)))
    p = torch.stack([torch.cat([_asked(model.localisers[k], view[None])[:, 0] for view in x]).sigmoid() for k in members]).mean(0)
    mask = _largest(p.numpy() > 0.5)
    if not mask.any():
        return np.zeros(stack.shape, bool), 0.0
    sure = [float(p[z][torch.from_numpy(mask[z])].mean()) for z in range(count) if mask[z].any()]
    near = torch.from_numpy(ndimage.binary_dilation(mask, np.ones((1, 3, 3))))
    return _likely(p * near, whole, (rows, columns)), float(np.mean(sure)) * len(sure) / count


def _likely(p: Tensor, frame: Frame, shape: tuple[int, int]) -> np.ndarray:
    """Where crops of a probability ``[n, side, side]``, put back into the pictures, are above one half; slice by slice."""
    return np.stack([paste(p[z: z + 1, None], Frame(frame.centres[z: z + 1], frame.half), shape)[0, 0].numpy() > 0.5
                     for z in range(len(p))])


def _asked(net: nn.Module, x: Tensor) -> Tensor:
    """The network's answer, on the CPU whatever it runs on: the geometry of a stack is computed there."""
    return net(x.to(next(net.parameters()).device, memory_format=torch.channels_last)).cpu()


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
    """``[5, rows, columns]`` -> where more probable than not: ventricle, wall, infarct if wall, no-reflow if infarct."""
    wall, scar, core = p[2:].sum(0), p[3:].sum(0), p[4]
    return p[1] + wall > 0.5, wall > p[1], scar > 0.5 * wall, core > 0.5 * scar


def _labels(ventricle: np.ndarray, wall: np.ndarray, scar: np.ndarray, core: np.ndarray) -> np.ndarray:
    ventricle = np.stack([ndimage.binary_fill_holes(mask) for mask in _largest(ventricle)])
    wall &= ventricle
    labels = np.where(ventricle, CAVITY, 0).astype(np.uint8)
    labels[wall] = MYOCARDIUM
    labels[wall & scar] = INFARCT
    labels[wall & scar & core] = NO_REFLOW
    return labels
