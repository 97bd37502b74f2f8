"""The checked-in configurations of Accelerate are what it reads, and the document names each."""

from __future__ import annotations

from pathlib import Path

import pytest
from accelerate.commands.config.config_args import ClusterConfig, load_config_from_file
from accelerate.utils import DistributedType

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "core" / "training" / "accelerate"
KINDS = {"processes": (DistributedType.MULTI_GPU, 1), "gpus": (DistributedType.MULTI_GPU, 1),
         "nodes": (DistributedType.MULTI_GPU, 2), "fsdp": (DistributedType.FSDP, 1)}


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
