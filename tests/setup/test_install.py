"""A fresh environment from stand-in indexes on this machine, with torch of a few bytes: which build comes, and when."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import install

ROOT = Path(__file__).resolve().parents[2]
PINS = {"torch": "2.15.0", "torchvision": "0.29.2"}
TORCHVISION = """import torch
if torch.build != {build!r}:
    raise RuntimeError("operator torchvision::nms does not exist")
"""
APP = """import importlib.util, torch, torchvision, other
print(torch.build, "with CUDA" if importlib.util.find_spec("triton") else "without CUDA")
"""


def wheel(index: Path, name: str, version: str, code: str) -> str:
    """A wheel of one module; its line of a lock."""
    file = index / name / f"{name}-{version}-py3-none-any.whl"
    file.parent.mkdir(parents=True, exist_ok=True)
    about = f"{name}-{version}.dist-info"
    parts = {f"{name}.py": code, f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
             f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in parts.items():
            archive.writestr(path, text)
        archive.writestr(f"{about}/RECORD", "".join(f"{path},,\n" for path in [*parts, f"{about}/RECORD"]))
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


class Index(SimpleHTTPRequestHandler):
    """A folder's listing is a simple index as pip reads it."""

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The folder of the indexes ``registry`` and ``cpu``, and the address under which it is served."""
    folder = tmp_path / "site"
    lock = [wheel(folder / "registry", "torch", PINS["torch"], "build = 'registry'"),
            wheel(folder / "registry", "torchvision", PINS["torchvision"], TORCHVISION.format(build="registry")),
            wheel(folder / "registry", "triton", "3.9.0", ""), wheel(folder / "registry", "other", "1.0", "")]
    wheel(folder / "cpu", "torch", f"{PINS['torch']}+cpu", "build = 'cpu'")
    wheel(folder / "cpu", "torchvision", f"{PINS['torchvision']}+cpu", TORCHVISION.format(build="cpu"))
    (folder / "requirements.lock").write_text("# made\n" + "    # via other\n".join(lock))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=folder))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def make_app(site: tuple[Path, str], tmp_path: Path) -> Callable[..., str]:
    """``make app`` in a fresh clone whose lock and app are the stand-ins'; what it printed."""
    folder, address = site
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("Makefile", "install.py"):
        shutil.copy(ROOT / name, clone)
    shutil.copy(folder / "requirements.lock", clone)
    (clone / "app.py").write_text(APP)

    def run(cpu_index: str = f"{address}/cpu") -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE", "MFLAGS"))}
        env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"{address}/registry", "PIP_NO_CACHE_DIR": "1",
                "TORCH_CPU_INDEX": cpu_index, "TORCH": "cpu"}
        done = subprocess.run(["make", "app"], cwd=clone, env=env, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_the_cpu_pair_comes_from_its_own_index_and_nothing_is_done_twice(make_app):
    assert make_app().splitlines()[-1] == "cpu without CUDA"
    assert make_app(f"http://127.0.0.1:{unused_port()}") == "cpu without CUDA\n"


def test_an_index_out_of_reach_gives_the_registrys_pair(make_app):
    *said, build = make_app(f"http://127.0.0.1:{unused_port()}").splitlines()
    assert build == "registry with CUDA"
    assert any("CPU index" in line for line in said)


def test_an_index_with_half_a_pair_gives_the_registrys_pair(make_app, site):
    shutil.rmtree(site[0] / "cpu" / "torchvision")
    assert make_app().splitlines()[-1] == "registry with CUDA"


def test_an_index_that_never_answers_costs_seconds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(install, "pip", lambda *_: pytest.fail("nothing to install from"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(install, "CPU_INDEX", f"http://127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        assert not install.from_cpu_index(PINS)
    assert time.monotonic() - started < install.SECONDS + 2


@pytest.mark.parametrize(("platform", "tool", "build", "wanted"), [
    ("linux", None, "auto", True), ("linux", "/usr/bin/nvidia-smi", "auto", False), ("linux", "/usr/bin/nvidia-smi", "cpu", True),
    ("linux", None, "default", False), ("darwin", None, "auto", False), ("win32", None, "cpu", False),
])
def test_the_cpu_build_is_wanted_where_no_card_is(monkeypatch, platform, tool, build, wanted):
    monkeypatch.setattr(install.sys, "platform", platform)
    monkeypatch.setattr(install.shutil, "which", lambda _: tool)
    monkeypatch.setattr(install.Path, "exists", lambda _: tool is not None)
    assert install.wants_cpu(build) is wanted


@pytest.mark.parametrize(("installed", "there"), [
    (("2.15.0", "0.29.2"), True), (("2.15.0+cpu", "0.29.2+cpu"), True), (("2.15.0+cpu", "0.29.2"), False),
    (("2.15.0", "0.29.1"), False), (("2.15.0+cu126", "0.29.2+cu126"), False),
])
def test_a_mixed_or_other_pair_is_not_the_pair(monkeypatch, installed, there):
    monkeypatch.setattr(install, "version", dict(zip(PINS, installed, strict=True)).get)
    assert install.is_there(PINS) is there
