"""``accelerate launch`` of the real command: two processes with half of each batch give the losses of one; the configurations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from accelerate.commands.config.config_args import ClusterConfig, load_config_from_file
from accelerate.utils import DistributedType

ROOT = Path(__file__).resolve().parents[2]
HOUSE = Path(__file__).parent / "house"
CONFIGS = ROOT / "core" / "training" / "accelerate"
KINDS = {"processes": (DistributedType.MULTI_GPU, 1), "gpus": (DistributedType.MULTI_GPU, 1),
         "nodes": (DistributedType.MULTI_GPU, 2), "fsdp": (DistributedType.FSDP, 1)}


def train(folder: Path, start: list[str]) -> dict:
    """Losses by epoch and the weights of the linear map, trained by the command line."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join((str(HOUSE), str(ROOT))), "CARDIOSCOPE_RUNS": str(folder),
                        "OMP_NUM_THREADS": "1", "TRACKIO_DIR": str(folder / "trackio"), "CARDIOSCOPE_DEVICE": "cpu"}
    recipe = ["recipe=linear", "schedule.epochs=3", f"out={folder / 'out'}"]
    done = subprocess.run([*start, "-m", "core", "train", "toyroom", "--recipe", *recipe], cwd=folder, env=env,
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in (folder / "toyroom" / "linear-map" / "progress.jsonl").read_text().splitlines()]
    return {"processes": done.stdout.splitlines().count(str(folder / "out")),
            "loss": [line["loss"] for line in lines if "loss" in line],
            "weight": json.loads((folder / "out" / "metrics.json").read_text())["weight"][0]}


@pytest.mark.timeout(1200)
def test_two_processes_give_the_losses_of_one_with_the_whole_batch(tmp_path, new_port):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = train(tmp_path / "one", [sys.executable])
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(CONFIGS / "processes.yaml"),
              "--main_process_port", str(new_port())]
    two = train(tmp_path / "two", launch)
    assert (one["processes"], two["processes"], len(one["loss"])) == (1, 2, 3)
    assert one["loss"][0] > one["loss"][-1] > 0
    assert two["loss"] == pytest.approx(one["loss"], abs=2e-5)
    assert two["weight"] == pytest.approx(one["weight"], abs=1e-5)


@pytest.mark.parametrize("name", KINDS)
def test_the_configurations_are_what_accelerate_reads(name):
    kind, machines = KINDS[name]
    found = load_config_from_file(str(CONFIGS / f"{name}.yaml"))
    assert isinstance(found, ClusterConfig)
    assert (found.distributed_type, found.num_machines, found.mixed_precision) == (kind, machines, "no")
    assert found.num_processes >= 2 * machines
    assert bool(found.fsdp_config) is (name == "fsdp")


def test_every_configuration_is_tested_and_named_in_the_document():
    assert {path.stem for path in CONFIGS.glob("*.yaml")} == set(KINDS)
    said = (ROOT / "docs" / "scaling.md").read_text()
    assert [name for name in KINDS if f"core/training/accelerate/{name}.yaml" not in said] == []
