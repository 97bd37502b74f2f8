"""Shapley values: what each input adds when it becomes known, on average over the orders in which all become known.

Lundberg and Lee 2017 (arXiv 1705.07874); unknown inputs are unknown to the model, not replaced. Orders come in pairs, one the
other reversed (Mitchell et al. 2022, JMLR 23:43), from a fixed seed.
"""

from __future__ import annotations

import numpy as np
import torch

from core.heart_failure.cox import square
from core.heart_failure.patient import Patient
from core.progress import Done, report

PAIRS, NETWORK_PAIRS = 256, 8


def gaussian(who: Patient) -> tuple[np.ndarray, float]:
    """Of ``cox.MarginalCox``: contributions ``[inputs]`` and the largest standard error of them.

    Along one order every contribution is exact in closed form. With L the Cholesky factor of the covariance of the inputs in
    that order, x their values and c their covariance with the log hazard, the k-th input adds ``(L^-1 x)_k (L^-1 c)_k``.
    """
    model = who.served.model
    numbers, flags = (torch.from_numpy(part)[None].to(who.served.device) for part in (who.numbers, who.flags))
    x, known = model.standardised(numbers, flags)
    covariance, at = square(model.inputs).double(), known[0].nonzero()[:, 0]
    among, with_log, x = covariance[at][:, at], (covariance @ model.beta.double())[at], x[0, at].double()
    orders = torch.from_numpy(_orders(len(at), PAIRS)).to(x.device)
    factors = torch.linalg.cholesky(among[orders[:, :, None], orders[:, None]])
    sides = torch.stack([x[orders], with_log[orders]], -1)
    added = torch.linalg.solve_triangular(factors, sides, upper=False).prod(-1)
    by_input = torch.zeros_like(added).scatter_(1, orders, added).cpu().numpy()
    return _mean(by_input)


def sampled(who: Patient, done: Done | None) -> tuple[np.ndarray, float]:
    """Of any model: contributions ``[inputs]`` and the largest standard error of them.

    Raises:
        Cancelled: ``done`` returned False.
    """
    orders = _orders(len(who.inputs), NETWORK_PAIRS)
    by_input = np.zeros(orders.shape)
    for row, order in enumerate(orders):
        kept = np.zeros((len(order) + 1, len(order)), bool)
        for k, place in enumerate(order):
            kept[k + 1:, place] = True
        by_input[row, order] = np.diff(who.score(kept))
        report(done, row + 1, len(orders))
    return _mean(by_input)


def _orders(inputs: int, pairs: int) -> np.ndarray:
    """``[2 pairs, inputs]``, each followed by its reverse."""
    random = np.random.default_rng(0)
    forward = [random.permutation(inputs) for _ in range(pairs)]
    return np.stack([order for one in forward for order in (one, one[::-1])]).astype(np.int64)


def _mean(by_input: np.ndarray) -> tuple[np.ndarray, float]:
    pairs = by_input.reshape(-1, 2, by_input.shape[1]).mean(1)
    error = pairs.std(0, ddof=1) / np.sqrt(len(pairs)) if len(pairs) > 1 else np.zeros(1)
    return by_input.mean(0), float(error.max(initial=0))
