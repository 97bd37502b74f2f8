"""What a process takes of the machine: for the live figures of a run."""

from __future__ import annotations

import os
import sys
from functools import cache

import psutil  # Accelerate brings it


@cache
def _self() -> psutil.Process:
    process = psutil.Process(os.getpid())
    process.cpu_percent()  # the first answer is of no time at all
    return process


def figures() -> dict[str, float]:
    """CPU in % of one core since the last call, memory in MB; of a GPU that is in use its memory in MB and its load in %."""
    process = _self()
    found = {"cpu": process.cpu_percent(), "memory": process.memory_info().rss / 2**20,
             "free_memory": psutil.virtual_memory().available / 2**20}
    torch = sys.modules.get("torch")  # looking at the machine loads nothing
    if torch is not None and getattr(torch, "cuda", None) is not None and torch.cuda.is_initialized():
        free, whole = torch.cuda.mem_get_info()
        found |= {"gpu_memory": torch.cuda.memory_allocated() / 2**20, "gpu_used": (whole - free) / 2**20}
        try:
            found["gpu"] = float(torch.cuda.utilization())
        except (ImportError, RuntimeError):  # without NVIDIA's library of that
            pass
    return {key: round(value, 1) for key, value in found.items()}
