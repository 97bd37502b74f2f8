"""The shape of the house: every room has the same files, nothing imports in a circle, and nobody knows what they need not."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from core.modality import MODALITIES

ROOT = Path(__file__).resolve().parents[2]
BUILT = [m.name for m in MODALITIES if m.built]
FILES = {"__init__", "study", "read", "studies", "assess", "explain", "export", "examples", "figures"}
TRAINING = {"__init__", "recipe", "data", "fit", "train", "evaluate", "scores"}
PAGES = {"page", "inputs", "tabs"}  # and a viewer where there is a picture


@cache
def modules() -> dict[str, Path]:
    """Module name -> file, of core and pages."""
    found = {}
    for path in sorted([*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]):
        found[".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = path
    return found


@cache
def imports(name: str, late: bool = True) -> frozenset[str]:
    """What a module imports, of the house by module and of others by package.

    Args:
        late: also what its functions import when they run.
    """
    tree, found = ast.parse(modules()[name].read_text()), set()
    inside = {child for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
              for child in ast.walk(node)}
    for node in ast.walk(tree):
        if not late and node in inside:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            found |= {one if (one := f"{node.module}.{alias.name}") in modules() else node.module for alias in node.names}
    return frozenset(one if one in modules() else one.split(".")[0] for one in found)


def reached(name: str, late: bool = True) -> set[str]:
    """Everything a module imports, and what that imports."""
    found, open_ = set(), [name]
    while open_:
        for one in imports(open_.pop(), late) - found:
            found.add(one)
            if one in modules():
                open_.append(one)
    return found


@pytest.mark.parametrize("room", BUILT)
def test_every_room_has_the_same_files(room: str):
    have = {path.stem for path in (ROOT / "core" / room).glob("*.py")}
    assert have >= FILES
    assert {path.stem for path in (ROOT / "core" / room / "training").glob("*.py")} >= TRAINING
    assert {path.stem for path in (ROOT / "pages" / room).glob("*.py")} >= PAGES
    assert (ROOT / "tests" / room).is_dir()
    assert (ROOT / "tests" / "pages" / room).is_dir()


def test_no_import_circle():
    graph = {name: imports(name) & modules().keys() - {name} for name in modules()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_core_knows_no_front_end():
    knows = {name for name in modules() if name.startswith("core") and imports(name) & {"streamlit", "gradio"}}
    assert knows == {"core.api"}
    assert not [name for name in modules() if name.startswith("core") and any(one.startswith("pages") for one in imports(name))]


def test_what_serves_never_imports_training():
    trains = [name for name in modules() if ".training" in name]
    assert trains
    told = "core.__main__", "core.commands.", "pages.training"  # to train, when they are called
    asked = {name for name in modules() if name.startswith(told)}
    for name in modules().keys() - set(trains) - asked:
        assert not [one for one in imports(name) if ".training" in one], name


@pytest.mark.parametrize("room", BUILT)
def test_a_study_needs_no_network_library(room: str):
    assert not reached(f"core.{room}.study", late=False) & {"torch", "timm", "transformers"}


@pytest.mark.parametrize("room", [m.name for m in MODALITIES])
def test_what_a_room_declares_costs_nothing_to_import(room: str):
    outside = {one for one in reached(f"core.{room}") if one not in modules()}
    assert not outside & {"torch", "numpy", "pandas", "scipy", "sklearn", "plotly"}


def test_shared_files_name_no_room():
    named = re.compile(rf"\b({'|'.join(m.name for m in MODALITIES)})\b")
    shared = [*(ROOT / "core").glob("*.py"), *(ROOT / "core" / "export").glob("*.py"), *(ROOT / "core" / "training").glob("*.py"),
              *(ROOT / "pages").glob("*.py")]
    found = []
    for path in shared:
        if path.name == "modality.py":
            continue
        code = ast.unparse(_without_docstrings(ast.parse(path.read_text())))
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in named.finditer(code)]
    assert found == []


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    return tree
