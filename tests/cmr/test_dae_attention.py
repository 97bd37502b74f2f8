"""The blocks of DAE-Former, each against a direct, slow formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.cmr.dae_attention import (
    DualBlock,
    EfficientAttention,
    MixFeedForward,
    SkipCrossAttention,
    TransposeAttention,
    efficient_attention,
)
from core.cmr.dae_former import PatchEmbedding, PatchExpand

torch.set_num_threads(1)  # as the app computes; small maps gain nothing from more


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def scatter(module: nn.Module) -> nn.Module:
    """Random values everywhere: at its first values a norm or a bias could be left out unnoticed."""
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    return module.double().eval()


def features(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def softmax(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum()


def linear(layer: nn.Linear, x: np.ndarray) -> np.ndarray:
    bias = 0 if layer.bias is None else layer.bias.detach().numpy()
    return x @ layer.weight.detach().numpy().T + bias


def norm(layer: nn.LayerNorm, x: np.ndarray) -> np.ndarray:
    scaled = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + layer.eps)
    return scaled * layer.weight.detach().numpy() + layer.bias.detach().numpy()


def gelu(x: np.ndarray) -> np.ndarray:
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def slow_efficient(q: np.ndarray, k: np.ndarray, v: np.ndarray, heads: int) -> np.ndarray:
    """``[positions, width]`` each, one position and one channel at a time."""
    out, size = np.zeros_like(v), v.shape[1] // heads
    for head in range(heads):
        for n in range(len(v)):
            share = softmax(q[n, head * size:(head + 1) * size])
            for c in range(size):
                where = softmax(k[:, head * size + c])
                for value in range(head * size, (head + 1) * size):
                    out[n, value] += share[c] * (where * v[:, value]).sum()
    return out


def slow_feed_forward(layer: MixFeedForward, x: np.ndarray) -> np.ndarray:
    """``[rows, columns, width]``, each neighbour added by hand; zero outside the map."""
    wide = linear(layer.widen, x)
    rows, columns, _ = wide.shape
    weight, mixed = layer.depthwise.weight.detach().numpy(), wide + layer.depthwise.bias.detach().numpy()
    for r, c in np.ndindex(rows, columns):
        for i, j in np.ndindex(3, 3):
            if 0 <= r + i - 1 < rows and 0 <= c + j - 1 < columns:
                mixed[r, c] += weight[:, 0, i, j] * wide[r + i - 1, c + j - 1]
    return linear(layer.narrow, gelu(norm(layer.norm, mixed)))


@torch.no_grad()
@pytest.mark.parametrize("heads", [1, 3])
def test_efficient_attention_is_the_formula(heads: int) -> None:
    block, x = scatter(EfficientAttention(6, heads)), features(2, 3, 4, 6)
    for image, result in zip(x.numpy(), block(x).numpy(), strict=False):
        q, k, v = np.split(linear(block.queries_keys_values, image.reshape(12, 6)), 3, axis=1)
        assert np.allclose(result.reshape(12, 6), linear(block.project, slow_efficient(q, k, v, heads)))


@torch.no_grad()
def test_efficient_attention_weighs_every_position_once() -> None:
    ones = torch.ones(1, 3, 5, 4, dtype=torch.float64)
    assert torch.allclose(efficient_attention(features(1, 3, 5, 4), features(1, 3, 5, 4), ones, 2), ones)


@torch.no_grad()
@pytest.mark.parametrize("width", [16, 6, 5])  # 8, 2 and 1 heads
def test_transpose_attention_is_the_formula(width: int) -> None:
    block, x = scatter(TransposeAttention(width)), features(2, 3, 4, width)
    size, temperature = width // block.heads, block.temperature.detach().numpy().ravel()
    for image, result in zip(x.numpy(), block(x).numpy(), strict=False):
        q, k, v = np.split(linear(block.queries_keys_values, image.reshape(12, width)), 3, axis=1)
        out = np.zeros_like(v)
        for a in range(width):
            same = range(a // size * size, a // size * size + size)
            cosines = [q[:, a] @ k[:, b] / (np.linalg.norm(q[:, a]) * np.linalg.norm(k[:, b])) for b in same]
            weights = softmax(np.array(cosines) * temperature[a // size])
            out[:, a] = sum(w * v[:, b] for w, b in zip(weights, same, strict=False))
        assert np.allclose(result.reshape(12, width), linear(block.project, out))


def test_transpose_attention_of_nothing_stays_finite() -> None:
    block, x = TransposeAttention(8), torch.zeros(1, 2, 2, 8, requires_grad=True)
    block(x).sum().backward()
    assert torch.isfinite(x.grad).all()
    assert all(torch.isfinite(parameter.grad).all() for parameter in block.parameters())


@torch.no_grad()
@pytest.mark.parametrize(("rows", "columns"), [(3, 4), (1, 1), (1, 5)])
def test_feed_forward_is_the_formula(rows: int, columns: int) -> None:
    block, x = scatter(MixFeedForward(4, 8)), features(2, rows, columns, 4)
    for image, result in zip(x.numpy(), block(x).numpy(), strict=False):
        assert np.allclose(result, slow_feed_forward(block, image))


@torch.no_grad()
def test_dual_block_is_four_residual_layers_in_the_published_order() -> None:
    block, x = scatter(DualBlock(8)), features(2, 3, 3, 8)
    spatial, first, channel, second = block.layers
    assert isinstance(spatial, EfficientAttention)
    assert isinstance(channel, TransposeAttention)
    one = x + spatial(block.norms[0](x))
    two = one + first(block.norms[1](one))
    three = two + channel(block.norms[2](two))
    assert torch.allclose(block(x), three + second(block.norms[3](three)))


@torch.no_grad()
@pytest.mark.parametrize("block", [EfficientAttention(8, 2), TransposeAttention(8)])
def test_attention_knows_no_places(block: nn.Module) -> None:
    block, x, order = scatter(block), features(2, 3, 4, 8), torch.randperm(12)

    def shuffle(y: Tensor) -> Tensor:
        return y.flatten(1, 2)[:, order].reshape(y.shape)

    assert torch.allclose(block(shuffle(x)), shuffle(block(x)))


@torch.no_grad()
def test_skip_cross_attention_is_the_formula() -> None:
    block, below, skip = scatter(SkipCrossAttention(4)), features(2, 3, 2, 4), features(2, 3, 2, 4)
    for low, high, result in zip(below.numpy(), skip.numpy(), block(below, skip).numpy(), strict=False):
        where, what = norm(block.norm, high).reshape(6, 4), norm(block.norm, low).reshape(6, 4)
        attended = norm(block.norm_attention, linear(block.project, slow_efficient(where, where, what, 1)))
        x = np.concatenate([low, high], axis=-1) + attended.reshape(3, 2, 8)
        assert np.allclose(result, x + slow_feed_forward(block.feed, norm(block.norm_feed, x)))


@torch.no_grad()
@pytest.mark.parametrize(("kernel", "stride"), [(7, 4), (7, 2), (3, 2)])
@pytest.mark.parametrize(("rows", "columns"), [(8, 12), (9, 5), (1, 1)])
def test_patch_embedding_overlaps_and_rounds_up(kernel: int, stride: int, rows: int, columns: int) -> None:
    block, x = scatter(PatchEmbedding(3, 5, kernel, stride)), features(2, rows, columns, 3)
    result = block(x).numpy()
    assert result.shape == (2, math.ceil(rows / stride), math.ceil(columns / stride), 5)
    reach, weight = kernel // 2, block.convolve.weight.numpy()
    row, column = (rows - 1) // stride, (columns - 1) // stride  # the last patch, which may hang over the edge
    patch = np.pad(x[1].numpy(), ((reach, reach), (reach, reach), (0, 0)))
    patch = patch[row * stride:row * stride + kernel, column * stride:column * stride + kernel]
    expected = np.einsum("ijc,ocij->o", patch, weight) + block.convolve.bias.numpy()
    assert np.allclose(result[1, row, column], norm(block.norm, expected))


@torch.no_grad()
@pytest.mark.parametrize("factor", [2, 4])
def test_patch_expand_is_a_pixel_shuffle(factor: int) -> None:
    block, x = scatter(PatchExpand(6, 3, factor)), features(2, 3, 4, 6)
    channels = block.expand(x).unflatten(3, (factor**2, 3)).transpose(3, 4).flatten(3)  # outputs before places
    shuffled = F.pixel_shuffle(channels.permute(0, 3, 1, 2), factor).permute(0, 2, 3, 1)
    assert torch.allclose(block(x), block.norm(shuffled))
    assert block(x).shape == (2, 3 * factor, 4 * factor, 3)
