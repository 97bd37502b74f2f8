"""Calibration, input gate, figures and card of a network that is trained: from what it says of unseen patients.

Calibration and thresholds come from the same unseen predictions; the calibration error is that of one half of the patients
calibrated on the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import safe_open

from core import cards, metrics
from core.cxr.labels import LABELS
from core.cxr.model import CxrNet
from core.cxr.training import note_generator
from core.cxr.training.baselines import FIELDS, baselines, fields_only
from core.cxr.training.calibrate import (
    ENOUGH,
    entries,
    halves_calibrated,
    judged_on,
    macro_f1_threshold,
    operating_points,
)
from core.cxr.training.data import DATASETS, FOLDS, Films
from core.cxr.training.encoder import learned
from core.cxr.training.fit import ELSEWHERE, arguments_of
from core.cxr.training.input_gate import fit_gate
from core.cxr.training.reached import reached
from core.cxr.training.recipe import RELEASES, Recipe
from core.cxr.training.scores import NIH_COLUMNS, figures
from core.progress import Done
from core.text import encoder as text_encoder
from core.training import generated
from core.training.provenance import Release, release_of, stamp, train_command
from core.weights import Architecture, Config, digest, revision, save, write_metrics

BACKBONES = {"2760fcfe4895301166ca8fcf0f4e32ea1fddb3cda823e77be519c5678225caf9":
             "ImageNet backbone (Keras Applications, Apache-2.0)"}  # SHA-256 of the file
Seen = dict[str, np.ndarray]


def origin_of(backbone: Path) -> str:
    """What a backbone was trained on, where it is known by its hash or says so of itself."""
    return BACKBONES.get(digest(backbone)) or _told(backbone).get("origin") or "another backbone"


def licence_of(backbone: Path) -> str:
    """The licence that a backbone names for what starts from it, "" for none."""
    return _told(backbone).get("licence", "")


def _told(backbone: Path) -> dict[str, str]:
    with safe_open(backbone, "pt") as file:
        return file.metadata() or {}


def finish(recipe: Recipe, films: Films, seen: Seen, model: CxrNet, pooled: np.ndarray, done: Done | None) -> None:
    """Calibrate and judge by what was said of films of unseen patients, and write weights, figures and card."""
    described = f"{films.describe()}; {origin_of(recipe.pretrained)}"
    release, command, judged = release_of(recipe, described, RELEASES), train_command("cxr", recipe), judged_on(films)
    judged = [rows & ~np.isnan(seen["note"][:, k]) for k, rows in enumerate(judged)]  # a tuned network saw the rest
    gate, gate_figures = fit_gate(model, films, pooled, recipe.gate_pictures, recipe.outliers, recipe.hospital)
    scales, points = operating_points(seen["note"], films, judged)
    aspect_scales, _ = operating_points(seen["aspects"], films, judged)
    aspect_threshold, aspect_f1 = macro_f1_threshold(seen["aspects"], aspect_scales, films, judged)
    others = [(FIELDS, fields_only(films))] if recipe.tuned else baselines(films, pooled, recipe.probe_strength, done)
    rows = learned(films) if recipe.tuned else np.flatnonzero(~films.child)
    trained = [bool((films.targets[:, k] == 1).any()) for k in range(len(LABELS))]
    calibrated, count = halves_calibrated(seen["note"], films, judged), int(judged[NIH_COLUMNS[0]].sum())
    measured = metrics.measured([
        *figures(films, seen, others, judged, lambda rows: split_of(recipe, films, rows)),
        metrics.figure("Expected calibration error, 14 findings", calibrated.get("ece"), calibrated.get("split", ""), count,
                       target=0.05),
        *gate_figures,
        metrics.figure(f"Macro F1, 14 findings, low-rank multi-aspect at its threshold {aspect_threshold}", aspect_f1,
                       split_of(recipe, films, judged[NIH_COLUMNS[0]]), count)])
    trust = reached(measured, len(rows))
    save(recipe.out, model, Config(
        **stamp(recipe, described, release), command=command,
        architecture=Architecture(target="core.cxr.model:CxrNet", arguments=arguments_of(recipe)),
        input={"pixels": "grey, 224 x 224, 0.5 to 99.5 percentile stretched to -1 to 1, three equal channels",
               "note": "fields and kept sections, at most 96 word pieces"},
        licence=licence_of(recipe.pretrained) or generated.licence(recipe.data, "CC-BY-4.0"), seed=recipe.fusion.seed,
        revision=revision(),
        labels=[list(label) for label in LABELS],
        trained=trained, calibration=entries(scales), operating_points=points, aspect_calibration=entries(aspect_scales),
        aspect_threshold=aspect_threshold,
        operating_points_from=f"{'patients left out' if recipe.tuned else 'cross-validation'}, largest sensitivity + "
                              f"specificity; 0.5 for findings with under {ENOUGH} films",
        attribution_layers=["encoder.map"], gate=gate, **trust,
        notes=generated.limits(recipe.data, notes(recipe, trained, release)),
        text_encoder=text_encoder(recipe.text_encoder).identity,
        recipe=recipe.model_dump(mode="json", exclude=ELSEWHERE - {"name"}),
    ))
    write_metrics(recipe.out, {
        "command": command, "dataset": generated.told(recipe.data, dataset_of(recipe, films)), "figures": measured,
        "calibration": calibrated,
        "thresholds": metrics.thresholds([(group, code, code) for group, code in LABELS], points,
                                         [films.targets[rows, k] for k, rows in enumerate(judged)],
                                         [seen["note"][rows, k] for k, rows in enumerate(judged)]),
    })
    cards.write(recipe.out)


def split_of(recipe: Recipe, films: Films, rows: np.ndarray) -> str:
    """Of figures on these films ``[n]``."""
    told = f", {note_generator.MARK}" if recipe.notes == "generated" else ""
    how = "patients left out of training" if recipe.tuned and not films.child[rows].all() else f"{FOLDS}-fold by patient"
    return f"{films.named(np.flatnonzero(rows))}, {how}{told}"


def dataset_of(recipe: Recipe, films: Films) -> str:
    """What the figures are measured on."""
    names = [DATASETS[key][0] + (" (enriched part)" if key == "nih" and films.enriched.any() else "")
             for key in dict.fromkeys(films.dataset)]
    return f"{' and '.join(names)}, {'patients left out of training' if recipe.tuned else f'{FOLDS}-fold by patient'}"


def notes(recipe: Recipe, trained: Sequence[bool], release: Release | None) -> list[str]:
    """The limits that the card names. What was tried on the shipped data is said of the released weights alone."""
    unknown = [code for (_, code), known in zip(LABELS, trained, strict=True) if not known]
    leaking = recipe.notes == "generated"
    limits = [
        (leaking, f"THE NOTES GIVE THE LABELS AWAY ({note_generator.MARK}), to reproduce a published set-up: no figure with the "
                  "note says anything about films."),
        (release, "Films are seen at 128 pixels: small nodules, fine lines and small pneumothoraces are lost. One network was "
                  "trained, not one per fold; a better one wants more films at higher resolution."),
        (not recipe.tuned, "Figures are of five-fold cross-validation by patient; the shipped weights are trained on all films "
                           "by the same recipe."),
        (recipe.tuned, "Figures of adults are of patients left out of the training of these very weights; what children show "
                       "is read out by a linear probe, five-fold by patient."),
        (release, "Labels of ChestX-ray14 were read out of reports by a program; its authors call more than 90 % of them right."),
        (release, "The part the figures are of is enriched for findings: probabilities are those of such a collection, not of a "
                  "clinic."),
        (unknown, f"Findings marked not trained have no label in the data: {', '.join(unknown)}."),
        (release, "Child pneumonia is learned from one centre's films of children of one to five years."),
        (not leaking, "The note in training was age, sex, view and follow-up number; what a free note adds beyond them is not "
                      "validated."),
    ]
    return [text for holds, text in limits if holds]
