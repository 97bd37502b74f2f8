"""Cross-validation by patient, then the shipped weights: what ``python -m core train cxr`` runs.

Every figure is of films whose patient the network had not seen. Calibration and thresholds come from the same unseen
predictions; the calibration error is that of one half of the patients calibrated on the other.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from core import cards, metrics
from core.cxr.labels import LABELS
from core.cxr.model import CxrNet
from core.cxr.training import note_generator
from core.cxr.training.baselines import baselines
from core.cxr.training.calibrate import (
    ENOUGH,
    entries,
    halves_calibrated,
    judged_on,
    macro_f1_threshold,
    operating_points,
)
from core.cxr.training.data import DATASETS, FOLDS, Films, load
from core.cxr.training.features import feature_maps
from core.cxr.training.fit import ELSEWHERE, arguments_of, fit_network, pretrained
from core.cxr.training.input_gate import fit_gate
from core.cxr.training.outputs import aspect_logits, logits
from core.cxr.training.recipe import RELEASES, Recipe
from core.cxr.training.scores import NIH_COLUMNS, figures
from core.progress import Done
from core.settings import settings
from core.text import encoder as text_encoder
from core.training import generated
from core.training.loop import is_main
from core.training.provenance import Release, release_of, stamp, train_command
from core.training.runs import Run
from core.training.steps import parts
from core.uploads import InputError
from core.weights import Architecture, Config, digest, revision, save, write_metrics

BACKBONES = {"2760fcfe4895301166ca8fcf0f4e32ea1fddb3cda823e77be519c5678225caf9":
             "ImageNet backbone (Keras Applications, Apache-2.0)"}  # SHA-256 of the file
JUDGING = 3  # how long the figures take, in epochs
Seen = dict[str, np.ndarray]


def train(recipe: Recipe, done: Done | None = None) -> Path:
    """Cross-validate, train on everything, calibrate, measure; returns the weights folder.

    Args:
        done: counts in epochs, as which reading the films and looking at them count, too.

    Raises:
        InputError: no known layout, or too few films.
        RecipeError: no such preset, or a run of that name with another recipe or other data.
    """
    with Run("cxr", recipe.name).failures_logged():
        torch.set_num_threads(settings.threads)
        epochs = recipe.fusion.epochs + recipe.aspects.epochs
        reading, looking, *folds, last, judging = parts(done, [1, recipe.views, *[epochs] * FOLDS, epochs, JUDGING])
        begun, films = pretrained(recipe), load(recipe.data, recipe.notes, reading)
        if not films.child.any():
            raise InputError("data", "There is no film of a child.", "The input gate learns from adults and children: give both.")
        maps = feature_maps(begun.encoder, films, recipe.views, done=looking)
        seen = cross_validate(recipe, films, begun, maps, folds)
        model, maps = fit_network(begun, films, maps, np.arange(len(films)), recipe, recipe.name, last)
        if is_main():
            _finish(recipe, films, seen, model, np.asarray(maps.mean((-2, -1), dtype=np.float32)), judging)
        return recipe.out


def cross_validate(
    recipe: Recipe, films: Films, begun: CxrNet, maps: np.ndarray, done: Sequence[Done | None] = (None,) * FOLDS
) -> Seen:
    """Logits ``[n, labels]`` of unseen films: with the note, without it, and of the low-rank scores."""
    seen = {kind: np.full((len(films), len(LABELS)), np.nan, np.float32) for kind in ("note", "image", "aspects")}
    for fold in range(FOLDS):
        held = np.flatnonzero(films.fold == fold)
        model, own = fit_network(copy.deepcopy(begun), films, maps, np.flatnonzero(films.fold != fold), recipe,
                                 f"{recipe.name}-fold{fold}", done[fold])
        seen["note"][held] = logits(model, films, own, held, recipe.text_encoder)
        seen["image"][held] = logits(model, films, own, held, recipe.text_encoder, note=False)
        seen["aspects"][held] = aspect_logits(model, own, held, recipe.text_encoder)
    return seen


def _finish(recipe: Recipe, films: Films, seen: Seen, model: CxrNet, pooled: np.ndarray, done: Done | None) -> None:
    """Calibrate and judge by what the folds said of unseen films, and write weights, figures and card."""
    described = f"{films.describe()}; {BACKBONES.get(digest(recipe.pretrained), 'another backbone')}"
    release, command, judged = release_of(recipe, described, RELEASES), train_command("cxr", recipe), judged_on(films)
    gate, gate_figures = fit_gate(model, films, pooled, recipe.outliers)
    scales, points = operating_points(seen["note"], films, judged)
    aspect_scales, _ = operating_points(seen["aspects"], films, judged)
    aspect_threshold, aspect_f1 = macro_f1_threshold(seen["aspects"], aspect_scales, films, judged)
    trained = [bool((films.targets[:, k] == 1).any()) for k in range(len(LABELS))]
    save(recipe.out, model, Config(
        **stamp(recipe, described, release), command=command,
        architecture=Architecture(target="core.cxr.model:CxrNet", arguments=arguments_of(recipe)),
        input={"pixels": "grey, 224 x 224, 0.5 to 99.5 percentile stretched to -1 to 1, three equal channels",
               "note": "fields and kept sections, at most 96 word pieces"},
        licence=generated.licence(recipe.data, "CC-BY-4.0"), seed=recipe.fusion.seed, revision=revision(),
        labels=[list(label) for label in LABELS],
        trained=trained, calibration=entries(scales), operating_points=points, aspect_calibration=entries(aspect_scales),
        aspect_threshold=aspect_threshold,
        operating_points_from=f"cross-validation, largest sensitivity + specificity; 0.5 for findings with under {ENOUGH} films",
        attribution_layers=["encoder.map"], gate=gate,
        notes=generated.limits(recipe.data, notes(recipe, trained, release)),
        text_encoder=text_encoder(recipe.text_encoder).identity,
        recipe=recipe.model_dump(mode="json", exclude=ELSEWHERE - {"name"}),
    ))
    calibrated, count = halves_calibrated(seen["note"], films, judged), int(judged[NIH_COLUMNS[0]].sum())
    others = baselines(films, pooled, recipe.probe_strength, done)
    write_metrics(recipe.out, {
        "command": command, "dataset": generated.told(recipe.data, dataset_of(films)),
        "figures": metrics.measured([
            *figures(films, seen, others, judged, lambda rows: split_of(recipe, films, rows)),
            metrics.figure("Expected calibration error, 14 findings", calibrated.get("ece"), calibrated.get("split", ""), count,
                           target=0.05),
            *gate_figures,
            metrics.figure(f"Macro F1, 14 findings, low-rank multi-aspect at its threshold {aspect_threshold}", aspect_f1,
                           split_of(recipe, films, judged[NIH_COLUMNS[0]]), count)]),
        "calibration": calibrated,
        "thresholds": metrics.thresholds([(group, code, code) for group, code in LABELS], points,
                                         [films.targets[rows, k] for k, rows in enumerate(judged)],
                                         [seen["note"][rows, k] for k, rows in enumerate(judged)]),
    })
    cards.write(recipe.out)


def split_of(recipe: Recipe, films: Films, rows: np.ndarray) -> str:
    """Of figures on these films ``[n]``."""
    told = f", {note_generator.MARK}" if recipe.notes == "generated" else ""
    return f"{films.named(np.flatnonzero(rows))}, {FOLDS}-fold by patient{told}"


def dataset_of(films: Films) -> str:
    """What the figures are measured on."""
    names = [DATASETS[key][0] + (" (enriched part)" if key == "nih" and films.enriched.any() else "")
             for key in dict.fromkeys(films.dataset)]
    return f"{' and '.join(names)}, {FOLDS}-fold by patient"


def notes(recipe: Recipe, trained: Sequence[bool], release: Release | None) -> list[str]:
    """The limits that the card names. What was tried on the shipped data is said of the released weights alone."""
    unknown = [code for (_, code), known in zip(LABELS, trained, strict=True) if not known]
    leaking = recipe.notes == "generated"
    limits = [
        (leaking, f"THE NOTES GIVE THE LABELS AWAY ({note_generator.MARK}), to reproduce a published set-up: no figure with the "
                  "note says anything about films."),
        (release, "The image encoder is frozen and read out. Fine-tuning its last two stages (one fold) or all of it end to end "
                  "(six epochs, two folds, 156 films) gained nothing, nor did larger pictures; more films and a backbone "
                  "pretrained on radiographs would, see the learning curve."),
        (True, "Figures are of five-fold cross-validation by patient; the shipped weights are trained on all films by the same "
               "recipe."),
        (release, "Labels of ChestX-ray14 were read out of reports by a program; its authors call more than 90 % of them right."),
        (release, "The part the figures are of is enriched for findings: probabilities are those of such a collection, not of a "
                  "clinic."),
        (unknown, f"Findings marked not trained have no label in the data: {', '.join(unknown)}."),
        (release, "Child pneumonia is learned from one centre's films of children of one to five years."),
        (not leaking, "The note in training was age, sex, view and follow-up number; what a free note adds beyond them is not "
                      "validated."),
    ]
    return [text for holds, text in limits if holds]
