"""The blocks of DAE-Former: efficient (spatial) and transpose (channel) attention, mix feed-forward, skip attention.

Source: Azad et al., DAE-Former, arXiv 2212.13504. Efficient attention is Shen et al., arXiv 1812.01243; transpose
attention Ali et al., XCiT, arXiv 2106.09681; the feed-forward layer with a depthwise convolution inside Huang et al.,
MISSFormer, arXiv 2109.07162. Both attentions cost time linear in the number of positions.

Every block takes and gives features as ``[batch, rows, columns, width]``, so that linear layers and norms need no copy.
"""

from __future__ import annotations

from math import gcd

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CHANNEL_HEADS = 8  # heads of the transpose attention, as published; a width that 8 does not divide gets fewer


def efficient_attention(queries: Tensor, keys: Tensor, values: Tensor, heads: int) -> Tensor:
    """``softmax(Q over channels) (softmax(K over positions)^T V)``, each ``[batch, rows, columns, width]``.

    Each key channel is a map of where to look; the values it gathers are one small matrix, read by every position.
    """
    shape = values.shape
    q, k, v = (x.flatten(1, 2).unflatten(2, (heads, -1)).transpose(1, 2) for x in (queries, keys, values))
    gathered = k.softmax(dim=2).transpose(2, 3) @ v
    return (q.softmax(dim=3) @ gathered).transpose(1, 2).reshape(shape)


class EfficientAttention(nn.Module):
    """Spatial attention of a feature map with itself. ``heads`` divides ``width``."""

    def __init__(self, width: int, heads: int = 1):
        super().__init__()
        self.heads = heads
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.project(efficient_attention(*self.queries_keys_values(x).chunk(3, dim=-1), self.heads))


class TransposeAttention(nn.Module):
    """Attention between channels: which look alike over the whole image, by cosine and a learnt temperature."""

    def __init__(self, width: int):
        super().__init__()
        self.heads = gcd(CHANNEL_HEADS, width)
        self.temperature = nn.Parameter(torch.ones(self.heads, 1, 1))
        self.queries_keys_values = nn.Linear(width, 3 * width, bias=False)
        self.project = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        heads = self.queries_keys_values(x).flatten(1, 2).unflatten(2, (3 * self.heads, -1)).transpose(1, 2)
        q, k, v = heads.chunk(3, dim=1)  # [batch, heads, positions, width / heads]
        lengths = [torch.linalg.vector_norm(part, dim=2).clamp_min(1e-6) for part in (q, k)]  # cosine: scale the small
        cosines = (q.transpose(2, 3) @ k) / (lengths[0].unsqueeze(3) * lengths[1].unsqueeze(2))  # matrix, not the map
        weights = (cosines * self.temperature).softmax(dim=3)
        return self.project((v @ weights.transpose(2, 3)).transpose(1, 2).reshape(x.shape))


class MixFeedForward(nn.Module):
    """Linear, 3x3 depthwise convolution with a skip around it, norm, GELU, linear: the only place where positions have
    neighbours, so no position encoding is needed."""

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.widen = nn.Linear(width, hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden)
        self.norm = nn.LayerNorm(hidden)
        self.narrow = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        conv = self.depthwise  # x + conv(x) is one convolution with 1 added in the middle of its kernels
        kernel = conv.weight + F.pad(torch.ones_like(conv.weight[:, :, :1, :1]), (1, 1, 1, 1))
        mixed = F.conv2d(self.widen(x).permute(0, 3, 1, 2), kernel, conv.bias, padding=1, groups=conv.groups)
        return self.narrow(F.gelu(self.norm(mixed.permute(0, 2, 3, 1))))


class DualBlock(nn.Module):
    """Dual transformer block: efficient attention, feed-forward, transpose attention, feed-forward; each residual."""

    def __init__(self, width: int, heads: int = 1):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(4))
        self.layers = nn.ModuleList([
            EfficientAttention(width, heads), MixFeedForward(width, 4 * width),
            TransposeAttention(width), MixFeedForward(width, 4 * width),
        ])

    def forward(self, x: Tensor) -> Tensor:
        for norm, layer in zip(self.norms, self.layers, strict=False):
            x = x + layer(norm(x))
        return x


class SkipCrossAttention(nn.Module):
    """Skip connection cross attention: the encoder's map says where to look, what is gathered comes from below.

    ``[batch, rows, columns, width]`` twice -> ``[batch, rows, columns, 2 * width]``: both maps side by side, plus the
    attention, plus a feed-forward layer.
    """

    def __init__(self, width: int, heads: int = 1):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, 2 * width)
        self.norm_attention, self.norm_feed = nn.LayerNorm(2 * width), nn.LayerNorm(2 * width)
        self.feed = MixFeedForward(2 * width, 4 * width)

    def forward(self, below: Tensor, skip: Tensor) -> Tensor:
        where = self.norm(skip)
        attended = self.norm_attention(self.project(efficient_attention(where, where, self.norm(below), self.heads)))
        x = torch.cat([below, skip], dim=-1) + attended
        return x + self.feed(self.norm_feed(x))
