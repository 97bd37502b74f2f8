"""Weights and their figures: what ``python -m core train cxr`` runs.

A frozen encoder is read out and cross-validated by patient, then everything is trained on all films. A tuned one
(``core.cxr.training.encoder``) is trained once, some patients left out, and judged on those.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from core.cxr.labels import LABELS
from core.cxr.model import CxrNet
from core.cxr.training.data import FOLDS, Films, load
from core.cxr.training.encoder import fit_encoder
from core.cxr.training.features import feature_maps
from core.cxr.training.finish import Seen, finish
from core.cxr.training.fit import fit_network, pretrained
from core.cxr.training.outputs import aspect_logits, logits
from core.cxr.training.recipe import Recipe
from core.cxr.training.tuned import unseen
from core.progress import Done
from core.settings import settings
from core.training.loop import is_main
from core.training.runs import Run
from core.training.steps import parts
from core.uploads import InputError

JUDGING = 3  # how long the figures take, in epochs


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
        if recipe.tuned:
            return _train_tuned(recipe, done)
        epochs = recipe.fusion.epochs + recipe.aspects.epochs
        reading, looking, *folds, last, judging = parts(done, [1, recipe.views, *[epochs] * FOLDS, epochs, JUDGING])
        begun, films = pretrained(recipe), load(recipe.data, recipe.notes, reading)
        if not films.child.any():
            raise InputError("data", "There is no film of a child.", "The input gate learns from adults and children: give both.")
        maps = feature_maps(begun.encoder, films, recipe.views, done=looking)
        seen = cross_validate(recipe, films, begun, maps, folds)
        model, maps = fit_network(begun, films, maps, np.arange(len(films)), recipe, recipe.name, last)
        if is_main():
            finish(recipe, films, seen, model, np.asarray(maps.mean((-2, -1), dtype=np.float32)), judging)
        return recipe.out


def _train_tuned(recipe: Recipe, done: Done | None) -> Path:
    reading, fitting, looking, judging = parts(done, [1, recipe.small.epochs + recipe.large.epochs, 1, JUDGING])
    begun, films = pretrained(recipe), load(recipe.data, recipe.notes, reading)
    if not films.child.any():
        raise InputError("data", "There is no film of a child.", "The input gate learns from adults and children: give both.")
    model = fit_encoder(begun, films, recipe, fitting)
    if is_main():
        seen, pooled = unseen(model, films, recipe, looking)
        finish(recipe, films, seen, model, pooled, judging)
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
