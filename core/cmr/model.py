"""Localise, then segment: an ensemble of small networks around the left ventricle.

Every member is a localiser, which looks for the left ventricle in the whole picture, and a segmenter, which sees a crop
around it. Both read a slice with its two neighbours. The segmenter is a U-Net or a DAE-Former: a preset is arguments.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from core.cmr.dae_former import PRESETS as DAE_PRESETS
from core.cmr.dae_former import DaeFormer
from core.cmr.study import CLASSES
from core.cmr.unet import UNet

WINDOW = 128  # pixels of the localiser's view of a whole slice
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
