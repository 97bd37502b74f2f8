"""The reasoner: radiograph tokens and note tokens, fused by cross-attention in both directions.

Source: shared design "Multimodal Clinical Reasoning for Chest X-Rays" (ViT-B/16, Bio_ClinicalBERT, cross-attention,
two-layer MLP). The published architecture and the compact one that ships are presets of the same class.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.bert import Bert, BertConfig
from core.cxr.gate import Gate
from core.cxr.image import coarsened
from core.cxr.labels import LABELS
from core.cxr.lowrank import LowRank
from core.cxr.mobilenet import MobileNetV2

EARLY = 3  # stages that the gate takes texture from
LONGEST_NOTE = 96  # tokens of the note that are read


class ImageEncoder(nn.Module):
    """A timm backbone, convolutional or vision transformer, as a map of tokens.

    Args:
        side: larger pictures are reduced to that many pixels; None: none are. finest: with no more detail than so many.
    """

    def __init__(self, backbone: str, side: int | None = None, finest: int | None = None, **options: object):
        super().__init__()
        self.side, self.finest = side, finest or side
        self.net = _backbone(backbone, options)
        self.transformer = hasattr(self.net, "patch_embed")
        self.width = self.net.num_features if self.transformer else self.net.head_hidden_size or self.net.num_features
        self.map = nn.Identity()  # the layer Grad-CAM looks at: [batch, width, rows, columns]

    def forward(self, pixels: Tensor) -> Tensor:
        """``[batch, 3, side, side]`` in -1 to 1 -> feature map ``[batch, width, rows, columns]``."""
        x = self.net.forward_features(self._reduced(pixels))
        if self.transformer:
            x = x[:, self.net.num_prefix_tokens:].transpose(1, 2)
            x = x.unflatten(2, (round(x.shape[2] ** 0.5), -1))
        return self.map(x)

    def textures(self, pixels: Tensor) -> Tensor:
        """``[batch, 3, side, side]`` -> mean and spread of the channels of MobileNetV2's first stages ``[batch, 144]``."""
        x, seen = self.net.bn1(self.net.conv_stem(self._reduced(pixels))), []
        for stage in self.net.blocks[:EARLY]:
            x = stage(x)
            seen += [x.mean((2, 3)), x.std((2, 3))]
        return torch.cat(seen, 1)

    def _reduced(self, pixels: Tensor) -> Tensor:
        return coarsened(pixels, self.finest, self.side) if self.side and pixels.shape[-1] > self.side else pixels


def _backbone(name: str, options: dict) -> nn.Module:
    """What ships is a plain class of our own; any other is timm's, which takes seconds to import."""
    if name == "mobilenetv2_100" and options == {"pad_type": "same"}:
        return MobileNetV2()
    if name == "eva_x_tiny":  # a plug-in (core.plugins)
        from core.cxr.eva_encoder import EvaX

        return EvaX(**options)
    import timm

    return timm.create_model(name, pretrained=False, num_classes=0, **options)


class CrossAttention(nn.Module):
    """One direction of the fusion: queries read the other modality, then a feed-forward layer; both residual."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        self.norm_query, self.norm_key, self.norm_feed = (nn.LayerNorm(width) for _ in range(3))
        self.attention = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.feed = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(4 * width, width))

    def forward(self, query: Tensor, key: Tensor, ignore: Tensor | None = None) -> Tensor:
        """``[batch, n, width]`` reads ``[batch, m, width]``; ``ignore`` ``[batch, m]`` marks padding."""
        keys = self.norm_key(key)
        x = query + self.attention(self.norm_query(query), keys, keys, key_padding_mask=ignore, need_weights=False)[0]
        return x + self.feed(self.norm_feed(x))


class CxrNet(nn.Module):
    """Radiograph and note to logits, and the low-rank image-text scores on the same image encoder.

    Args:
        backbone, options: of the ImageEncoder. width, heads, dropout: of the fusion.
        text_width: size of the text encoder's token states. hidden: of the two-layer MLP.
        rank, shared: of the LowRank head. text: arguments of a BERT that is part of the model and trained with it
            (the published preset); None: token states come from ``core.text``, frozen.
        readouts, texture: of the Gate; the first release had five and none.
    """

    def __init__(
        self, backbone: str, width: int, heads: int, dropout: float = 0.1, text_width: int = 384,
        hidden: int = 256, rank: int = 64, shared: int = 128, labels: int = len(LABELS),
        options: dict | None = None, text: dict | None = None, readouts: int = 5,
        texture: int = 0,
    ):
        super().__init__()
        self.encoder = ImageEncoder(backbone, **(options or {}))
        self.text = Bert(BertConfig(**text)) if text else None
        self.image_in = nn.Linear(self.encoder.width, width)
        self.text_in = nn.Linear(text_width, width)
        self.no_note = nn.Parameter(torch.zeros(1, 1, width))  # what stands first in every note, alone where there is none
        self.image_reads = CrossAttention(width, heads, dropout)
        self.text_reads = CrossAttention(width, heads, dropout)
        self.head = nn.Sequential(
            nn.LayerNorm(self.encoder.width + 2 * width), nn.Dropout(dropout),
            nn.Linear(self.encoder.width + 2 * width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, labels))
        self.direct = nn.Linear(self.encoder.width, labels)  # a linear probe to start from (arXiv 2202.10054)
        self.gate = Gate(self.encoder.width, readouts, texture)
        self.aspects = LowRank(self.encoder.width, rank, shared, text_width)

    def fuse(self, features: Tensor, states: Tensor, padding: Tensor) -> Tensor:
        """Feature map ``[batch, c, rows, columns]``, note ``[batch, m, text_width]`` -> logits ``[batch, labels]``.

        ``padding`` ``[batch, m]`` is True where the note has no token; m may be 0.
        """
        tokens = features.flatten(2).transpose(1, 2)
        image = self.image_in(tokens)
        start = self.no_note.expand(len(image), -1, -1)
        note = torch.cat([start, self.text_in(states)], 1)
        ignore = torch.cat([padding.new_zeros(len(image), 1), padding], 1)
        mask = ignore if padding.any() else None  # the same numbers; torch imports sympy to check a mask
        seen, read = self.image_reads(image, note, mask), self.text_reads(note, image)
        keep = (~ignore).unsqueeze(-1).to(read.dtype)
        told = (read * keep).sum(1) / keep.sum(1)
        pooled = tokens.mean(1)
        return self.head(torch.cat([pooled, seen.mean(1), told], 1)) + self.direct(pooled)

    def forward(self, pixels: Tensor, states: Tensor, padding: Tensor) -> Tensor:
        return self.fuse(self.encoder(pixels), states, padding)


PRESETS: dict[str, dict] = {
    "compact": {"backbone": "mobilenetv2_100", "width": 128, "heads": 4, "dropout": 0.2, "readouts": 8,
                "options": {"pad_type": "same"}},
    "tuned": {"backbone": "mobilenetv2_100", "width": 128, "heads": 4, "dropout": 0.2, "readouts": 8, "texture": 144,
              "options": {"pad_type": "same", "side": 128, "finest": 80}},  # what core.cxr.training.encoder trains
    # heads 4, 8 or 12; hyperparameters of the source: AdamW 1e-4, weight decay 0.01, dropout 0.1
    "published": {"backbone": "vit_base_patch16_224", "width": 768, "heads": 12, "text_width": 768,
                  "hidden": 384, "readouts": 8, "text": {"vocab_size": 28996}},
}
PRESETS["eva_x_tiny"] = {**PRESETS["compact"], "backbone": "eva_x_tiny", "options": {}}  # pretrained: the plug-in's file
