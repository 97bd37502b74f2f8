"""Shared fixtures: the open data beside the project (where it is), laid out as its publishers do."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def _unpacked(dataset: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (DATA / "unpack.py").exists():
        pytest.skip(f"the open {dataset} data is not beside the project")
    out = tmp_path_factory.mktemp(dataset)
    subprocess.run([sys.executable, DATA / "unpack.py", dataset, out], check=True, capture_output=True)
    return out


@pytest.fixture(scope="session")
def ludb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LUDB in its official layout; skips where the data is absent."""
    return _unpacked("ludb", tmp_path_factory)


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real app in a process of its own on a free port, models warm; one for all tests of a worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("app")
    (folder / "uploads").mkdir()
    settings = {"CARDIOSCOPE_PORT": str(port), "CARDIOSCOPE_HOST": "127.0.0.1", "CARDIOSCOPE_RUNS": str(folder),
                "GRADIO_TEMP_DIR": str(folder / "uploads")}
    log = folder / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=Path(__file__).parents[1], stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, env=os.environ | settings)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", process, log)
        for face in ("api", "runs"):  # built after the models, or with their first request
            httpx.get(f"http://127.0.0.1:{port}/{face}/", timeout=120).raise_for_status()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail(f"the app did not stop within a minute\n{log.read_text()[-3000:]}")


def _wait_until_ready(address: str, process: subprocess.Popen, log: Path, seconds: int = 300) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(address, timeout=5).status_code == 200:
                return
        if "warm-up failed" in log.read_text():
            break
        time.sleep(0.3)
    pytest.fail(f"the app did not become ready (exit code {process.poll()})\n{log.read_text()[-3000:]}")
