"""A ridge Cox model that is honest about what it was not told.

Inputs are jointly normal after scaling. For a patient with the known part O and the unknown part M, the log hazard is
``b_O x_O + b_M E[x_M | x_O]``, and its variance what the unknown part could still change, ``b_M' Cov(M | O) b_M``, plus that
of the coefficients, ``x' Cov(b) x``. Nothing is filled in silently: who tells little gets a wide interval, and what one more
input would narrow follows in closed form.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.heart_failure.variables import ENCODED


class MarginalCox(nn.Module):
    """Linear in the scaled numbers and the drug flags.

    Args:
        numbers: how many numbers a row has; their scales are those of ``variables.ENCODED``. flags: how many drug flags.
    """

    reads_text = False

    def __init__(self, numbers: int = len(ENCODED), flags: int = 14):
        super().__init__()
        size = numbers + flags
        scales = [one.scale for one in ENCODED[:numbers]]
        for name in ("mean", "beta"):
            self.register_buffer(name, torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))
        self.register_buffer("low", torch.full((size,), -torch.inf))  # of the scaled inputs: beyond, they count as the bound
        self.register_buffer("high", torch.full((size,), torch.inf))
        rows, columns = torch.tril_indices(size, size)
        identity = (rows == columns).float()
        self.register_buffer("inputs", identity.clone())  # covariance, lower triangle: vectors keep single precision on the disk
        self.register_buffer("coefficients", identity * 0)
        self.register_buffer("log", torch.tensor([s == "log" for s in scales] + [False] * flags), persistent=False)
        self.register_buffer("log1p", torch.tensor([s == "log1p" for s in scales] + [False] * flags), persistent=False)

    def forward(
        self, numbers: Tensor, flags: Tensor, text_states: Tensor | None = None, text_mask: Tensor | None = None,
        scar: Tensor | None = None,
    ) -> dict[str, Tensor | None]:
        """Log hazard ``[n]`` and its standard error ``[n]``; text states and scar are not looked at.

        Args:
            numbers: ``[n, k]`` in clinical units, NaN where unknown. flags: ``[n, 14]``, 0, 1 or NaN.
        """
        x, known = self.standardised(numbers, flags)
        inputs, coefficients = square(self.inputs), square(self.coefficients)
        unknown_beta = self.beta * ~known
        told = (unknown_beta @ inputs) * known  # Cov(x_O, what is unknown of the log hazard)
        solved = torch.linalg.solve(_among(inputs, known), torch.stack([told, x], -1))
        weight = solved[..., 0] * known
        log_hazard = ((self.beta + weight) * x).sum(-1)
        open_ = (unknown_beta @ inputs * unknown_beta).sum(-1) - (told * weight).sum(-1)
        complete = torch.where(known, x, (solved[..., 1] * known) @ inputs)
        own = (complete @ coefficients * complete).sum(-1)
        return {"log_hazard": log_hazard, "spread": (open_.clamp_min(0) + own.clamp_min(0)).sqrt(), "attention": None}

    def standardised(self, numbers: Tensor, flags: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs ``[n, k + 14]`` scaled, bounded and standardised, 0 where unknown; and which are known."""
        raw = torch.cat([numbers, flags], -1)
        known = ~raw.isnan()
        filled = torch.where(known, raw, torch.ones_like(raw))
        value = torch.where(self.log, filled.clamp_min(1e-6).log(), torch.where(self.log1p, filled.clamp_min(0).log1p(), filled))
        value = torch.minimum(torch.maximum(value, self.low), self.high)
        return torch.where(known, (value - self.mean) / self.deviation, 0.0), known

    def narrowing(self, numbers: Tensor, flags: Tensor, together: Sequence[Sequence[int]] | None = None) -> Tensor:
        """The standard error to be expected if one more input were known ``[n, inputs]``; NaN where it is known already.

        What is open shrinks by ``c' S^-1 c`` with S = Cov(x_j | O) and c = Cov(x_j, log hazard | O), whatever the value will
        be; what the coefficients leave open stays, on average.

        Args:
            together: columns (numbers, then flags) that become known at once; each column by itself unless given.
        """
        groups = [[j] for j in range(len(self.beta))] if together is None else together
        spread = self(numbers, flags)["spread"]
        _, known = self.standardised(numbers, flags)
        result = torch.full((len(numbers), len(groups)), torch.nan, dtype=spread.dtype, device=spread.device)
        inputs = square(self.inputs)
        for i, row in enumerate(known):
            rest = inputs[~row][:, ~row] - inputs[~row][:, row] @ torch.linalg.solve(inputs[row][:, row], inputs[row][:, ~row])
            place = {int(column): at for at, column in enumerate((~row).nonzero()[:, 0])}
            for g, group in enumerate(groups):
                if new := [place[j] for j in group if j in place]:
                    shared = rest[new] @ self.beta[~row]
                    gain = shared @ torch.linalg.solve(rest[new][:, new], shared)
                    result[i, g] = (spread[i] ** 2 - gain).clamp_min(0).sqrt()
        return result


def square(triangle: Tensor) -> Tensor:
    """The symmetric matrix ``[p, p]`` whose lower triangle this is."""
    size = int(((8 * len(triangle) + 1) ** 0.5 - 1) / 2 + 0.5)
    rows, columns = torch.tril_indices(size, size, device=triangle.device)
    matrix = triangle.new_zeros(size, size)
    matrix[rows, columns] = triangle
    matrix[columns, rows] = triangle
    return matrix


def _among(inputs: Tensor, known: Tensor) -> Tensor:
    """The covariance of the known inputs ``[n, p, p]``, with the identity in the place of the others."""
    both = known[:, :, None] & known[:, None, :]
    return torch.where(both, inputs, torch.eye(len(inputs), dtype=inputs.dtype, device=inputs.device))
