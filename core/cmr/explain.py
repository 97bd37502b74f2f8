"""From the infarct that was marked to its reason, and whether the reason holds."""

from __future__ import annotations

import time

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor, nn
from torch.nn import functional as F

from core import attribution
from core.assessment import Attribution
from core.cmr.frame import SIDE, crop, neighbours, paste, standardise
from core.cmr.model import CmrNet
from core.cmr.segment import SliceDone, decode, segment
from core.cmr.study import INFARCT, MYOCARDIUM, CmrStudy
from core.serving import get
from core.uploads import InputError

TARGET = "scar:infarct_present"
CELL = 8  # pixels of 80: what the deletion check erases at a time
BLUR = 5  # pixels of 80, about the wall's thickness: the heart stays, what lies in its wall is gone
FRACTIONS, RANDOM_ORDERS = (0.05, 0.1, 0.2), 3
IG_STEPS = 12


class Evidence(nn.Module):
    """The log odds of infarct, mean over a ``place`` ``[side, side]``: crops ``[batch, 3, side, side]`` -> ``[batch, 1]``.

    Seg-Grad-CAM (Vinogradova et al. 2020, arXiv 2002.11434): a segmentation is explained as the sum of its pixels.
    """

    def __init__(self, segmenter: nn.Module, place: Tensor):
        super().__init__()
        self.segmenter, self.place = segmenter, place

    def forward(self, x: Tensor) -> Tensor:
        logits = self.segmenter(x)
        odds = logits[:, INFARCT:].logsumexp(1) - logits[:, :INFARCT].logsumexp(1)
        return ((odds * self.place).sum((1, 2)) / self.place.sum().clamp_min(1))[:, None]


def explain(
    study: CmrStudy, target: str = TARGET, method: str = "grad_cam", weights: str = "cmr", done: SliceDone | None = None
) -> Attribution:
    """Why the model marked infarct where it did.

    ``grad_cam`` says where the features of all members speak for infarct (no value below zero);
    ``integrated_gradients`` which pixels speak for and which against to the first member, in the slices with infarct.

    Returns:
        Attribution with values ``[n, rows, columns]``, largest magnitude 1. Faithfulness: the deletion check on the slice
        with most infarct; ``mass_inside``, the share of the map's mass inside the marked infarct; ``area``, the
        infarct's share of the crops.

    Raises:
        InputError: unknown target or method, or no left ventricle in the stack.
    """
    began, served = time.perf_counter(), get(weights)
    if target != TARGET:
        raise InputError("target", f"There is no finding {target!r}.", f"Ask for {TARGET}.")
    if method not in _METHODS:
        raise InputError("method", f"There is no method {method!r}.", f"Choose one of {', '.join(_METHODS)}.")
    with served.lock:
        found = segment(study.slices, served.model)
        if found is None:
            raise InputError("target", "No left ventricle was found in these slices.", "Upload a short-axis stack.")
        stack = torch.from_numpy(np.ascontiguousarray(study.slices, np.float32))
        x, labels = neighbours(standardise(crop(stack, found.frame))).to(served.device), decode(found.probability)
        values, parameters = _METHODS[method](served.model, x, labels, done or _unsaid)
        check = _deletion(served.model, x, labels, values)
    mass, inside = np.abs(values), labels >= INFARCT
    where = {"mass_inside": float(mass[inside].sum() / max(mass.sum(), 1e-12)), "area": float(inside.mean())}
    whole = paste(torch.from_numpy(values)[:, None], found.frame, study.slices.shape[1:])[:, 0].numpy()
    return Attribution((whole / max(float(np.abs(whole).max()), 1e-12)).astype(np.float32), target, method, parameters,
                       check | where, round(time.perf_counter() - began, 3))


def _asked(labels: np.ndarray, like: Tensor) -> Tensor:
    """What is asked about in a slice ``[side, side]``: its infarct, or its wall where it has none."""
    scar = labels >= INFARCT
    return torch.from_numpy(scar if scar.any() else labels >= MYOCARDIUM).to(like)


def _unsaid(slices: int, of: int) -> None:
    """Nobody asked how far it is."""


def _grad_cam(model: CmrNet, x: Tensor, labels: np.ndarray, done: SliceDone) -> tuple[np.ndarray, dict]:
    maps = np.zeros((len(x), SIDE, SIDE), np.float32)
    for z, picture in enumerate(labels):
        for segmenter in model.segmenters if picture.any() else ():
            asked = Evidence(segmenter, _asked(picture, x))
            cam = attribution.grad_cam(asked, [segmenter.map], x[z: z + 1], 0)[0]
            maps[z] += F.interpolate(cam[None], (SIDE, SIDE), mode="bilinear")[0, 0].cpu().numpy()
        done(z + 1, len(labels))
    return maps / len(model.segmenters), {"layer": "segmenters.*.map", "members": len(model.segmenters)}


def _integrated_gradients(model: CmrNet, x: Tensor, labels: np.ndarray, done: SliceDone) -> tuple[np.ndarray, dict]:
    maps, deltas = np.zeros((len(x), SIDE, SIDE), np.float32), [0.0]
    for z, picture in enumerate(labels):
        if (picture >= INFARCT).any():
            one, asked = x[z: z + 1], Evidence(model.segmenters[0], _asked(picture, x))
            values, delta = attribution.integrated_gradients(asked, one, _blurred(one), 0, IG_STEPS)
            maps[z] = values.sum(1)[0].cpu().numpy()
            deltas.append(delta)
        done(z + 1, len(labels))
    return maps, {"steps": IG_STEPS, "members": 1, "convergence_delta": round(max(deltas), 4)}


_METHODS = {"grad_cam": _grad_cam, "integrated_gradients": _integrated_gradients}


def _blurred(x: Tensor) -> Tensor:
    return torch.from_numpy(gaussian_filter(x.cpu().numpy(), (0, 0, BLUR, BLUR))).to(x)


def _deletion(model: CmrNet, x: Tensor, labels: np.ndarray, values: np.ndarray) -> dict:
    """Cells in order of their positive weight are replaced by the blurred crop, in the slice with most infarct."""
    z = int((labels >= INFARCT).sum((1, 2)).argmax())
    if not (labels[z] >= INFARCT).any() or not (values[z] > 0).any():
        return {"holds": False}
    cells = values[z].clip(0).reshape(SIDE // CELL, CELL, SIDE // CELL, CELL).mean((1, 3))
    sharp, soft, asked = x[z], _blurred(x[z: z + 1])[0], Evidence(model.segmenters[0], _asked(labels[z], x))

    def erase(mask: np.ndarray) -> np.ndarray:
        gone = torch.from_numpy(np.kron(mask, np.ones((CELL, CELL), bool))).to(x.device)
        return torch.where(gone, soft, sharp).cpu().numpy()

    def score(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return asked(torch.from_numpy(batch).to(x))[:, 0].cpu().numpy()

    return attribution.deletion(score, erase, cells, FRACTIONS, RANDOM_ORDERS) | {"slice": z}
