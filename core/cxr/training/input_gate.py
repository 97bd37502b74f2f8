"""Fitting of the input gate, and how well it tells films from other pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.cxr import gate as gates
from core.cxr.model import CxrNet
from core.cxr.training.data import FOLDS, Films
from core.cxr.training.features import upright
from core.cxr.training.other_pictures import other_pictures
from core.cxr.training.outputs import pooled_features
from core.metrics import Figure, figure

ACCEPTED = 0.995  # share of proper films that the input gate lets pass
CURVE = (0.95, 0.98, 0.99, 0.995, 0.998)
_TURNED = {"inverted": lambda x: 255 - x, "upside_down": lambda x: x.rot90(2, (1, 2)),
           "turned_left": lambda x: x.rot90(1, (1, 2)), "turned_right": lambda x: x.rot90(-1, (1, 2))}


def fit_gate(model: CxrNet, films: Films, pooled: np.ndarray, outliers: Path | None) -> tuple[dict[str, Any], list[Figure]]:
    """Fit the input gate on all proper films; returns its limits and its figures, of films left out of the fit.

    Args:
        pooled: ``[views, n, width]``. outliers: folders of other pictures.
    """
    proper = np.flatnonzero(~films.child)
    apart = np.concatenate([_distances(pooled[0], proper, films.fold, fold) for fold in range(FOLDS)])
    limit = float(np.quantile(apart, ACCEPTED))
    gates.fit_distance(model.gate, pooled[0, proper])
    kinds = {name: pooled_features(model, turn(upright(films.images[proper[::2]]))) for name, turn in _TURNED.items()}
    gates.fit_readouts(model.gate, {"film": pooled[0, proper], **kinds, "child": pooled[0, films.child]})
    found = [figure("Input gate, proper films refused", float((apart > limit).mean()), "films left out of the fit", len(apart),
                    target=0.01)]
    for kind, images in other_pictures(films.images[proper], outliers).items():
        far = model.gate.distance(torch.from_numpy(pooled_features(model, torch.from_numpy(images)))).numpy() > limit
        found.append(figure(f"Input gate, refused: {kind}", float(far.mean()), "not seen in training", len(images)))
    curve = {f"{share:.3f}": round(float(np.quantile(apart, share)), 4) for share in CURVE}
    return {"refuse": limit, "accepted": ACCEPTED, "curve": curve}, found


def _distances(pooled: np.ndarray, proper: np.ndarray, folds: np.ndarray, fold: int) -> np.ndarray:
    gate = gates.Gate(pooled.shape[1])
    gates.fit_distance(gate, pooled[proper[folds[proper] != fold]])
    return gate.distance(torch.from_numpy(pooled[proper[folds[proper] == fold]])).numpy()
