"""A connection to a Ray cluster: that of RAY_ADDRESS, or one on this machine. Nothing of Ray is imported before it is wanted."""

from __future__ import annotations

import os
from importlib.util import find_spec

from core.settings import ROOT, settings
from core.uploads import InputError

LEFT_AT_HOME = [".git", ".venv", "runs", "tests", "docs", "data", ".cache", ".*_cache"]  # what no worker needs of the code
PATIENT = {  # Ray gives up on its own processes after 30 s, which on a busy machine is how long they take to start
    "RAY_agent_register_timeout_ms": "300000", "RAY_raylet_start_wait_time_s": "300",
    "RAY_worker_register_timeout_seconds": "300", "RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0"}


def installed() -> None:
    """Raises:
        InputError: Ray is not there.
    """
    if find_spec("ray") is None:
        raise InputError("ray", "Ray is not installed.", "pip install -r requirements-ray.txt")


def connect() -> None:
    """Join the cluster of RAY_ADDRESS, which gets the code sent, or start one here; nothing where there is a connection."""
    for name, value in PATIENT.items():
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():
        return
    if os.environ.get("RAY_ADDRESS"):
        ray.init(runtime_env=code(), log_to_driver=False)
    else:
        ours = {"env_vars": environment() | {"PYTHONPATH": str(ROOT)}}
        ray.init(include_dashboard=False, runtime_env=ours, log_to_driver=False)


def code() -> dict[str, object]:
    """What a process on another machine of the cluster needs of this one: the code with its weights, and the settings."""
    return {"working_dir": str(ROOT), "excludes": LEFT_AT_HOME, "env_vars": environment()}


def environment() -> dict[str, str]:
    """The settings; no token and no password goes to a cluster."""
    return {name: value for name, value in os.environ.items()
            if name.startswith(("CARDIOSCOPE_", "OMP_NUM_", "HF_HUB_OFFLINE")) and not name.endswith(("_TOKEN", "_SWEEPS"))}


def devices() -> tuple[int, dict[str, float]]:
    """How many models work at once, and what each needs: a GPU, or as many cores as a model takes threads."""
    import ray

    there = ray.cluster_resources()
    if gpus := int(there.get("GPU", 0)):
        return gpus, {"num_gpus": 1, "num_cpus": 0}
    return max(int(there.get("CPU", 1)) // settings.threads, 1), {"num_cpus": settings.threads}
