"""Low-rank features and multi-aspect label texts: the second model on the same image encoder.

- Low-rank feature learning: LayerNorm, linear to rank r, ReLU, and a truncated nuclear norm of the feature matrix
  (arXiv 2404.18933, "LRFL"; the notebook's form ``eta * trace(U^T F V)`` is its special case, see below).
- Multi-aspect labels: each label is described by several texts (arXiv 2403.07636, "MAVL"); image and texts are
  projected into a shared space, and their cosine similarity, scaled, is the logit.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ASPECT_COUNT = 4


class LowRank(nn.Module):
    """Pooled features to low-rank features to one score per label text.

    Args:
        inputs: width of the image encoder. rank: r. shared: width of the shared space. text_width: of the label texts.
    """

    def __init__(self, inputs: int, rank: int, shared: int, text_width: int):
        super().__init__()
        self.low_rank = nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, rank, bias=False), nn.ReLU())
        self.image = nn.Linear(rank, ASPECT_COUNT * shared)
        self.texts = nn.Linear(text_width, shared)
        self.log_scale = nn.Parameter(torch.tensor(2.0))
        self.bias = nn.Parameter(torch.tensor(-2.0))

    def features(self, pooled: Tensor) -> Tensor:
        """``[batch, inputs]`` -> low-rank features ``[batch, rank]``, the F of the regulariser."""
        return self.low_rank(pooled)

    def score(self, features: Tensor, texts: Tensor) -> Tensor:
        """``[batch, rank]``, label texts ``[labels, 4, text_width]`` -> logits ``[batch, labels]``.

        Each aspect of a label meets its own projection of the image; the logit is the mean over the aspects.
        """
        image = F.normalize(self.image(features).unflatten(1, (ASPECT_COUNT, -1)), dim=-1)
        label = F.normalize(self.texts(texts), dim=-1)
        return self.log_scale.exp() * torch.einsum("bas,las->bl", image, label) / ASPECT_COUNT + self.bias

    def forward(self, pooled: Tensor, texts: Tensor) -> Tensor:
        return self.score(self.features(pooled), texts)


def truncated_nuclear_norm(features: Tensor, kept: int) -> Tensor:
    """Sum of the singular values of ``[batch, rank]`` beyond the ``kept`` largest, over the batch size.

    The paper's regulariser: what low-rank structure does not explain is pushed to zero. With U, V the singular vectors
    of the discarded directions it equals the source's ``trace(U^T F V)``, whose gradient with U, V held fixed is the same.
    """
    return torch.linalg.svdvals(features.float())[kept:].sum() / len(features)
