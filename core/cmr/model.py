"""Localise, then segment: an ensemble of small networks around the left ventricle.

Every member is a localiser, which looks for the left ventricle in the whole picture, and a segmenter, which sees a crop
around it. Both read a slice with its two neighbours. The segmenter is a U-Net or a DAE-Former: a preset is arguments.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from monai.networks.nets.basic_unet import BasicUNet
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from core.cmr.dae_former import PRESETS as DAE_PRESETS
from core.cmr.dae_former import DaeFormer
from core.cmr.study import CLASSES

WINDOW = 128  # pixels of the localiser's view of a whole slice


class UNet(nn.Module):
    """MONAI's U-Net with batch normalisation; ``map`` is the last feature map, where Grad-CAM looks.

    Args:
        fold: pixels of a side that are folded into channels first and unfolded last, for speed on large pictures.
        norm: None for a trained network whose normalisation was merged into its convolutions (``merged``).
    """

    def __init__(self, classes: int, widths: Sequence[int], fold: int = 1, norm: str | None = "batch"):
        super().__init__()
        self.fold, self.map = fold, nn.Identity()
        self.net = BasicUNet(spatial_dims=2, in_channels=3 * fold**2, out_channels=classes * fold**2,
                             features=(*widths, widths[0]), norm=norm)
        self.net.final_conv, self.out = nn.Identity(), self.net.final_conv

    def forward(self, x: Tensor) -> Tensor:
        """``[batch, 3, rows, columns]``, both multiples of 16 times ``fold`` -> logits ``[batch, classes, rows, columns]``."""
        features = self.map(self.net(F.pixel_unshuffle(x, self.fold)))
        return F.pixel_shuffle(self.out(features), self.fold)


SEGMENTERS = {"unet": UNet, "dae_former": DaeFormer}


class CmrNet(nn.Module):
    """``members`` localisers and as many segmenters.

    Args:
        segmenter: the name of one of SEGMENTERS. arguments: its arguments. localiser: arguments of the localisers.
    """

    def __init__(self, segmenter: str, arguments: dict, localiser: dict, members: int):
        super().__init__()
        self.localisers = nn.ModuleList(UNet(1, **localiser) for _ in range(members))
        self.segmenters = nn.ModuleList(SEGMENTERS[segmenter](CLASSES, **arguments) for _ in range(members))

    def forward(self, x: Tensor) -> Tensor:
        """Crops ``[batch, 3, 80, 80]`` (``core.cmr.frame``) -> mean probabilities of the labels ``[batch, 5, 80, 80]``."""
        return torch.stack([net(x).softmax(1) for net in self.segmenters]).mean(0)


def merged(arguments: dict, model: CmrNet) -> tuple[dict, CmrNet]:
    """A trained model with every batch normalisation merged into the convolution before it: the same answers from
    fewer numbers; returns its arguments and the model."""
    lean = {**arguments, "localiser": {**arguments["localiser"], "norm": None}}
    if arguments["segmenter"] == "unet":
        lean["arguments"] = {**arguments["arguments"], "norm": None}
    result, state = CmrNet(**lean).eval(), model.eval().state_dict()
    for name, module in model.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            before = name.removesuffix(".adn.N") + ".conv"
            fused = fuse_conv_bn_eval(model.get_submodule(before), module)
            state |= {f"{before}.weight": fused.weight, f"{before}.bias": fused.bias}
    result.load_state_dict({k: v for k, v in state.items() if ".adn.N." not in k})
    return lean, result


_LOCALISER = {"widths": (24, 24, 32, 32, 32), "fold": 2}
PRESETS: dict[str, dict] = {
    "unet": {"segmenter": "unet", "arguments": {"widths": (16, 32, 64, 96, 112)}, "localiser": _LOCALISER, "members": 5},
    "dae_former": {"segmenter": "dae_former", "arguments": DAE_PRESETS["compact"], "localiser": _LOCALISER, "members": 5},
    "published": {"segmenter": "dae_former", "arguments": DAE_PRESETS["published"], "localiser": _LOCALISER, "members": 1},
}
