"""``accelerate launch`` of a small network through the project's loop: two processes say what one says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.training import runs
from tests.training.toy import train

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "core" / "training" / "accelerate" / "processes.yaml"
BATCH = 32  # of both processes together: each computes 16 rows


def network() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.GELU(), torch.nn.Linear(16, 1))


def losses(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "toy" / "small" / "progress.jsonl").read_text().splitlines()]


@pytest.mark.timeout(300)
def test_two_launched_processes_give_the_losses_of_one_with_twice_the_batch(tmp_path: Path, new_port: Callable[[], int]):
    one = train("small", batch=BATCH, net=network())
    env = os.environ | {"CARDIOSCOPE_RUNS": str(tmp_path / "two"), "CARDIOSCOPE_DEVICE": "cpu", "OMP_NUM_THREADS": "1",
                        "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "accelerate.commands.launch", "--config_file", CONFIG, "--num_processes", "2",
         "--main_process_port", str(new_port()), __file__, tmp_path / "two"],
        cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    alone = losses(runs.settings.runs)
    assert alone[-1] < alone[0] / 10
    assert losses(tmp_path / "two") == pytest.approx(alone, abs=2e-5)
    for rank in range(2):
        shown = torch.load(tmp_path / "two" / f"{rank}.pt")
        assert shown["rows"] == {BATCH // 2}
        for name, value in one.state_dict().items():
            torch.testing.assert_close(shown["state"][name], value, atol=1e-5, rtol=0)


def process(folder: Path) -> None:
    """One of the two, as the launcher starts it."""
    net, rows = network(), set()
    net[0].register_forward_pre_hook(lambda _module, given: rows.add(len(given[0])))
    trained = train("small", batch=BATCH, net=net)
    torch.save({"rows": rows, "state": trained.state_dict()}, folder / f"{os.environ['RANK']}.pt")
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    process(Path(sys.argv[1]))
