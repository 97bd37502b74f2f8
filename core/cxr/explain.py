"""From a finding on a chest radiograph to its reason, and whether the reason holds."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from core import attribution
from core.assessment import Attribution
from core.cxr.deletion import deletion, resized, scaled
from core.cxr.image import SIDE
from core.cxr.labels import LABELS
from core.cxr.maps import METHODS
from core.cxr.maps import grad_cams as _grad_cams
from core.cxr.model import CxrNet
from core.cxr.notes import compose
from core.cxr.prepared import Prepared, encoded, label_index, prepare
from core.cxr.regions import region
from core.cxr.study import CxrStudy
from core.progress import Done, report
from core.serving import Served, get
from core.uploads import InputError

LATE = 4  # last parts of the encoder, randomised one after the other


def explain(
    study: CxrStudy, target: str, method: str = "grad_cam", weights: str = "cxr", done: Done | None = None
) -> Attribution:
    """Why the model gave ``target`` ("observation:Edema", "child:Pneumonia" ...) its probability.

    ``grad_cam``, ``occlusion`` and ``attention`` say where (no value below zero); ``integrated_gradients`` says what
    speaks for and what against. ``attention`` is rollout in a vision transformer, else what the note reads in the
    image, and knows no finding.

    Args:
        done: called by the methods that take seconds.

    Returns:
        Attribution whose values are shaped like ``study.pixels``, largest magnitude 1 (all zero where nothing speaks
        for the target); its faithfulness is the deletion check with cells of 16 x 16 pixels at 224.

    Raises:
        InputError: unknown or untrained target, unknown method. Cancelled: ``done`` returned False.
    """
    began, served = time.perf_counter(), get(weights)
    k = label_index(target, served)
    _known(method)
    prepared = prepare(study, compose(study), served)
    values, parameters = METHODS[method](served, prepared, k, done)
    check = _deletion(served, prepared, values, k)
    where = {"region": region(resized(values, (SIDE, SIDE)))}
    return Attribution(scaled(resized(values, study.pixels.shape)), ":".join(LABELS[k]), method, parameters | where, check,
                       round(time.perf_counter() - began, 3))


def grad_cams(study: CxrStudy, targets: Sequence[str], weights: str = "cxr") -> dict[str, np.ndarray]:
    """Grad-CAM of several findings from one pass of the image encoder: by target, values as those of ``explain``.

    Raises:
        InputError: unknown or untrained target.
    """
    served = get(weights)
    labels = [label_index(target, served) for target in targets]
    if not labels:
        return {}
    prepared = prepare(study, compose(study), served)
    maps = _grad_cams(served, prepared, encoded(served, prepared), labels)
    return {target: scaled(resized(one, study.pixels.shape)) for target, one in zip(targets, maps, strict=True)}


def weight_randomisation(
    study: CxrStudy, target: str, method: str = "grad_cam", weights: str = "cxr", done: Done | None = None
) -> dict:
    """Does the map depend on what the model learned? See ``core.attribution.weight_randomisation``.

    The head, the fusion and the last parts of the image encoder of a copy are randomised one after the other.

    Raises:
        InputError: unknown or untrained target, unknown method. Cancelled: ``done`` returned False.
    """
    served = get(weights)
    k = label_index(target, served)
    _known(method)
    prepared, stages, maps = prepare(study, compose(study), served), _stages(served.model), 0

    def explained(model: nn.Module) -> np.ndarray:
        nonlocal maps
        part = None if done is None else lambda steps, of: done(maps * of + steps, (len(stages) + 1) * of)
        alone = Served(model, served.config, served.device, 0.0)  # a lock of its own
        values = METHODS[method](alone, prepared, k, part)[0]
        maps += 1
        report(done, maps, len(stages) + 1)
        return resized(values, (SIDE, SIDE))

    with served.lock:  # nobody's hooks are copied
        copied = copy.deepcopy(served.model)
    return attribution.weight_randomisation(copied, stages, explained)


def _stages(model: CxrNet) -> dict[str, list[str]]:
    """Names of submodules, from the output down."""
    late: list[str] = []
    for name, part in model.encoder.net.named_children():
        late += [f"{name}.{inner}" for inner, _ in part.named_children()] if name == "blocks" else [name]
    late = [name for name in late if any(True for _ in model.encoder.net.get_submodule(name).parameters())]
    stages = {"head": ["head", "direct"], "fusion": ["image_in", "text_in", "image_reads", "text_reads"]}
    return stages | {f"encoder {name}": [f"encoder.net.{name}"] for name in reversed(late[-LATE:])}


def _known(method: str) -> None:
    if method not in METHODS:
        raise InputError("method", f"There is no method {method!r}.", f"Choose one of {', '.join(METHODS)}.")


def _deletion(served: Served, prepared: Prepared, values: Tensor, k: int) -> dict:
    forward = prepared.logits(served.model)

    def score(batch: Tensor) -> Tensor:
        films = batch.to(prepared.film).unsqueeze(1).expand(-1, 3, -1, -1)
        with served.lock, torch.inference_mode():
            return forward(films.contiguous(memory_format=torch.channels_last))[:, k]

    return deletion(score, *(x[0, 0].cpu().numpy() for x in (prepared.film, prepared.blurred)), values)
