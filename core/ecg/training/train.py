"""From PTB-XL to the shipped ECG weights: what ``python -m core train ecg`` runs (``core.ecg.training.recipe``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from core import cards
from core.ecg.alignment import Bank
from core.ecg.model import EcgNet, join
from core.ecg.statements import LABELS
from core.ecg.training.calibrate import ENOUGH, calibrate
from core.ecg.training.data import TRAIN_FOLDS, VALIDATION_FOLD, PtbXl, load
from core.ecg.training.evaluate import measured
from core.ecg.training.fit import fit_alignment, fit_decoder, fit_member
from core.ecg.training.recipe import RELEASES, Recipe
from core.progress import Done
from core.settings import settings
from core.text import encoder
from core.training import generated
from core.training.loop import is_main
from core.training.provenance import evaluate_command, release_of, stamp, train_command
from core.training.runs import Run
from core.training.steps import parts
from core.weights import CONFIG, Architecture, Config, revision, save, write_metrics
from core.weights import load as load_weights


def train(recipe: Recipe, done: Done | None = None) -> Path:
    """Run what is missing of the recipe and write the weights folder; returns it.

    Args:
        done: counts in epochs, as which reading, alignment, calibration and judging count, too.

    Raises:
        InputError: the data is not PTB-XL as published.
        RecipeError: no such preset, or a run of that name with another recipe or other data.
    """
    with Run("ecg", recipe.name).failures_logged():
        torch.set_num_threads(settings.threads)
        epochs = [m.schedule.epochs + (m.cool_down.epochs if m.cool_down else 0) for m in recipe.members]
        reading, *fitting, aligning, decoding, calibrating, judging = parts(done, [1, *epochs, 1, recipe.decoder.epochs, 1, 1])
        data = load(recipe.data, (*TRAIN_FOLDS, VALIDATION_FOLD), reading)
        rows = data.rows(*TRAIN_FOLDS)[: recipe.records or None]
        members = [fit_member(member, data, rows, recipe.name, part)
                   for member, part in zip(recipe.members, fitting, strict=True)]
        model = join(members) if len(members) > 1 else members[0]
        model.eval().requires_grad_(False)
        bank = fit_alignment(model, data, rows, recipe, aligning)
        fit_decoder(model, data, rows, recipe, decoding)
        if is_main():
            config = save(recipe.out, model, _config(recipe, model, data, rows, bank))
            kept, _ = load_weights(recipe.out)  # in half precision, as it is used
            config = Config.model_validate({**config.model_dump(), **calibrate(kept, data, calibrating)})
            (recipe.out / CONFIG).write_text(config.model_dump_json(indent=1) + "\n")
            command = evaluate_command("ecg", "PTB-XL", VALIDATION_FOLD, str(recipe.out), recipe.data)
            result, *_ = measured(kept, config, data, VALIDATION_FOLD, command, judging)
            write_metrics(recipe.out, result | {"dataset": generated.told(recipe.data, result["dataset"])})
            cards.write(recipe.out)
        return recipe.out


def _config(recipe: Recipe, model: EcgNet, data: PtbXl, rows: np.ndarray, bank: Bank) -> Config:
    loaded = data.describe(rows)
    described = f"{loaded} (CC BY 4.0, Wagner et al. 2020)" if loaded.startswith("PTB-XL") else loaded
    release = release_of(recipe, described, RELEASES)
    return Config(
        **stamp(recipe, described, release), command=train_command("ecg", recipe),
        architecture=Architecture(target="core.ecg.model:EcgNet", arguments={
            "branches": model.arguments, "labels": len(LABELS), "bank": len(bank),
            "text_width": model.alignment.text.in_features}),
        input={"leads": "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6", "unit": "mV", "sampling_rate_hz": 100,
               "window_samples": 1000, "padded_samples": 1024, "normalisation": "z-score per lead, log SD kept aside"},
        licence=generated.licence(recipe.data, "CC-BY-4.0"), seed=recipe.members[0].schedule.seed, revision=revision(),
        labels=[list(label) for label in LABELS],
        trained=[bool(n) for n in data.targets[rows].sum(0)],
        attribution_layers=[f"branches.{i}.map" for i in range(len(model.branches))],
        notes=generated.limits(recipe.data, notes(release is not None)),
        text_encoder=encoder(recipe.text_encoder).identity, bank=bank,
        recipe=recipe.model_dump(mode="json", exclude={"data", "out"}),
    )


def notes(released: bool) -> list[str]:
    """The limits that the card names. What is known of PTB-XL, or was tried on it, is said of the released weights alone."""
    limits = [
        (False, "Fold 9 chose the recipe, the calibration (one half) and the thresholds; fold 10 was never looked at."),
        (False, "One centre's devices of 1984 to 2001, adults, 100 Hz, 10 s: other populations and devices are untested."),
        (False, "Labels are SCP-ECG statements of cardiologists and of the device's software, not outcomes; rare statements rest "
                "on few cases, and hypertrophy is the weakest superclass."),
        (True, f"Statements with fewer than {ENOUGH} cases in the calibration half share one calibration and the threshold 0.5."),
        (True, "The interval of a probability covers the uncertainty of the calibration alone."),
        (True, "A report is similar by its statements only; nothing in the bank belongs to fewer than five records."),
    ]
    return [text for always, text in limits if always or released]
