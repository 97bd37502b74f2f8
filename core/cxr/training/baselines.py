"""What the network is measured against: the fields alone, and a linear probe on shares of the films."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from core.cxr.labels import LABELS
from core.cxr.training.data import FOLDS, Films
from core.cxr.training.fit import fit_probe
from core.cxr.training.scores import NIH_COLUMNS
from core.progress import Done
from core.training.steps import counted

FIELDS = "age, sex, view and follow-up alone"
SHARES = (0.125, 0.25, 0.5, 1.0)  # of the patients, for the learning curve


def baselines(films: Films, pooled: np.ndarray, strength: float, done: Done | None = None) -> list[tuple[str, np.ndarray]]:
    """Their names, and their scores of unseen films ``[n, labels]``.

    Args:
        pooled: features ``[views, n, width]``. strength: of the probe.
    """
    result = [(FIELDS, fields_only(films))]
    for share in counted(SHARES, "learning curve", done):
        score, count = probe_only(films, pooled, strength, share)
        result.append((f"linear probe on {count} training films", score))
    return result


def fields_only(films: Films) -> np.ndarray:
    """Scores of unseen films ``[n, labels]`` from age, sex, view and follow-up number; NaN beside the 14 findings."""
    score = np.full((len(films), len(LABELS)), np.nan)
    for fold in range(FOLDS):
        for k in NIH_COLUMNS:
            learn = (films.fold != fold) & ~np.isnan(films.targets[:, k])
            if 0 < films.targets[learn, k].sum() < learn.sum():
                mean, spread = films.fields[learn].mean(0), films.fields[learn].std(0) + 1e-6
                model = LogisticRegression().fit((films.fields[learn] - mean) / spread, films.targets[learn, k])
                score[films.fold == fold, k] = model.decision_function((films.fields[films.fold == fold] - mean) / spread)
    return score


def probe_only(films: Films, pooled: np.ndarray, strength: float, share: float) -> tuple[np.ndarray, int]:
    """The linear probe on a share of the patients: scores of unseen films, and the mean number of films learned from."""
    score, counts, rng = np.full((len(films), len(LABELS)), np.nan), [], np.random.default_rng(0)
    adult = ~np.isnan(films.targets[:, NIH_COLUMNS]).all(1)
    for fold in range(FOLDS):
        patients = np.unique(films.patient[adult & (films.fold != fold)])
        kept = rng.permutation(patients)[: round(share * len(patients))]
        learn, held = adult & (films.fold != fold) & np.isin(films.patient, kept), films.fold == fold
        probe = nn.Linear(pooled.shape[-1], len(LABELS))
        fit_probe(probe, pooled[:, learn], films.targets[learn], strength)
        with torch.no_grad():
            score[held] = probe(torch.from_numpy(pooled[0, held])).numpy()
        counts.append(int(learn.sum()))
    return score, round(float(np.mean(counts)))
