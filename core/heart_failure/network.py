"""M-PRTM: numbers, prescriptions and cardiac MR to a log hazard, composable: any subset of the three will do.

Each modality gives a score per head: its part of a ridge Cox model, from which training starts, and what its branch adds.
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
from core.heart_failure.variables import ENCODED

MODALITIES = ("numbers", "text", "cinematic")
HEADS = ("survival", "year_1", "year_3", "stratum")
STRATA = ("alive at 3 years", "death in years 1 to 3", "death within a year")
CINEMATIC = ("scar_share", "scar_segments", "lvef")  # % of the myocardium, of 17, %; then the encoder's embedding
LONGEST = 200  # tokens of a text that are read
FLAGS = 14  # of ``drugs.FLAGS``
_SCALES = {"one": 0, "log": 1, "log1p": 2}

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
    """The ensemble on a common linear start and a common reader of prescriptions.

    What serves it asks ``reads_text``, and ``texts`` for the states.

    Args:
        fields: numbers per patient, as ``variables.encode`` makes them. text_width: of the text encoder's states.
        embedding: size of the cardiac MR encoder's vector, behind the three numbers of ``CINEMATIC``.
        read_width, width, layers, heads, latents: of the reader and the branches. members: networks of the ensemble.
    """

    reads_text = True

    def __init__(self, fields: int = len(ENCODED), text_width: int = 384, embedding: int = 0, flags: int = FLAGS, free: int = 2,
                 read_width: int = 48, width: int = 24, layers: int = 1, heads: int = 2, latents: int = 4,
                 members: int = 3, dropout: float = 0.2, text_encoder: str = "minilm"):
        super().__init__()
        cinematic = len(CINEMATIC) + embedding
        self.text_encoder = text_encoder
        self.fields, self.flags, self.cinematic = fields, flags, cinematic
        self.reader = Reader(text_width, read_width, flags + free)
        self.members = nn.ModuleList(
            Member(fields, cinematic, flags + free, width, layers, heads, latents, read_width, dropout) for _ in range(members))
        linear = 2 * fields + flags + 2 * cinematic
        self.linear = nn.Parameter(torch.zeros(linear), requires_grad=False)
        scales = [_SCALES[one.scale] for one in ENCODED] if fields == len(ENCODED) else [0] * fields
        for name, value in {
            "scales": torch.tensor(scales),
            "centre": torch.zeros(fields), "spread": torch.ones(fields), "cine_centre": torch.zeros(cinematic),
            "cine_spread": torch.ones(cinematic), "read_centre": torch.zeros(flags),
            "uncertainty": torch.zeros(linear, linear),  # a root of the covariance of ``linear``
            "unknown": torch.zeros(fields + 1),  # variance that not knowing a number, or the text, leaves
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

    def standard(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Standardised ``[n, k]``, zero where unknown, and what is known; from clinical units, skewed ones as logarithms."""
        x, known = self.scaled(numbers)
        return torch.where(known, (x - self.centre) / self.spread, 0.0).clamp(-4, 4), known

    def scaled(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Skewed ones as logarithms, ``[n, k]``, any value where unknown, and what is known."""
        known = ~numbers.isnan()
        x = torch.where(known, numbers, 1.0)
        log, log1p = x.clamp(min=1e-6).log(), x.clamp(min=0).log1p()
        return torch.where(self.scales == 1, log, torch.where(self.scales == 2, log1p, x)), known

    def standard_cine(self, scar: Tensor) -> tuple[Tensor, Tensor]:
        known = ~scar.isnan()
        return torch.where(known, (torch.where(known, scar, 0.0) - self.cine_centre) / self.cine_spread, 0.0).clamp(-6, 6), known

    def read(self, states: Tensor | None, padded: Tensor | None, n: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Summaries, flags as read (in 0 to 1), attention per query and token, and whether there was any text."""
        if states is None or states.shape[1] == 0:
            states = self.centre.new_zeros(n, 1, self.reader.key.in_features)
            padded = torch.ones(n, 1, dtype=torch.bool, device=states.device)
        summaries, logits, attention = self.reader(states.to(self.centre.dtype), padded)
        return summaries, logits[:, :self.flags].sigmoid(), attention, ~padded.all(1)

    def design(self, values, known, read, has_text, cine, cine_known, has_cine) -> Tensor:
        """What the linear start multiplies, ``[n, 2 k + flags + 2 s]``: values, what is missing, flags read, cinematic."""
        missing = (~known).to(values.dtype)
        text = (read - self.read_centre) * has_text[:, None]
        scar = torch.cat([cine, (~cine_known).to(values.dtype)], -1) * has_cine[:, None]
        return torch.cat([values, missing, text, scar], -1)

    def starts(self, design: Tensor) -> Tensor:
        """The linear part of each modality, ``[n, 3]``."""
        sizes = (2 * self.fields, self.flags, 2 * self.cinematic)
        return torch.stack([part.sum(-1) for part in (design * self.linear).split(sizes, -1)], -1)

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
            attention: weights of the survival head by modality ``[n]``; weights ``[n, heads, 3]``; words ``[n, m]``.
        """
        parts = self.parts(numbers, text_states, text_mask, scar, read)
        fused = [member.fuse(scores, gains) for member, (scores, gains, _) in zip(self.members, parts["members"], strict=True)]
        each = torch.stack([values for values, _ in fused])  # [members, n, heads]
        weights = torch.stack([attention for _, attention in fused]).mean(0)
        queries = torch.stack([queries for _, _, queries in parts["members"]]).mean(0)
        words = (queries[:, None] @ parts["words"]).squeeze(1) * parts["present"][:, 1, None]
        fused_heads = each.mean(0)
        return {
            "log_hazard": fused_heads[:, 0] * self.slope, "spread": self._spread(parts, each[..., 0]),
            "year_1": fused_heads[:, 1] + self.intercepts[0], "year_3": fused_heads[:, 2] + self.intercepts[1],
            "stratum": strata(fused_heads[:, 3], self.intercepts[2:]),
            "attention": {name: weights[:, 0, m] for m, name in enumerate(MODALITIES)},
            "weights": weights, "words": words, "each": each,
        }

    def parts(self, numbers, text_states=None, text_mask=None, scar=None, read=None) -> dict[str, Any]:
        """Before the fusion: per member scores, gains and query weights; what is there; the linear design."""
        n = len(numbers)
        values, known = self.standard(numbers)
        summaries, flags, words, has_text = self.read(text_states, text_mask, n) if read is None else read
        if scar is None:
            scar = numbers.new_full((n, self.cinematic), torch.nan)
        cine, cine_known = self.standard_cine(scar)
        has_cine = cine_known[:, [i for i in range(self.cinematic) if i != CINEMATIC.index("lvef")]].any(1)
        present = torch.stack([known.any(1), has_text, has_cine], 1) & self.trained
        design = self.design(values, known, flags, has_text, cine, cine_known, has_cine)
        start = self.starts(design)
        members = [m(values, known, summaries, cine, cine_known, start, present) for m in self.members]
        return {"members": members, "present": present, "known": known, "design": design, "words": words}

    def _spread(self, parts: dict[str, Any], each: Tensor) -> Tensor:
        """Standard error: of the linear part, between the members, and what is unknown leaves."""
        variance = (parts["design"] @ self.uncertainty).square().sum(-1)
        if len(each) > 1:
            variance = variance + each.var(0)
        unknown = torch.cat([~parts["known"], ~parts["present"][:, 1:2]], 1)
        variance = variance + unknown.to(variance.dtype) @ self.unknown
        return variance.clamp(min=1e-12).sqrt() * self.slope


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
