"""A connection to a Ray cluster: that of RAY_ADDRESS, or one on this machine. Nothing of Ray is imported before it is wanted."""

from __future__ import annotations

import os
from importlib.util import find_spec

from core.settings import ROOT, settings
from core.uploads import InputError

LEFT_AT_HOME = [".git", ".venv", "runs", "tests", "docs", "data", ".cache", ".*_cache"]  # what no worker needs of the code
HERE = ("auto", "local", "127.0.0.1", "localhost", "[::1]")
PATIENT = {  # Ray gives up on its own processes after 30 s, which on a busy machine is how long they take to start
    "RAY_agent_register_timeout_ms": "300000", "RAY_raylet_start_wait_time_s": "300",
    "RAY_worker_register_timeout_seconds": "300", "RAY_DASHBOARD_STARTUP_TIMEOUT_S": "300",
    "RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0"}


def installed() -> None:
    """Raises:
        InputError: Ray is not there.
    """
    if find_spec("ray") is None:
        raise InputError("ray", "Ray is not installed.", "pip install -r requirements-ray.txt")


def connect() -> None:
    """Join the cluster of RAY_ADDRESS, which gets the code sent unless it is here, or start one; once."""
    for name, value in PATIENT.items():
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():
        return
    if not os.environ.get("RAY_ADDRESS"):
        ray.init(include_dashboard=False, runtime_env=code(), log_to_driver=False)
    else:
        ray.init(runtime_env=code(), log_to_driver=False)


def is_here() -> bool:
    """Whether the cluster is this machine, which has the code."""
    return (os.environ.get("RAY_ADDRESS") or "local").removeprefix("http://").startswith(HERE)


def code() -> dict[str, object]:
    """What a process of the cluster needs of this one: the code with its weights, sent or where it lies, and the settings."""
    if is_here():
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        return {"env_vars": environment() | {"PYTHONPATH": path}}
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
