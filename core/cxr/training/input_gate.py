"""Fitting of the input gate, and how well it tells films from other pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from core.cxr import gate as gates
from core.cxr.image import square, tensor
from core.cxr.model import CxrNet
from core.cxr.refusal import SURE
from core.cxr.training.data import FOLDS, Films
from core.cxr.training.distorted import elsewhere, wrong
from core.cxr.training.features import upright
from core.cxr.training.other_pictures import other_pictures
from core.cxr.training.outputs import pooled_features
from core.metrics import Figure, figure

ACCEPTED = 0.998  # share of proper films that each part of the input gate lets pass
CURVE = (0.95, 0.98, 0.99, 0.995, 0.998)
MARGIN = 1.25  # times the 99th percentile of the texture distance: hospitals differ more than patients of one; our choice
EACH = 800  # proper films
PROPER = ("film", "elsewhere")
APART = 0  # the fold of patients whose films the figures are of


def fit_gate(
    model: CxrNet, films: Films, pooled: np.ndarray, most: int, outliers: Path | None = None, hospital: Path | None = None
) -> tuple[dict[str, Any], list[Figure]]:
    """Fit the input gate; returns its limits and its figures, of patients left out of the fit that the limits are from.

    Args:
        pooled: ``[views, n, width]``. most: pictures of every wrong kind. outliers: folders of other pictures.
        hospital: proper films of another one.
    """
    some = learns_from(films)
    held = films.fold[some] == APART
    images = np.array(films.images[some])
    made = {"film": _features(model, upright(images).numpy()), "elsewhere": _features(model, elsewhere(images))}
    few = slice(None, None, max(1, len(some) // most))
    made |= {kind: _features(model, pictures) for kind, pictures in wrong(images[few]).items()}
    apart = {kind: held if kind in PROPER else held[few] for kind in made}
    width = pooled.shape[2]
    children = np.pad(pooled[0, films.child], ((0, 0), (0, made["film"].shape[1] - width)))  # readouts want no texture
    fold = films.fold[films.child]

    _fit(model, {kind: values[~apart[kind]] for kind, values in made.items()}, children[fold != APART])
    unseen = {kind: values[apart[kind]] for kind, values in made.items()}
    good = np.concatenate([unseen[kind] for kind in PROPER])
    limit = float(np.quantile(_distance(model, good), ACCEPTED))
    sure = {kind: max(SURE, float(np.quantile(p, ACCEPTED))) for kind, p in _readouts(model, good).items() if kind != "child"}
    limits = {"refuse": limit, "sure": sure, "texture": None}  # None: of a gate that takes none
    if hasattr(model.gate, "texture_map"):
        limits["texture"] = MARGIN * float(np.quantile(_strangeness(model, good), 0.99))
    found = _figures(model, limits, unseen, images, most, outliers, hospital)
    curve = {f"{share:.3f}": round(float(np.quantile(_distance(model, good), share)), 4) for share in CURVE}
    _fit(model, made, children)
    return limits | {"accepted": ACCEPTED, "curve": curve}, found


def _fit(model: CxrNet, made: dict[str, np.ndarray], children: np.ndarray) -> None:
    width, both = model.encoder.width, np.concatenate([made[kind] for kind in PROPER])
    gates.fit_distance(model.gate, both[:, :width])
    kinds = {kind: values[:, :width] for kind, values in made.items() if kind not in PROPER}
    gates.fit_readouts(model.gate, {"film": both[:, :width], **kinds, "child": children[:, :width]})
    if hasattr(model.gate, "texture_map"):
        gates.fit_texture(model.gate, both[:, width:])


def learns_from(films: Films) -> np.ndarray:
    """Rows of films of adults, evenly spread over the collection."""
    proper = np.flatnonzero(~films.child)
    return proper[:: max(1, len(proper) // EACH)]


def _figures(
    model: CxrNet, limits: dict[str, Any], unseen: dict[str, np.ndarray], images: np.ndarray, most: int,
    outliers: Path | None, hospital: Path | None,
) -> list[Figure]:
    apart, found = f"films of one of {FOLDS} folds of patients, left out of the fit", []

    def told(name: str, features: np.ndarray, split: str, target: float | None = None) -> None:
        found.append(figure(f"Input gate, {name}", float(refused(model, limits, features).mean()), split, len(features),
                            target=target))

    told("proper films refused", unseen["film"], apart, 0.02)
    told("films with other exposure, marks and frames refused", unseen["elsewhere"], apart, 0.02)
    if hospital is not None:
        paths = sorted(path for path in hospital.rglob("*") if path.suffix in (".png", ".jpg", ".webp"))
        told("films of another hospital refused", _features(model, np.stack([square(_grey(path)) for path in paths])),
             "Hannover Medical School, bedside and upright; none was learned from", 0.02)
    for kind in unseen:
        if kind not in PROPER:
            told(f"refused: {kind.replace('_', ' ')}", unseen[kind], apart, 0.99)
    for kind, pictures in other_pictures(images, most, outliers).items():
        told(f"refused: {kind}", _features(model, pictures), "not seen in training", 0.99)
    return found


def refused(model: CxrNet, limits: dict[str, Any], features: np.ndarray) -> np.ndarray:
    """``[n]``: what the gate does not let pass, as ``core.cxr.refusal`` decides."""
    result = _distance(model, features) > limits["refuse"]
    if limits["texture"] is not None:
        result |= _strangeness(model, features) > limits["texture"]
    for kind, p in _readouts(model, features).items():
        if kind in limits["sure"]:
            result |= p > limits["sure"][kind]
    return result


@torch.no_grad()
def _features(model: CxrNet, pictures: np.ndarray) -> np.ndarray:
    """``[n, width]`` pooled, and the texture behind it where the gate takes one."""
    pooled = pooled_features(model, torch.from_numpy(pictures))
    if not hasattr(model.gate, "texture_map"):
        return pooled
    seen = [model.encoder.textures(tensor(part)).numpy() for part in torch.from_numpy(pictures).split(64)]
    return np.concatenate([pooled, np.concatenate(seen)], 1)


@torch.no_grad()
def _distance(model: CxrNet, features: np.ndarray) -> np.ndarray:
    return model.gate.distance(torch.from_numpy(features[:, : model.encoder.width])).numpy()


@torch.no_grad()
def _strangeness(model: CxrNet, features: np.ndarray) -> np.ndarray:
    return model.gate.strangeness(torch.from_numpy(features[:, model.encoder.width:])).numpy()


@torch.no_grad()
def _readouts(model: CxrNet, features: np.ndarray) -> dict[str, np.ndarray]:
    return {kind: p.numpy() for kind, p in model.gate.kinds(torch.from_numpy(features[:, : model.encoder.width])).items()}


def _grey(path: Path) -> np.ndarray:
    with Image.open(path) as film:
        return np.asarray(film.convert("F"), np.float32) / 255


