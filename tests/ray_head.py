"""A Ray head on this machine for tests, with one core; its ports are given, for else it waits for processes that say theirs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.ray_cluster import PATIENT

WAIT = 240  # s


@contextlib.contextmanager
def head(new_port: Callable[[], int], folder: Path) -> Iterator[tuple[str, str]]:
    """The addresses of the cluster and of its Jobs API. Args: folder: a short path, for sockets lie below it."""
    names = ("port", "dashboard-port", "dashboard-agent-listen-port", "dashboard-agent-grpc-port", "runtime-env-agent-port",
             "metrics-export-port")
    ports: dict[str, int] = {}
    while len(set(ports.values())) < len(names):
        ports = {name: new_port() for name in names}
    ray = [sys.executable, "-c", "from ray.scripts.scripts import main; main()"]
    env = os.environ | PATIENT
    start = [*ray, "start", "--head", "--num-cpus=1", "--node-ip-address=127.0.0.1", "--include-dashboard=true",
             "--object-store-memory=80000000", f"--temp-dir={folder}", "--disable-usage-stats", "--block",
             *(f"--{name}={port}" for name, port in ports.items())]
    said = folder.with_suffix(".log")
    with said.open("w") as log:
        process = subprocess.Popen(start, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        end = time.monotonic() + WAIT
        while "Ray runtime started" not in said.read_text():
            if process.poll() is not None or time.monotonic() > end:  # nothing of ours is at fault
                pytest.skip(f"Ray did not start on this machine (exit code {process.poll()}): {said.read_text()[-300:]}")
            time.sleep(0.2)
        yield f"127.0.0.1:{ports['port']}", f"http://127.0.0.1:{ports['dashboard-port']}"
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
