"""The ensemble: shapes, presets, and the same answers once its normalisation is merged."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.cmr.model import PRESETS, CmrNet, UNet, merged


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope="module")
def small() -> tuple[dict, CmrNet]:
    torch.manual_seed(0)
    arguments = {"segmenter": "unet", "arguments": {"widths": (8, 8, 8, 8, 8)},
                 "localiser": {"widths": (8, 8, 8, 8, 8), "fold": 2}, "members": 2}
    model = CmrNet(**arguments).train()
    for net, side in [(n, 64) for n in model.localisers] + [(n, 32) for n in model.segmenters]:
        for _ in range(3):
            net(3 * torch.randn(4, 3, side, side) + 1)  # moves the running statistics
    return arguments, model.eval()


def test_forward_is_the_mean_of_the_members(small):
    model, x = small[1], torch.randn(2, 3, 32, 32)
    p = model(x)
    assert p.shape == (2, 5, 32, 32)
    assert torch.allclose(p.sum(1), torch.ones(2, 32, 32), atol=1e-5)
    assert torch.allclose(p, (model.segmenters[0](x).softmax(1) + model.segmenters[1](x).softmax(1)) / 2, atol=1e-6)


def test_folding_keeps_the_size_of_the_picture():
    net = UNet(1, (8, 8, 8, 8, 8), fold=2).eval()
    assert net(torch.randn(1, 3, 64, 96)).shape == (1, 1, 64, 96)


def test_merged_normalisation_gives_the_same_answers_from_fewer_numbers(small):
    arguments, model = small
    lean_arguments, lean = merged(arguments, model)
    x, whole = torch.randn(2, 3, 32, 32), torch.randn(2, 3, 64, 64)
    assert torch.allclose(model(x), lean(x), atol=1e-5)
    assert torch.allclose(model.localisers[1](whole), lean.localisers[1](whole), atol=1e-4)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in lean.modules())
    assert len(lean.state_dict()) < len(model.state_dict())
    CmrNet(**lean_arguments).load_state_dict(lean.state_dict())
    assert arguments["arguments"] == {"widths": (8, 8, 8, 8, 8)}  # the trained one is left as it was


@pytest.mark.parametrize("preset", ["unet", "dae_former"])
def test_what_ships_stays_under_ten_megabytes(preset):
    _, model = merged(PRESETS[preset], CmrNet(**PRESETS[preset]))
    assert 2 * parameters(model) < 9.95e6
    with torch.inference_mode():
        assert model.segmenters[0](torch.randn(1, 3, 96, 96)).shape == (1, 5, 96, 96)
        assert model.localisers[0](torch.randn(1, 3, 128, 128)).shape == (1, 1, 128, 128)


def test_the_published_preset_reads_its_input():
    model = CmrNet(**PRESETS["published"]).eval()
    assert 29e6 < parameters(model.segmenters) < 31e6  # see core.cmr.dae_former for the published count
    with torch.inference_mode():
        assert model.segmenters[0](torch.randn(1, 3, 224, 224)).shape == (1, 5, 224, 224)
