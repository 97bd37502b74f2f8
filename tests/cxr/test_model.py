"""The reasoner: shapes, what the note may change, the published size; the low-rank scores and their regulariser."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from core.cxr.labels import LABELS
from core.cxr.lowrank import ASPECT_COUNT, LowRank, truncated_nuclear_norm
from core.cxr.model import PRESETS, CrossAttention, CxrNet


@pytest.fixture(scope="module")
def net() -> CxrNet:
    torch.manual_seed(0)
    return CxrNet(**PRESETS["compact"]).eval()


@torch.no_grad()
def test_padding_is_not_read(net: CxrNet) -> None:
    features, states = torch.randn(1, net.encoder.width, 7, 7), torch.randn(1, 6, 384)
    padding = torch.tensor([[False, False, False, True, True, True]])
    changed = states.clone()
    changed[:, 3:] = 9.0
    short = net.fuse(features, states[:, :3], padding[:, :3])
    assert torch.allclose(net.fuse(features, states, padding), short, atol=1e-4)
    assert torch.allclose(net.fuse(features, changed, padding), short, atol=1e-4)


@torch.no_grad()
def test_no_note_is_the_same_as_a_hidden_one(net: CxrNet) -> None:
    features, states = torch.randn(2, net.encoder.width, 7, 7), torch.randn(2, 4, 384)
    hidden = net.fuse(features, states, torch.ones(2, 4, dtype=torch.bool))
    assert torch.allclose(net.fuse(features, states[:, :0], torch.zeros(2, 0, dtype=torch.bool)), hidden, atol=1e-4)
    assert hidden.shape == (2, len(LABELS))
    assert not torch.allclose(net.fuse(features, states, torch.zeros(2, 4, dtype=torch.bool)), hidden, atol=1e-3)


@torch.no_grad()
def test_cross_attention_is_the_formula() -> None:
    torch.manual_seed(1)
    layer = CrossAttention(8, 2, 0.0).eval()
    query, key = torch.randn(1, 3, 8), torch.randn(1, 5, 8)
    q, k = layer.norm_query(query), layer.norm_key(key)
    wq, wk, wv = layer.attention.in_proj_weight.split(8)
    bq, bk, bv = layer.attention.in_proj_bias.split(8)
    heads = []
    for h in range(2):
        part = slice(4 * h, 4 * h + 4)
        weight = ((q @ wq.T + bq)[..., part] @ (k @ wk.T + bk)[..., part].transpose(1, 2) / 2.0).softmax(-1)
        heads.append(weight @ (k @ wv.T + bv)[..., part])
    x = query + layer.attention.out_proj(torch.cat(heads, -1))
    assert torch.allclose(layer(query, key), x + layer.feed(layer.norm_feed(x)), atol=1e-5)


def test_published_preset_has_the_published_size() -> None:
    with torch.device("meta"):
        net = CxrNet(**PRESETS["published"])
    assert 205e6 < sum(p.numel() for p in net.parameters()) < 215e6  # "about 210M parameters"


@torch.no_grad()
def test_low_rank_scores_are_mean_cosines() -> None:
    torch.manual_seed(2)
    scores = LowRank(10, 4, 6, 5)
    pooled, texts = torch.randn(3, 10), torch.randn(7, ASPECT_COUNT, 5)
    low = scores.features(pooled)
    assert low.shape == (3, 4)
    assert (low >= 0).all()
    image = scores.image(low).view(3, ASPECT_COUNT, 6)
    expected = sum(F.cosine_similarity(image[:, None, a], scores.texts(texts)[None, :, a], dim=-1) for a in range(ASPECT_COUNT))
    expected = scores.log_scale.exp() * expected / ASPECT_COUNT + scores.bias
    assert torch.allclose(scores(pooled, texts), expected, atol=1e-5)


def trace_form(features: torch.Tensor, kept: int) -> torch.Tensor:
    """The source's ``eta * trace`` form, U and V held fixed (``sum((U^T F) V^T)`` over matching pairs)."""
    with torch.no_grad():
        u, _, v = torch.linalg.svd(features, full_matrices=False)
    return torch.einsum("br,bd,rd->", u[:, kept:], features, v[kept:]) / len(features)


def test_truncated_nuclear_norm_by_hand() -> None:
    features = torch.diag(torch.tensor([5.0, 3.0, 2.0, 1.0])).requires_grad_()
    norm = truncated_nuclear_norm(features, 2)
    assert norm.item() == pytest.approx((2 + 1) / 4)
    traced = trace_form(features, 2)
    assert traced.item() == pytest.approx(norm.item())
    ours, theirs = (torch.autograd.grad(x, features)[0] for x in (norm, traced))
    assert torch.allclose(ours, theirs, atol=1e-5)
