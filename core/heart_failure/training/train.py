"""From MUSIC and peakVO2 to the heart-failure weights: what ``python -m core train heart_failure`` runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core import cards, metrics
from core.heart_failure.strata import quarters
from core.heart_failure.survival import grid
from core.heart_failure.training.curves import cohort_curves
from core.heart_failure.training.data import TITLES, Data, load
from core.heart_failure.training.figures import calibration
from core.heart_failure.training.made import Made, made
from core.heart_failure.training.models import TITLES as MODELS
from core.heart_failure.training.recipe import DATA, RELEASES, Recipe
from core.heart_failure.training.scores import HORIZONS, Pairs, c_index, decision_curve, figures, reached, youden
from core.heart_failure.training.seen import Seen
from core.heart_failure.training.validate import TRAINED, across, validate
from core.heart_failure.variables import NAMES
from core.progress import Done
from core.progress import report as report_progress
from core.settings import settings
from core.training import generated
from core.training.provenance import release_of, stamp, train_command
from core.training.recipe import RecipeError
from core.training.runs import Run
from core.training.steps import parts
from core.weights import Config, revision, save, write_metrics

SPLIT = "out of fold, {} x 5 folds within each cohort"


def train(recipe: Recipe, done: Done | None = None) -> Path:
    """Validate, fit on everyone, and write the weights folder; returns it.

    Args:
        done: counts in folds.

    Raises:
        InputError: a table that cannot be read.
        RecipeError: no cohort that the coefficients are learned from, or a run of that name with other data.
    """
    with Run("heart_failure", recipe.name).failures_logged():
        torch.set_num_threads(settings.threads)
        data = load(recipe.tables)
        rows = data.rows(*TRAINED)
        if not len(rows):
            raise RecipeError("None of the tables is of MUSIC or peakVO2.", f"Give one in a layout of {' or '.join(TRAINED)}.")
        names = tuple(dict.fromkeys((recipe.model, *recipe.compared)))
        *validating, making = parts(done, [1] * (len(names) + 1))
        seen = {model: validate(data, model, recipe.repeats, recipe.name, part)
                for model, part in zip(names, validating, strict=True)}
        shipped = made(recipe, data, rows, making)
        report_progress(making, 1, 1)
        points = operating_points(data, seen[recipe.model])
        save(recipe.out, shipped.model, _config(recipe, data, shipped, seen[recipe.model], points))
        write_metrics(recipe.out, report(data, seen, recipe, points))
        cards.write(recipe.out)
        return recipe.out


def _config(recipe: Recipe, data: Data, shipped: Made, seen: Mapping[str, Seen], points: dict[str, dict]) -> Config:
    cohorts = {name: cohort_curves(data, own, shipped.log_hazard[own], shipped.spread[own], name in TRAINED)
               for name in dict.fromkeys(data.cohort.tolist()) for own in [data.rows(name)]}
    return Config(
        **stamp(recipe, described(data), release_of(recipe, described(data), RELEASES)),
        command=train_command("heart_failure", recipe), architecture=shipped.architecture,
        input={"numbers": f"{len(NAMES)} in clinical units, unknown ones left open",
               "drugs": "read from the prescriptions" + ("" if recipe.model == "mprtm" else f", {data.flags.shape[1]} classes")},
        licence=generated.licence(recipe.data, "Apache-2.0"), seed=0, revision=revision(), names=list(NAMES), cohorts=cohorts,
        learned=[name for name in cohorts if name in TRAINED], operating_points=points,
        operating_points_from="out-of-fold risks of MUSIC: largest sensitivity + specificity",
        strata=strata(data, seen),
        notes=generated.limits(recipe.data, [*notes(), *shipped.notes]), recipe=recipe.model_dump(mode="json", exclude={
            "data", "peakvo2", "support2", "out"}), **shipped.says)


def described(data: Data) -> str:
    """The data in the words of the release, where it is that of the release."""
    released = [f"{title}, {count} patients" in DATA for name in dict.fromkeys(data.cohort.tolist())
                for title, count in [(TITLES.get(name, name).replace("MUSIC", "MUSIC 1.0.1"), int((data.cohort == name).sum()))]]
    return DATA if len(released) == 3 and all(released) else data.describe()


def report(data: Data, seen: Mapping[str, Mapping[str, Seen]], recipe: Recipe, points: dict[str, Any]) -> dict:
    """metrics.json of weights: figures of the validation, none of the fitted weights on what they were fitted on."""
    split, model = SPLIT.format(recipe.repeats), recipe.model
    found = figures(data, seen, model, split)
    for name in seen:
        for (learned, tested), log_hazard in across(data, name).items():
            found.append(_transferred(data, name, learned, tested, log_hazard))
    cohort = next(iter(seen[model]))
    rows, ours = data.rows(cohort), seen[model][cohort]
    time, event = data.time[rows], data.event[rows]
    truth = [reached(time, event, year) for year in HORIZONS]
    risk = [ours.risk("everything", year).mean(0) for year in HORIZONS]
    known = ~np.isnan(np.stack(truth))
    return {
        "command": train_command("heart_failure", recipe), "figures": found,
        "dataset": generated.told(recipe.data, data.describe(data.rows(*TRAINED))),
        "calibration": metrics.calibration_of(np.stack(risk), np.stack(truth), f"{split}; {TITLES[cohort]}, 1 and 3 years",
                                              int(known.any(0).sum())),
        "thresholds": metrics.thresholds([("death", f"{year}y", f"Death within {year} year{'s' * (year > 1)}")
                                          for year in HORIZONS], [points[f"death:{year}y"] for year in HORIZONS],
                                         truth, risk),
        "survival": {name: _curves(data, name, one) for name, one in seen[model].items()},
    }


def _transferred(data: Data, model: str, learned: str, tested: str, log_hazard: np.ndarray) -> metrics.Figure:
    rows = data.rows(tested)
    return c_index(f"C-index, trained on {TITLES[learned]}, tested on {TITLES[tested]}, {MODELS[model]}",
                   Pairs(data.time[rows], data.event[rows]), log_hazard[None], f"all of {TITLES[tested]}")


def _curves(data: Data, cohort: str, seen: Seen) -> dict[str, Any]:
    """Calibration in fifths and the decision curve, at each horizon."""
    rows = data.rows(cohort)
    time, event = data.time[rows], data.event[rows]
    found = {}
    for year in (year for year in HORIZONS if year <= grid(time)[-1]):
        risk = seen.risk("everything", year).mean(0)
        found[f"{year}y"] = {"calibration": calibration(time, event, risk, year),
                             "decisions": decision_curve(time, event, risk, year)}
    return found


def operating_points(data: Data, seen: Mapping[str, Seen]) -> dict[str, dict]:
    """Of the findings, by their target, from the first cohort: that of the heart-failure clinic."""
    cohort = next(iter(seen))
    rows = data.rows(cohort)
    return {f"death:{year}y": youden(seen[cohort].risk("everything", year).mean(0),
                                     reached(data.time[rows], data.event[rows], year)) for year in HORIZONS}


def strata(data: Data, seen: Mapping[str, Seen]) -> list[dict[str, Any]]:
    """Quarters of each cohort by the mean of the out-of-fold log hazards."""
    return [asdict(one) for cohort, ours in seen.items() for rows in [data.rows(cohort)]
            for one in quarters(cohort, ours.log_hazard["everything"].mean(0), data.time[rows], data.event[rows])]


def notes() -> list[str]:
    """The limits that the card names."""
    return [
        "Figures are out of fold; how strongly the ridge holds was chosen on the same folds. The weights themselves are fitted "
        "on everyone, and are judged on no patient they have seen.",
        "Death of any cause; transplantation censors. Cohorts from before ARNI and SGLT2 inhibitors.",
        "The coefficients are shared by MUSIC and peakVO2, the baseline hazard is each cohort's own. SUPPORT2, inpatients of the "
        "1990s, has a baseline and a calibration slope, and no part in the coefficients: see the figures of the model that was "
        "trained on it, too. In hospital, patients are hardly ordered by risk: the curve is mostly that of the cohort.",
        "What is unknown is averaged over, and widens the interval, which covers the coefficients and what is unknown; it does "
        "not cover the baseline, other hospitals or other times.",
        "Coefficients are associations. What-if answers compare patients; they do not say what a treatment would do.",
        "peakVO2 is taken from the randomForestSRC data sets and looks imputed by its publisher.",
    ]
