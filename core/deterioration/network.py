"""Vital signs over time, and the sentences of a note, to the log odds of death in hospital at every hour.

``Compact`` is what ships: summaries of the past at each hour (``features``) through an LSTM, several members, and through boosted
trees with soft splits, averaged; the note is a set of sentences that are weighed against each other, and adds to what the vital
signs say. ``Published`` is the network of
the source: vital signs -> 2-layer LSTM (128) -> 32, note embedding (384) -> 64 -> 32, together 64 -> 32 -> 16 -> 1.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.deterioration.features import NAMES, summary
from core.deterioration.sentences import WIDTH
from core.deterioration.trees import Trees

EMBEDDING = WIDTH - 2  # of MiniLM; then whether the sentence holds a number, and its logarithm
_FAR = 5  # standard deviations that the network of the source is shown at most
TREES = 250
KNOTS = 33  # of the map from a feature to the normal distribution
_FLAGS = [k for k, name in enumerate(NAMES) if ":mean:" in name]  # where they are unknown, the rest of the window is


class Normal(nn.Module):
    """Each feature to its normal score, straight between the quantiles of the training stays; what is unknown to 0, and told."""

    def __init__(self, features: int = len(NAMES)):
        super().__init__()
        self.register_buffer("quantiles", torch.linspace(0, 1, KNOTS).repeat(features, 1))
        shares = torch.linspace(0, 1, KNOTS).clamp(0.005, 0.995)
        self.register_buffer("scores", 2**0.5 * torch.erfinv(2 * shares - 1))

    def learn(self, features: Tensor) -> None:
        """From ``[..., k]``, NaN unknown. Constant or unknown features stay as they are."""
        flat = features.reshape(-1, features.shape[-1])
        shares = torch.linspace(0, 1, KNOTS)
        for k, column in enumerate(flat.T):
            known = column[~column.isnan()]
            if len(known):
                self.quantiles[k] = torch.quantile(known[:: len(known) // 100_000 + 1], shares)

    def forward(self, features: Tensor) -> Tensor:
        """``[..., k]`` -> ``[..., k + flags]``."""
        unknown = features.isnan()
        flat = features.nan_to_num(0).reshape(-1, features.shape[-1]).T.contiguous()
        right = torch.searchsorted(self.quantiles, flat.detach()).clamp(1, KNOTS - 1)
        below, above = self.quantiles.gather(1, right - 1), self.quantiles.gather(1, right)
        share = ((flat - below) / (above - below).clamp(min=1e-6)).clamp(0, 1)
        low, high = self.scores[right - 1], self.scores[right]
        found = (low + (high - low) * share).T.reshape(features.shape).masked_fill(unknown, 0)
        return torch.cat([found, unknown[..., _FLAGS].to(found.dtype)], -1)


class Vitals(nn.Module):
    """What an hour and its past say: a state ``[b, h, 32]`` and its log odds ``[b, h]``."""

    def __init__(self, features: int, width: int):
        super().__init__()
        self.inward = nn.Sequential(nn.Dropout(0.1), nn.Linear(features, width), nn.ReLU(), nn.Dropout(0.4))
        self.memory = nn.LSTM(width, width, batch_first=True)
        self.state = nn.Sequential(nn.Linear(2 * width, 32), nn.ReLU(), nn.Dropout(0.3))
        self.out, self.direct = nn.Linear(32, 1), nn.Linear(features, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        now = self.inward(x)
        state = self.state(torch.cat([now, self.memory(now)[0]], -1))
        return state, (self.out(state) + self.direct(x)).squeeze(-1)


class Note(nn.Module):
    """A set of sentences ``[b, s, WIDTH]`` to 32 numbers, and to the log odds that each adds on its own.

    What a number means depends on what the sentence is of: its logarithm is multiplied with what the embedding says.
    """

    def __init__(self, width: int = 64):
        super().__init__()
        self.words, self.slope = nn.Linear(EMBEDDING, width), nn.Linear(EMBEDDING, width)
        self.sentence = nn.Sequential(nn.ReLU(), nn.Dropout(0.2))
        self.weight, self.evidence = nn.Linear(width, 1), nn.Linear(width, 1)
        self.state = nn.Sequential(nn.Linear(2 * width, 32), nn.ReLU(), nn.Dropout(0.3))

    def forward(self, sentences: Tensor, absent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """State ``[b, 32]``, evidence ``[b]`` and the weights of the sentences ``[b, s]``. Args: absent: ``[b, s]``, padding."""
        text = sentences[..., :EMBEDDING] * 10  # unit vectors of 384 numbers are small ones
        told, number = sentences[..., EMBEDDING, None], sentences[..., EMBEDDING + 1, None]
        each = self.sentence(self.words(text) + self.slope(text) * told * (number - 3) / 2)
        present = (~absent).to(each.dtype)[..., None]
        weight = self.weight(each).masked_fill(absent[..., None], -30).softmax(1) * present
        together = torch.cat([(weight * each).sum(1), (present * each).sum(1) / 16], -1)
        return self.state(together), (self.evidence(each) * present).sum(1).squeeze(-1), weight.squeeze(-1)


class Member(nn.Module):
    """One network of the ensemble, on normal scores."""

    def __init__(self, features: int = len(NAMES) + len(_FLAGS), width: int = 64):
        super().__init__()
        self.vitals, self.note = Vitals(features, width), Note()
        self.share = nn.Parameter(torch.ones(()))
        self.fusion = nn.Sequential(nn.Linear(65, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x: Tensor, sentences: Tensor | None = None, absent: Tensor | None = None, written: Tensor | None = None,
                trees: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Log odds ``[b, h]`` of the vital signs alone, and with the note from ``written [b]`` (row of the grid) on.

        What the note is learned from moves nothing in the vital pathway: alone, it is the baseline it would be without.

        Args:
            trees: log odds of the trees ``[b, h]``, which are averaged with those of the network.
        """
        state, alone = self.vitals(x)
        if trees is not None:
            alone = (alone + trees) / 2
        if sentences is None:
            return alone, None
        if self.training:
            state, base = state.detach(), alone.detach()
        else:
            base = alone
        hours = torch.arange(x.shape[1], device=x.device)[None] - written[:, None]
        both = self.with_note(state, base, sentences, absent, hours.clamp(min=0))
        return alone, torch.where((hours >= 0) & (~absent).any(1)[:, None], both, base)

    def with_note(self, state: Tensor, base: Tensor, sentences: Tensor, absent: Tensor, since: Tensor) -> Tensor:
        """Log odds ``[b, h]``. Args: state ``[b, h, 32]``, base ``[b, h]``: of the vital signs; since: hours ``[b, h]``."""
        said, evidence, _ = self.note(sentences, absent)
        age = since[..., None].to(state.dtype) / 24
        joined = torch.cat([state, said[:, None].expand(-1, state.shape[1], -1), age], -1)
        return self.share * base + evidence[:, None] + self.fusion(joined).squeeze(-1)


class Compact(nn.Module):
    """The ensemble. Row k of all that it returns depends on rows 0 to k of the grid alone, and on a note written by then."""

    def __init__(self, members: int = 3, width: int = 64):
        super().__init__()
        self.normal, self.trees = Normal(), Trees(TREES)
        self.members = nn.ModuleList(Member(width=width) for _ in range(members))

    def inputs(self, grids: Tensor) -> Tensor:
        """Normal scores of ``[b, h, 6]`` in clinical units, NaN where not measured."""
        return self.normal(summary(grids))

    def each(self, grids: Tensor, sentences: Tensor | None = None, absent: Tensor | None = None, written: Tensor | None = None
             ) -> tuple[Tensor, Tensor | None]:
        """Log odds of each member ``[m, b, h]``, without and with the note."""
        x = self.inputs(grids)
        trees = self.trees(x)
        found = [member(x, sentences, absent, written, trees) for member in self.members]
        return torch.stack([one for one, _ in found]), None if sentences is None else torch.stack([one for _, one in found])

    def forward(self, grids: Tensor, sentences: Tensor | None = None, absent: Tensor | None = None,
                written: Tensor | None = None) -> Tensor:
        """Mean log odds of the members ``[b, h]``, with the note where there is one."""
        alone, both = self.each(grids, sentences, absent, written)
        return (alone if both is None else both).mean(0)


class Published(nn.Module):
    """The network of the source, on standardised values that are carried forward; without a note its 32 numbers are 0."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(6))
        self.register_buffer("spread", torch.ones(6))
        self.memory, self.vital = nn.LSTM(6, 128, 2, batch_first=True, dropout=0.3), nn.Sequential(nn.Linear(128, 32), nn.ReLU())
        self.clinical = nn.Sequential(nn.Linear(EMBEDDING, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 32), nn.ReLU())
        self.fusion = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))

    def learn(self, grids: Tensor, share: float) -> None:
        """Means and spreads of the training stays, and the odds of their deaths to begin from: else its units die on the way."""
        nn.init.constant_(self.fusion[-1].bias, math.log(share / (1 - share)))
        for k in range(6):
            known = grids[..., k][~grids[..., k].isnan()]
            self.mean[k], self.spread[k] = known.mean(), known.std()

    def inputs(self, grids: Tensor) -> Tensor:
        last = summary(grids)[..., [NAMES.index(f"{name.split(':')[0]}:last") for name in NAMES[:6]]]
        return ((last - self.mean) / self.spread).nan_to_num(0).clamp(-_FAR, _FAR)

    def forward(self, x: Tensor, sentences: Tensor | None = None, absent: Tensor | None = None, written: Tensor | None = None
                ) -> tuple[Tensor, Tensor | None]:
        """As ``Member``; the note is the mean of its sentences."""
        state = self.vital(self.memory(x)[0])
        alone = self.fusion(torch.cat([state, torch.zeros_like(state)], -1)).squeeze(-1)
        if sentences is None:
            return alone, None
        present = (~absent).to(x.dtype)[..., None]
        mean = F.normalize((sentences[..., :EMBEDDING] * present).sum(1) / present.sum(1).clamp(min=1), dim=-1)
        said = self.clinical(mean)[:, None].expand(-1, x.shape[1], -1)
        both = self.fusion(torch.cat([state, said], -1)).squeeze(-1)
        past = torch.arange(x.shape[1], device=x.device)[None] >= written[:, None]
        return alone, torch.where(past & (~absent).any(1)[:, None], both, alone)
