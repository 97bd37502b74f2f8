"""Calibration and operating points: fitted on one half of the validation fold, judged on the other."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from core.calibration import fit_platt_pooled
from core.ecg.model import EcgNet
from core.ecg.statements import GROUPS
from core.ecg.training.data import VALIDATION_FOLD, PtbXl, calibration_halves
from core.ecg.training.outputs import logits
from core.metrics import best_f1_threshold, operating_point
from core.progress import Done
from core.training.steps import parts

ENOUGH = 20  # positives in the calibration half for a scaling and a threshold of the label's own


def calibrate(model: EcgNet, data: PtbXl, done: Done | None = None) -> dict[str, Any]:
    """The entries of config.json; sensitivity and specificity come from the half that was not calibrated on."""
    learn, held = calibration_halves(data)
    fitted, judged = (logits(model, data, rows, fast=False, done=part)
                      for rows, part in zip((learn, held), parts(done, [1, 1]), strict=True))
    truth, scales, points = data.targets, [], []
    first = 0
    for terms in GROUPS.values():
        columns = slice(first, first + len(terms))
        scales += fit_platt_pooled(fitted[:, columns], truth[learn, columns], ENOUGH)
        first += len(terms)
    for k, scale in enumerate(scales):
        known = truth[learn, k].sum() >= ENOUGH
        threshold = best_f1_threshold(scale.probability(fitted[:, k]), truth[learn, k]) if known else 0.5
        points.append({**operating_point(np.asarray(scale.probability(judged[:, k])), truth[held, k], threshold),
                       "chosen": "F1" if known else "0.5"})
    return {"calibration": [asdict(scale) for scale in scales], "operating_points": points,
            "operating_points_from": f"fold {VALIDATION_FOLD}, one half: largest F1; 0.5 for labels with under {ENOUGH} cases "
                                     "there; sensitivity and specificity on the other half"}
