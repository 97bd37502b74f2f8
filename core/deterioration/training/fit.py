"""Fitting of one network on the stays of a fold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.deterioration.features import summary
from core.deterioration.network import Compact, Member, Published
from core.deterioration.training.data import Data
from core.deterioration.training.notes import HOURS, VARIANTS, Notes
from core.progress import Done
from core.training.loop import fit
from core.training.recipe import Schedule
from core.training.runs import start
from core.training.steps import parts

SOFT = 0.7  # share of the teacher's opinion in what is learned
DARK = 0.1  # share of the stays that are shown without a vital sign, so that a note can stand alone
UNSAID = 0.15  # share of the sentences that are left out
_CHANCES = np.array([1, 1, 1, 1, 3]) / 7  # of a note of each of HOURS


def batches_of(
    x: Tensor, empty: Tensor, data: Data, notes: Notes, rows: np.ndarray, soft: np.ndarray, batch: int, seed: int
) -> Any:
    """epoch -> batches of (inputs, sentences, which are absent, hour of the note, target)."""
    target = torch.from_numpy((1 - SOFT) * data.died[rows] + SOFT * soft).float()
    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(len(rows))
        for i in range(len(rows) // batch):
            chosen = order[i * batch: (i + 1) * batch]
            at, variant = rng.choice(len(HOURS), batch, p=_CHANCES), rng.integers(VARIANTS, size=batch)
            sentences, absent = notes.of(rows[chosen], at, variant)
            absent |= torch.from_numpy(rng.random(absent.shape) < UNSAID)
            shown = x[rows[chosen]]
            dark = torch.from_numpy(rng.random(batch) < DARK)
            shown = torch.where(dark[:, None, None], empty, shown)
            yield shown, sentences, absent, torch.tensor([HOURS[k] for k in at]), target[chosen]

    return batches


def loss(model: nn.Module, x: Tensor, sentences: Tensor, absent: Tensor, written: Tensor, target: Tensor) -> dict[str, Tensor]:
    """Of every hour, later ones counting more; with the note from its hour on."""
    alone, both = model(x, sentences, absent, written)
    weight = torch.linspace(0.2, 1, x.shape[1])[None].expand_as(alone)
    after = weight * (torch.arange(x.shape[1])[None] >= written[:, None])
    wanted = target[:, None].expand_as(alone)
    vital = (F.binary_cross_entropy_with_logits(alone, wanted, reduction="none") * weight).sum() / weight.sum()
    after = after / after.sum(1, keepdim=True)
    noted = (F.binary_cross_entropy_with_logits(both, wanted, reduction="none") * after).sum(1).mean()
    return {"loss": vital + noted, "vital": vital, "noted": noted}


def fit_one(
    net: nn.Module, x: Tensor, empty: Tensor, data: Data, notes: Notes, rows: np.ndarray, soft: np.ndarray, schedule: Schedule,
    batch: int, name: str, done: Done | None = None,
) -> nn.Module:
    """One network on ``rows``. Args: x: inputs of all stays; empty: those of a stay without a measurement."""
    known = {"batch": batch, "soft": SOFT, "dark": DARK, "unsaid": UNSAID}
    run = start("deterioration", name, recipe=schedule.model_dump() | known, data=data.rows(rows).identity(),
                architecture={"network": type(net).__name__})
    make = batches_of(x, empty, data, notes, rows, soft, batch, schedule.seed)
    return fit(net, make, len(rows) // batch, loss, schedule, run, done=done).cpu().eval()


def fit_note(
    member: Member, x: Tensor, data: Data, notes: Notes, rows: np.ndarray, soft: np.ndarray, schedule: Schedule, batch: int,
    name: str, done: Done | None = None,
) -> Member:
    """The note pathway goes on alone, at the hours at which notes are written, while the vital pathway stays as it is.

    So an epoch costs a fifth, and the note, of which there is more to learn, has more of them.
    """
    member = member.eval().requires_grad_(False)
    with torch.no_grad():
        hours = torch.tensor(HOURS)
        said = [member.vitals(part) for part in x[rows].split(256)]
        state, base = (torch.cat(one)[:, hours] for one in zip(*said, strict=True))
    for part in (member.note, member.fusion):
        part.requires_grad_(True)
    member.share.requires_grad_(True)
    target = torch.from_numpy((1 - SOFT) * data.died[rows] + SOFT * soft).float()

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        rng = np.random.default_rng([schedule.seed, epoch, 1])
        order = rng.permutation(len(rows))
        for i in range(len(rows) // batch):
            chosen = order[i * batch: (i + 1) * batch]
            at, variant = rng.choice(len(HOURS), batch, p=_CHANCES), rng.integers(VARIANTS, size=batch)
            seen = np.where(rng.random(batch) < 0.5, at, rng.integers(at, len(HOURS)))  # the note is fresh, or some hours old
            sentences, absent = notes.of(rows[chosen], at, variant)
            absent |= torch.from_numpy(rng.random(absent.shape) < UNSAID)
            since = hours[seen] - hours[at]
            yield state[chosen, seen][:, None], base[chosen, seen][:, None], sentences, absent, since[:, None], target[chosen]

    run = start("deterioration", name, recipe=schedule.model_dump() | {"batch": batch, "soft": SOFT, "unsaid": UNSAID},
                data=data.rows(rows).identity(), architecture={"network": "Member", "part": "note"})
    return fit(member, batches, len(rows) // batch, note_loss, schedule, run, done=done).cpu().eval()


def note_loss(
    model: Member, state: Tensor, base: Tensor, sentences: Tensor, absent: Tensor, since: Tensor, target: Tensor
) -> Tensor:
    both = model.with_note(state, base, sentences, absent, since)
    return F.binary_cross_entropy_with_logits(both[:, 0], target)


def fit_compact(
    data: Data, notes: Notes, rows: np.ndarray, soft: np.ndarray, seeds: int, schedules: tuple[Schedule, Schedule], batch: int,
    name: str, done: Done | None = None,
) -> Compact:
    """The ensemble on ``rows``. Args: schedules: of the whole, then of the note alone."""
    model = Compact(seeds)
    with torch.no_grad():
        grids = torch.from_numpy(data.grids)
        model.normal.learn(summary(grids[rows])[:, ::3])
        x, empty = model.inputs(grids), model.inputs(torch.full_like(grids[:1], torch.nan))[0]
    stages = iter(parts(done, [schedule.epochs for schedule in schedules] * seeds))
    for seed in range(seeds):
        whole, alone = (schedule.model_copy(update={"seed": seed}) for schedule in schedules)
        torch.manual_seed(seed)
        fitted = fit_one(Member(), x, empty, data, notes, rows, soft, whole, batch, f"{name}-{seed}", next(stages))
        fitted = fit_note(fitted, x, data, notes, rows, soft, alone, 2 * batch, f"{name}-{seed}-note", next(stages))
        model.members[seed].load_state_dict(fitted.state_dict())
    return model.eval()


def fit_published(
    data: Data, notes: Notes, rows: np.ndarray, schedule: Schedule, batch: int, name: str, done: Done | None = None
) -> Published:
    """The network of the source; it learns from the outcome alone."""
    torch.manual_seed(schedule.seed)
    model = Published()
    grids = torch.from_numpy(data.grids)
    model.learn(grids[rows], float(data.died[rows].mean()))
    x, empty = model.inputs(grids), model.inputs(torch.full_like(grids[:1], torch.nan))[0]
    return fit_one(model, x, empty, data, notes, rows, data.died[rows].astype(np.float32), schedule, batch, name, done)
