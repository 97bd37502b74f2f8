"""DAE-Former as a whole: sizes, widths, gradients, half precision, the published number of parameters."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.cmr.dae_attention import DualBlock, MixFeedForward, SkipCrossAttention
from core.cmr.dae_former import PRESETS, DaeFormer, DecoderStage

torch.set_num_threads(1)  # as the app computes; small maps gain nothing from more


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def compact() -> DaeFormer:
    torch.manual_seed(0)
    return DaeFormer(**PRESETS["compact"]).eval()


@torch.no_grad()
def test_decoder_stage_doubles_the_size() -> None:
    stage = DecoderStage(below=9, width=4, depth=1, heads=1)  # an odd width below
    assert stage(torch.randn(2, 3, 5, 9), torch.randn(2, 6, 10, 4)).shape == (2, 6, 10, 4)


@torch.no_grad()
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 9), (8, 8), (33, 70), (96, 96), (101, 64)])
def test_any_size(compact: DaeFormer, rows: int, columns: int) -> None:
    logits = compact(torch.randn(2, 3, rows, columns))
    assert logits.shape == (2, 5, rows, columns)
    assert torch.isfinite(logits).all()


@torch.no_grad()
@pytest.mark.parametrize("arguments", [
    {"widths": (24, 48, 96), "heads": 2}, {"widths": (5, 7, 9)}, {"widths": (8, 8, 12, 16), "depths": (1, 0, 1, 1)},
    {"widths": (6,), "depths": (1,)}, {"widths": (4, 6), "depths": (1, 1), "stride": 1, "in_channels": 1},
])
def test_any_widths(arguments: dict) -> None:
    net = DaeFormer(classes=4, **arguments).eval()
    assert net(torch.randn(1, arguments.get("in_channels", 3), 20, 30)).shape == (1, 4, 20, 30)


@torch.no_grad()
def test_the_filling_repeats_the_edge_and_is_cut_off(compact: DaeFormer) -> None:
    image = torch.randn(1, 3, 21, 30)
    filled = F.pad(image, (0, 2, 0, 3), mode="replicate")
    assert torch.equal(compact(image), compact(filled)[:, :, :21, :30])


@torch.no_grad()
def test_images_of_a_batch_do_not_meet_and_twice_is_the_same(compact: DaeFormer) -> None:
    images = torch.randn(3, 3, 40, 32)
    logits = compact(images)
    assert torch.equal(logits, compact(images))
    assert torch.allclose(logits[1:2], compact(images[1:2]), atol=1e-4)


def test_every_parameter_learns() -> None:
    net = DaeFormer(widths=(16, 24, 32), depths=(1, 1, 1), stride=2)  # narrower heads have one channel, no choice
    F.cross_entropy(net(torch.randn(2, 3, 24, 24)), torch.randint(0, 5, (2, 24, 24))).backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_a_few_steps_fit_a_ring() -> None:
    net = DaeFormer(classes=2, widths=(16, 24), depths=(1, 1), decoder_depth=1, stride=2)
    row, column = torch.meshgrid(torch.arange(20) - 9.0, torch.arange(20) - 11.0, indexing="ij")
    ring = ((torch.hypot(row, column) - 6).abs() < 2).long()[None]
    image, optimizer = ring[:, None].float().repeat(1, 3, 1, 1), torch.optim.AdamW(net.parameters(), 5e-3)
    losses = []
    for _ in range(15):
        optimizer.zero_grad()
        losses.append(F.cross_entropy(net(image), ring))
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0]


def test_half_precision_follows(compact: DaeFormer) -> None:
    image = torch.randn(2, 3, 32, 32)
    with torch.autocast("cpu", torch.bfloat16):
        logits = compact(image)
    logits.float().sum().backward()
    compact.zero_grad()
    with torch.no_grad():
        exact = compact(image)
    assert (logits.float() - exact).abs().mean() < 0.05 * exact.std()


@torch.no_grad()
def test_state_round_trip(compact: DaeFormer) -> None:
    torch.manual_seed(1)
    other, image = DaeFormer(**PRESETS["compact"]).eval(), torch.randn(1, 3, 24, 24)
    assert not torch.allclose(other(image), compact(image))
    other.load_state_dict(compact.state_dict())
    assert torch.equal(other(image), compact(image))


@torch.no_grad()
def test_map_is_the_last_feature_map_and_decides(compact: DaeFormer) -> None:
    image, seen = torch.randn(1, 3, 48, 48), []
    handle = compact.map.register_forward_hook(lambda _, inputs, output: seen.append(output))
    compact(image)
    handle.remove()
    assert seen[0].shape == (1, 32, 12, 12)
    handle = compact.map.register_forward_hook(lambda _, inputs, output: torch.zeros_like(output))
    blank = compact(image)
    handle.remove()
    assert torch.allclose(blank, blank[:, :, :4, :4].repeat(1, 1, 12, 12))


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="number of stages"):
        DaeFormer(widths=(8, 16), depths=(1, 1, 1))
    with pytest.raises(ValueError, match="do not divide"):
        DaeFormer(widths=(8, 15, 16), heads=2)


def size(*modules: nn.Module) -> int:
    return sum(parameter.numel() for module in modules for parameter in module.parameters())


def test_published_size() -> None:
    """The paper's 48.07 M are this network's and what the authors' code registers and never uses."""
    with torch.device("meta"):
        net = DaeFormer(9, **PRESETS["published"])
        unused = [SkipCrossAttention(512), DualBlock(512), DualBlock(512), nn.Linear(512, 512), nn.Linear(1024, 512)]
        feeds = [m for module in (net, *unused) for m in module.modules() if isinstance(m, MixFeedForward)]
        assert net(torch.empty(1, 3, 224, 224)).shape == (1, 9, 224, 224)
    spare_norms = 2 * size(*(feed.norm for feed in feeds))
    assert (size(net), size(*unused), spare_norms) == (29_690_201, 18_244_624, 138_240)
    assert round((size(net) + size(*unused) + spare_norms) / 1e6, 2) == 48.07


def test_compact_size(compact: DaeFormer) -> None:
    assert 0.75e6 < size(compact) < 0.85e6
