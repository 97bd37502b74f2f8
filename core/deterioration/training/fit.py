"""Fitting of one network on the stays of a fold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional as F

from core import metrics
from core.deterioration.features import summary
from core.deterioration.network import Compact, Member, Published
from core.deterioration.training.data import Data
from core.deterioration.training.grow import grown
from core.deterioration.training.notes import HOURS, VARIANTS, Notes
from core.deterioration.vitals import VITALS
from core.progress import Done
from core.training.loop import fit
from core.training.recipe import Schedule
from core.training.runs import start
from core.training.steps import parts

SOFT = 0.7  # share of the teacher's opinion in what is learned
DARK = 0.1  # share of the stays that are shown without a vital sign, so that a note can stand alone
UNTOLD = 0.15  # share of the stays that do not tell whose their pressures are
UNSAID = 0.15  # share of the sentences that are left out
SHORT = 0.3  # share of the notes of which more is left out, at most all but 5 %: so that a short note is none of bad news
_CHANCES = np.array([1, 1, 1, 1, 3]) / 7  # of a note of each of HOURS


@dataclass(frozen=True, eq=False)
class Shown:
    """Inputs ``[n, 49, k]`` of all stays, the same without whose the pressures are, and those of a stay without a measurement."""

    told: Tensor
    untold: Tensor
    empty: Tensor

    def drawn(self, rows: np.ndarray, rng: np.random.Generator) -> Tensor:
        """Of a batch: some stays without the sources of their pressures, some without anything."""
        untold, dark = (torch.from_numpy(rng.random(len(rows)) < share)[:, None, None] for share in (UNTOLD, DARK))
        return torch.where(dark, self.empty, torch.where(untold, self.untold[rows], self.told[rows]))


@torch.no_grad()
def shown(model: Compact | Published, grids: np.ndarray) -> Shown:
    whole = torch.from_numpy(grids)
    inputs = [model.inputs(part) for part in (whole, whole[..., : len(VITALS)], torch.full_like(whole[:1], torch.nan))]
    return Shown(inputs[0], inputs[1], inputs[2][0])


def _unsaid(absent: Tensor, rng: np.random.Generator) -> Tensor:
    """Which sentences are not shown ``[b, s]``, of those that are there."""
    share = np.where(rng.random(len(absent)) < SHORT, rng.uniform(UNSAID, 0.95, len(absent)), UNSAID)
    return absent | torch.from_numpy(rng.random(absent.shape) < share[:, None])


def batches_of(
    shown: Shown, data: Data, notes: Notes, rows: np.ndarray, soft: np.ndarray, batch: int, seed: int
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
            written = torch.tensor([HOURS[k] for k in at])
            yield shown.drawn(rows[chosen], rng), sentences, _unsaid(absent, rng), written, target[chosen]

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
    net: nn.Module, inputs: Shown, data: Data, notes: Notes, rows: np.ndarray, soft: np.ndarray, schedule: Schedule,
    batch: int, name: str, done: Done | None = None, validate: Callable[[nn.Module], dict[str, float]] | None = None,
) -> nn.Module:
    """One network on ``rows``."""
    known = {"batch": batch, "soft": SOFT, "dark": DARK, "untold": UNTOLD, "unsaid": UNSAID, "short": SHORT}
    run = start("deterioration", name, recipe=schedule.model_dump() | known, data=data.rows(rows).identity(),
                architecture={"network": type(net).__name__})
    make = batches_of(inputs, data, notes, rows, soft, batch, schedule.seed)
    return fit(net, make, len(rows) // batch, loss, schedule, run, validate, 1, done=done).cpu().eval()


def fit_note(
    member: Member, x: Tensor, trees: Tensor, data: Data, notes: Notes, rows: np.ndarray, soft: np.ndarray, schedule: Schedule,
    batch: int, name: str, done: Done | None = None,
) -> Member:
    """The note pathway goes on alone, at the hours at which notes are written, while the vital pathway stays as it is.

    So an epoch costs a fifth, and the note, of which there is more to learn, has more of them.

    Args:
        trees: log odds of the trees ``[n, 49]`` of all stays, which are a part of what the vital signs say.
    """
    member = member.eval().requires_grad_(False)
    with torch.no_grad():
        hours = torch.tensor(HOURS)
        said = [member.vitals(part) for part in x[rows].split(256)]
        state, base = (torch.cat(one)[:, hours] for one in zip(*said, strict=True))
        base = (base + trees[rows][:, hours]) / 2
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
            absent = _unsaid(absent, rng)
            since = hours[seen] - hours[at]
            yield state[chosen, seen][:, None], base[chosen, seen][:, None], sentences, absent, since[:, None], target[chosen]

    known = {"batch": batch, "soft": SOFT, "unsaid": UNSAID, "short": SHORT}
    run = start("deterioration", name, recipe=schedule.model_dump() | known,
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
        model.normal.learn(summary(torch.from_numpy(data.grids[rows]))[:, ::3])
    inputs = shown(model, data.grids)
    model.trees = grown(inputs.told[rows], data.died[rows], soft)
    with torch.no_grad():
        trees = torch.cat([model.trees(part) for part in inputs.told.split(64)])
    stages = iter(parts(done, [schedule.epochs for schedule in schedules] * seeds))
    for seed in range(seeds):
        whole, alone = (schedule.model_copy(update={"seed": seed}) for schedule in schedules)
        torch.manual_seed(seed)
        fitted = fit_one(Member(), inputs, data, notes, rows, soft, whole, batch, f"{name}-{seed}", next(stages))
        fitted = fit_note(fitted, inputs.told, trees, data, notes, rows, soft, alone, 2 * batch, f"{name}-{seed}-note",
                          next(stages))
        model.members[seed].load_state_dict(fitted.state_dict())
    return model.eval()


def fit_published(
    data: Data, notes: Notes, rows: np.ndarray, schedule: Schedule, batch: int, name: str, done: Done | None = None
) -> Published:
    """The network of the source; it learns from the outcome alone, and stops early by the AUROC of a tenth of the rows."""
    torch.manual_seed(schedule.seed)
    rows, held = train_test_split(rows, test_size=0.1, stratify=data.died[rows], random_state=schedule.seed)
    model = Published()
    model.learn(torch.from_numpy(data.grids[rows]), float(data.died[rows].mean()))
    inputs, truth = shown(model, data.grids), data.died[rows].astype(np.float32)
    last = len(HOURS) - 1
    said = *notes.of(held, np.full(len(held), last)), torch.full((len(held),), HOURS[last])

    @torch.no_grad()
    def validate(net: Published) -> dict[str, float]:
        return {"AUROC": metrics.auc(data.died[held].astype(float), net(inputs.told[held], *said)[1][:, -1].numpy())}

    return fit_one(model, inputs, data, notes, rows, truth, schedule, batch, name, done, validate)
