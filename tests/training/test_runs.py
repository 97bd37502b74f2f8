"""A run is its recipe, its data and its network; another one does not answer to its name, and what fails leaves a trace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.training import identity, runs
from core.training.recipe import RecipeError
from core.uploads import InputError
from tests.training.toy import SLOPES, train


def test_the_same_name_with_other_data_is_refused_not_answered_with_the_old_weights():
    train("slope", slopes=2 * SLOPES)
    with pytest.raises(RecipeError, match="another recipe: data: other contents of the rows"):
        train("slope", slopes=-5 * SLOPES)
    torch.testing.assert_close(train("slope", slopes=2 * SLOPES).weight, 2 * SLOPES.T, atol=0.2, rtol=0)


@pytest.mark.parametrize(("change", "said"), [
    ({"recipe": {"learning_rate": 0.001, "stages": [{"epochs": 1}]}}, "learning_rate was 0.002 and is 0.001"),
    ({"recipe": {"learning_rate": 0.002, "stages": [{"epochs": 2}]}}, "stages.0.epochs was 1 and is 2"),
    ({"recipe": {"learning_rate": 0.002}}, "stages.0.epochs was 1 and is not set"),
    ({"data": {"files": 14, "names and sizes": "b"}}, "data: 12 files and now 14; data: other names and sizes"),
    ({"architecture": {"width": 32}}, "architecture: width was 16 and is 32"),
])
def test_what_differs_is_said(change, said):
    same = {"recipe": {"learning_rate": 0.002, "stages": [{"epochs": 1}]}, "data": {"files": 12, "names and sizes": "a"},
            "architecture": {"width": 16}}
    runs.start("toy", "a", **same)
    runs.start("toy", "a", **same)
    with pytest.raises(RecipeError) as refused:
        runs.start("toy", "a", **same | change)
    assert said in str(refused.value)
    assert "another name" in str(refused.value)


def test_files_are_known_by_name_and_size(tmp_path: Path):
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.dat").write_bytes(b"12345")
    first, second = (identity.of_files([tmp_path / place / "a.dat"], tmp_path / place) for place in ("one", "two"))
    assert first == second
    assert (first["files"], first["bytes"]) == (1, 5)
    (tmp_path / "two" / "a.dat").write_bytes(b"123456")
    assert identity.of_files([tmp_path / "two" / "a.dat"], tmp_path / "two") != first
    (tmp_path / "two" / "a.dat").rename(tmp_path / "two" / "b.dat")
    assert identity.of_files([tmp_path / "two" / "a.dat"], tmp_path / "two")["bytes"] == 0


def test_rows_are_known_by_what_they_hold():
    values, names = np.arange(5000.0), np.array([f"r{i}" for i in range(5000)])
    known = identity.of_rows(np.arange(3000), values, names)
    assert known == identity.of_rows(np.arange(3000), values.copy(), names)
    assert known != identity.of_rows(np.arange(1, 3001), values, names)
    assert known != identity.of_rows(np.arange(3000), values.astype(np.float32), names)


def test_what_a_run_raises_keeps_its_traceback():
    def broken(net) -> dict[str, float]:
        return {"auc": 1 / 0}

    with pytest.raises(ZeroDivisionError):
        train("broken", validate=broken)
    log = (runs.Run("toy", "broken").folder / "log").read_text()
    assert "in broken" in log
    assert "ZeroDivisionError" in log
    whole = runs.Run("toy", "refused")
    with pytest.raises(InputError), whole.failures_logged():
        raise InputError("data", "There is none.", "Give some.")
    assert not whole.folder.exists()
