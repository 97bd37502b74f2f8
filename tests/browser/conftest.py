"""Chromium, and a Streamlit script of a few lines to look at in it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with playwright.sync_playwright() as run:
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
def script_address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the module's ``SCRIPT`` is served; ``{root!r}`` in it is the folder of the project."""
    script = tmp_path_factory.mktemp("viewer") / "script.py"
    script.write_text(request.module.SCRIPT.format(root=str(ROOT)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), "--server.headless", "true",
         "--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"], cwd=ROOT,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
