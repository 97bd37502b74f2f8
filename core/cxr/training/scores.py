"""Figures and pictures of predicted findings, shared by cross-validation and evaluation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing
from sklearn.metrics import f1_score, precision_score, recall_score, roc_curve

from core.cxr.labels import GROUPS, INDEX, LABELS
from core.cxr.training.data import Films
from core.metrics import Figure, auc, macro_auc, resampled

# The 14 findings of ChestX-ray14 under our names (``core.cxr.labels.NIH``).
NIH_COLUMNS = [INDEX["observation", code] for code in ("Atelectasis", "Cardiomegaly", "Pleural Effusion", "Pneumonia",
                                                       "Pneumothorax", "Consolidation", "Edema")]
NIH_COLUMNS += [INDEX["further", code] for code in GROUPS["further"]]
CHILD = INDEX["child", "Pneumonia"]  # the last label
CHEXNET = 0.777  # macro AUC of CheXNet on the enriched ChestX-ray14 subset, trained on 78,000 films


def aucs(
    name: str, truth: np.ndarray, score: np.ndarray, columns: list[int], patients: np.ndarray, split: str,
    target: float | None = None,
) -> Figure:
    """Macro AUC of the columns with its 95 % interval, patients resampled."""
    return resampled(name, lambda rows: macro_auc(truth[rows], score[rows], columns), patients, split, target=target)


def figures(
    films: Films, seen: dict[str, np.ndarray], others: Sequence[tuple[str, np.ndarray]], judged: list[np.ndarray],
    split: Callable[[np.ndarray], str],
) -> list[Figure]:
    """AUCs of the cross-validation.

    Args:
        seen: logits of unseen films by "note", "image", "aspects". others: what they are measured against, by name.
        judged: per label the films it is judged on ``[n]``. split: names such films.
    """
    def of(name: str, score: np.ndarray, rows: np.ndarray, columns: list[int], target: float | None = None) -> Figure:
        return aucs(name, films.targets[rows], score[rows], columns, films.patient[rows], split(rows), target)

    adults = judged[NIH_COLUMNS[0]]
    ours = [("film and note", seen["note"]), ("film alone", seen["image"]), ("low-rank multi-aspect", seen["aspects"])]
    result = [of(f"Macro AUC, 14 findings, {name}", score, adults, NIH_COLUMNS, CHEXNET if name == ours[0][0] else None)
              for name, score in (*ours, *others)]
    result.append(of("AUC, pneumonia of children", seen["note"], judged[CHILD], [CHILD], 0.98))
    return result + [of(f"AUC, {LABELS[k][1]}", seen["note"], judged[k], [k]) for k in range(CHILD)]


def table(truth: np.ndarray, p: np.ndarray, thresholds: list[float | None]) -> pd.DataFrame:
    """AUC, accuracy, precision, recall and F1 per finding at its threshold, and their means."""
    rows = []
    for k, (group, code) in enumerate(LABELS):
        known = ~np.isnan(truth[:, k])
        t, cut = truth[known, k], thresholds[k]
        if cut is None or not 0 < t.sum() < len(t):
            continue
        found = p[known, k] >= cut
        rows.append({"group": group, "finding": code, "n": len(t), "positive": int(t.sum()), "threshold": cut,
                     "auc": auc(t, p[known, k]), "accuracy": float((found == t).mean()),
                     "precision": precision_score(t, found, zero_division=0), "recall": recall_score(t, found),
                     "f1": f1_score(t, found, zero_division=0)})
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
    drawing = Drawing(figsize=(12, 2.4 * -(-len(columns) // 6)), layout="constrained")
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
