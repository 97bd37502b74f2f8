"""MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381), parameter for parameter timm's ``mobilenetv2_100`` with padding "same".

Its own lines here because importing timm brings torchvision and the compiler of torch; the parts are named as timm names
them, and a test holds the two to the same answers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH = 1280  # channels of the feature map
STEM, FIRST = 32, 16
STAGES = ((24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))  # channels, blocks, first stride
EXPANSION = 6


class Convolution(nn.Conv2d):
    """3 x 3 without bias, padded at the ends as TensorFlow does: a stride of two pads more below and on the right."""

    def __init__(self, before: int, after: int, stride: int, groups: int = 1):
        super().__init__(before, after, 3, stride, padding=2 - stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        if self.stride[0] == 2:
            (top, bottom), (left, right) = ((lack // 2, lack - lack // 2) for lack in (1 + n % 2 for n in x.shape[2:]))
            x = F.pad(x, (left, right, top, bottom))
        return super().forward(x)


class NormAct(nn.BatchNorm2d):
    """Batch normalisation, then ReLU6."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu6(super().forward(x), inplace=True)


class Separable(nn.Module):
    """The first block: depthwise, then pointwise without activation."""

    def __init__(self, before: int, after: int):
        super().__init__()
        self.conv_dw, self.bn1 = Convolution(before, before, 1, groups=before), NormAct(before)
        self.conv_pw, self.bn2 = nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn2(self.conv_pw(self.bn1(self.conv_dw(x))))


class Inverted(nn.Module):
    """The inverted residual: widen, depthwise, narrow without activation; around it where the shape stays."""

    def __init__(self, before: int, after: int, stride: int):
        super().__init__()
        wide = EXPANSION * before
        self.conv_pw, self.bn1 = nn.Conv2d(before, wide, 1, bias=False), NormAct(wide)
        self.conv_dw, self.bn2 = Convolution(wide, wide, stride, groups=wide), NormAct(wide)
        self.conv_pwl, self.bn3 = nn.Conv2d(wide, after, 1, bias=False), nn.BatchNorm2d(after)
        self.skips = stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        made = self.bn3(self.conv_pwl(self.bn2(self.conv_dw(self.bn1(self.conv_pw(x))))))
        return made + x if self.skips else made


class MobileNetV2(nn.Module):
    """``forward_features``: ``[batch, 3, rows, columns]`` -> ``[batch, 1280, rows / 32, columns / 32]``."""

    num_features = head_hidden_size = WIDTH

    def __init__(self):
        super().__init__()
        self.conv_stem, self.bn1 = Convolution(3, STEM, 2), NormAct(STEM)
        stages, before = [nn.Sequential(Separable(STEM, FIRST))], FIRST
        for width, count, stride in STAGES:
            stages.append(nn.Sequential(*(Inverted(width if k else before, width, 1 if k else stride) for k in range(count))))
            before = width
        self.blocks = nn.Sequential(*stages)
        self.conv_head, self.bn2 = nn.Conv2d(before, WIDTH, 1, bias=False), NormAct(WIDTH)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):  # as its authors do
                nn.init.normal_(part.weight, 0, (2 / (part.kernel_size[0] ** 2 * part.out_channels // part.groups)) ** 0.5)

    def forward_features(self, x: Tensor) -> Tensor:
        return self.bn2(self.conv_head(self.blocks(self.bn1(self.conv_stem(x)))))

    def forward(self, x: Tensor) -> Tensor:
        """Pooled features ``[batch, 1280]``."""
        return torch.mean(self.forward_features(x), (2, 3))
