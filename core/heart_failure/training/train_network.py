"""From MUSIC and peakVO2 to M-PRTM's weights: ``python -m core train heart_failure --recipe model=mprtm``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from core import cards
from core.heart_failure.network import CINEMATIC, FLAGS, HEADS, LONGEST, MODALITIES, PRESETS, STRATA
from core.heart_failure.training.curves import cohort_curves
from core.heart_failure.training.data import load
from core.heart_failure.training.fit_network import TEXTS, WORDINGS, answers, fitted
from core.heart_failure.training.inputs import SUBSETS
from core.heart_failure.training.network_loop import RECIPES
from core.heart_failure.training.recipe import RELEASES, Recipe
from core.heart_failure.training.train import described, operating_points, report, strata
from core.heart_failure.training.validate import TRAINED, validate
from core.heart_failure.variables import NAMES
from core.progress import Done
from core.settings import settings
from core.text import encoder
from core.training.provenance import release_of, stamp, train_command
from core.training.recipe import RecipeError
from core.training.runs import Run
from core.training.steps import parts
from core.weights import Architecture, Config, revision, save, write_metrics


def train(recipe: Recipe, done: Done | None = None) -> Path:
    """Validate, fit on everyone, and write the weights folder; returns it.

    Raises:
        InputError: a table that cannot be read.
        RecipeError: no cohort that is learned from, or a run of that name with other data.
    """
    with Run("heart_failure", recipe.name).failures_logged():
        torch.set_num_threads(settings.threads)
        data = load(recipe.tables)
        rows = data.rows(*TRAINED)
        if not len(rows):
            raise RecipeError("None of the tables is of MUSIC or peakVO2.", f"Give one in a layout of {' or '.join(TRAINED)}.")
        names = tuple(dict.fromkeys(("mprtm", *recipe.compared)))
        seen = {model: validate(data, model, recipe.repeats, recipe.name, part)
                for model, part in zip(names, parts(done, [1] * len(names)), strict=True)}
        network = RECIPES["compact"]
        model = fitted(data, rows, network)
        log_hazard, spread = answers(model, data, np.arange(len(data)), SUBSETS["everything"])
        cohorts = {name: cohort_curves(data, own, log_hazard[own], spread[own])
                   for name in dict.fromkeys(data.cohort.tolist()) for own in [data.rows(name)]}
        points = operating_points(data, seen["mprtm"])
        config = Config(
            **stamp(recipe, described(data), release_of(recipe, described(data), RELEASES)),
            command=train_command("heart_failure", recipe),
            architecture=Architecture(target="core.heart_failure.network:MPrtm", arguments=PRESETS[network.preset]),
            input={"numbers": f"{len(NAMES)} in clinical units, unknown ones left open; drugs are no numbers",
                   "text": f"prescriptions, {LONGEST} tokens at most; the model reads {FLAGS} classes of drugs in it",
                   "cardiac MR": f"{', '.join(CINEMATIC)}: learned from no open cohort, and so not looked at"},
            licence="Apache-2.0", seed=network.seed, revision=revision(), names=list(NAMES), cohorts=cohorts,
            text_encoder=encoder(model.text_encoder).identity, heads=list(HEADS), outcome_strata=list(STRATA),
            modalities=[name for name, trained in zip(MODALITIES, model.trained.tolist(), strict=True) if trained],
            calibration={"slope": round(float(model.slope), 4)}, learned=list(dict.fromkeys(data.cohort[rows].tolist())),
            operating_points=points, operating_points_from="out-of-fold risks of MUSIC: largest sensitivity + specificity",
            strata=strata(data, seen["mprtm"]), notes=notes(), network=network.model_dump(mode="json"),
            recipe=recipe.model_dump(mode="json", exclude={"data", "peakvo2", "support2", "out"}))
        save(recipe.out, model, config)
        write_metrics(recipe.out, report(data, seen, "mprtm", recipe, points))
        cards.write(recipe.out)
        return recipe.out


def notes() -> list[str]:
    """The limits that the card names."""
    return [
        "Figures are out of fold. The weights themselves are fitted on everyone, and are judged on no patient they have seen.",
        "Death of any cause; transplantation censors. Cohorts from before ARNI and SGLT2 inhibitors.",
        f"The text that it learned from is true, and rendered: lists of drugs written from the cohorts' own columns in "
        f"{WORDINGS + 1} wordings a patient. Its reader learned the words from {TEXTS} prescriptions of nobody. Notes written by "
        "clinicians were not seen.",
        "No open cohort links cardiac MR and survival: that branch is trained on simulated patients alone "
        "(python -m core.heart_failure.training.simulate) and says nothing in these weights.",
        "An attention weight says how much of the spread of the score a modality makes, not that it causes anything.",
        "The network starts from the marginal Cox model and adds little to it: see the difference among the figures.",
    ]
