"""From a finding on a chest radiograph to its reason, and whether the reason holds."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core import attribution
from core.assessment import Attribution
from core.attribution import Cancelled, Progress
from core.cxr.image import SIDE
from core.cxr.labels import LABELS
from core.cxr.maps import METHODS
from core.cxr.maps import grad_cams as _grad_cams
from core.cxr.model import CxrNet
from core.cxr.notes import compose
from core.cxr.prepared import Case, label_index, prepare
from core.cxr.regions import mass_inside, region
from core.cxr.study import CxrStudy
from core.serving import Served, get
from core.uploads import InputError

__all__ = ["Cancelled", "explain", "grad_cams", "mass_inside", "region", "weight_randomisation"]

CELL = 16  # pixels of 224: what the deletion check erases at a time
FRACTIONS, RANDOM_ORDERS = (0.1, 0.2, 0.4), 3  # 13 passes of the network; the check belongs to every explanation
LATE = 4  # last parts of the encoder, randomised one after the other


def explain(
    study: CxrStudy, target: str, method: str = "grad_cam", weights: str = "cxr", progress: Progress | None = None
) -> Attribution:
    """Why the model gave ``target`` ("observation:Edema", "child:Pneumonia" ...) its probability.

    ``grad_cam``, ``occlusion`` and ``attention`` say where (no value below zero); ``integrated_gradients`` says what
    speaks for and what against. ``attention`` is rollout in a vision transformer, else what the note reads in the
    image, and knows no finding.

    Args:
        progress: called with the share done, 0 to 1, by the methods that take seconds; False cancels.

    Returns:
        Attribution whose values are shaped like ``study.pixels``, largest magnitude 1 (all zero where nothing speaks
        for the target); its faithfulness is the deletion check with cells of 16 x 16 pixels at 224.

    Raises:
        InputError: unknown or untrained target, unknown method. Cancelled: ``progress`` returned False.
    """
    began, served = time.perf_counter(), get(weights)
    k = label_index(target, served)
    _known(method)
    case = prepare(study, compose(study), served)
    values, parameters = METHODS[method](served, case, k, progress)
    check = _deletion(served, case, values, k)
    upright = _scaled(_resized(values, study.pixels.shape))
    where = {"region": region(_resized(values, (SIDE, SIDE)))}
    return Attribution(upright, ":".join(LABELS[k]), method, parameters | where, check,
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
    maps = _grad_cams(served, prepare(study, compose(study), served), labels)
    return {target: _scaled(_resized(one, study.pixels.shape)) for target, one in zip(targets, maps, strict=True)}


def weight_randomisation(
    study: CxrStudy, target: str, method: str = "grad_cam", weights: str = "cxr", progress: Progress | None = None
) -> dict:
    """Does the map depend on what the model learned? See ``core.attribution.weight_randomisation``.

    The head, the fusion and the last parts of the image encoder of a copy are randomised one after the other.

    Raises:
        InputError: unknown or untrained target, unknown method. Cancelled: ``progress`` returned False.
    """
    served = get(weights)
    k = label_index(target, served)
    _known(method)
    case, stages, done = prepare(study, compose(study), served), _stages(served.model), 0

    def explained(model: nn.Module) -> np.ndarray:
        nonlocal done
        share = None if progress is None else lambda part: progress((done + part) / (len(stages) + 1))
        alone = Served(model, served.config, served.device, 0.0)  # a lock of its own
        values = METHODS[method](alone, case, k, share)[0]
        done += 1
        if share is not None and not share(0.0):
            raise Cancelled("The check was cancelled.")
        return _resized(values, (SIDE, SIDE))

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


def _deletion(served: Served, case: Case, values: Tensor, k: int) -> dict:
    """Cells in order of their positive weight are replaced by the blurred film."""
    cells = _resized(values, (SIDE, SIDE)).clip(0).reshape(SIDE // CELL, CELL, SIDE // CELL, CELL).mean((1, 3))
    film, blurred = (x[0, 0].cpu().numpy() for x in (case.film, case.blurred))

    def erase(mask: np.ndarray) -> np.ndarray:
        return np.where(np.kron(mask, np.ones((CELL, CELL), bool)), blurred, film)

    def score(batch: np.ndarray) -> np.ndarray:
        films = torch.from_numpy(batch).to(case.film).unsqueeze(1).expand(-1, 3, -1, -1)
        with served.lock, torch.inference_mode():
            scores = case.logits(served.model)(films.contiguous(memory_format=torch.channels_last))
        return scores[:, k].cpu().numpy()

    check = attribution.deletion(score, erase, cells, FRACTIONS, RANDOM_ORDERS)
    return check if cells.any() else check | {"holds": False}  # a map that marks nothing has no order to check


def _resized(values: Tensor, shape: tuple[int, int]) -> np.ndarray:
    return F.interpolate(values[None, None].float(), size=tuple(shape), mode="bilinear")[0, 0].cpu().numpy()


def _scaled(values: np.ndarray) -> np.ndarray:
    return (values / max(float(np.abs(values).max()), 1e-12)).astype(np.float32)
