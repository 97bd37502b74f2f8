"""From set A of PhysioNet 2012 to the deterioration weights: what ``python -m core train deterioration`` runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from core import cards, metrics
from core.deterioration.training import calibrate, real_text
from core.deterioration.training.data import Data, load
from core.deterioration.training.fit import fit_compact
from core.deterioration.training.notes import render_all
from core.deterioration.training.recipe import DATA, RELEASES, Recipe
from core.deterioration.training.scores import SPLIT, alarm_plot, alarm_table, figures
from core.deterioration.training.teacher import everything, opinions
from core.deterioration.training.validate import Seen, validate
from core.deterioration.vitals import CODES, VITALS
from core.progress import Done
from core.settings import settings
from core.text import encoder
from core.training import generated
from core.training.provenance import release_of, stamp, train_command
from core.training.recipe import RecipeError
from core.training.runs import Run
from core.training.steps import parts
from core.weights import Architecture, Config, revision, save, write_metrics


def train(recipe: Recipe, done: Done | None = None) -> Path:
    """Validate, fit on all stays, and write the weights folder; returns it.

    Raises:
        InputError: a stay that cannot be read. RecipeError: no outcomes, or nothing beside the six vital signs.
    """
    with Run("deterioration", recipe.name).failures_logged():
        torch.set_num_threads(settings.threads)
        reading, validating, published, fitting = parts(done, [1, 5, 5, 1])
        data = load(recipe.data, reading)
        if not any(data.extra):
            raise RecipeError("Nothing but the six vital signs is recorded: there is nothing that a note could say.",
                              "Give set A of the 2012 challenge.")
        notes = render_all(data)
        seen = validate(data, notes, recipe, done=validating)
        source = validate(data, notes, recipe, True, published) if recipe.published_too else None
        rows = np.arange(len(data))
        soft = opinions(everything(data), data.died, rows)
        model = fit_compact(data, notes, rows, soft, recipe.members, recipe.schedules, recipe.batch, f"{recipe.name}-all",
                            fitting)
        table = alarm_table(data, seen)
        point = operating_point(data, seen)
        config = Config(
            **stamp(recipe, described(data), release_of(recipe, described(data), RELEASES)),
            command=train_command("deterioration", recipe),
            architecture=Architecture(target="core.deterioration.network:Compact", arguments={"members": recipe.members}),
            input={"vital signs": {vital.code: vital.unit for vital in VITALS},
                   "grid": "49 hourly means, unknown ones left open; pressures once more by cuff and line",
                   "note": "sentences, each embedded on its own, with its number"},
            licence=generated.licence(recipe.data, "ODC-By-1.0"), seed=0, revision=revision(),
            vitals=list(CODES), text_encoder=encoder().identity,
            average=[round(float(value), 3) for value in np.nanmean(data.grids[..., : len(CODES)], (0, 1))],
            calibrated=True, calibration={"alone": calibrate.scalings(seen.alone, data.died),
                                          "both": calibrate.scalings(seen.both, data.died)},
            operating_point=point,
            operating_points_from="out-of-fold risks of the vital signs at 48 h: largest sensitivity + specificity",
            alarms=table["vital signs"], alarms_with_note=table["vital signs and note"], alarms_news2=table["NEWS2"],
            notes=generated.limits(recipe.data, limits()),
            recipe=recipe.model_dump(mode="json", exclude={"data", "out", "eicu", "ktas"}))
        save(recipe.out, model, config)
        result = report(data, seen, source, recipe, point, table)
        result["figures"] += real_text.figures(recipe)
        write_metrics(recipe.out, result)
        alarm_plot(table, recipe.out / "alarms.png")
        cards.write(recipe.out)
        return recipe.out


def described(data: Data) -> str:
    """The data in the words of the release, where it is that of the release."""
    return DATA if data.describe() in DATA else data.describe()


def operating_point(data: Data, seen: Seen) -> dict[str, Any]:
    """On the calibrated risk of the vital signs at 48 h: the largest sensitivity + specificity."""
    p, truth = calibrate.crossed(seen.alone, data.died, seen.fold)[:, -1], data.died.astype(float)
    return metrics.operating_point(p, truth, metrics.best_youden_threshold(p, truth))


def report(data: Data, seen: Seen, source: Seen | None, recipe: Recipe, point: dict, table: dict) -> dict[str, Any]:
    """metrics.json: figures of the validation, none of the fitted weights on what they were fitted on."""
    truth = data.died.astype(float)
    p = [calibrate.crossed(logit, data.died, seen.fold)[:, -1] for logit in (seen.alone, seen.both)]
    return {
        "command": train_command("deterioration", recipe),
        "dataset": generated.told(recipe.data, f"PhysioNet 2012 set A, {data.describe()}"),
        "figures": figures(data, seen, source),
        "calibration": metrics.calibration_of(p[1], truth, f"{SPLIT}, each fold calibrated on the others; vital signs and note, "
                                              "48 h", len(truth)),
        "thresholds": metrics.thresholds([("death", "death_in_hospital", "Death in hospital")], [point], [truth], [p[0]]),
        "alarms": table,
    }


def limits() -> list[str]:
    """The limits that the card names."""
    return [
        "The outcome is death in this hospital stay, not deterioration in the next hours.",
        "Adults in four intensive-care units of one American hospital, 2001 to 2008; the first 48 h of the stay. Set B was not "
        "looked at.",
        "Figures are out of fold; the weights themselves are fitted on all stays of set A and judged on none of them. The recipe "
        "was chosen on the same folds.",
        "54 stays without any of the six vital signs are left out.",
        "The notes are rendered in varied wording from fields of the same stay that the six vital signs do not hold (age, "
        "coma score, ventilation, urine, laboratory values). They are true, but no nurse wrote them: what a real note adds is "
        "not known from this.",
        "It was taught, beside the outcome, by trees that see all 36 series; within each fold these saw no stay of the fold.",
        "Vital signs alone include whose a pressure is, cuff or arterial line: that a line was placed says something by itself. "
        "Where a table does not tell, the risk is that of stays which did not tell.",
        "NEWS2 beside it is the lowest that it can be: set A holds no consciousness on the ACVPU scale and little of oxygen.",
        "The second stage, in which the note pathway goes on alone, was chosen on the first fold.",
        "The network of the source stops early by the AUROC of a tenth of the training stays; it was given few attempts.",
        "eICU and KTAS: networks of the same kind, fitted and judged within these data; the shipped weights never saw them.",
        "An alarm sounds once a stay. Its lines are of the vital signs alone; those with a note stand under alarms_with_note.",
    ]
