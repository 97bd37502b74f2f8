"""The whole app and the Gradio face as Spaces: what is in them, that they run where nothing else is, and how they get there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from gradio_client import Client

from core.__main__ import main
from core.space.build import build
from core.space.check import check
from core.uploads import InputError

pytestmark = pytest.mark.timeout(600)
SPACES = '''"""Stands in for the Hub's package: counts what it is given a card for."""
import functools
given = []
def GPU(duration=60):
    def decorated(function):
        given.append(function.__qualname__)
        @functools.wraps(function)
        def called(*arguments):
            print("CARD", function.__qualname__, arguments[:2], flush=True)
            return function(*arguments)
        return called
    return decorated
'''


@pytest.fixture(scope="module")
def gradio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("gradio", tmp_path_factory.mktemp("gradio") / "space", hardware="zero-a10g")


@pytest.fixture(scope="module")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("docker", tmp_path_factory.mktemp("docker") / "space")


@pytest.mark.parametrize("way", ["gradio", "docker"])
def test_the_hub_would_take_it(way, request):
    found = check(request.getfixturevalue(way), way)
    assert found.problems == ()
    assert found.large == (), "a file over 10 MB would need large-file storage"
    assert not [name for name in found.files if re.search(r"__pycache__|^tests/|^runs/|\.env$|^\.git", name)]


def test_the_gradio_face_needs_neither_pages_nor_training(gradio):
    files = check(gradio, "gradio").files
    assert not [name for name in files if name.startswith("pages/") or "/training/" in name]
    pins = (gradio / "requirements.txt").read_text()
    assert "streamlit" not in pins
    assert "spaces" in pins.split()


def test_a_processor_gets_the_processors_torch(tmp_path):
    pins = (build("gradio", tmp_path / "cpu") / "requirements.txt").read_text().splitlines()
    assert pins[0].startswith("--extra-index-url https://")
    assert len([line for line in pins if re.fullmatch(r"torch(vision)?==[\d.]+\+cpu", line)]) == 2
    assert "spaces" not in pins


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="not empty"):
        build("docker", tmp_path)


def test_what_would_not_run_there_is_named(docker, gradio, tmp_path):
    import shutil

    copy = tmp_path / "docker"
    shutil.copytree(docker, copy)
    text = (copy / "Dockerfile").read_text()
    for before, after in (("EXPOSE 7860", "EXPOSE 80"), ("--uid 1000", "--uid 0"), ("HEALTHCHECK", "LABEL")):
        text = text.replace(before, after)
    (copy / "Dockerfile").write_text(text)
    (copy / "install.py").unlink()
    problems = " ".join(check(copy, "docker").problems)
    for word in ("exposes 80", "user 1000", "HEALTHCHECK", "install.py"):
        assert word in problems
    copy = tmp_path / "gradio"
    shutil.copytree(gradio, copy)
    (copy / "core" / "fast.py").write_text("import torch\nf = torch.compile(print)\n")
    (copy / "requirements.txt").write_text("gradio==1.0.0\n")
    problems = " ".join(check(copy, "gradio").problems)
    for word in ("torch.compile", "does not pin Gradio", "needs the package spaces"):
        assert word in problems


def test_the_gradio_face_runs_alone_and_asks_for_a_card_once(gradio, tmp_path, new_port):
    (tmp_path / "spaces.py").write_text(SPACES)
    port, log = new_port(), tmp_path / "log.txt"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CARDIOSCOPE_", "PYTHON", "HF_"))}
    env |= {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1", "PYTHONPATH": str(tmp_path),
            "OMP_NUM_THREADS": "1", "HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1",
            "GRADIO_TEMP_DIR": str(tmp_path / "uploads")}
    before = check(gradio, "gradio").sha256
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=gradio, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 480
        while process.poll() is None and time.monotonic() < end:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/", timeout=60).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.5)
        assert process.poll() is None, log.read_text()[-3000:]
        client = Client(f"http://127.0.0.1:{port}/", verbose=False)
        answer = client.predict(age=66, sex="male", lvef=37, sodium=138, api_name="/assess_heart_failure")
    finally:
        process.terminate()
        process.wait(30)
    assert answer["modality"] == "heart_failure"
    assert answer["findings"]
    lent = re.findall(r"^CARD (\S+) \('(\w+)', '(\w+)'\)", log.read_text(), flags=re.M)
    assert lent == [("computed", "heart_failure", "assess")]
    assert check(gradio, "gradio").sha256 == before, "it writes into its own folder"


def push(*arguments: str) -> int:
    return main(["space", "push", *arguments])


def test_a_space_is_pushed_as_it_is_built(standin, static, monkeypatch, capsys):
    monkeypatch.setenv("HF_TOKEN", standin.token)
    assert push("user/show", "--as", "static", "--dir", str(static)) == 0
    there = standin.files("user/show", "space")
    assert {name: len(data) for name, data in there.items() if name != ".gitattributes"} == check(static, "static").files
    assert len(standin.repositories["space", "user/show"].commits) == 2
    assert "Published" in capsys.readouterr().out


def test_what_is_no_longer_there_goes_with_the_same_commit(standin, static, monkeypatch, tmp_path):
    import shutil

    monkeypatch.setenv("HF_TOKEN", standin.token)
    more = tmp_path / "more"
    shutil.copytree(static, more)
    (more / "old.txt").write_text("old")
    push("user/show", "--as", "static", "--dir", str(more))
    assert "old.txt" in standin.files("user/show", "space")
    push("user/show", "--as", "static", "--dir", str(static))
    assert "old.txt" not in standin.files("user/show", "space")
    assert len(standin.repositories["space", "user/show"].commits) == 3


def test_a_free_account_is_told_what_it_may_have(standin, docker, gradio, monkeypatch, capsys):
    monkeypatch.setenv("HF_TOKEN", standin.token)
    assert push("user/app", "--as", "docker", "--dir", str(docker)) == 2
    said = capsys.readouterr().err
    for word in ("paid plan", "402", "static", "zero-a10g"):
        assert word in said
    assert push("user/face", "--as", "gradio", "--hardware", "zero-a10g", "--dir", str(gradio)) == 0
    assert standin.repositories["space", "user/face"].sdk == "gradio"


def test_check_says_what_it_is_and_what_it_costs(docker, capsys):
    assert main(["space", "check", "--as", "docker", "--dir", str(docker)]) == 0
    said = capsys.readouterr().out
    assert "402" in said
    assert check(docker, "docker").sha256 in said
    assert main(["space", "check", "--as", "gradio", "--dir", str(docker)]) == 2
