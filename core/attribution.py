"""Why a model said so, by Captum, and whether the explanation holds.

Callers hold the model's lock (``core.serving``). Inputs keep their first dimension as the batch. Captum, which brings
matplotlib, is imported with the first that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.progress import Done, report

Forward = Callable[[Tensor], Tensor]  # inputs [batch, ...] -> scores [batch, labels]

INDEPENDENT = 0.5  # rank correlation below which a map counts as another map; our choice, the source sets none


def watched(forward: Forward, total: int, done: Done | None) -> Forward:
    """``forward`` that reports after each batch how many of ``total`` inputs it has seen.

    Raises:
        Cancelled: from the returned function, when ``done`` returns False.
    """
    seen = 0

    def counted(inputs: Tensor) -> Tensor:
        nonlocal seen
        scores = forward(inputs)
        seen += len(inputs)
        report(done, min(seen, total), total)
        return scores

    return counted


def grad_cam(
    model: nn.Module, layers: Sequence[nn.Module], inputs: Tensor, target: int | Sequence[int]
) -> list[Tensor]:
    """Grad-CAM (Selvaraju et al. 2017): per layer ``relu(sum_k mean(dy/dA_k) A_k)``, one map ``[batch, ...]`` each.

    Several layers serve a model whose branches each end in a feature map of their own. ``target`` is one label for
    the whole batch or one per input. Captum's ``LayerGradCam`` in lines of our own, one pass for all layers: rooms that
    say where they looked with each assessment would import Captum while the app starts.
    """
    kept: dict[int, Tensor] = {}

    def keep(place: int) -> Callable[[nn.Module, tuple, Tensor], Tensor]:
        def hook(_module: nn.Module, _inputs: tuple, output: Tensor) -> Tensor:
            kept[place] = output
            return output.clone()  # what follows may change it in place

        return hook

    handles = [layer.register_forward_hook(keep(place)) for place, layer in enumerate(layers)]
    try:
        with torch.enable_grad():
            scores = model(inputs.detach().clone().requires_grad_())  # frozen weights: the graph starts at the input
    finally:
        for handle in handles:
            handle.remove()
    labels = torch.as_tensor(target, device=scores.device).expand(len(scores))
    chosen = scores.gather(1, labels[:, None]).sum()
    features = [kept[place] for place in range(len(layers))]
    slopes = torch.autograd.grad(chosen, features)
    return [(slope.mean(tuple(range(2, slope.ndim)), keepdim=True) * feature).sum(1).relu().detach()
            for slope, feature in zip(slopes, features, strict=True)]


def integrated_gradients(
    model: Forward, inputs: Tensor, baseline: Tensor, target: int, steps: int
) -> tuple[Tensor, float]:
    """Integrated gradients (Sundararajan et al. 2017) and the convergence delta.

    Returns:
        Attributions shaped like ``inputs``, and the largest ``|sum(attributions) - (f(x) - f(baseline))|``;
        a small delta says that ``steps`` was enough.
    """
    from captum.attr import IntegratedGradients

    values, delta = IntegratedGradients(model).attribute(
        inputs, baseline, target=target, n_steps=steps, internal_batch_size=16, return_convergence_delta=True
    )
    return values.detach(), float(delta.abs().max())


def occlusion(
    model: Forward, inputs: Tensor, baseline: Tensor, target: int, window: tuple[int, ...], stride: tuple[int, ...],
    chunk: int = 8, done: Done | None = None,
) -> Tensor:
    """Occlusion (Zeiler and Fergus 2014): how much the score falls while a window shows the baseline instead.

    Args:
        inputs: ``[1, ...]``. window, stride: without the batch dimension. chunk: windows per pass of the model.

    Returns:
        Shaped like ``inputs``; where windows overlap, the mean of their falls.

    Raises:
        Cancelled: ``done`` returned False.
    """
    from captum.attr import Occlusion

    places = [-(-(size - w) // s) + 1 for size, w, s in zip(inputs.shape[1:], window, stride, strict=True)]
    forward = watched(model, int(np.prod(places)) + 1, done)  # and the untouched input
    with torch.no_grad():
        return Occlusion(forward).attribute(inputs, window, stride, baseline, target=target,
                                            perturbations_per_eval=chunk)


def rollout(attentions: Sequence[Tensor]) -> Tensor:
    """Attention rollout (Abnar and Zuidema 2020, arXiv 2005.00928): how much of each input token reaches each output.

    Args:
        attentions: per layer, first to last, ``[batch, heads, tokens, tokens]``, rows sum to 1.

    Returns:
        ``[batch, tokens, tokens]``, rows sum to 1: the product over the layers of ``(mean over heads + identity) / 2``;
        the identity stands for the residual connection.
    """
    flow = torch.eye(attentions[0].shape[-1], device=attentions[0].device)
    for layer in attentions:
        flow = (layer.mean(1) + torch.eye(layer.shape[-1], device=layer.device)) / 2 @ flow
    return flow


_inserting: ContextVar[bool] = ContextVar("inserting", default=False)


@contextmanager
def inserting() -> Iterator[None]:
    """Within, ``deletion`` also inserts, which takes as long again: for whoever measures, not for whoever waits."""
    token = _inserting.set(True)
    try:
        yield
    finally:
        _inserting.reset(token)


def deletion(
    score: Callable[[np.ndarray], np.ndarray],
    erase: Callable[[np.ndarray], np.ndarray],
    importance: np.ndarray,
    fractions: Sequence[float] = (0.1, 0.2, 0.3, 0.5),
    random_orders: int = 4,
    seed: int = 0,
) -> dict[str, Any]:
    """Erase the cells an explanation calls important, and as many at random (Petsiuk et al. 2018, RISE).

    Args:
        score: batch of erased inputs -> one number each (the logit of the target).
        erase: boolean mask over the cells -> the input with those cells erased.
        importance: one value per cell.

    Returns:
        ``fractions``, the score after erasing in order of importance (``targeted``) and at random
        (``random``, mean over orders), and ``advantage``: mean of random minus targeted. An explanation
        that names what the model used has an advantage above zero. Within ``inserting`` also ``insertion``: the score when only
        the most important cells are there, or as many at random; its advantage is targeted minus random.
    """
    cells = importance.size
    rng = np.random.default_rng(seed)
    orders = [np.argsort(-importance.ravel(), kind="stable")] + [rng.permutation(cells) for _ in range(random_orders)]
    masks = np.zeros((len(orders), len(fractions), cells), bool)
    for row, order in zip(masks, orders, strict=True):
        for mask, fraction in zip(row, fractions, strict=True):
            mask[order[: round(fraction * cells)]] = True
    masks = masks.reshape(-1, *importance.shape)

    def scored(erased: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Targeted and at random, ``[fractions]`` each."""
        found = np.asarray(score(np.stack([erase(mask) for mask in erased])), float).reshape(len(orders), len(fractions))
        return found[0], found[1:].mean(0)

    start = float(score(erase(np.zeros(importance.shape, bool))[None])[0])
    targeted, chance = scored(masks)
    advantage = float(np.mean(chance - targeted))
    found = {
        "fractions": [0.0, *fractions], "targeted": [start, *targeted.tolist()], "random": [start, *chance.tolist()],
        "advantage": advantage, "holds": advantage > 0,
    }
    if _inserting.get():
        kept, at_random = scored(~masks)
        found["insertion"] = {"targeted": kept.tolist(), "random": at_random.tolist(),
                              "advantage": float(np.mean(kept - at_random))}
    return found


def weight_randomisation(
    model: nn.Module, stages: Mapping[str, Sequence[str]], explain: Callable[[nn.Module], np.ndarray], seed: int = 0
) -> dict[str, list[str] | list[float] | float | bool]:
    """Cascading randomisation (Adebayo et al. 2018, arXiv 1810.03292): does the map depend on what was learned?

    The model loses one stage after the other, from the output down. Weights are redrawn with each tensor's own mean
    and spread, so that activations keep their scale.

    Args:
        model: a copy that nobody else uses; it is worthless afterwards. explain: model -> map.
        stages: names of submodules by stage, the last layer of the model first.

    Returns:
        ``stages`` and, after each, the Spearman ``correlation`` of the map with the original; ``holds`` if the last
        one is below ``limit``. A map without any order (all values equal) correlates 0; where that is the original
        map, the check does not hold, for there is nothing to check.
    """
    original, correlation, generator = explain(model), [], torch.Generator().manual_seed(seed)
    for names in stages.values():
        for name in names:
            redraw(model.get_submodule(name), generator)
        correlation.append(rank_correlation(original, explain(model)))
    holds = bool(np.ptp(original) > 0) and correlation[-1] < INDEPENDENT
    return {"stages": list(stages), "correlation": correlation, "limit": INDEPENDENT, "holds": holds}


@torch.no_grad()
def redraw(module: nn.Module, generator: torch.Generator) -> None:
    """Each weight anew, with its tensor's own mean and spread."""
    for weight in module.parameters():
        fresh = torch.randn(weight.shape, generator=generator).to(weight.device)
        weight.copy_(weight.mean() + weight.std(correction=0) * fresh)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's correlation of two maps of one shape; 0 where one of them has no order."""
    from scipy.stats import spearmanr

    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(spearmanr(first.ravel(), second.ravel()).statistic)


def ssim(first: np.ndarray, second: np.ndarray, window: int = 7) -> float:
    """Structural similarity (Wang et al. 2004) of two maps of one shape, as Adebayo et al. 2018 compare them.

    Magnitudes, each scaled to a largest of 1; windows of ``window`` cells along every axis that has as many.
    """
    from scipy.ndimage import uniform_filter

    x, y = (np.abs(one.astype(np.float64)) / max(float(np.abs(one).max()), 1e-12) for one in (first, second))
    size = [min(window, length) for length in x.shape]
    mean = lambda values: uniform_filter(values, size)  # noqa: E731
    mx, my = mean(x), mean(y)
    vx, vy, both = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    low, high = 0.01**2, 0.03**2
    return float(np.mean((2 * mx * my + low) * (2 * both + high) / ((mx**2 + my**2 + low) * (vx + vy + high))))
