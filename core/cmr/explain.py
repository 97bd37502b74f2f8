"""From the infarct that was marked to its reason, and whether the reason holds."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor, nn
from torch.nn import functional as F

from core import attribution
from core.assessment import Attribution
from core.cmr.frame import SIDE, crop, neighbours, paste, standardise
from core.cmr.plausible import doubt
from core.cmr.presence import refusal
from core.cmr.segment import decode, segment
from core.cmr.study import INFARCT, MYOCARDIUM, CmrStudy
from core.progress import Done, report
from core.serving import Served, get
from core.uploads import InputError

TARGET = "scar:infarct_present"
CELL = 8  # pixels of 80: what the deletion check erases at a time
BLUR = 5  # pixels of 80, about the wall's thickness: the heart stays, what lies in its wall is gone
FRACTIONS, RANDOM_ORDERS = (0.05, 0.1, 0.2), 3
IG_STEPS = 12


class Evidence(nn.Module):
    """The log odds of infarct, mean over a ``place`` ``[side, side]``: crops ``[batch, 3, side, side]`` -> ``[batch, 1]``.

    Seg-Grad-CAM (Vinogradova et al. 2020, arXiv 2002.11434): a segmentation is explained as the sum of its pixels. The
    ``lock`` of the model is held for each pass.
    """

    def __init__(self, segmenter: nn.Module, place: Tensor, lock: AbstractContextManager):
        super().__init__()
        self.segmenter, self.place, self.lock = segmenter, place, lock

    def forward(self, x: Tensor) -> Tensor:
        with self.lock:
            logits = self.segmenter(x)
        odds = logits[:, INFARCT:].logsumexp(1) - logits[:, :INFARCT].logsumexp(1)
        return ((odds * self.place).sum((1, 2)) / self.place.sum().clamp_min(1))[:, None]


def explain(
    study: CmrStudy, target: str, method: str = "grad_cam", weights: str = "cmr", done: Done | None = None
) -> Attribution:
    """Why the model marked infarct where it did.

    ``grad_cam`` says where the features of all members speak for infarct (no value below zero);
    ``integrated_gradients`` which pixels speak for and which against to the first member, in the slices with infarct.

    Args:
        target: TARGET. done: called with the steps done and all steps: each slice is segmented, then explained.

    Returns:
        Attribution with values ``[n, rows, columns]``, largest magnitude 1. Faithfulness: the deletion check on the slice
        with most infarct; ``mass_inside``, the share of the map's mass inside the marked infarct; ``area``, the
        infarct's share of the crops.

    Raises:
        InputError: unknown target or method, or a stack that ``assess`` refuses.
        Cancelled: ``done`` returned False.
    """
    if target != TARGET:
        raise InputError("target", f"There is no finding {target!r}.", f"Ask for {TARGET}.")
    if method not in _METHODS:
        raise InputError("method", f"There is no method {method!r}.", f"Choose one of {', '.join(_METHODS)}.")
    if said := [notice.message for notice in study.notices if notice.level == "refuse"]:
        raise InputError("target", said[0], "Upload a short-axis late-enhancement stack.")
    began, served, slices = time.perf_counter(), get(weights), len(study.slices)
    found = segment(study.slices, served.model, done=lambda z, of: report(done, z, 2 * slices), lock=served.lock)
    if refusal(found, served.config) is not None or doubt(study, found.labels) is not None:
        raise InputError("target", "No left ventricle was found in these slices.", "Upload a short-axis stack.")
    stack = torch.from_numpy(np.ascontiguousarray(study.slices, np.float32))
    x, labels = neighbours(standardise(crop(stack, found.frame))).to(served.device), decode(found.probability)
    values, parameters = _METHODS[method](served, x, labels, lambda z, of: report(done, slices + z, 2 * slices))
    check = _deletion(served, x, labels, values)
    mass, inside = np.abs(values), labels >= INFARCT
    where = {"mass_inside": float(mass[inside].sum() / max(mass.sum(), 1e-12)), "area": float(inside.mean())}
    whole = paste(torch.from_numpy(values)[:, None], found.frame, study.slices.shape[1:])[:, 0].numpy()
    return Attribution((whole / max(float(np.abs(whole).max()), 1e-12)).astype(np.float32), target, method, parameters,
                       check | where, round(time.perf_counter() - began, 3))


def _place(labels: np.ndarray, like: Tensor) -> Tensor:
    """What is explained in a slice ``[side, side]``: its infarct, or its wall where it has none."""
    scar = labels >= INFARCT
    return torch.from_numpy(scar if scar.any() else labels >= MYOCARDIUM).to(like)


def _grad_cam(served: Served, x: Tensor, labels: np.ndarray, done: Done) -> tuple[np.ndarray, dict]:
    maps, segmenters = np.zeros((len(x), SIDE, SIDE), np.float32), served.model.segmenters
    for z, picture in enumerate(labels):
        for segmenter in segmenters if picture.any() else ():
            evidence = Evidence(segmenter, _place(picture, x), served.lock)
            with served.lock:  # forward and backward: the hooks sit on the shared model
                cam = attribution.grad_cam(evidence, [segmenter.map], x[z: z + 1], 0)[0]
            maps[z] += F.interpolate(cam[None], (SIDE, SIDE), mode="bilinear")[0, 0].cpu().numpy()
        done(z + 1, len(labels))
    return maps / len(segmenters), {"layer": "segmenters.*.map", "members": len(segmenters)}


def _integrated_gradients(served: Served, x: Tensor, labels: np.ndarray, done: Done) -> tuple[np.ndarray, dict]:
    maps, deltas = np.zeros((len(x), SIDE, SIDE), np.float32), [0.0]
    for z, picture in enumerate(labels):
        if (picture >= INFARCT).any():
            one, evidence = x[z: z + 1], Evidence(served.model.segmenters[0], _place(picture, x), served.lock)
            values, delta = attribution.integrated_gradients(evidence, one, _blurred(one), 0, IG_STEPS)
            maps[z] = values.sum(1)[0].cpu().numpy()
            deltas.append(delta)
        done(z + 1, len(labels))
    return maps, {"steps": IG_STEPS, "members": 1, "convergence_delta": round(max(deltas), 4)}


_METHODS = {"grad_cam": _grad_cam, "integrated_gradients": _integrated_gradients}


def _blurred(x: Tensor) -> Tensor:
    return torch.from_numpy(gaussian_filter(x.cpu().numpy(), (0, 0, BLUR, BLUR))).to(x)


def _deletion(served: Served, x: Tensor, labels: np.ndarray, values: np.ndarray) -> dict:
    """Cells in order of their positive weight are replaced by the blurred crop, in the slice with most infarct."""
    z = int((labels >= INFARCT).sum((1, 2)).argmax())
    if not (labels[z] >= INFARCT).any() or not (values[z] > 0).any():
        return {"holds": False}
    cells = values[z].clip(0).reshape(SIDE // CELL, CELL, SIDE // CELL, CELL).mean((1, 3))
    sharp, soft = x[z], _blurred(x[z: z + 1])[0]
    evidence = Evidence(served.model.segmenters[0], _place(labels[z], x), served.lock)

    def erase(mask: np.ndarray) -> np.ndarray:
        gone = torch.from_numpy(np.kron(mask, np.ones((CELL, CELL), bool))).to(x.device)
        return torch.where(gone, soft, sharp).cpu().numpy()

    def score(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return evidence(torch.from_numpy(batch).to(x))[:, 0].cpu().numpy()

    return attribution.deletion(score, erase, cells, FRACTIONS, RANDOM_ORDERS) | {"slice": z}
