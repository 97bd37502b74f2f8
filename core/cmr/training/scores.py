"""How good a mask is: Dice, Hausdorff distance and infarct share, per scan, and their means with intervals."""

from __future__ import annotations

import numpy as np
import torch
from monai.metrics.hausdorff_distance import compute_hausdorff_distance
from monai.metrics.meandice import compute_dice

from core.cmr.presence import presence_score
from core.cmr.quantify import burden
from core.cmr.segment import Segmentation
from core.cmr.training.data import Scan
from core.metrics import Figure, auc, mean, measured, resampled

STRUCTURES = ("cavity", "myocardium", "infarct", "no_reflow")


def structures(labels: np.ndarray) -> torch.Tensor:
    """``[n, rows, columns]`` -> cavity, myocardium (2+3+4), infarct (3+4), no-reflow ``[1, 4, n, rows, columns]``."""
    masks = [labels == 1, labels >= 2, labels >= 3, labels == 4]
    return torch.from_numpy(np.stack(masks))[None].float()


def share(labels: np.ndarray) -> float:
    """Infarct in percent of the myocardium; 0 where there is none."""
    return burden(labels).scar_share or 0.0


def scan_scores(labels: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Dice of each structure over the whole stack (NaN where the truth has none), the 95th percentile of the Hausdorff
    distance of the myocardium in pixels (mean over slices), and both infarct shares."""
    dice = compute_dice(structures(labels), structures(truth))[0]
    both = [z for z in range(len(truth)) if (labels[z] >= 2).any() and (truth[z] >= 2).any()]
    wall = [torch.from_numpy(np.stack([m[z] >= 2 for z in both])[:, None]).float() for m in (labels, truth)] if both else []
    far = compute_hausdorff_distance(*wall, include_background=True, percentile=95).mean() if both else np.nan
    return {**dict(zip(STRUCTURES, dice.tolist(), strict=True)), "hausdorff": float(far), "share": share(labels),
            "true_share": share(truth)}


def judged(scans: list[Scan], seen: list[Segmentation | None]) -> list[dict[str, float]]:
    """Scores of each scan; a heart that was not found counts as an empty mask."""
    return [scan_scores(np.zeros_like(scan.labels) if found is None else found.labels, scan.labels)
            | {"score": presence_score(found)} for scan, found in zip(scans, seen, strict=True)]


def share_error(rows: list[dict], level: float = 0.95) -> float:
    """Conformal radius of the infarct share on the scale of its square root, where the error is about even.

    The ceil((n + 1) * level)-th smallest error of n unseen scans (Vovk et al. 2005; Lei et al. 2018, JASA 113:1094).
    """
    error = np.sort([abs(np.sqrt(row["share"]) - np.sqrt(row["true_share"])) for row in rows])
    return float(error[min(int(np.ceil((len(error) + 1) * level)), len(error)) - 1])


def figures(rows: list[dict], infarct: np.ndarray, split: str) -> list[Figure]:
    """Means over scans with 95 % bootstrap intervals.

    Args:
        rows: of ``scan_scores`` with ``score``, what tells infarct from none. infarct: which scans have one.
    """
    value = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    error, truth = np.abs(value["share"] - value["true_share"]), infarct.astype(float)
    return measured([
        mean("Dice, myocardium", value["myocardium"], split, target=0.84),
        mean("Dice, cavity", value["cavity"], split, target=0.92),
        mean("Dice, infarct, cases with infarct", value["infarct"][infarct], split, target=0.62),
        mean("Dice, no-reflow, cases that have it", value["no_reflow"], split),
        mean("95 % Hausdorff distance of the myocardium", value["hausdorff"], split, unit="pixels"),
        mean("Infarct share, mean absolute error, all cases", error, split, unit="percentage points", target=4),
        mean("Infarct share, mean absolute error, cases with infarct", error[infarct], split, unit="percentage points"),
        mean("False infarct, cases without, share of the myocardium", value["share"][~infarct], split, unit="%", target=1),
        resampled("AUC, infarct against none", lambda chosen: auc(truth[chosen], value["score"][chosen]), np.arange(len(truth)),
                  split, target=0.95),
    ])
