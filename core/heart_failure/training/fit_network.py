"""M-PRTM for ``training.models``: cohorts to tensors, prescriptions read once, a network for the rows of a fold.

The reader is trained on prescriptions of nobody, so that it is the same in all folds.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from core.heart_failure.branches import Reader
from core.heart_failure.network import FLAGS, PRESETS, MPrtm
from core.heart_failure.training.data import Data
from core.heart_failure.training.inputs import Subset
from core.heart_failure.training.models import Predictor
from core.heart_failure.training.network_loop import RECIPES, NetworkRecipe, train_network
from core.heart_failure.training.outcomes import Patients
from core.heart_failure.training.render import render
from core.heart_failure.training.text_states import drawn, read, states, train_reader
from core.progress import Done
from core.settings import settings
from core.text import encoder
from core.training import runs
from core.training.identity import digest

WORDINGS = 2  # rendered ones, beside the plain list
TEXTS = 4000  # of nobody, that the reader learns from
SEED = 20
NOTES = (  # the limits that the card names, beside those of every model on these cohorts
    f"The text that it learned from is true, and rendered: lists of drugs written from the cohorts' own columns, {WORDINGS + 1} "
    f"wordings a patient. Its reader learned the words from {TEXTS} prescriptions of nobody. Clinicians' notes were not seen.",
    "No open cohort links cardiac MR and survival: that branch is trained on simulated patients alone "
    "(python -m core.heart_failure.training.simulate) and says nothing in these weights.",
    "An attention weight says how much of the spread of the score a modality makes, not that it causes anything.",
    "The network starts from the marginal Cox model and adds little to it: see the difference among the figures.",
)


def fit(data: Data, rows: np.ndarray, seed: int = 0, recipe: NetworkRecipe = RECIPES["compact"]) -> Predictor:
    """A network of those rows; what a subset of inputs leaves out is unknown to it."""
    model = fitted(data, rows, recipe.model_copy(update={"seed": seed}))
    return lambda data, asked, subset: answers(model, data, asked, subset)


def fitted(data: Data, rows: np.ndarray, recipe: NetworkRecipe, name: str = "", done: Done | None = None) -> MPrtm:
    """The network of those rows. With a name, a run of its own keeps the figures of each epoch and, where patients are held out
    to stop the training, what was predicted of them."""
    torch.manual_seed(recipe.seed)
    model = new(recipe)
    told = patients(model, data).rows(rows)
    if not name:
        return train_network(model, told, recipe, done=done).model
    run = runs.start("heart_failure", f"{name}-network", recipe=recipe.model_dump(mode="json"), data=data.identity(rows),
                     architecture=PRESETS[recipe.preset])
    (run.folder / runs.PROGRESS).unlink(missing_ok=True)  # it begins anew

    def keep(epoch: int, found: dict[str, torch.Tensor]) -> None:
        np.savez(run.folder / f"predictions-{epoch:03}.npz", **{key: value.numpy() for key, value in found.items()})

    return train_network(model, told, recipe, run.log, keep, done).model


def new(recipe: NetworkRecipe) -> MPrtm:
    """With its own reader already taught, everything else at the beginning."""
    model = MPrtm(**PRESETS[recipe.preset])
    model.reader.load_state_dict(_reader(model.text_encoder, model.reader.key.out_features))
    model.reader.requires_grad_(False)
    return model


def answers(model: MPrtm, data: Data, rows: np.ndarray, subset: Subset) -> tuple[np.ndarray, np.ndarray]:
    """Log hazards and standard errors of rows, of whom a subset of inputs is told."""
    told = patients(model, data, (0,)).rows(rows)
    numbers = torch.where(torch.from_numpy(subset.numbers), told.numbers, torch.nan)
    inputs = told.inputs()
    summaries, flags, words, said = inputs["read"]
    with torch.inference_mode():
        out = model(numbers, scar=told.scar, read=(summaries, flags, words, said & subset.drugs))
    return out["log_hazard"].double().numpy(), out["spread"].double().numpy()


def patients(model: MPrtm, data: Data, wordings: tuple[int, ...] = tuple(range(WORDINGS + 1))) -> Patients:
    """All rows of the data; wording 0 is the list of drugs as the table has it, the others are rendered from its flags."""
    kinds = [_read(model, tuple(data.texts) if k == 0 else _rendered(data, k)) for k in wordings]
    return Patients(
        torch.from_numpy(data.numbers), torch.full((len(data), model.cinematic), torch.nan),
        torch.stack([summaries for summaries, _ in kinds], 1), torch.stack([flags for _, flags in kinds], 1),
        torch.tensor([bool(text) for text in data.texts]), torch.from_numpy(data.time).float(), torch.from_numpy(data.event),
        torch.from_numpy(np.unique(data.cohort, return_inverse=True)[1]))


_kept: dict[tuple[str, str], tuple[torch.Tensor, torch.Tensor]] = {}  # what a reader made of the texts of a cohort


def _read(model: MPrtm, texts: tuple[str, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    key = digest([model.text_encoder, model.reader.key.out_features]), digest(list(texts))
    if key not in _kept:
        said = sorted({text for text in texts if text})
        summaries, flags = read(model.reader, states(said, encoder(model.text_encoder)), FLAGS)
        place = {text: i for i, text in enumerate(said)}
        at = torch.tensor([place.get(text, 0) for text in texts])  # of who says nothing, none is looked at
        _kept[key] = summaries[at], flags[at]
    return _kept[key]


def _rendered(data: Data, wording: int) -> tuple[str, ...]:
    draw = np.random.default_rng(SEED + wording)
    return tuple(render(flags, draw) if text else "" for flags, text in zip(data.flags, data.texts, strict=True))


@lru_cache
def _reader(text_encoder: str, width: int) -> dict[str, torch.Tensor]:
    """Weights of a reader, taught once and kept under the runs folder."""
    texts, flags = drawn(TEXTS)
    found = encoder(text_encoder)
    path = settings.runs / "cache" / f"reader-{digest([texts, found.identity, width])}.pt"
    if not path.is_file():
        reader = Reader(found.size, width, FLAGS + 2)
        train_reader(reader, states(texts, found), flags)
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(reader.state_dict(), path)
    return torch.load(path, weights_only=True)
