"""Why a model said so, by Captum, and whether the explanation holds.

Callers hold the model's lock (``core.serving``). Inputs keep their first dimension as the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from captum.attr import IntegratedGradients, LayerGradCam
from torch import Tensor, nn

Forward = Callable[[Tensor], Tensor]  # inputs [batch, ...] -> scores [batch, labels]


def grad_cam(model: nn.Module, layers: Sequence[nn.Module], inputs: Tensor, target: int) -> list[Tensor]:
    """Grad-CAM (Selvaraju et al. 2017): per layer ``relu(sum_k mean(dy/dA_k) A_k)``, one map ``[batch, ...]`` each.

    Several layers serve a model whose branches each end in a feature map of their own.
    """
    maps, inputs = [], inputs.detach().clone().requires_grad_()  # frozen weights: the graph starts at the input
    for layer in layers:
        cam = LayerGradCam(model, layer).attribute(inputs, target=target, relu_attributions=True)
        maps.append(cam.detach().squeeze(1))
    return maps


def integrated_gradients(
    model: Forward, inputs: Tensor, baseline: Tensor, target: int, steps: int
) -> tuple[Tensor, float]:
    """Integrated gradients (Sundararajan et al. 2017) and the convergence delta.

    Returns:
        Attributions shaped like ``inputs``, and the largest ``|sum(attributions) - (f(x) - f(baseline))|``;
        a small delta says that ``steps`` was enough.
    """
    values, delta = IntegratedGradients(model).attribute(
        inputs, baseline, target=target, n_steps=steps, internal_batch_size=16, return_convergence_delta=True
    )
    return values.detach(), float(delta.abs().max())


def deletion(
    score: Callable[[np.ndarray], np.ndarray],
    erase: Callable[[np.ndarray], np.ndarray],
    importance: np.ndarray,
    fractions: Sequence[float] = (0.1, 0.2, 0.3, 0.5),
    random_orders: int = 4,
    seed: int = 0,
) -> dict[str, list[float] | float | bool]:
    """Erase the cells an explanation calls important, and as many at random (Petsiuk et al. 2018, RISE).

    Args:
        score: batch of erased inputs -> one number each (the logit of the target).
        erase: boolean mask over the cells -> the input with those cells erased.
        importance: one value per cell.

    Returns:
        ``fractions``, the score after erasing in order of importance (``targeted``) and at random
        (``random``, mean over orders), and ``advantage``: mean of random minus targeted. An explanation
        that names what the model used has an advantage above zero.
    """
    cells = importance.size
    rng = np.random.default_rng(seed)
    orders = [np.argsort(-importance.ravel(), kind="stable")] + [rng.permutation(cells) for _ in range(random_orders)]
    inputs = []
    for order in orders:
        for fraction in fractions:
            mask = np.zeros(cells, bool)
            mask[order[: round(fraction * cells)]] = True
            inputs.append(erase(mask.reshape(importance.shape)))
    start = float(score(erase(np.zeros(importance.shape, bool))[None])[0])
    scores = np.asarray(score(np.stack(inputs)), float).reshape(len(orders), len(fractions))
    targeted, chance = scores[0], scores[1:].mean(0)
    advantage = float(np.mean(chance - targeted))
    return {
        "fractions": [0.0, *fractions], "targeted": [start, *targeted.tolist()], "random": [start, *chance.tolist()],
        "advantage": advantage, "holds": advantage > 0,
    }
