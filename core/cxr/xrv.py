"""TorchXRayVision's DenseNet-121 as a third model beside ours (Cohen et al. 2022, arXiv 2111.00595).

Its own label order, operating points, pixel range and crop are honoured; the network is ``core.cxr.xrv_net``.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.nn import functional as F

from core import attribution
from core.assessment import Assessment, Attribution, Finding, Notice
from core.cxr.deletion import deletion, resized, scaled
from core.cxr.image import SIDE
from core.cxr.labels import GROUPS, LABELS
from core.cxr.prepared import BLUR
from core.cxr.sources import SOURCES, XRV
from core.cxr.study import CxrStudy
from core.cxr.xrv_weights import CARD_TEXT, available
from core.cxr.xrv_weights import load_served as load
from core.serving import Served, timed
from core.uploads import InputError

__all__ = ["CARD_TEXT", "assess", "available", "explain", "findings", "load"]

RANGE = 1024.0
POINT = 0.5  # where the operating points are moved to
TITLES = {"Effusion": "Pleural Effusion", "Pleural_Thickening": "Pleural Thickening"}  # our names for theirs


def film(study: CxrStudy) -> Tensor:
    """``[1, 1, 224, 224]`` in -1024 to 1024: the central square, the film's full range, not stretched."""
    rows, columns = _square(study)
    pixels = torch.from_numpy(np.ascontiguousarray(study.pixels[rows, columns]))[None, None]
    return (2 * F.interpolate(pixels, size=(SIDE, SIDE), mode="bilinear", antialias=True) - 1) * RANGE


def op_norm(probability: float, point: float) -> float:
    """The authors' rescaling: linear from 0 to the operating point, which becomes 0.5, and linear from there to 1."""
    return probability / (2 * point) if probability < point else 1 - (1 - probability) / (2 * (1 - point))


def findings(study: CxrStudy) -> tuple[Finding, ...]:
    """Our observations and further findings in groups of the model's own; what it was not trained on says so.

    Raises:
        InputError: the plug-in may not be used (``core.plugins.rule``).
    """
    served = load()
    with served.lock, torch.inference_mode():
        logits = served.model(film(study).to(served.device))[0].cpu()
    return _findings(logits, served)


def assess(study: CxrStudy, notices: tuple[Notice, ...] | None = None) -> Assessment:
    """Findings and notices as one Assessment; a refused film has no findings.

    Args:
        notices: those of our own assessment of the film, since the input gate is ours; None: those of reading it.

    Raises:
        InputError: the plug-in may not be used (``core.plugins.rule``).
    """
    served, timings = load(), {}
    notices = study.notices if notices is None else notices
    with timed(timings, "network"):
        found = () if any(n.level == "refuse" for n in notices) else findings(study)
    return Assessment(modality="cxr", model=served.identity, findings=found, notices=notices, timings_ms=timings)


def explain(study: CxrStudy, target: str) -> Attribution:
    """Grad-CAM on the last feature layer, with the deletion check of our own models.

    Args:
        target: "group:code" of one of its findings, or of ours.

    Returns:
        Attribution shaped like ``study.pixels``, largest value 1, zero outside the central square.

    Raises:
        InputError: unknown or untrained target; the plug-in may not be used.
    """
    began, served = time.perf_counter(), load()
    k = _output(target, served)
    x = film(study).to(served.device)
    layers = served.config.extra["attribution_layers"]
    with served.lock:
        low = attribution.grad_cam(served.model, [served.model.get_submodule(name) for name in layers], x, k)[0][0]
    check = _deletion(served, x, low, k)
    rows, columns = _square(study)
    values = np.zeros(study.pixels.shape, np.float32)
    side = rows.stop - rows.start
    values[rows, columns] = resized(low, (side, side))
    return Attribution(scaled(values), target, "grad_cam", {"layers": layers}, check,
                       round(time.perf_counter() - began, 3))


def _square(study: CxrStudy) -> tuple[slice, slice]:
    """Rows and columns of the largest central square."""
    side = min(study.pixels.shape)
    return tuple(slice(n // 2 - side // 2, n // 2 - side // 2 + side) for n in study.pixels.shape)


def _outputs(served: Served) -> dict[tuple[str, str], int]:
    """Our label -> output of the model, trained outputs with an operating point only."""
    known, result = {code: group for group in ("observation", "further") for code in GROUPS[group]}, {}
    about = served.config.extra
    for k, (name, point) in enumerate(zip(about["labels"], about["op_threshs"], strict=True)):
        code = TITLES.get(name, name)
        if code in known and point is not None:
            result[known[code], code] = k
    return result


def _output(target: str, served: Served) -> int:
    group, _, code = target.rpartition(":")
    k = _outputs(served).get((group.removesuffix(f"_{XRV}") or "observation", code))
    if k is None:
        raise InputError("target", f"TorchXRayVision's model has no finding {target!r}.",
                         "Choose a finding that has a probability, for example observation:Edema.")
    return k


def _findings(logits: Tensor, served: Served) -> tuple[Finding, ...]:
    outputs, points, rows = _outputs(served), served.config.extra["op_threshs"], []
    for group, code in LABELS:
        if group == "child":
            continue
        k = outputs.get((group, code))
        if k is None:
            rows.append(Finding(f"{group}_{XRV}", code, code, None, None, trained=False, source=SOURCES[XRV]))
        else:
            probability = op_norm(float(torch.sigmoid(logits[k])), points[k])
            rows.append(Finding(f"{group}_{XRV}", code, code, probability, POINT, source=SOURCES[XRV]))
    return tuple(rows)


def _deletion(served: Served, x: Tensor, low: Tensor, k: int) -> dict:
    sharp = x[0, 0].cpu().numpy()

    def score(batch: Tensor) -> Tensor:
        with served.lock, torch.inference_mode():
            return served.model(batch[:, None].to(served.device))[:, k]

    return deletion(score, sharp, gaussian_filter(sharp, BLUR), low)
