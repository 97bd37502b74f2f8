"""Five-fold cross-validation by case, then the shipped ensemble: what ``python -m core train cmr`` runs.

Every figure is of cases that the one member asked had not seen. The ensemble of all five ships; nothing here is unseen
by all of it, so no figure is of the ensemble.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core import calibration
from core.cmr.frame import SIDE
from core.cmr.model import PRESETS, WINDOW, CmrNet, merged
from core.cmr.presence import gate, passes, presence_score
from core.cmr.segment import Segmentation, segment
from core.cmr.training.data import Case, folds, load
from core.cmr.training.scores import case_scores, figures
from core.cmr.training.train import Recipe, fit_localiser, fit_segmenter, fresh
from core.settings import settings
from core.weights import METRICS, Architecture, Config, revision, save

SPLIT = "5-fold by case, the member that has not seen it"
REACH = 80  # pixels of the random shifts
RIGHT = 0.5  # Dice of the myocardium from which a heart was found in its place
NARROWEST = 32  # pixels of a window without the heart
NOTES = [
    "Trained on EMIDEC recovered from 256 x 256 pictures of 8 bits: aspect squashed, spacing lost, heart centred. The crop "
    + "around the left ventricle and distortion in training undo it, not measurement.",
    "Licence CC BY-NC-SA 4.0, inherited from EMIDEC: not for commercial use.",
    "One centre, suspected acute infarction or a normal scan; other cardiomyopathies, centres and sequences were not seen. "
    + "Every training slice shows the left ventricle: slices beyond base or apex are left to the localiser.",
    "Figures are of single members on unseen cases; the ensemble of all five that ships cannot be judged on them.",
    "How probable the ventricle must be (0.4), and by how much the two views of a crop are turned (15 degrees), was chosen on "
    + "the unseen cases of two of the five folds.",
    "A thin infarct is a few pixels wide, one pixel more changes its Dice much. More cases, native resolution and a second "
    + "reader's contours would raise the figures.",
]


def run(recipe: Recipe) -> Path:
    import torch

    torch.set_num_threads(settings.threads)
    cases = load(recipe.data)
    fold, model = folds(cases), fresh(recipe)
    for k in range(len(model.segmenters)):
        learn = [case for case, own in zip(cases, fold, strict=True) if own != k]
        model.localisers[k] = fit_localiser(model.localisers[k], learn, recipe, k)
        model.segmenters[k] = fit_segmenter(model.segmenters[k], learn, recipe, k)
    arguments, model = merged(PRESETS[recipe.preset], model)
    model.requires_grad_(False)
    infarct = np.array([case.infarct for case in cases])
    seen = [segment(case.slices, model, [k]) for case, k in tqdm(list(zip(cases, fold, strict=True)), "unseen cases")]
    rows = judged(cases, seen)
    right = [found for found, row in zip(seen, rows, strict=True) if found is not None and row["myocardium"] > RIGHT]
    limits = gate(right or [found for found in seen if found is not None])
    score = np.array([row["score"] for row in rows])
    presence = calibration.fit_platt(score, infarct)
    probability = np.asarray(presence.probability(score))
    cut = calibration.best_youden_threshold(probability, infarct)
    sensitivity, specificity = calibration.sensitivity_specificity(probability, infarct, cut)
    config = Config(
        name=recipe.out.name, version="1.1.0",
        architecture=Architecture(target="core.cmr.model:CmrNet", arguments=arguments),
        input={"slices": "short-axis late-enhancement slices of any size, each with its two neighbours",
               "localiser": f"the whole slice and its four corners as {WINDOW} x {WINDOW}, mean 0, standard deviation 1",
               "segmenter": f"{SIDE} x {SIDE} around the left ventricle, which fills two thirds in the largest slice"},
        training_data=f"EMIDEC, {len(cases)} of its 100 training cases, {infarct.sum()} with infarct (Lalande et al. 2020, Data 5:89)",
        licence="CC-BY-NC-SA-4.0", seed=recipe.schedule.seed, revision=revision(),
        presence=asdict(presence), operating_point={"threshold": round(cut, 4), "sensitivity": round(sensitivity, 4),
                                                    "specificity": round(specificity, 4), "n_positive": int(infarct.sum())},
        operating_points_from="cross-validation, largest sensitivity + specificity",
        share_error=round(share_error(rows), 4), gate=limits,
        attribution_layers=[f"segmenters.{k}.map" for k in range(len(model.segmenters))], notes=NOTES,
        recipe=recipe.model_copy(update={"segmenter": recipe.schedule}).model_dump(mode="json", exclude={"data", "out"}),
    )
    save(recipe.out, model, config)
    unseen, robustness = figures(rows, infarct, SPLIT), []
    if recipe.preset == Recipe.model_fields["preset"].default:  # the others have the same localisers
        robustness = shifted(cases, fold, model, rows) + refused(cases, fold, model, seen, limits)
    metrics = {
        "command": "python -m core train cmr --recipe data=EMIDEC"
                   + ("" if recipe.preset == "unet" else f" preset={recipe.preset} out=weights/{recipe.out.name}"),
        "dataset": f"EMIDEC, {len(cases)} cases",
        "figures": unseen + robustness,
        "calibration": halves(score, infarct),
        "thresholds": [{"group": "scar", "code": "infarct_present", "label": "Infarct present",
                        **config.extra["operating_point"], "auc": unseen[-1]["value"]}],
        "cases": [{"case": case.name, **{k: _number(v) for k, v in row.items()}} for case, row in zip(cases, rows, strict=True)],
    }
    (recipe.out / METRICS).write_text(json.dumps(metrics, indent=1) + "\n")
    return recipe.out


def judged(cases: list[Case], seen: list[Segmentation | None]) -> list[dict]:
    """Scores of each case; a heart that was not found counts as an empty mask."""
    return [case_scores(np.zeros_like(case.labels) if found is None else found.labels, case.labels)
            | {"score": presence_score(found)} for case, found in zip(cases, seen, strict=True)]


def share_error(rows: list[dict], level: float = 0.95) -> float:
    """Conformal radius of the infarct share on the scale of its square root, where the error is about even.

    The ceil((n + 1) * level)-th smallest error of n unseen cases (Vovk et al. 2005; Lei et al. 2018, JASA 113:1094).
    """
    error = np.sort([abs(np.sqrt(row["share"]) - np.sqrt(row["true_share"])) for row in rows])
    return float(error[min(int(np.ceil((len(error) + 1) * level)), len(error)) - 1])


def shifted(cases: list[Case], fold: np.ndarray, model: CmrNet, rows: list[dict]) -> list[dict]:
    """How much Dice changes when the picture is moved by up to 80 pixels, and what leaves the frame is lost."""
    rng, change = np.random.default_rng(0), {"myocardium": [], "infarct": []}
    for case, k, row in zip(cases, fold, rows, strict=True):
        down, right = rng.integers(-REACH, REACH + 1, 2)
        slices, labels = move(case.slices, down, right), move(case.labels, down, right)
        found = segment(slices, model, [k])
        moved = case_scores(np.zeros_like(labels) if found is None else found.labels, labels)
        for name, values in change.items():
            if not np.isnan(row[name]):
                values.append(moved[name] - row[name])
    split, result = f"the same cases moved by up to {REACH} pixels either way", []
    for name, values in change.items():
        known = np.array(values)
        interval = calibration.bootstrap(lambda rows, known=known: float(known[rows].mean()), np.arange(len(known)))
        result.append({"name": f"Dice, {name}, change when moved", "value": round(float(known.mean()), 4),
                       "interval": [round(v, 4) for v in interval], "split": split, "n": len(known), "unit": None,
                       "target": 0.01})
    return [figure for figure in result if figure["n"]]


def refused(
    cases: list[Case], fold: np.ndarray, model: CmrNet, seen: list[Segmentation | None], limits: dict[str, float]
) -> list[dict]:
    """Shares refused of proper cases, and of what lies above, below, left and right of the heart in the same pictures."""
    empty = []
    for case, k in zip(cases, fold, strict=True):
        shown = (case.labels > 0).any(0)
        rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
        for window in (case.slices[:, : rows[0]], case.slices[:, rows[-1] + 1:], case.slices[:, :, : columns[0]],
                       case.slices[:, :, columns[-1] + 1:]):
            if min(window.shape[1:]) >= NARROWEST:
                empty.append(not passes(segment(window, model, [k]), limits))
    proper = [not passes(found, limits) for found in seen]
    return [{"name": f"Input gate, refused: {name}", "value": round(float(np.mean(values)), 4), "interval": None, "split": split,
             "n": len(values), "unit": None} for name, values, split in
            (("proper cases", proper, SPLIT), ("windows of the body without the heart", empty, SPLIT))]


def move(stack: np.ndarray, down: int, right: int) -> np.ndarray:
    """``[n, rows, columns]`` moved, zero where nothing comes in."""
    result = np.zeros_like(stack)
    rows, columns = stack.shape[1:]
    result[:, max(down, 0): rows + min(down, 0), max(right, 0): columns + min(right, 0)] = \
        stack[:, max(-down, 0): rows + min(-down, 0), max(-right, 0): columns + min(-right, 0)]
    return result


def halves(score: np.ndarray, infarct: np.ndarray) -> dict:
    """Calibration of the infarct probability: every second case calibrated on the others."""
    p, first = np.zeros(len(score)), np.arange(len(score)) % 2 == 0
    for a, b in ((first, ~first), (~first, first)):
        p[b] = calibration.fit_platt(score[a], infarct[a]).probability(score[b])
    return {"split": "each half of the cases calibrated on the other", "n": len(score),
            "ece": calibration.expected_calibration_error(p, infarct), "bins": calibration.reliability(p, infarct)}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)
