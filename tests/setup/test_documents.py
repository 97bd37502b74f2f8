"""What the documents and the container file say of the code is so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

import core

ROOT = Path(__file__).resolve().parents[2]
SIXTH = ROOT / "tests" / "contract" / "sixth"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
QUOTES = re.findall(r"^`(core|pages)/sixth/(\w+[.]py)`[^\n]*\n\n```python\n(.*?)```", CONTRIBUTING, flags=re.M | re.S)


def test_the_example_room_is_shown():
    assert {(part, file) for part, file, _ in QUOTES} >= {("core", "__init__.py"), ("core", "read.py"), ("pages", "page.py")}
    assert CONTRIBUTING.count("```python") == len(QUOTES)


@pytest.mark.parametrize(("part", "file", "code"), QUOTES, ids=[f"{part}/{file}" for part, file, _ in QUOTES])
def test_what_is_quoted_of_the_example_room_is_what_the_test_builds(part: str, file: str, code: str):
    assert code in (SIXTH / part / file).read_text()


def test_every_file_that_the_documents_name_is_there():
    for document in ("README.md", "CONTRIBUTING.md", "SECURITY.md"):
        named = re.findall(r"`((?:core|tests|pages|benchmarks)/[\w/.]+|[\w-]+\.(?:md|cff|toml|lock|txt))`",
                           (ROOT / document).read_text())
        assert named
        for path in named:
            assert (ROOT / path).exists() or path.startswith(("core/sixth/", "pages/sixth/")), path


def test_the_citation_and_the_changelog_are_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert (citation["version"], citation["license"]) == (core.__version__, "Apache-2.0")
    releases = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), flags=re.M)
    assert releases[:2] == ["Unreleased", core.__version__]


def test_the_changelog_names_the_weights_that_ship():
    configs = [yaml.safe_load(path.read_text()) for path in ROOT.glob("weights/*/config.json")]
    assert configs
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert [about["name"] for about in configs if f"`{about['name']}` {about['version']}" not in changelog] == []


def test_ruff_comes_before_the_tests():
    done = subprocess.run(["make", "--dry-run", "test", "VENV=elsewhere"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if "ruff check" in line or "-m pytest" in line]
    assert [("ruff" in line, "--numprocesses 2" in line) for line in lines] == [(True, False), (False, True)]


def test_the_container_copies_what_is_there_and_is_nobody_special():
    steps = re.findall(r"^(\w+) (.*)$", (ROOT / "Dockerfile").read_text(), flags=re.M)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [name for step, words in steps if step == "COPY" for name in words.split()[:-1] if not name.startswith("--")]
    assert {"requirements.lock", "install.py", "."} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists()
        assert name not in ignored
    order = [step for step, _ in steps]
    assert dict(steps)["USER"] == "user"
    assert order.index("USER") < order.index("HEALTHCHECK") < order.index("CMD")
