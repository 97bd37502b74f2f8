"""One version, each pin once, a lock that is complete, and what is installed is what is locked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import PathDistribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import core
import install

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
EXTRAS = ("train", "test", "ray", "xrv")
PREPARE = "import sys, setuptools.build_meta as backend; backend.prepare_metadata_for_build_wheel(sys.argv[1])"


def pins(file: str) -> list[Requirement]:
    lines = (ROOT / file).read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def locked() -> dict[str, Requirement]:
    """Each package of the lock by its name, with version and marker."""
    return {name: Requirement(re.split(r" \\$", text, flags=re.M)[0]) for name, text in install.entries(LOCK)}


def pinned_version(requirement: Requirement) -> str:
    (only,) = requirement.specifier
    assert only.operator == "=="
    return only.version


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> PathDistribution:
    """What a package tool reads from pyproject.toml."""
    folder = tmp_path_factory.mktemp("project")
    for name in ["pyproject.toml", "README.md", "LICENSE", "app.py", *(path.name for path in ROOT.glob("requirements*.txt"))]:
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "core", folder / "core", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-c", PREPARE, "."], cwd=folder, check=True, capture_output=True)
    return PathDistribution(next(folder.glob("*.dist-info")))


def test_a_package_tool_reads_the_version_and_the_pins_from_where_they_stand(metadata):
    about = metadata.metadata
    assert (about["Name"], about["Version"], about["License-Expression"]) == ("cardioscope", core.__version__, "Apache-2.0")
    assert about.get_all("Provides-Extra") == list(EXTRAS)
    wanted = {str(r) for r in pins("requirements.txt")}
    for extra in EXTRAS:
        wanted |= {f'{r}; extra == "{extra}"' for r in pins(f"requirements-{extra}.txt")}
    assert {str(Requirement(line)) for line in metadata.requires} == wanted


def test_the_pythons_of_make_are_those_of_the_project(metadata):
    project = SpecifierSet(metadata.metadata["Requires-Python"])
    low, high = re.search(r"\((\d+), (\d+)\) <= sys.version_info\[:2\] <= \((\d+), (\d+)\)",
                          (ROOT / "Makefile").read_text()).groups()[1::2]
    assert [minor for minor in range(30) if f"3.{minor}" in project] == list(range(int(low), int(high) + 1))


def test_each_pin_is_exact_and_stands_once():
    files = ["requirements.txt", *(f"requirements-{extra}.txt" for extra in EXTRAS)]
    every = [r for file in files for r in pins(file)]
    assert all(pinned_version(r) for r in every)
    names = [canonicalize_name(r.name) for r in every]
    assert len(set(names)) == len(names)


def test_the_lock_holds_the_pins_with_hashes_and_no_address():
    for wanted in pins("requirements.txt") + pins("requirements-train.txt"):
        assert pinned_version(locked()[canonicalize_name(wanted.name)]) == pinned_version(wanted), wanted.name
    for name, text in install.entries(LOCK):
        assert re.search(r"^    --hash=sha256:[0-9a-f]{64}", text, flags=re.M), name
    assert not re.search(r"://| @ |file:|^--", LOCK, flags=re.M)


def brought(requirement: Requirement) -> list[Requirement]:
    """What the installed package brings into this environment with those extras."""
    every = [Requirement(line) for line in distribution(requirement.name).requires or ()]
    extras = ("", *requirement.extras)
    return [r for r in every if r.marker is None or any(r.marker.evaluate({"extra": extra}) for extra in extras)]


def test_the_lock_is_complete_and_is_what_is_installed():
    seen, todo = set(), pins("requirements.txt") + pins("requirements-train.txt")
    locks = locked()
    of_the_cpu = distribution("torch").version.endswith("+cpu")
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) in seen or (of_the_cpu and install.CUDA.fullmatch(name)):
            continue
        seen.add((name, frozenset(requirement.extras)))
        assert name in locks, f"{name} is not in the lock: make lock"
        marker = locks[name].marker
        assert marker is None or marker.evaluate(), name
        assert Version(distribution(name).version).public == pinned_version(locks[name]), name
        todo += brought(requirement)
    assert len(seen) > 100
