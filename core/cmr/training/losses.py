"""What the localiser and the segmenter are told to get right."""

from __future__ import annotations

import torch
from monai.losses.dice import DiceLoss
from torch import Tensor, nn
from torch.nn import functional as F

_dice = DiceLoss(batch=True, smooth_nr=1.0, smooth_dr=1.0)
# the infarct is the smallest of what is reported and counts most; no-reflow, which few slices have, least
_dice_of_regions = DiceLoss(batch=True, smooth_nr=1.0, smooth_dr=1.0, weight=(1.5, 1.5, 3.0, 0.5))


def locating_loss(net: nn.Module, x: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy and Dice of the left ventricle."""
    logits, truth = net(x).float(), (labels > 0).float()[:, None]
    return F.binary_cross_entropy_with_logits(logits, truth) + _dice(logits.sigmoid(), truth)


def segmenting_loss(net: nn.Module, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """Cross-entropy of the five labels and Dice of what is reported: cavity, myocardium (2+3+4), infarct (3+4)."""
    logits = net(x).float()
    truth = regions(F.one_hot(labels, logits.shape[1]).permute(0, 3, 1, 2).float())
    dice = _dice_of_regions(regions(logits.softmax(1)), truth)
    entropy = F.cross_entropy(logits, labels)
    return {"loss": entropy + dice, "entropy": entropy, "dice": dice}


def regions(p: Tensor) -> Tensor:
    """``[batch, 5, ...]`` label probabilities -> cavity, myocardium, infarct, no-reflow ``[batch, 4, ...]``."""
    return torch.stack([p[:, 1], p[:, 2:].sum(1), p[:, 3:].sum(1), p[:, 4]], 1)
