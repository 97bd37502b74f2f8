"""A teacher that sees all series of the stay: what it thinks of the training stays is a softer truth than died or not.

Learning with privileged information (Vapnik and Vashist 2009) by distillation (Lopez-Paz et al. 2016). Its opinion of a stay
is always that of trees which had not seen the stay, nor any stay outside the training rows.
"""

from __future__ import annotations

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold

from core.deterioration.features import summary
from core.deterioration.training.data import Data

_SINGLE = ("Age", "Gender", "ICUType", "Height")


def everything(data: Data) -> np.ndarray:
    """Features ``[n, k]`` of all that was recorded in 48 h, for the teacher alone."""
    names = sorted({name for extra in data.extra for name in extra if name not in _SINGLE})
    found = np.full((len(data), len(names), 8), np.nan, np.float32)
    for row, extra in enumerate(data.extra):
        for k, name in enumerate(names):
            if name in extra:
                at, values = np.array(extra[name], np.float32).T
                late = values[at > 24]
                found[row, k] = (values.mean(), values.min(), values.max(), len(values), values[0], values[-1],
                                 late.mean() if len(late) else np.nan, values.sum())
    single = np.array([[extra[name][0][1] if name in extra else np.nan for name in _SINGLE] for extra in data.extra], np.float32)
    vitals = summary(torch.from_numpy(data.grids))[:, -1].numpy()
    result = np.concatenate([found.reshape(len(data), -1), single, vitals], 1)
    varied = [len(np.unique(column[np.isfinite(column)])) > 2 for column in result.T]
    return result[:, varied]


def boosting(seed: int = 0) -> HistGradientBoostingClassifier:
    """The gradient boosting of the room: the teacher, and the comparator on the features of the network."""
    return HistGradientBoostingClassifier(max_iter=250, learning_rate=0.035, max_leaf_nodes=6, l2_regularization=5,
                                          max_features=0.15, min_samples_leaf=30, random_state=seed)


def opinions(features: np.ndarray, died: np.ndarray, rows: np.ndarray, seed: int = 0) -> np.ndarray:
    """Probability of death ``[len(rows)]``, each by trees grown on four fifths of the rows without it."""
    found = np.zeros(len(rows), np.float32)
    for learn, held in StratifiedKFold(5, shuffle=True, random_state=seed).split(rows, died[rows]):
        trees = boosting(seed).fit(features[rows[learn]], died[rows[learn]])
        found[held] = trees.predict_proba(features[rows[held]])[:, 1]
    return found
