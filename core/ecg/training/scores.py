"""Figures and pictures of ECG weights on PTB-XL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure as Drawing
from sklearn.metrics import roc_curve

from core.calibration import expected_calibration_error
from core.ecg.model import EcgNet
from core.ecg.statements import GROUPS, LABELS, term
from core.ecg.training.data import PtbXl
from core.metrics import Figure, auc, macro_auc, measured, number, resampled

TARGETS = {"superclass": 0.940, "subclass": 0.936, "statement": 0.930, "ece": 0.03}
SUPERCLASSES = range(len(LABELS) - len(GROUPS["superclass"]), len(LABELS))
_PLURAL = {"statement": "statements", "subclass": "subclasses", "superclass": "superclasses"}


def group_auc(truth: np.ndarray, scores: np.ndarray, group: str) -> float | None:
    """Macro AUC of a group of labels, as the PTB-XL benchmark counts it; None where no label has both classes.

    The diagnostic groups are judged on the records that carry a diagnostic statement at all.
    """
    columns = [k for k, (name, _) in enumerate(LABELS) if name == group]
    rows = slice(None) if group == "statement" else truth[:, SUPERCLASSES].any(1)
    return macro_auc(truth[rows], scores[rows], columns)


def group_aucs(truth: np.ndarray, scores: np.ndarray) -> dict[str, float | None]:
    return {f"auc_{group}": number(group_auc(truth, scores, group)) for group in GROUPS}


def figures(
    truth: np.ndarray, p: np.ndarray, patients: np.ndarray, split: str, held: np.ndarray, held_split: str
) -> list[Figure]:
    """AUCs of all rows; the calibration error of the rows ``held`` out of the calibration."""
    diagnosed = int(truth[:, SUPERCLASSES].any(1).sum())
    result = [
        resampled(f"Macro AUC, {len(GROUPS[group])} {_PLURAL[group]}", lambda r, g=group: group_auc(truth[r], p[r], g), patients,
                  split, n=len(truth) if group == "statement" else diagnosed, target=TARGETS[group])
        for group in reversed(GROUPS)  # the superclasses first
    ]
    result += [resampled(f"AUC, {term(*LABELS[k]).label}", lambda r, k=k: auc(truth[r, k], p[r, k]), patients, split)
               for k in SUPERCLASSES]
    for name, columns in (("superclasses", SUPERCLASSES), ("all labels", range(len(LABELS)))):
        q, t = p[held][:, columns], truth[held][:, columns]
        result.append(resampled(f"Expected calibration error, {name}", lambda r, q=q, t=t: expected_calibration_error(q[r], t[r]),
                                patients[held], held_split, target=TARGETS["ece"]))
    return measured(result)


def latent_figures(
    model: EcgNet, bank: list[dict], data: PtbXl, rows: np.ndarray, z: np.ndarray, missed: np.ndarray, split: str
) -> list[Figure]:
    """How close the nearest report of the bank is to the truth, and how much the reconstruction misses."""
    kept, truth = [frozenset(entry["codes"]) for entry in bank], [frozenset(data.codes[row]) for row in rows]

    def overlap(answers: list[frozenset[str]]) -> np.ndarray:
        return np.array([len(a & b) / len(a | b) for a, b in zip(answers, truth, strict=True)])

    values = []
    if kept:
        closest = (model.alignment.project_ecg(torch.from_numpy(z)) @ model.bank.T).argmax(1).tolist()
        values = [("Nearest report, overlap of statements (Jaccard)", overlap([kept[i] for i in closest]), np.mean),
                  ("The commonest report instead, overlap (Jaccard)", overlap([kept[0]] * len(rows)), np.mean)]
    values.append(("Reconstruction, share of signal energy missed (median)", missed, np.median))
    return [resampled(name, lambda r, v=value, f=summary: float(f(v[r])), data.patient[rows], split)
            for name, value, summary in values]


def pictures(truth: np.ndarray, p: np.ndarray, metrics: dict[str, Any], out: Path) -> None:
    """``roc.png`` of the superclasses, ``calibration.png`` of all labels."""
    roc, points = Drawing(figsize=(5, 5), layout="constrained"), Drawing(figsize=(5, 5), layout="constrained")
    axes = roc.subplots()
    for k in SUPERCLASSES:
        if (value := auc(truth[:, k], p[:, k])) is not None:
            x, y, _ = roc_curve(truth[:, k], p[:, k])
            axes.plot(x, y, label=f"{term(*LABELS[k]).label} {value:.3f}", linewidth=1.2)
    axes.set(xlabel="1 - specificity", ylabel="sensitivity", title=f"Superclasses, {metrics['dataset']}")
    axes.legend(frameon=False)
    roc.savefig(out / "roc.png", dpi=150)
    if not metrics["calibration"]:
        return
    axes, bins = points.subplots(), metrics["calibration"]["bins"]
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.plot([b["predicted"] for b in bins], [b["observed"] for b in bins], marker="o")
    axes.set(xlabel="predicted probability", ylabel="observed frequency",
             title=f"All labels, ECE {metrics['calibration']['ece']:.4f}")
    points.savefig(out / "calibration.png", dpi=150)
