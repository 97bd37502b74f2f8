"""Chromium, and a Streamlit script of a few lines to look at in it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


@pytest.fixture(scope="module")
def browser():
    """Chromium; skips only where there is none."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as run:
        if not executable and not Path(run.chromium.executable_path).exists():
            pytest.skip("no Chromium on this machine")
        chromium = run.chromium.launch(executable_path=executable, args=FLAGS, timeout=180_000)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def tab(browser):
    view = browser.new_page(color_scheme="light")
    view.set_default_timeout(120_000)
    yield view
    view.close()


@pytest.fixture
def view(tab, script_address):
    """The module's script, opened anew; an error on the page fails the test."""
    errors = []

    def caught(error) -> None:
        errors.append(str(error))

    tab.set_viewport_size({"width": 1280, "height": 1000})
    tab.emulate_media(color_scheme="light")
    tab.on("pageerror", caught)
    tab.goto(script_address)
    yield tab
    tab.remove_listener("pageerror", caught)
    assert not errors


@pytest.fixture(scope="module")
def script_address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_port: Callable[[], int]
) -> Iterator[str]:
    """Where the module's ``SCRIPT`` is served; ``{root!r}`` in it is the folder of the project."""
    script, port = tmp_path_factory.mktemp("viewer") / "script.py", new_port()
    script.write_text(request.module.SCRIPT.format(root=str(ROOT)))
    log = script.with_name("log.txt")
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), "--server.headless", "true",
             "--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"], cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_healthy(address: str, process: subprocess.Popen, log: Path, seconds: int = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(address, timeout=2).status_code == 200:
                return
        time.sleep(0.2)
    pytest.fail(f"the script is not served (exit code {process.poll()})\n{log.read_text()[-3000:]}")
