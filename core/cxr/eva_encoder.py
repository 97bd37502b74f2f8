"""EVA-X (Yao et al. 2025, arXiv 2405.05237) as an image encoder: timm's Eva with the sizes of its smallest model.

A vision transformer with rotary positions and gated feed-forward layers, trained by masked image modelling on radiographs of NIH
ChestX-ray14, CheXpert and MIMIC-CXR without their labels. It gives features, no findings: the room's recipe trains those.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from timm.models.eva import Eva, checkpoint_filter_fn
from torch import Tensor, nn

from core.plugins import files
from core.uploads import InputError
from core.weights import WEIGHTS

TITLE = "EVA-X-Ti"
MEAN, SPREAD = 0.49185243, 0.28509309  # of its authors' films in 0 to 1 (classification/utils/datasets.py)


class EvaX(Eva):
    """Film ``[batch, 3, 224, 224]`` in -1 to 1 -> tokens ``[batch, 1 + 196, width]``, the first of them of the whole film.

    The last norm stands over every token, as when it was trained; its authors' classifiers put it over their mean.

    Args:
        width, depth, heads: 192, 12 and 3 of the smallest, 6 million parameters.
    """

    def __init__(self, width: int = 192, depth: int = 12, heads: int = 3):
        super().__init__(
            img_size=224, patch_size=16, num_classes=0, embed_dim=width, depth=depth, num_heads=heads, mlp_ratio=4 * 2 / 3,
            swiglu_mlp=True, use_rot_pos_emb=True, ref_feat_shape=(14, 14), use_fc_norm=False, use_post_transformer_norm=True)

    def forward_features(self, x: Tensor) -> Tensor:
        return super().forward_features(((x + 1) / 2 - MEAN) / SPREAD)


def adopt(source: Path, home: Path, network: EvaX | None = None) -> None:
    """``model.safetensors`` from the published checkpoint, whose feed-forward parts are called w1, w2 and w3.

    Raises:
        InputError: another layout.
    """
    path = next((one for one in sorted(source.iterdir()) if one.suffix in (".pt", ".pth", ".safetensors")), None)
    found = files.read(path) if path else None
    network = network or EvaX()
    try:
        renamed = checkpoint_filter_fn(found, network)
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError("plugin", f"This file has not the layout of {TITLE}.",
                         "Pin the file that the list of plug-ins names.") from error
    # masked image modelling's own norm: timm would move it behind the mean
    state = {name.replace("fc_norm.", "norm."): value for name, value in renamed.items() if isinstance(value, Tensor)}
    files.write(state, home, network.state_dict(), TITLE)


def build(home: Path) -> nn.Module:
    network = EvaX()
    network.load_state_dict(load_file(home / WEIGHTS))
    return network


@torch.inference_mode()
def features(network: nn.Module, pixels: Tensor) -> Tensor:
    """Film ``[batch, 3, 224, 224]`` in -1 to 1 -> one vector each, ``[batch, width]``: the mean of its patches."""
    return network.forward_features(pixels)[:, network.num_prefix_tokens:].mean(1)
