"""The methods behind an explanation: each turns a case and a label into a map ``[rows, columns]``.

Every method takes the model's lock for as long as one pass needs it, so that a long one keeps nobody waiting.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core import attribution
from core.attribution import Progress
from core.cxr.attention import image_rollout, note_reads_image
from core.cxr.model import CxrNet
from core.cxr.prepared import Case
from core.serving import Served

IG_STEPS = 24
WINDOW, STRIDE = 32, 16  # pixels of 224, about 5 and 2.5 cm of a 35-cm film


class _FromMap(nn.Module):
    """The network from the feature map on: the encoder need not run again for another finding."""

    def __init__(self, model: CxrNet, case: Case):
        super().__init__()
        self.model, self.case = model, case

    def forward(self, features: Tensor) -> Tensor:
        return self.model.fuse(self.model.encoder.map(features), *self.case.note(len(features)))


def grad_cams(served: Served, case: Case, labels: Sequence[int]) -> Tensor:
    """``[labels, rows, columns]``, one pass of the image encoder for all of them."""
    model = served.model
    with served.lock:
        with torch.no_grad():
            features = model.encoder(case.film).expand(len(labels), -1, -1, -1)
        return attribution.grad_cam(_FromMap(model, case), [model.encoder.map], features, labels)[0]


def grad_cam(served: Served, case: Case, k: int, progress: Progress | None) -> tuple[Tensor, dict]:
    return grad_cams(served, case, [k])[0], {"layer": "encoder.map"}


def integrated_gradients(served: Served, case: Case, k: int, progress: Progress | None) -> tuple[Tensor, dict]:
    forward = attribution.watched(_locked(served, case), IG_STEPS + 2, progress)  # and both ends, for the delta
    values, delta = attribution.integrated_gradients(forward, case.film, case.blurred, k, IG_STEPS)
    return values[0].sum(0), {"steps": IG_STEPS, "baseline": "blurred film", "convergence_delta": round(delta, 4)}


def occlusion(served: Served, case: Case, k: int, progress: Progress | None) -> tuple[Tensor, dict]:
    values = attribution.occlusion(_locked(served, case), case.film, case.blurred, k, (3, WINDOW, WINDOW),
                                   (3, STRIDE, STRIDE), progress=progress)
    # every channel carries the fall of the whole window; what lowers the logit is left out
    return values[0, 0].clamp_min(0), {"window": WINDOW, "stride": STRIDE, "baseline": "blurred film"}


def attention(served: Served, case: Case, k: int, progress: Progress | None) -> tuple[Tensor, dict]:
    """Knows no finding: the same map for all of them."""
    with served.lock:
        if served.model.encoder.transformer:
            kind, values = "attention rollout", image_rollout(served.model.encoder, case.film)
        else:
            kind, values = "note reads image", note_reads_image(served.model, case)
    return values, {"kind": kind, "same_for_all_findings": True}


METHODS = {"grad_cam": grad_cam, "integrated_gradients": integrated_gradients, "occlusion": occlusion,
           "attention": attention}


def _locked(served: Served, case: Case):
    forward = case.logits(served.model)

    def run(films: Tensor) -> Tensor:
        with served.lock:
            return forward(films)

    return run
