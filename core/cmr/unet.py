"""A U-Net of five levels (Ronneberger et al. 2015, arXiv 1505.04597), parameter for parameter MONAI's ``BasicUNet``.

Its own lines here because importing MONAI takes longer than everything else the app does before it is ready; the parts
are named as MONAI names them, and a test holds the two to the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

NORMS = {"batch": nn.BatchNorm2d}


def named(**parts: nn.Module) -> nn.Sequential:
    sequence = nn.Sequential()
    for name, part in parts.items():
        sequence.add_module(name, part)
    return sequence


def convolution(before: int, after: int, norm: str | None) -> nn.Sequential:
    """3 x 3 convolution, normalisation, leaky ReLU."""
    scaled = {"N": NORMS[norm](after)} if norm else {}
    return named(conv=nn.Conv2d(before, after, 3, padding=1), adn=named(**scaled, A=nn.LeakyReLU(0.1, inplace=True)))


def two(before: int, after: int, norm: str | None) -> nn.Sequential:
    return named(conv_0=convolution(before, after, norm), conv_1=convolution(after, after, norm))


def down(before: int, after: int, norm: str | None) -> nn.Sequential:
    return named(max_pooling=nn.MaxPool2d(2), convs=two(before, after, norm))


class Up(nn.Module):
    """Twice the size with ``middle`` channels, beside ``skip`` channels of the way down, to ``after`` channels."""

    def __init__(self, before: int, middle: int, skip: int, after: int, norm: str | None):
        super().__init__()
        self.upsample = named(deconv=nn.ConvTranspose2d(before, middle, 2, stride=2))
        self.convs = two(skip + middle, after, norm)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.convs(torch.cat([skip, self.upsample(x)], 1))


class Levels(nn.Module):
    """Everything but the last convolution: ``[batch, channels, rows, columns]`` -> ``[batch, widths[0], rows, columns]``."""

    def __init__(self, channels: int, widths: Sequence[int], norm: str | None):
        super().__init__()
        a, b, c, d, e = widths
        self.conv_0 = two(channels, a, norm)
        self.down_1, self.down_2 = down(a, b, norm), down(b, c, norm)
        self.down_3, self.down_4 = down(c, d, norm), down(d, e, norm)
        self.upcat_4, self.upcat_3 = Up(e, e // 2, d, d, norm), Up(d, d // 2, c, c, norm)
        self.upcat_2, self.upcat_1 = Up(c, c // 2, b, b, norm), Up(b, b, a, a, norm)

    def forward(self, x: Tensor) -> Tensor:
        x0 = self.conv_0(x)
        x1 = self.down_1(x0)
        x2 = self.down_2(x1)
        x3 = self.down_3(x2)
        return self.upcat_1(self.upcat_2(self.upcat_3(self.upcat_4(self.down_4(x3), x3), x2), x1), x0)


class UNet(nn.Module):
    """``map`` is the last feature map, where Grad-CAM looks.

    Args:
        widths: channels of the five levels.
        fold: pixels of a side that are folded into channels first and unfolded last, for speed on large pictures.
        norm: one of NORMS; None for a trained network whose normalisation was merged into its convolutions.
    """

    def __init__(self, classes: int, widths: Sequence[int], fold: int = 1, norm: str | None = "batch"):
        super().__init__()
        self.fold, self.map = fold, nn.Identity()
        self.net = Levels(3 * fold**2, widths, norm)
        self.out = nn.Conv2d(widths[0], classes * fold**2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """``[batch, 3, rows, columns]``, both multiples of 16 times ``fold`` -> logits ``[batch, classes, rows, columns]``."""
        features = self.map(self.net(F.pixel_unshuffle(x, self.fold)))
        return F.pixel_shuffle(self.out(features), self.fold)
