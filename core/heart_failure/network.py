"""M-PRTM: numbers, prescriptions and cardiac MR to a log hazard, composable: any subset of the three will do.

Each modality gives a score per head: its part of a Cox model, from which training starts, and what its branch adds. The Cox
model is that of ``cox.py``, which also says what is left open where little is told.
A dynamic attention, per patient and head, weighs the scores. Scores have unit variance over the patients of training
(``settle``), so that weights compare: 0.7 to the numbers says that they make 0.7 of the spread. ``published`` and
``compact`` are arguments of one class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from core.heart_failure.branches import ABSENT, Block, CinematicBranch, NumberBranch, Reader, TextBranch
from core.heart_failure.cox import MarginalCox
from core.heart_failure.variables import ENCODED

MODALITIES = ("numbers", "text", "cinematic")
HEADS = ("survival", "year_1", "year_3", "stratum")
STRATA = ("alive at 3 years", "death in years 1 to 3", "death within a year")
CINEMATIC = ("scar_share", "scar_segments", "lvef")  # % of the myocardium, of 17, %; then the encoder's embedding
LONGEST = 200  # tokens of a text that are read
FLAGS = 14  # of ``drugs.FLAGS``

PRESETS: dict[str, dict[str, Any]] = {
    "compact": {"width": 24, "layers": 1, "heads": 2, "latents": 4, "members": 3, "read_width": 48, "dropout": 0.2},
    # the source names no widths: those of BERT's own layers, for an encoder of 768 and the DAE-Former's embedding
    "published": {"width": 128, "layers": 4, "heads": 8, "latents": 0, "members": 1, "read_width": 128, "dropout": 0.1,
                  "text_width": 768, "embedding": 512, "text_encoder": "emilyalsentzer/Bio_ClinicalBERT"},
}


class Member(nn.Module):
    """One network of the ensemble: branches, fusion and heads."""

    def __init__(self, fields: int, cinematic: int, queries: int, width: int, layers: int, heads: int, latents: int,
                 read_width: int, dropout: float):
        super().__init__()
        self.numbers = NumberBranch(fields, width, layers, heads, latents, dropout)
        self.text = TextBranch(queries, read_width, width)
        self.cinematic = CinematicBranch(cinematic, width)
        self.norm = nn.ModuleList(nn.LayerNorm(width) for _ in MODALITIES)
        self.together = Block(width, heads, dropout)
        self.score = nn.ModuleList(nn.Linear(width, len(HEADS)) for _ in MODALITIES)
        self.weigh = nn.Linear(width, len(HEADS))
        self.gain = nn.Parameter(torch.zeros(len(HEADS), len(MODALITIES)))  # logarithms
        for layer in (*self.score, self.weigh):  # nothing beyond the linear start yet
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.register_buffer("scale", torch.ones(len(HEADS), len(MODALITIES)))

    def forward(self, values, known, summaries, cine, cine_known, start: Tensor, present: Tensor) -> tuple[Tensor, ...]:
        """Raw scores and gains ``[n, heads, 3]``, and the weights of the text's queries ``[n, q]``.

        Args:
            start: ``[n, 3]``, the linear parts. present: ``[n, 3]`` bool.
        """
        text, queries = self.text(summaries)
        parts = self.numbers(values, known), text, self.cinematic(cine, cine_known)
        tokens = torch.stack([norm(part) for norm, part in zip(self.norm, parts, strict=True)], 1)
        scores = torch.stack([score(tokens[:, m]) for m, score in enumerate(self.score)], -1) + start[:, None]
        dynamic = torch.tanh(self.weigh(self.together(tokens, present))).transpose(1, 2)
        gains = (self.gain + dynamic).masked_fill(~present[:, None], ABSENT)
        return scores, gains, queries

    def fuse(self, scores: Tensor, gains: Tensor) -> tuple[Tensor, Tensor]:
        """Of each head the sum of the weighed scores ``[n, heads]``, and its attention ``[n, heads, 3]``, 0 where absent."""
        present = gains > ABSENT / 2
        attention = torch.where(present, gains.softmax(-1), 0.0)
        whole = gains.logsumexp(-1).exp() * present.any(-1)  # times attention: the gains themselves
        return whole * (attention * scores / self.scale).sum(-1), attention


class MPrtm(nn.Module):
    """The ensemble on a common start and a common reader of prescriptions.

    Args:
        fields: numbers per patient, as ``variables.encode`` makes them. text_width: of the text encoder's states.
        embedding: size of the cardiac MR encoder's vector, behind the three numbers of ``CINEMATIC``. free: queries of the
            reader that stand for no flag. read_width, width, layers, heads, latents: of the reader and the branches.
        members: networks of the ensemble. text_encoder: as ``core.text.encoder`` knows it.
    """

    reads_text = True  # what serves it gives the states of ``texts``

    def __init__(self, fields: int = len(ENCODED), text_width: int = 384, embedding: int = 0, flags: int = FLAGS, free: int = 2,
                 read_width: int = 48, width: int = 24, layers: int = 1, heads: int = 2, latents: int = 4,
                 members: int = 3, dropout: float = 0.2, text_encoder: str = "minilm"):
        super().__init__()
        self.fields, self.flags, self.cinematic = fields, flags, len(CINEMATIC) + embedding
        self.text_encoder = text_encoder
        self.start = MarginalCox(fields, flags)
        self.reader = Reader(text_width, read_width, flags + free)
        self.members = nn.ModuleList(
            Member(fields, self.cinematic, flags + free, width, layers, heads, latents, read_width, dropout)
            for _ in range(members))
        for name, value in {
            "cine_centre": torch.zeros(self.cinematic), "cine_spread": torch.ones(self.cinematic),
            "cine_beta": torch.zeros(2 * self.cinematic),  # of the values, and of what is missing
            "trained": torch.ones(len(MODALITIES), dtype=torch.bool),  # a branch that never saw a patient says nothing
            "slope": torch.ones(()), "intercepts": torch.zeros(4),  # of the calibration; of year_1, year_3 and the strata 1, 2
        }.items():
            self.register_buffer(name, value)

    def texts(self, texts: Sequence[str]) -> tuple[Tensor | None, Tensor | None]:
        """Token states ``[n, m, text_width]`` and where they are padding; None where nothing is said at all."""
        from core.text import encoder  # half a second, and numbers alone need none

        said = sorted({text for text in texts if text.strip()})
        if not said:
            return None, None
        states, padded, _ = encoder(self.text_encoder).states(said, LONGEST)
        states = torch.cat([states, torch.zeros_like(states[:1])])  # the last: of those who say nothing
        padded = torch.cat([padded, torch.ones_like(padded[:1])])
        place = {text: i for i, text in enumerate(said)}
        rows = torch.tensor([place.get(text, len(said)) for text in texts], device=states.device)
        return states[rows].clone(), padded[rows]

    def read(self, states: Tensor | None, padded: Tensor | None, n: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Summaries, flags as read (in 0 to 1), attention per query and token, and whether there was any text."""
        if states is None or states.shape[1] == 0:
            states = self.slope.new_zeros(n, 1, self.reader.key.in_features)
            padded = torch.ones(n, 1, dtype=torch.bool, device=states.device)
        summaries, logits, attention = self.reader(states.to(self.slope.dtype), padded)
        return summaries, logits[:, :self.flags].sigmoid(), attention, ~padded.all(1)

    def forward(self, numbers: Tensor, flags: Tensor | None = None, text_states: Tensor | None = None,
                text_mask: Tensor | None = None, scar: Tensor | None = None, read: tuple | None = None) -> dict[str, Any]:
        """What is known of n patients to a log hazard; every modality may be absent.

        Args:
            numbers: ``[n, k]`` in clinical units, NaN where unknown. flags: not looked at, the text says it.
            text_states: ``[n, m, text_width]``; text_mask ``[n, m]`` True where padded, all of a row where there is no text.
            scar: ``[n, s]`` as ``CINEMATIC``, NaN where unknown; LVEF alone is no cardiac MR.
            read: of ``self.read``, where it was kept.

        Returns:
            log_hazard, spread (its standard error), year_1, year_3 ``[n]`` (logits), stratum ``[n, 3]`` (logits of ``STRATA``),
            attention: weights of the survival head by modality ``[n]``; weights ``[n, heads, 3]``; words ``[n, m]``; each:
            the heads' scores by member ``[members, n, heads]``.
        """
        parts = self.parts(numbers, text_states, text_mask, scar, read)
        fused = [member.fuse(scores, gains) for member, (scores, gains, _) in zip(self.members, parts["members"], strict=True)]
        each = torch.stack([values for values, _ in fused])
        weights = torch.stack([attention for _, attention in fused]).mean(0)
        queries = torch.stack([queries for _, _, queries in parts["members"]]).mean(0)
        words = (queries[:, None] @ parts["words"]).squeeze(1) * parts["present"][:, 1, None]
        heads = each.mean(0)
        between = each[..., 0].var(0) if len(each) > 1 else torch.zeros_like(heads[:, 0])
        return {
            "log_hazard": heads[:, 0] * self.slope, "spread": (parts["spread"].square() + between).sqrt() * self.slope,
            "year_1": heads[:, 1] + self.intercepts[0], "year_3": heads[:, 2] + self.intercepts[1],
            "stratum": strata(heads[:, 3], self.intercepts[2:]),
            "attention": {name: weights[:, 0, m] for m, name in enumerate(MODALITIES)},
            "weights": weights, "words": words, "each": each,
        }

    def parts(self, numbers: Tensor, text_states: Tensor | None = None, text_mask: Tensor | None = None,
              scar: Tensor | None = None, read: tuple | None = None, begun: tuple | None = None) -> dict[str, Any]:
        """Before the fusion: per member scores, gains and query weights; what is there; the starts and their spread.

        Args:
            begun: of ``self.starts``, where it was kept.
        """
        n = len(numbers)
        summaries, flags, words, has_text = self.read(text_states, text_mask, n) if read is None else read
        told = torch.where(has_text[:, None], flags, torch.nan)
        values, known = (part[:, :self.fields] for part in self.start.standardised(numbers, told))
        scar = numbers.new_full((n, self.cinematic), torch.nan) if scar is None else scar
        cine, cine_known = self.standard_cine(scar)
        has_cine = cine_known[:, [i for i in range(self.cinematic) if i != CINEMATIC.index("lvef")]].any(1)
        present = torch.stack([known.any(1), has_text, has_cine], 1) & self.trained
        start, spread = self.starts(numbers, told) if begun is None else begun
        design = torch.cat([cine, (~cine_known).to(cine.dtype)], 1)
        start = torch.cat([start, (design @ self.cine_beta * has_cine)[:, None]], 1)
        members = [m(values, known, summaries, cine, cine_known, start, present) for m in self.members]
        return {"members": members, "present": present, "words": words, "start": start, "spread": spread, "cine": design}

    def starts(self, numbers: Tensor, flags: Tensor) -> tuple[Tensor, Tensor]:
        """Of the Cox model, the numbers' part and what the text adds to it ``[n, 2]``, and the standard error ``[n]``."""
        whole = self.start(numbers, flags)
        said = ~flags.isnan().all(1)
        alone = whole["log_hazard"].clone()
        if said.any():
            alone[said] = self.start(numbers[said], torch.full_like(flags[said], torch.nan))["log_hazard"]
        return torch.stack([alone, whole["log_hazard"] - alone], 1), whole["spread"]

    def standard_cine(self, scar: Tensor) -> tuple[Tensor, Tensor]:
        """Standardised ``[n, s]``, zero where unknown, and what is known."""
        known = ~scar.isnan()
        return torch.where(known, (torch.where(known, scar, 0.0) - self.cine_centre) / self.cine_spread, 0.0).clamp(-4, 4), known


def strata(score: Tensor, intercepts: Tensor) -> Tensor:
    """Logits ``[n, 3]`` of ordered strata on one score (adjacent categories: each step up adds the score once)."""
    first, second = intercepts[..., 0], intercepts[..., 1]
    return torch.stack([torch.zeros_like(score), score + first, 2 * score + first + second], -1)


@torch.no_grad()
def settle(model: MPrtm, **inputs: Tensor) -> None:
    """Give every score unit variance over these patients and leave the sums as they are: what a weight means."""
    parts = model.parts(**inputs)
    for member, (scores, *_) in zip(model.members, parts["members"], strict=True):
        for m in range(len(MODALITIES)):
            if (rows := parts["present"][:, m]).sum() > 1:
                spread = scores[rows, :, m].std(0).clamp(min=1e-4)
                member.gain[:, m] += (spread / member.scale[:, m]).log()
                member.scale[:, m] = spread
