"""The models that are compared, each as ``fit(data, rows, seed) -> predict``; all see the same folds.

A predictor is told of patients what a subset of inputs leaves, and answers with log hazards and their standard errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from typing import Any

import numpy as np
import torch
from torch import nn

from core.heart_failure.training.data import Data
from core.heart_failure.training.fit import Ridge, bounds, fit_cox, newton, scale
from core.heart_failure.training.inputs import Subset
from core.heart_failure.variables import scaled

Predictor = Callable[[Data, np.ndarray, Subset], tuple[np.ndarray, np.ndarray]]  # data, rows, told -> log hazard, spread
Fitter = Callable[[Data, np.ndarray, int], Predictor]

PENALTY = 100.0  # of the comparators; 30 and 300 change their C-index by less than 0.01
TREES, DEPTH, RATE, SHARE, LEAF = 150, 2, 0.08, 0.5, 30


def settings_of(model: str) -> dict[str, Any]:
    """What the outcome of a model's fits depends on, beside the data."""
    if model == "mprtm":
        return import_module("core.heart_failure.training.fit_network").RECIPES["compact"].model_dump(mode="json")
    if model.startswith("cox"):
        return asdict(Ridge())
    boosting = {"trees": TREES, "depth": DEPTH, "rate": RATE, "share": SHARE, "leaf": LEAF}
    return boosting if model == "boosted" else {"penalty": PENALTY}


def marginal(data: Data, rows: np.ndarray, seed: int = 0) -> Predictor:
    """The marginal Cox model, fitted once on everything; what a subset leaves out is unknown to it."""
    model = fit_cox(data, rows)
    return lambda data, rows, subset: forward(model, subset.told(data), rows)


def with_inpatients(data: Data, rows: np.ndarray, seed: int = 0) -> Predictor:
    """The same, fitted on SUPPORT2, too; nobody of it is held out."""
    return marginal(data, np.concatenate([rows, data.rows("support2")]), seed)


def forward(model: nn.Module, data: Data, rows: np.ndarray, batch: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """Log hazard and spread ``[n]`` of a model without text."""
    parts = []
    with torch.inference_mode():
        for first in range(0, len(rows), batch):
            some = rows[first: first + batch]
            out = model(torch.from_numpy(data.numbers[some]), torch.from_numpy(data.flags[some]))
            parts.append(torch.stack([out["log_hazard"], out["spread"]]))
    return tuple(torch.cat(parts, 1).double().numpy())


def ridge(data: Data, rows: np.ndarray, seed: int = 0) -> Predictor:
    """The comparator: a ridge Cox on each subset anew, gaps filled with medians. Each cohort has its own."""
    return _by_cohort(data, rows, _ridge)


def indicators(data: Data, rows: np.ndarray, seed: int = 0) -> Predictor:
    """The same with a column more for each input that has gaps: 1 where it is unknown."""
    return _by_cohort(data, rows, lambda *parts: _ridge(*parts, missing=True))


def boosted(data: Data, rows: np.ndarray, seed: int = 0) -> Predictor:
    """Small trees on the gradient of the partial likelihood (Friedman 2001), gaps filled with medians, on each subset anew."""
    return _by_cohort(data, rows, lambda *parts: _boosted(*parts, seed))


def network(data: Data, rows: np.ndarray, seed: int = 0) -> Predictor:
    """The M-PRTM network."""
    return import_module("core.heart_failure.training.fit_network").fit(data, rows, seed)


MODELS: dict[str, Fitter] = {"ridge": ridge, "cox": marginal, "indicators": indicators, "boosted": boosted,
                            "cox_inpatients": with_inpatients, "mprtm": network}
TITLES = {"ridge": "ridge Cox, median filling", "cox": "Cox, marginalised", "indicators": "ridge Cox, missing indicators",
          "boosted": "boosted Cox", "cox_inpatients": "Cox, marginalised, with SUPPORT2", "mprtm": "M-PRTM"}


def _by_cohort(data: Data, rows: np.ndarray, fit: Callable) -> Predictor:
    kept: dict[tuple[str, str], Callable[[np.ndarray], np.ndarray]] = {}

    def predict(data_: Data, asked: np.ndarray, subset: Subset) -> tuple[np.ndarray, np.ndarray]:
        result, told = np.zeros(len(asked)), _inputs(subset.told(data_))
        for cohort in np.unique(data_.cohort[asked]):
            if (cohort, subset.name) not in kept:
                own = rows[data.cohort[rows] == cohort]
                own = own if len(own) else rows  # never seen: of all others
                kept[cohort, subset.name] = fit(_inputs(subset.told(data))[own], data.time[own], data.event[own])
            at = data_.cohort[asked] == cohort
            result[at] = kept[cohort, subset.name](told[asked[at]])
        return result, np.zeros(len(asked))

    return predict


def _inputs(data: Data) -> np.ndarray:
    return np.concatenate([scaled(data.numbers), data.flags], 1).astype(float)


def _filler(raw: np.ndarray, missing: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    """Medians for gaps, winsorised, standardised, columns without a value left out; all as of the training rows."""
    has = ~np.isnan(raw).all(0)
    low, high = bounds(raw, np.zeros(len(raw)), 0.01)
    median = np.nanmedian(raw[:, has], 0)

    def fill(rows: np.ndarray) -> np.ndarray:
        rows = np.clip(rows, low, high)[:, has]
        gaps = np.isnan(rows)
        full = np.where(gaps, median, rows)
        return np.concatenate([full, gaps], 1) if missing else full

    mean, deviation = scale(fill(raw))
    return lambda rows: (fill(rows) - mean) / deviation


def _ridge(raw: np.ndarray, time: np.ndarray, event: np.ndarray, missing: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    fill = _filler(raw, missing)
    x = fill(raw)
    beta, _ = newton(x, time, event, np.zeros(len(x)), np.full(x.shape[1], PENALTY))
    return lambda rows: fill(rows) @ beta


def _boosted(raw: np.ndarray, time: np.ndarray, event: np.ndarray, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    from sklearn.tree import DecisionTreeRegressor

    fill, rng = _filler(raw), np.random.default_rng(seed)
    order = np.argsort(time)
    x, died = fill(raw)[order], event[order].astype(float)
    score, trees = np.zeros(len(x)), []
    for _ in range(TREES):
        weight = np.exp(score)
        at_risk = np.cumsum(weight[::-1])[::-1]
        residual = died - weight * np.cumsum(died / at_risk)  # of the martingale: the gradient
        some = rng.choice(len(x), int(SHARE * len(x)), replace=False)
        tree = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=LEAF, max_features=0.3,
                                     random_state=int(rng.integers(2**31))).fit(x[some], residual[some])
        trees.append(tree)
        score += RATE * tree.predict(x)
    return lambda rows: RATE * sum(tree.predict(filled) for filled in [fill(rows)] for tree in trees)
