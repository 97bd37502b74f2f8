"""Shared fixtures: the open data beside the project (where it is), laid out as its publishers do, and the real app."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest
from filelock import FileLock

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # gw0, gw1, ... or none
LONG = {"training", "browser", "contract", "setup"}

os.environ.setdefault("CARDIOSCOPE_ASK_FIRST", "false")  # only tests/pages/test_understood.py answers the first questions
os.environ.setdefault("OMP_NUM_THREADS", "1")  # two workers share two cores; the app's own default too


@cache
def _asks_the_app(file: Path) -> bool:
    return "app_url" in file.read_text()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files come first, so that no worker is left with them at the end."""
    items.sort(key=lambda item: (not _asks_the_app(item.path), not LONG & set(item.path.parts)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """One worker runs all tests of a file, for they share what it made, and all files that ask the app, for it is one."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "app" if _asks_the_app(config.rootpath / file) else file

    return ByFile(config, log)


def _unpacked(dataset: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data laid out once, whichever worker comes first."""
    if not (DATA / "unpack.py").exists():
        pytest.skip(f"the open {dataset} data is not beside the project")
    base = tmp_path_factory.getbasetemp()
    out = (base.parent if WORKER else base) / dataset
    with FileLock(out.with_suffix(".lock")):
        if not out.exists():
            part = out.with_suffix(".part")
            part.mkdir()
            subprocess.run([sys.executable, DATA / "unpack.py", dataset, part], check=True, capture_output=True)
            part.rename(out)
    return out


@pytest.fixture(scope="session")
def ludb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LUDB in its official layout; skips where the data is absent."""
    return _unpacked("ludb", tmp_path_factory)


@pytest.fixture(scope="session")
def new_port() -> Callable[[], int]:
    """Gives a port to listen on: never another worker's, and below those that outgoing connections take."""
    first = 20_000 + 1000 * int(WORKER[2:] or 0)

    def choose() -> int:
        while True:
            port = first + secrets.randbelow(1000)
            with socket.socket() as tried, contextlib.suppress(OSError):
                tried.bind(("127.0.0.1", port))
                return port

    return choose


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory, new_port: Callable[[], int]) -> Iterator[str]:
    """The real app in a process of its own on a free port, models warm; one for all tests of a worker."""
    with _app(tmp_path_factory.mktemp("app"), new_port()) as address:
        for face in ("api/", "runs/runs"):  # built after the models, or with their first request
            httpx.get(f"{address}/{face}", timeout=120).raise_for_status()
        yield address


@pytest.fixture(scope="session")
def start_app(new_port: Callable[[], int]) -> Callable[..., contextlib.AbstractContextManager[str]]:
    """``with start_app(folder, CARDIOSCOPE_WEIGHTS=...) as address``: an app of a test's own, for what changes it."""
    return lambda folder, **own: _app(folder, new_port(), **own)


@contextlib.contextmanager
def _app(folder: Path, port: int, **own: str) -> Iterator[str]:
    """The real app with its runs, log and uploads in a folder; ``own``: further environment."""
    (folder / "uploads").mkdir()
    settings = {"CARDIOSCOPE_PORT": str(port), "CARDIOSCOPE_HOST": "127.0.0.1", "CARDIOSCOPE_RUNS": str(folder),
                "GRADIO_TEMP_DIR": str(folder / "uploads"), **own}
    log = folder / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=Path(__file__).parents[1], stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=subprocess.STDOUT, env=os.environ | settings)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", process, log)
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
