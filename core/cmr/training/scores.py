"""How good a mask is: Dice, Hausdorff distance and infarct share, per case, and their means with intervals."""

from __future__ import annotations

import numpy as np
import torch
from monai.metrics.hausdorff_distance import compute_hausdorff_distance
from monai.metrics.meandice import compute_dice
from sklearn.metrics import roc_auc_score

from core.calibration import bootstrap
from core.cmr.quantify import burden

STRUCTURES = ("cavity", "myocardium", "infarct", "no_reflow")


def structures(labels: np.ndarray) -> torch.Tensor:
    """``[n, rows, columns]`` -> cavity, myocardium (2+3+4), infarct (3+4), no-reflow ``[1, 4, n, rows, columns]``."""
    masks = [labels == 1, labels >= 2, labels >= 3, labels == 4]
    return torch.from_numpy(np.stack(masks))[None].float()


def share(labels: np.ndarray) -> float:
    """Infarct in percent of the myocardium; 0 where there is none."""
    return burden(labels).scar_share or 0.0


def case_scores(labels: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Dice of each structure over the whole stack (NaN where the truth has none), the 95th percentile of the Hausdorff
    distance of the myocardium in pixels (mean over slices), and both infarct shares."""
    dice = compute_dice(structures(labels), structures(truth))[0]
    both = [z for z in range(len(truth)) if (labels[z] >= 2).any() and (truth[z] >= 2).any()]
    wall = [torch.from_numpy(np.stack([m[z] >= 2 for z in both])[:, None]).float() for m in (labels, truth)] if both else []
    far = compute_hausdorff_distance(*wall, include_background=True, percentile=95).mean() if both else np.nan
    return {**dict(zip(STRUCTURES, dice.tolist(), strict=True)), "hausdorff": float(far), "share": share(labels),
            "true_share": share(truth)}


def figures(rows: list[dict], infarct: np.ndarray, split: str) -> list[dict]:
    """Means over cases with 95 % bootstrap intervals.

    Args:
        rows: of ``case_scores`` with ``score``, what tells infarct from none. infarct: which cases have one.
    """
    value = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    error = np.abs(value["share"] - value["true_share"])
    result = [
        _mean("Dice, myocardium", value["myocardium"], split, 0.84), _mean("Dice, cavity", value["cavity"], split, 0.92),
        _mean("Dice, infarct, cases with infarct", value["infarct"][infarct], split, 0.62),
        _mean("Dice, no-reflow, cases that have it", value["no_reflow"], split),
        _mean("95 % Hausdorff distance of the myocardium", value["hausdorff"], split, unit="pixels"),
        _mean("Infarct share, mean absolute error, all cases", error, split, 4, "percentage points"),
        _mean("Infarct share, mean absolute error, cases with infarct", error[infarct], split, unit="percentage points"),
        _mean("False infarct, cases without, share of the myocardium", value["share"][~infarct], split, 1, "%"),
    ]
    if 0 < infarct.sum() < len(infarct):
        def auc(chosen: np.ndarray) -> float:
            return float(roc_auc_score(infarct[chosen], value["score"][chosen])) if 0 < infarct[chosen].sum() < len(chosen) \
                else np.nan

        everyone = np.arange(len(infarct))
        result.append(_figure("AUC, infarct against none", auc(everyone), bootstrap(auc, everyone), split, len(infarct), 0.95))
    return [figure for figure in result if figure["n"]]


def _mean(name: str, values: np.ndarray, split: str, aim: float | None = None, unit: str | None = None) -> dict:
    known = values[~np.isnan(values)]
    if not known.size:
        return {"n": 0}
    everyone = np.arange(len(known))
    return _figure(name, float(known.mean()), bootstrap(lambda rows: float(known[rows].mean()), everyone), split, len(known),
                   aim, unit)


def _figure(
    name: str, value: float, interval: tuple[float, float], split: str, n: int, aim: float | None = None, unit: str | None = None
) -> dict:
    return {"name": name, "value": round(value, 4), "interval": [round(v, 4) for v in interval], "split": split, "n": n,
            "unit": unit, "target": aim}
