"""The loop learns, averages, and an interrupted run ends where an uninterrupted one does."""

from __future__ import annotations

import pytest
import torch

from core.progress import Cancelled
from core.training import runs
from core.training.loop import _scale
from tests.training.toy import train


def test_learns_a_linear_map():
    model = train("whole")
    torch.testing.assert_close(model.weight, torch.tensor([[1.0, -2.0, 0.5, 0.0]]), atol=0.1, rtol=0)


def test_resumed_run_equals_an_uninterrupted_one():
    whole = train("whole")
    with pytest.raises(KeyboardInterrupt):
        train("cut", interrupt_after=3)
    torch.testing.assert_close(train("cut").weight, whole.weight, atol=1e-6, rtol=0)


def test_a_run_that_was_killed_before_its_line_was_written_goes_on():
    with pytest.raises(KeyboardInterrupt):
        train("killed", interrupt_after=1)
    (runs.Run("toy", "killed").folder / "progress.jsonl").unlink()
    torch.testing.assert_close(train("killed").weight, train("whole").weight, atol=1e-6, rtol=0)


def test_progress_is_one_line_per_epoch():
    train("whole")
    lines = runs.Run("toy", "whole").progress()
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[-1]["loss"] < lines[0]["loss"]


def test_every_step_is_told_and_may_be_the_last():
    told = []
    train("told", done=lambda steps, of: not told.append((steps, of)))
    assert told == [(step, 48) for step in range(1, 49)]
    with pytest.raises(Cancelled):
        train("stopped", done=lambda steps, of: steps < 20)
    assert len(runs.Run("toy", "stopped").progress()) == 2
    torch.testing.assert_close(train("stopped").weight, train("told").weight, atol=1e-6, rtol=0)


def test_learning_rate_rises_then_falls_to_zero():
    assert _scale(0.0, 0.1) == 0
    assert _scale(0.1, 0.1) == pytest.approx(1)
    assert _scale(1.0, 0.1) == pytest.approx(0)
