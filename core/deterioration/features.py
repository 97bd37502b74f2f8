"""What a network is told of the past at each hour: means, extremes, spread and counts of the last hours, in torch.

Row k of any result depends on rows 0 to k of the grid alone. Everything can be differentiated in the measured cells.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from core.deterioration.vitals import CODES, DIASTOLIC, HEART_RATE, SOURCES, SYSTOLIC

WINDOWS = (4, 12, 24, 49)  # hours back; the last is the whole stay
_KINDS = ("mean", "lowest", "highest", "spread", "hours_measured")
SERIES = (*CODES, *SOURCES)
NAMES = (*(f"{code}:{kind}:{w}" for w in WINDOWS for kind in _KINDS for code in SERIES),
         *(f"{code}:{kind}" for kind in ("last", "since", "change", "trend") for code in SERIES), "shock_index", "pulse_pressure")
_FLAT = 1e-6  # added to a variance, whose root has no slope at 0


def summary(grids: Tensor) -> Tensor:
    """Features at every hour.

    Args:
        grids: ``[b, h, 10]`` hourly means in the order and units of VITALS, then of SOURCES, NaN where not measured or not
            known; ``[b, h, 6]`` where no source is known.

    Returns:
        ``[b, h, len(NAMES)]`` in clinical units and log(1 + hours); NaN where nothing of it was measured by then.
    """
    grids = F.pad(grids, (0, len(SERIES) - grids.shape[-1]), value=torch.nan)
    known = ~grids.isnan()
    values = torch.where(known, grids, torch.zeros_like(grids))
    parts, means = [], {}
    for width in WINDOWS:
        found = _window(values, known, width)
        means[width] = found[0]
        parts += found
    last, since, seen = _last(values, known)
    shown = _where(seen, last)
    parts += [shown, since, shown - _first(values, known), means[24] - means[49]]
    # Divided before what is unknown becomes NaN, whose gradient would spread to what is known.
    index = _where(seen[..., HEART_RATE] & seen[..., SYSTOLIC], last[..., HEART_RATE] / last[..., SYSTOLIC].clamp(min=20))
    pulse = shown[..., SYSTOLIC] - shown[..., DIASTOLIC]
    return torch.cat([*parts, index[..., None], pulse[..., None]], -1)


def _where(known: Tensor, values: Tensor) -> Tensor:
    """NaN where not known."""
    return torch.where(known, values, torch.full_like(values, torch.nan))


def _window(values: Tensor, known: Tensor, width: int) -> list[Tensor]:
    """Mean, lowest, highest, spread and log count over the last ``width`` hours, each ``[b, h, 6]``."""
    count = _sum(known.to(values.dtype), width)
    some, divisor = count > 0, count.clamp(min=1)
    centre = 80.0  # amid all six: squares of small numbers keep their digits
    mean = _sum(torch.where(known, values - centre, torch.zeros_like(values)), width) / divisor
    square = _sum(torch.where(known, (values - centre) ** 2, torch.zeros_like(values)), width) / divisor
    spread = ((square - mean**2).clamp(min=0) + _FLAT).sqrt()
    low = -_highest(torch.where(known, -values, torch.full_like(values, -torch.inf)), width)
    high = _highest(torch.where(known, values, torch.full_like(values, -torch.inf)), width)
    return [*(_where(some, one) for one in (mean + centre, low, high, spread)), count.log1p()]


def _sum(values: Tensor, width: int) -> Tensor:
    total = values.cumsum(1)
    return total if width >= values.shape[1] else total - F.pad(total, (0, 0, width, 0))[:, : -width]


def _highest(values: Tensor, width: int) -> Tensor:
    if width >= values.shape[1]:
        return values.cummax(1).values
    padded = F.pad(values, (0, 0, width - 1, 0), value=-torch.inf)
    return padded.unfold(1, width, 1).amax(-1)


def _last(values: Tensor, known: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The last measurement (0 for none), log(1 + hours) since it or, for none, since the start, and whether there is one."""
    hour = torch.arange(values.shape[1], device=values.device)[None, :, None].expand_as(known)
    at = torch.where(known, hour, torch.full_like(hour, -1)).cummax(1).values
    last = values.gather(1, at.clamp(min=0))
    return last, (hour - at).to(values.dtype).log1p(), at >= 0


def _first(values: Tensor, known: Tensor) -> Tensor:
    """The first measurement, from its hour on; before it NaN."""
    at = known.to(torch.int8).argmax(1, keepdim=True)
    first = values.gather(1, at).expand_as(values)
    return _where(known.cummax(1).values, first)
