"""The loop learns, averages, and an interrupted run ends where an uninterrupted one does."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.settings import Settings
from core.training import runs
from core.training.loop import Schedule, _scale, fit

X = torch.randn(256, 4, generator=torch.Generator().manual_seed(0))
Y = X @ torch.tensor([[1.0], [-2.0], [0.5], [0.0]])
SCHEDULE = Schedule(epochs=6, learning_rate=0.3, weight_decay=0.0, averaging=0.9, precision="fp32")


@pytest.fixture(autouse=True)
def own_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "settings", Settings(runs=tmp_path))
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))


def train(name: str, interrupt_after: int | None = None) -> nn.Module:
    torch.manual_seed(0)

    def batches(epoch):
        if epoch == interrupt_after:
            raise KeyboardInterrupt
        for chunk in torch.randperm(256).split(32):
            yield X[chunk], Y[chunk]

    return fit(nn.Linear(4, 1), batches, 8, lambda m, x, y: F.mse_loss(m(x), y), SCHEDULE,
               runs.start("toy", name, SCHEDULE.model_dump()))


def test_learns_a_linear_map():
    model = train("whole")
    torch.testing.assert_close(model.weight, torch.tensor([[1.0, -2.0, 0.5, 0.0]]), atol=0.1, rtol=0)


def test_resumed_run_equals_an_uninterrupted_one():
    whole = train("whole")
    with pytest.raises(KeyboardInterrupt):
        train("cut", interrupt_after=3)
    torch.testing.assert_close(train("cut").weight, whole.weight, atol=1e-6, rtol=0)


def test_a_name_is_not_reused_for_another_recipe():
    runs.start("toy", "a", {"epochs": 1})
    with pytest.raises(ValueError, match="another recipe"):
        runs.start("toy", "a", {"epochs": 2})


def test_progress_is_one_line_per_epoch():
    train("whole")
    lines = runs.start("toy", "whole", SCHEDULE.model_dump()).progress()
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[-1]["loss"] < lines[0]["loss"]


def test_learning_rate_rises_then_falls_to_zero():
    assert _scale(0.0, 0.1) == 0
    assert _scale(0.1, 0.1) == pytest.approx(1)
    assert _scale(1.0, 0.1) == pytest.approx(0)
