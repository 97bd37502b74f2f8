"""The Dockerfile's steps in a clean folder, one after the other, without Docker: what it copies, runs, sets, starts and checks.

The user and the packages are those of this environment (``test_install.py`` installs); /tmp and the home are folders of the test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from core.space.build import build

pytestmark = pytest.mark.timeout(900)


@dataclass
class Container:
    root: Path
    env: dict[str, str] = field(default_factory=dict)
    folder: Path = Path()
    user: str = "root"
    uid: int = 0
    commands: dict[str, list[str]] = field(default_factory=dict)
    port: str = ""

    def inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def run(self, command: list[str] | str, **options) -> subprocess.CompletedProcess:
        return subprocess.run(command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, **options)

    def environment(self) -> dict[str, str]:
        moved = {name: str(self.inside(value)) if value.startswith("/") else value for name, value in self.env.items()}
        return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TMPDIR": str(self.inside("/tmp"))} | moved

    def files(self) -> dict[str, int]:
        """Everything but /tmp, with the time of its last change."""
        return {str(path.relative_to(self.root)): path.stat().st_mtime_ns for path in self.root.rglob("*")
                if path.is_file() and not path.is_relative_to(self.inside("/tmp"))}


def steps(text: str) -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.M))
    return [tuple(line.split(" ", 1)) for line in joined.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Container:
    context = build("docker", tmp_path_factory.mktemp("context") / "space")
    box = Container(tmp_path_factory.mktemp("container"))
    box.inside("/tmp").mkdir()
    for step, words in steps((context / "Dockerfile").read_text()):
        if step == "WORKDIR":
            box.folder = box.inside(words)
            box.folder.mkdir(parents=True)
        elif step == "COPY":
            *names, _ = [word for word in words.split() if not word.startswith("--")]
            for name in names:
                if name == ".":
                    shutil.copytree(context, box.folder, dirs_exist_ok=True)
                else:
                    shutil.copy(context / name, box.folder)
        elif step == "RUN" and words.startswith("useradd"):
            box.uid = int(re.search(r"--uid (\d+)", words)[1])
        elif step == "RUN" and "install.py" in words:
            assert (box.folder / "install.py").is_file()
            assert (box.folder / "requirements.lock").is_file()
        elif step == "RUN":
            done = box.run(words, shell=True)
            assert done.returncode == 0, done.stderr
        elif step == "ENV":
            box.env |= dict(re.findall(r"(\w+)=(\S+)", words))
        elif step == "USER":
            box.user = words
        elif step == "EXPOSE":
            box.port = words
        elif step in ("CMD", "HEALTHCHECK"):
            box.commands[step] = json.loads(words[words.index("["):])
        else:
            assert step in ("FROM", "ARG"), f"{step} is a step that this test does not know"
    return box


def test_it_is_slim_and_nobody_special(container):
    assert (container.user, container.uid) == ("user", 1000)
    assert container.port == container.env["CARDIOSCOPE_PORT"] == "7860"
    assert container.env["CARDIOSCOPE_HOST"] == "0.0.0.0"
    assert container.env["STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION"] == "false"
    assert not (container.folder / "tests").exists()
    for name in ("CARDIOSCOPE_RUNS", "GRADIO_TEMP_DIR", "HF_HOME", "MPLCONFIGDIR"):
        assert container.env[name].startswith("/tmp/")


def test_it_starts_is_healthy_and_writes_below_tmp_alone(container, new_port):
    port = str(new_port())
    container.env |= {"CARDIOSCOPE_PORT": port, "CARDIOSCOPE_HOST": "127.0.0.1"}
    health = [word.replace(":7860", f":{port}") for word in container.commands["HEALTHCHECK"]]
    before, log = container.files(), container.inside("/tmp") / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(container.commands["CMD"], cwd=container.folder, env=container.environment(), stdout=out,
                                   stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 600
        while process.poll() is None and time.monotonic() < end and not ready(f"http://127.0.0.1:{port}/readyz"):
            time.sleep(0.5)
        assert ready(f"http://127.0.0.1:{port}/readyz"), log.read_text()[-2000:]
        assert container.run(health).returncode == 0
        for face in ("/", "/api/", "/runs/"):
            assert httpx.get(f"http://127.0.0.1:{port}{face}", timeout=300).status_code == 200
    finally:
        process.terminate()
        process.wait(60)
    assert container.run(health).returncode != 0, "the check passes without an app"
    assert container.files() == before


def ready(address: str) -> bool:
    try:
        return httpx.get(address, timeout=30).status_code == 200
    except httpx.TransportError:
        return False
