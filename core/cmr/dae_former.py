"""DAE-Former (Azad et al., arXiv 2212.13504; PRIME at MICCAI 2023): a U of dual attention blocks, any size and widths.

Down: overlapping patch embedding, then dual transformer blocks, per stage. Up: patch expanding, cross attention with
the encoder's map of that size, dual transformer blocks; last an expansion to full size and a linear layer to classes.

Reference for the published preset (input 224, Synapse multi-organ CT, 8 organs, 12 test scans; the paper's table): mean
Dice 82.43 %, 95th percentile Hausdorff distance 17.46 mm, 48.07 M parameters. The class here has 29.69 M with 9 classes
and computes the same: the authors' code also registers a cross attention, two dual blocks and two linear layers on the
coarsest map (18.24 M) and two spare norms in every feed-forward layer (0.14 M), which its forward pass never uses.
29 690 201 + 18 244 624 + 138 240 = 48 073 065.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from core.cmr.dae_attention import DualBlock, SkipCrossAttention


class PatchEmbedding(nn.Module):
    """Overlapping patches: a strided convolution and a norm. 7x7 for the image, 3x3 to merge from stage to stage.

    ``[batch, rows, columns, inputs]`` -> ``[batch, rows / stride, columns / stride, width]``, rounded up.
    """

    def __init__(self, inputs: int, width: int, kernel: int, stride: int):
        super().__init__()
        self.convolve = nn.Conv2d(inputs, width, kernel, stride, padding=kernel // 2)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.convolve(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1))


class PatchExpand(nn.Module):
    """The way back: a linear layer makes ``factor``^2 pixels of ``outputs`` channels from one, then a norm.

    ``[batch, rows, columns, width]`` -> ``[batch, factor * rows, factor * columns, outputs]``.
    """

    def __init__(self, width: int, outputs: int, factor: int):
        super().__init__()
        self.factor = factor
        self.expand = nn.Linear(width, factor**2 * outputs, bias=False)
        self.norm = nn.LayerNorm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        pixels = self.expand(x).unflatten(3, (self.factor, self.factor, -1))  # [..., columns, down, right, outputs]
        return self.norm(pixels.transpose(2, 3).flatten(3, 4).flatten(1, 2))


class EncoderStage(nn.Module):
    """Patch embedding, ``depth`` dual blocks, norm."""

    def __init__(self, inputs: int, width: int, kernel: int, stride: int, depth: int, heads: int):
        super().__init__()
        self.embed = PatchEmbedding(inputs, width, kernel, stride)
        self.blocks = nn.Sequential(*(DualBlock(width, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.blocks(self.embed(x)))


class DecoderStage(nn.Module):
    """From the map below to the next size up: expand, cross attention with the skip, back to one width, dual blocks."""

    def __init__(self, below: int, width: int, depth: int, heads: int):
        super().__init__()
        self.expand = PatchExpand(below, below // 2, 2)
        self.match = nn.Linear(below // 2, width)
        self.cross = SkipCrossAttention(width, heads)
        self.halve = nn.Linear(2 * width, width)
        self.blocks = nn.Sequential(*(DualBlock(width, heads) for _ in range(depth)))

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.blocks(self.halve(self.cross(self.match(self.expand(x)), skip)))


class DaeFormer(nn.Module):
    """Image to logits of each class at each pixel.

    Args:
        classes: of the mask. in_channels: of the image, neighbouring slices for example.
        widths, depths: channels and dual blocks of the encoder's stages, from the finest to the coarsest.
        decoder_depth: dual blocks after each skip connection.
        stride: of the first patch embedding; 2 instead of the published 4 keeps walls a few pixels thin.
        heads: of the efficient attention and the cross attention; divides every width.

    Raises:
        ValueError: widths and depths of different number, or heads that do not divide a width.
    """

    def __init__(
        self, classes: int = 5, in_channels: int = 3, widths: Sequence[int] = (128, 320, 512),
        depths: Sequence[int] = (2, 2, 2), decoder_depth: int = 2, stride: int = 4, heads: int = 1,
    ):
        super().__init__()
        if len(widths) != len(depths):
            raise ValueError(f"widths {tuple(widths)} and depths {tuple(depths)} name a different number of stages")
        if any(width % heads for width in widths):
            raise ValueError(f"{heads} heads do not divide every width of {tuple(widths)}")
        self.multiple = stride * 2 ** (len(widths) - 1)
        inputs, kernels, strides = (in_channels, *widths), (7, *[3] * len(widths)), (stride, *[2] * len(widths))
        self.encoder = nn.ModuleList(
            EncoderStage(inputs[i], width, kernels[i], strides[i], depths[i], heads) for i, width in enumerate(widths)
        )
        self.decoder = nn.ModuleList(
            DecoderStage(below, width, decoder_depth, heads) for below, width in zip(widths[:0:-1], widths[-2::-1], strict=False)
        )
        self.map = nn.Identity()  # the layer Grad-CAM looks at: [batch, widths[0], rows / stride, columns / stride]
        self.expand = PatchExpand(widths[0], widths[0], stride)
        self.classify = nn.Linear(widths[0], classes)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, image: Tensor) -> Tensor:
        """``[batch, in_channels, rows, columns]`` -> logits ``[batch, classes, rows, columns]``, any size from 1 x 1.

        Rows and columns are filled up to the next multiple by repeating the edge, and cut off again.
        """
        rows, columns = image.shape[2:]
        x = F.pad(image, (0, -columns % self.multiple, 0, -rows % self.multiple), mode="replicate").permute(0, 2, 3, 1)
        skips = []
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        for stage, skip in zip(self.decoder, skips[-2::-1], strict=False):
            x = stage(x, skip)
        x = self.map(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return self.classify(self.expand(x)).permute(0, 3, 1, 2)[:, :, :rows, :columns]


PRESETS: dict[str, dict] = {
    "published": {"widths": (128, 320, 512), "depths": (2, 2, 2), "decoder_depth": 2, "stride": 4},
    "compact": {"widths": (32, 64, 104), "depths": (1, 1, 1), "decoder_depth": 1, "stride": 4},  # a member of what ships
}
