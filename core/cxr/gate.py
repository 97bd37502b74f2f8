"""Is this a frontal chest radiograph, upright, of an adult? Asked of the features of the model itself.

Mahalanobis distance in the space of the frozen image encoder (Lee et al. 2018, arXiv 1807.03888): the leading principal
axes of proper films, and what lies outside of them. Orientation, inversion, childhood, two films in one picture, half of
one and a tilt are linear readouts.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.uploads import InputError

READOUTS = ("inverted", "upside_down", "turned_left", "turned_right", "child", "double", "part", "tilted")
AXES = 64


class Gate(nn.Module):
    """Buffers: ``mean`` [width], ``axes`` [width, 64] scaled to unit variance, ``rest`` [1] standard deviation outside.

    Args:
        readouts: how many of READOUTS, from the first. texture: size of what early stages see of a picture, 0 for none: a
            network that was trained on films alone forgets what other pictures look like, its first stages do not.
    """

    def __init__(self, width: int, readouts: int = len(READOUTS), texture: int = 0):
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))
        self.register_buffer("axes", torch.zeros(width, AXES))
        self.register_buffer("variance", torch.ones(AXES))
        self.register_buffer("rest", torch.ones(1))
        self.readouts = nn.Linear(width, readouts)
        if texture:
            self.register_buffer("texture_mean", torch.zeros(texture))
            self.register_buffer("texture_map", torch.zeros(texture, texture))

    def distance(self, pooled: Tensor) -> Tensor:
        """``[batch, width]`` -> distance from proper films ``[batch]``, about 1 for the average film."""
        x = (pooled - self.mean) / self.spread
        along = x @ self.axes
        outside = (x.square().sum(1) - along.square().sum(1)).clamp_min(0) / x.shape[1]
        return ((along.square() / self.variance).mean(1) / 2 + outside / self.rest / 2).sqrt()

    def strangeness(self, texture: Tensor) -> Tensor:
        """``[batch, size]`` -> Mahalanobis distance from the texture of proper films ``[batch]``, about 1 for the average one."""
        return ((texture - self.texture_mean) @ self.texture_map).norm(dim=1)

    def kinds(self, pooled: Tensor) -> dict[str, Tensor]:
        """Probability ``[batch]`` of each readout."""
        return dict(zip(READOUTS, self.readouts(pooled).sigmoid().T, strict=False))


def fit_distance(gate: Gate, pooled: np.ndarray) -> None:
    """From pooled features ``[n, width]`` of proper films.

    Raises:
        InputError: no more films than axes.
    """
    if len(pooled) <= AXES:
        raise InputError("data", f"{len(pooled)} films of adults are too few for the input gate.",
                         f"Train on more than {AXES} in every four fifths of the patients.")
    mean, spread = pooled.mean(0), pooled.std(0) + 1e-3
    x = (pooled - mean) / spread
    _, singular, axes = np.linalg.svd(x, full_matrices=False)
    along = x @ axes[:AXES].T
    outside = ((x**2).sum(1) - (along**2).sum(1)) / x.shape[1]
    for buffer, value in ((gate.mean, mean), (gate.spread, spread), (gate.axes, axes[:AXES].T),
                          (gate.variance, singular[:AXES] ** 2 / len(x)), (gate.rest, [outside.mean()])):
        buffer.copy_(torch.as_tensor(np.asarray(value), dtype=torch.float32))


def fit_texture(gate: Gate, texture: np.ndarray, shrunk: float = 0.3) -> None:
    """From the texture of proper films ``[n, size]``; the covariance is shrunk towards its diagonal."""
    mean, spread = texture.mean(0), texture.std(0) + 1e-6
    covariance = (1 - shrunk) * np.cov(((texture - mean) / spread).T) + shrunk * np.eye(texture.shape[1])
    root = np.linalg.cholesky(np.linalg.inv(covariance))
    gate.texture_mean.copy_(torch.from_numpy(mean.astype(np.float32)))
    gate.texture_map.copy_(torch.from_numpy((root / spread[:, None] / texture.shape[1] ** 0.5).astype(np.float32)))


@torch.no_grad()
def fit_readouts(gate: Gate, pooled: dict[str, np.ndarray], strength: float = 1e-2) -> None:
    """From pooled features of proper films (``"film"``) and of each readout's own kind, ``[n, width]``."""
    from sklearn.linear_model import LogisticRegression  # a second to import, and serving only applies what was fitted

    everything = np.concatenate(list(pooled.values()))
    mean, spread = everything.mean(0), everything.std(0) + 1e-6
    kinds = np.concatenate([np.full(len(values), kind) for kind, values in pooled.items()])
    for k, name in enumerate(READOUTS[: gate.readouts.out_features]):
        found = LogisticRegression(C=strength, max_iter=300, class_weight="balanced").fit(
            (everything - mean) / spread, kinds == name)
        weight = found.coef_[0] / spread
        gate.readouts.weight[k] = torch.from_numpy(weight)
        gate.readouts.bias[k] = float(found.intercept_[0] - weight @ mean)
