"""Figures and pictures of predicted findings, shared by cross-validation and evaluation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import rankdata
from sklearn.metrics import f1_score, precision_score, recall_score, roc_curve

from core import calibration
from core.cxr.labels import GROUPS, INDEX, LABELS

# The 14 findings of ChestX-ray14 under our names (``core.cxr.labels.NIH``).
NIH_COLUMNS = [INDEX["observation", code] for code in ("Atelectasis", "Cardiomegaly", "Pleural Effusion", "Pneumonia",
                                                       "Pneumothorax", "Consolidation", "Edema")]
NIH_COLUMNS += [INDEX["further", code] for code in GROUPS["further"]]
CHEXNET = 0.777  # macro AUC of CheXNet on the enriched ChestX-ray14 subset, trained on 78,000 films


def auc(truth: np.ndarray, score: np.ndarray) -> float | None:
    """Of the films whose truth is known; None with one class only."""
    known = ~np.isnan(truth)
    positive, ranks = truth[known] == 1, rankdata(score[known])  # Mann and Whitney's form; a bootstrap needs it quick
    ones, zeros = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros)) if ones and zeros else None


def macro_auc(truth: np.ndarray, score: np.ndarray, columns: list[int]) -> float:
    """Mean AUC over the columns that have both classes; NaN if none has."""
    values = [value for k in columns if (value := auc(truth[:, k], score[:, k])) is not None]
    return float(np.mean(values)) if values else float("nan")


def figure(
    name: str, truth: np.ndarray, score: np.ndarray, columns: list[int], patients: np.ndarray, split: str,
    target: float | None = None,
) -> dict:
    """An entry of metrics.json: macro AUC with its 95 % interval, patients resampled."""
    low, high = calibration.bootstrap(lambda rows: macro_auc(truth[rows], score[rows], columns), patients)
    entry = {"name": name, "value": round(macro_auc(truth, score, columns), 4), "interval": [round(low, 4), round(high, 4)],
             "split": split, "n": len(truth), "unit": None}
    return entry | ({"target": target} if target else {})


def table(truth: np.ndarray, p: np.ndarray, thresholds: list[float | None]) -> pd.DataFrame:
    """AUC, accuracy, precision, recall and F1 per finding at its threshold, and their means."""
    rows = []
    for k, (group, code) in enumerate(LABELS):
        known = ~np.isnan(truth[:, k])
        t, cut = truth[known, k], thresholds[k]
        if cut is None or not 0 < t.sum() < len(t):
            continue
        said = p[known, k] >= cut
        rows.append({"group": group, "finding": code, "n": len(t), "positive": int(t.sum()), "threshold": cut,
                     "auc": auc(t, p[known, k]), "accuracy": float((said == t).mean()),
                     "precision": precision_score(t, said, zero_division=0), "recall": recall_score(t, said),
                     "f1": f1_score(t, said, zero_division=0)})
    frame = pd.DataFrame(rows)
    if len(frame):
        mean = frame[["auc", "accuracy", "precision", "recall", "f1"]].mean()
        frame = pd.concat([frame, pd.DataFrame([{"group": "all", "finding": "macro", "n": int(frame["n"].max()), **mean}])])
    return frame


def pictures(truth: np.ndarray, p: np.ndarray, out: Path) -> None:
    """``roc_curves.png``: one small plot per finding that has both classes."""
    columns = [k for k in range(len(LABELS)) if auc(truth[:, k], p[:, k]) is not None]
    if not columns:
        return
    drawing = Figure(figsize=(12, 2.4 * -(-len(columns) // 6)), layout="constrained")
    cells = np.atleast_1d(drawing.subplots(-(-len(columns) // 6), 6, sharex=True, sharey=True)).ravel()
    for axes in cells[len(columns):]:
        axes.set_axis_off()
    for axes, k in zip(cells, columns, strict=False):
        known = ~np.isnan(truth[:, k])
        x, y, _ = roc_curve(truth[known, k], p[known, k])
        axes.plot(x, y, linewidth=1.2)
        axes.plot([0, 1], [0, 1], color="grey", linewidth=0.6)
        axes.set_title(f"{LABELS[k][1]} {auc(truth[:, k], p[:, k]):.2f}", fontsize=8)
    drawing.supxlabel("1 - specificity")
    drawing.supylabel("sensitivity")
    drawing.savefig(out / "roc_curves.png", dpi=130)
