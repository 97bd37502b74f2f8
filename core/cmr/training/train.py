"""Five-fold cross-validation, then the shipped ensemble: what ``python -m core train cmr`` runs.

Every figure is of scans that the one member asked had not seen. The ensemble of all five ships; nothing here is unseen
by all of it, so no figure is of the ensemble.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from core import calibration, cards, metrics
from core.cmr.frame import SIDE
from core.cmr.model import WINDOW, CmrNet, merged
from core.cmr.presence import gate
from core.cmr.segment import Segmentation, segment
from core.cmr.training.data import FOLDS, Scan, dataset, description, folds, load
from core.cmr.training.fit import arguments_of, fit_localiser, fit_segmenter, fresh
from core.cmr.training.recipe import RELEASES, Recipe
from core.cmr.training.robustness import refused, shifted
from core.cmr.training.scores import figures, judged, share_error
from core.progress import Done
from core.settings import settings
from core.training import generated
from core.training.loop import is_main
from core.training.provenance import release_of, stamp, train_command
from core.training.runs import Run
from core.training.steps import counted, parts
from core.uploads import InputError
from core.weights import Architecture, Config, revision, save, write_metrics

SPLIT = "5-fold by case, the member that has not seen it"
RIGHT = 0.5  # Dice of the myocardium from which a heart was found in its place
JUDGING = 5  # how long it takes to judge every scan, in epochs


def train(recipe: Recipe, done: Done | None = None) -> Path:
    """Train the members, cross-validate, calibrate, measure; returns the weights folder.

    Args:
        done: counts in epochs.

    Raises:
        InputError: no dataset in this layout, or one without scans of both kinds.
        RecipeError: no such preset, or a run of that name with another recipe or other data.
    """
    with Run("cmr", recipe.name).failures_logged():
        torch.set_num_threads(settings.threads)
        model, scans = fresh(recipe), load(recipe.data)
        if len({scan.infarct for scan in scans}) < 2:
            raise InputError("data", "The scans are all with infarct, or all without.", "Give both: Case_P* and Case_N* folders.")
        fold = folds(scans)
        stages = iter(parts(done, [recipe.localiser.epochs, recipe.schedule.epochs] * FOLDS + [JUDGING] * 3))
        for k in range(FOLDS):
            learn = [scan for scan, own in zip(scans, fold, strict=True) if own != k]
            model.localisers[k] = fit_localiser(model.localisers[k], learn, recipe, k, next(stages))
            model.segmenters[k] = fit_segmenter(model.segmenters[k], learn, recipe, k, next(stages))
        if is_main():
            _finish(recipe, scans, fold, model, *stages)
        return recipe.out


def _finish(recipe: Recipe, scans: list[Scan], fold: np.ndarray, model: CmrNet, *done: Done | None) -> None:
    """Judge the members on what they have not seen, and write weights, figures and card."""
    arguments, model = merged(arguments_of(recipe), model)
    model.requires_grad_(False)
    infarct, command = np.array([scan.infarct for scan in scans]), train_command("cmr", recipe)
    release = release_of(recipe, description(scans), RELEASES)
    seen = [segment(scan.slices, model, [k]) for scan, k in counted(list(zip(scans, fold, strict=True)), "unseen scans", done[0])]
    rows = judged(scans, seen)
    score, limits = np.array([row["score"] for row in rows]), _limits(seen, rows)
    presence = calibration.fit_platt(score, infarct)
    probability = np.asarray(presence.probability(score))
    point = metrics.operating_point(probability, infarct, metrics.best_youden_threshold(probability, infarct))
    save(recipe.out, model, Config(
        **stamp(recipe, description(scans), release), command=command,
        architecture=Architecture(target="core.cmr.model:CmrNet", arguments=arguments),
        input={"slices": "short-axis late-enhancement slices of any size, each with its two neighbours",
               "localiser": f"the whole slice and its four corners as {WINDOW} x {WINDOW}, mean 0, standard deviation 1",
               "segmenter": f"{SIDE} x {SIDE} around the left ventricle, which fills two thirds in the largest slice"},
        licence=generated.licence(recipe.data, "CC-BY-NC-SA-4.0"), seed=recipe.schedule.seed, revision=revision(),
        presence=asdict(presence), operating_point=point,
        operating_points_from="cross-validation, largest sensitivity + specificity",
        share_error=round(share_error(rows), 4), gate=limits,
        attribution_layers=[f"segmenters.{k}.map" for k in range(FOLDS)],
        notes=generated.limits(recipe.data, notes(release is not None)),
        recipe=recipe.model_copy(update={"segmenter": recipe.schedule}).model_dump(mode="json", exclude={"data", "out"}),
    ))
    robustness = []
    if recipe.preset == Recipe.model_fields["preset"].default:  # the others have the same localisers
        robustness = shifted(scans, fold, model, rows, done[1]) + refused(scans, fold, model, seen, limits, SPLIT, done[2])
    first = metrics.halves(np.array([scan.name for scan in scans]))
    write_metrics(recipe.out, {
        "command": command, "dataset": generated.told(recipe.data, dataset(scans)),
        "figures": figures(rows, infarct, SPLIT) + robustness,
        "calibration": metrics.calibration_of(metrics.crossed(score, infarct, first), infarct,
                                              "each half of the cases calibrated on the other", len(scans)),
        "thresholds": metrics.thresholds([("scar", "infarct_present", "Infarct present")], [point], [infarct], [score]),
        "cases": [{"case": scan.name, **{k: metrics.number(v) for k, v in row.items()}}
                  for scan, row in zip(scans, rows, strict=True)],
    })
    cards.write(recipe.out)


def _limits(seen: list[Segmentation | None], rows: list[dict]) -> dict[str, float]:
    """Of the input gate: from the hearts that were found in their place, or else from all that were found."""
    found = [(one, row) for one, row in zip(seen, rows, strict=True) if one is not None]
    right = [one for one, row in found if row["myocardium"] > RIGHT]
    return gate(right or [one for one, _ in found])


def notes(released: bool) -> list[str]:
    """The limits that the card names. What is known of EMIDEC, or was tried on it, is said of the released weights alone."""
    limits = [
        (False, "Trained on EMIDEC recovered from 256 x 256 pictures of 8 bits: aspect squashed, spacing lost, heart centred. "
                "The crop around the left ventricle and distortion in training undo it, not measurement."),
        (True, "Licence CC BY-NC-SA 4.0, inherited from EMIDEC: not for commercial use."),
        (False, "One centre, suspected acute infarction or a normal scan; other cardiomyopathies, centres and sequences were "
                "not seen. Every training slice shows the left ventricle: slices beyond base or apex are left to the localiser."),
        (True, "Figures are of single members on unseen cases; the ensemble of all five that ships cannot be judged on them."),
        (False, "How probable the ventricle must be (0.4), and by how much the two views of a crop are turned (15 degrees), "
                "was chosen on the unseen cases of two of the five folds."),
        (True, "A thin infarct is a few pixels wide, one pixel more changes its Dice much. More cases, native resolution and a "
               "second reader's contours would raise the figures."),
    ]
    return [text for always, text in limits if always or released]
