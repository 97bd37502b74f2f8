"""Our U-Net is MONAI's: the same parameters under the same names, the same answers, also with the shipped weights."""

from __future__ import annotations

import pytest
import torch
from monai.networks.nets.basic_unet import BasicUNet
from torch import nn
from torch.nn import functional as F

from core.cmr.unet import UNet
from core.weights import load


class MonaiUNet(nn.Module):
    """The same network around MONAI's class."""

    def __init__(self, classes: int, widths: tuple[int, ...], fold: int = 1, norm: str | None = "batch"):
        super().__init__()
        self.fold = fold
        self.net = BasicUNet(spatial_dims=2, in_channels=3 * fold**2, out_channels=classes * fold**2,
                             features=(*widths, widths[0]), norm=norm)
        self.net.final_conv, self.out = nn.Identity(), self.net.final_conv

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.pixel_shuffle(self.out(self.net(F.pixel_unshuffle(x, self.fold))), self.fold)


@pytest.mark.parametrize("norm", ["batch", None])
@pytest.mark.parametrize("fold", [1, 2])
def test_the_same_seed_gives_the_same_network_and_training_the_same_statistics(norm, fold):
    torch.manual_seed(0)
    ours = UNet(5, (8, 16, 24, 32, 40), fold, norm).train()
    torch.manual_seed(0)
    theirs = MonaiUNet(5, (8, 16, 24, 32, 40), fold, norm).train()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    x = torch.randn(2, 3, 64, 96)
    torch.testing.assert_close(ours(x), theirs(x))
    for name, value in theirs.state_dict().items():  # after a step of the running statistics
        torch.testing.assert_close(ours.state_dict()[name], value, msg=name)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))


@pytest.mark.parametrize("weights", ["cmr", "cmr_dae_former"])
def test_the_shipped_networks_answer_as_monais_do(weights):
    model, config = load(weights)
    arguments, x = config.architecture.arguments, torch.randn(2, 3, 64, 64)
    nets = [(net, MonaiUNet(1, **arguments["localiser"])) for net in model.localisers]
    if arguments["segmenter"] == "unet":
        nets += [(net, MonaiUNet(5, **arguments["arguments"])) for net in model.segmenters]
    for ours, theirs in nets:
        theirs.load_state_dict(ours.state_dict())
        with torch.inference_mode():
            torch.testing.assert_close(ours(x), theirs.eval()(x), rtol=1e-5, atol=1e-5)


def test_another_normalisation_is_refused():
    with pytest.raises(KeyError, match="instance"):
        UNet(5, (8, 8, 8, 8, 8), norm="instance")
