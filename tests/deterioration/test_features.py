import numpy as np
import pytest
import torch

from core.deterioration.features import NAMES, summary
from core.deterioration.vitals import CODES, HEART_RATE, SYSTOLIC


def grid(values: dict[int, float], vital: int = HEART_RATE) -> torch.Tensor:
    found = torch.full((1, 49, len(CODES)), torch.nan)
    for hour, value in values.items():
        found[0, hour, vital] = value
    return found


def at(found: torch.Tensor, name: str, hour: int) -> float:
    return float(found[0, hour, NAMES.index(name)])


def test_windows_hold_the_last_hours_alone():
    found = summary(grid({0: 100.0, 2: 80.0, 3: 60.0}))
    assert at(found, "heart_rate:mean:4", 3) == pytest.approx(80)
    assert at(found, "heart_rate:mean:4", 4) == pytest.approx(70), "hour 0 has left the window"
    assert at(found, "heart_rate:lowest:49", 48) == 60
    assert at(found, "heart_rate:highest:4", 4) == 80
    assert at(found, "heart_rate:spread:4", 4) == pytest.approx(10, abs=0.01)
    assert at(found, "heart_rate:hours_measured:4", 3) == pytest.approx(np.log1p(3), abs=1e-6)
    assert np.isnan(at(found, "heart_rate:mean:4", 7)), "nothing was measured in these hours"


def test_last_since_and_change():
    found = summary(grid({1: 100.0, 4: 70.0}))
    assert np.isnan(at(found, "heart_rate:last", 0))
    assert at(found, "heart_rate:last", 3) == 100
    assert at(found, "heart_rate:change", 10) == -30
    assert at(found, "heart_rate:since", 6) == pytest.approx(np.log1p(2), abs=1e-6)
    both = grid({2: 120.0}, SYSTOLIC)
    both[0, 2, HEART_RATE] = 90
    assert at(summary(both), "shock_index", 5) == pytest.approx(0.75)


def test_no_row_sees_a_later_one():
    generator = torch.Generator().manual_seed(0)
    whole = 80 + 20 * torch.randn(2, 49, 6, generator=generator)
    whole[torch.rand(2, 49, 6, generator=generator) < 0.5] = torch.nan
    for hour in (0, 7, 30):
        cut = whole.clone()
        cut[:, hour + 1:] = torch.nan
        torch.testing.assert_close(summary(cut)[:, : hour + 1], summary(whole)[:, : hour + 1], equal_nan=True)


def test_it_can_be_differentiated_in_what_was_measured():
    measured = grid({0: 90.0, 5: 110.0}).requires_grad_(True)
    summary(measured).nan_to_num(0).sum().backward()
    assert torch.isfinite(measured.grad).all()
    assert measured.grad[0, 5, HEART_RATE] != 0
