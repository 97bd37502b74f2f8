"""The methods behind an explanation: each turns a prepared study and a label into a map ``[rows, columns]``.

Every method takes the model's lock for as long as one pass needs it, so that a long one keeps nobody waiting.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from core import attribution
from core.attribution import Forward
from core.cxr.attention import image_rollout, note_reads_image
from core.cxr.model import CxrNet
from core.cxr.prepared import Prepared, encoded
from core.progress import Done
from core.serving import Served

IG_STEPS = 24
WINDOW, STRIDE = 32, 16  # pixels of 224, about 5 and 2.5 cm of a 35-cm film


class _FromMap(nn.Module):
    """The network from the feature map on: the encoder need not run again for another finding."""

    def __init__(self, model: CxrNet, prepared: Prepared):
        super().__init__()
        self.model, self.prepared = model, prepared

    def forward(self, features: Tensor) -> Tensor:
        return self.model.fuse(self.model.encoder.map(features), *self.prepared.note(len(features)))


def grad_cams(served: Served, prepared: Prepared, features: Tensor, labels: Sequence[int]) -> Tensor:
    """``[labels, rows, columns]`` from the ``features`` of the film (``core.cxr.prepared.encoded``), in one pass."""
    model = served.model
    with served.lock:
        return attribution.grad_cam(_FromMap(model, prepared), [model.encoder.map],
                                    features.expand(len(labels), -1, -1, -1), labels)[0]


def grad_cam(served: Served, prepared: Prepared, k: int, done: Done | None) -> tuple[Tensor, dict]:
    return grad_cams(served, prepared, encoded(served, prepared), [k])[0], {"layer": "encoder.map"}


def integrated_gradients(served: Served, prepared: Prepared, k: int, done: Done | None) -> tuple[Tensor, dict]:
    forward = attribution.watched(_locked(served, prepared), IG_STEPS + 2, done)  # and both ends, for the delta
    values, delta = attribution.integrated_gradients(forward, prepared.film, prepared.blurred, k, IG_STEPS)
    return values[0].sum(0), {"steps": IG_STEPS, "baseline": "blurred film", "convergence_delta": round(delta, 4)}


def occlusion(served: Served, prepared: Prepared, k: int, done: Done | None) -> tuple[Tensor, dict]:
    values = attribution.occlusion(_locked(served, prepared), prepared.film, prepared.blurred, k, (3, WINDOW, WINDOW),
                                   (3, STRIDE, STRIDE), done=done)
    # every channel carries the fall of the whole window; what lowers the logit is left out
    return values[0, 0].clamp_min(0), {"window": WINDOW, "stride": STRIDE, "baseline": "blurred film"}


def attention(served: Served, prepared: Prepared, k: int, done: Done | None) -> tuple[Tensor, dict]:
    """Knows no finding: the same map for all of them."""
    with served.lock:
        if served.model.encoder.transformer:
            kind, values = "attention rollout", image_rollout(served.model.encoder, prepared.film)
        else:
            kind, values = "note reads image", note_reads_image(served.model, prepared)
    return values, {"kind": kind, "same_for_all_findings": True}


METHODS = {"grad_cam": grad_cam, "integrated_gradients": integrated_gradients, "occlusion": occlusion,
           "attention": attention}


def _locked(served: Served, prepared: Prepared) -> Forward:
    forward = prepared.logits(served.model)

    def run(films: Tensor) -> Tensor:
        with served.lock:
            return forward(films)

    return run
