"""The three branches of M-PRTM: what each makes of its modality, for any subset of what can be known."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ABSENT = -1e4  # a score that softmax turns into nothing


class Block(nn.Module):
    """A transformer layer, norm first (Xiong et al. 2020, arXiv 2002.04745); half the usual hidden width."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Tensor, keep: Tensor | None = None) -> Tensor:
        """``[n, t, width]``; ``keep`` [n, t] True where a token may be looked at."""
        q, k, v = self.mix(self.before(x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        allowed = None if keep is None else keep[:, None, None]
        mixed = F.scaled_dot_product_attention(q, k, v, allowed, self.dropout if self.training else 0.0)
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        return x + self.narrow(F.dropout(F.gelu(self.wide(self.after(x))), self.dropout, self.training))


class NumberBranch(nn.Module):
    """One token per number: the field's embedding and, if it is known, its value; its own learned token if it is not.

    With ``latents`` the tokens are attended to by so many learned queries, and the layers mix those (Perceiver, Jaegle et al.
    2021, arXiv 2103.03206): a tenth of the work. Without, the layers mix the tokens themselves.
    """

    def __init__(self, fields: int, width: int, layers: int, heads: int, latents: int, dropout: float):
        super().__init__()
        self.field, self.value, self.missing = (nn.Parameter(torch.randn(fields, width) * 0.3) for _ in range(3))
        self.latents = nn.Parameter(torch.randn(max(latents, 1), width) * 0.3)
        self.look = nn.Linear(width, 2 * width) if latents else None
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))

    def tokens(self, values: Tensor, known: Tensor) -> Tensor:
        """``[n, k, width]`` from standardised values, zero where unknown, and what is known."""
        known = known[..., None]
        return self.field + torch.where(known, values[..., None] * self.value, self.missing)

    def forward(self, values: Tensor, known: Tensor) -> Tensor:
        x, latents = self.tokens(values, known), self.latents.expand(len(values), -1, -1)
        if self.look is None:
            x = torch.cat([latents, x], 1)
        else:
            key, content = self.look(x).chunk(2, -1)
            x = latents + ((latents @ key.transpose(1, 2)) / math.sqrt(x.shape[-1])).softmax(-1) @ content
        for block in self.blocks:
            x = block(x)
        return x[:, 0]


class Reader(nn.Module):
    """Token states of a BERT to what a prescription says: a learned query per drug class attends to the tokens.

    A null token stands for "not mentioned". The queries are trained to tell the flags of rendered prescriptions
    (``training/text_states.py``) and know nothing of any outcome.
    """

    def __init__(self, text_width: int, width: int, queries: int):
        super().__init__()
        self.key, self.content = nn.Linear(text_width, width), nn.Linear(text_width, width)
        self.query, self.null = nn.Parameter(torch.randn(queries, width) * 0.3), nn.Parameter(torch.zeros(2, width))
        self.flag, self.bias = nn.Parameter(torch.zeros(queries, width)), nn.Parameter(torch.zeros(queries))

    def forward(self, states: Tensor, padded: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Summaries ``[n, q, width]``, logits of the flags ``[n, q]``, attention ``[n, q, m]`` over tokens (the rest: null)."""
        n = len(states)
        key = torch.cat([self.null[0].expand(n, 1, -1), self.key(states)], 1)
        content = torch.cat([self.null[1].expand(n, 1, -1), F.gelu(self.content(states))], 1)
        score = (self.query @ key.transpose(1, 2)) / math.sqrt(key.shape[-1])
        score = score.masked_fill(F.pad(padded, (1, 0))[:, None], ABSENT)
        attention = score.softmax(-1)
        summary = attention @ content
        return summary, (summary * self.flag).sum(-1) + self.bias, attention[..., 1:]


class TextBranch(nn.Module):
    """What was read, per query, to one summary; which query counts is attended to by a learned query of its own."""

    def __init__(self, queries: int, read_width: int, width: int):
        super().__init__()
        self.project, self.which = nn.Linear(read_width, width), nn.Parameter(torch.randn(queries, width) * 0.3)
        self.query = nn.Parameter(torch.randn(width) * 0.3)

    def forward(self, summaries: Tensor) -> tuple[Tensor, Tensor]:
        """``[n, width]`` and the weights of the queries ``[n, q]``."""
        x = torch.tanh(self.project(summaries)) + self.which
        weights = (x @ self.query / math.sqrt(x.shape[-1])).softmax(-1)
        return (weights[..., None] * x).sum(1), weights


class CinematicBranch(nn.Module):
    """Scar share, transmural segments, LVEF and, if there is one, the embedding of the cardiac MR encoder."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.inside, self.out = nn.Linear(2 * inputs, 2 * width), nn.Linear(2 * width, width)

    def forward(self, values: Tensor, known: Tensor) -> Tensor:
        return self.out(F.gelu(self.inside(torch.cat([values, known.to(values.dtype)], -1))))
