"""What the room's modules bring along: a study needs no torch, serving no training, and nobody needs himself."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from core.settings import ROOT

ROOM = ROOT / "core" / "cmr"
SERVING = sorted(path for path in ROOM.rglob("*.py") if "training" not in path.parts)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> set[str]:
    """Modules of the room that a file names, also inside of functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("core.cmr"):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if (ROOT / (inner.replace(".", "/") + ".py")).exists() else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("core.cmr")}
    return found


@pytest.mark.parametrize("module", ["study", "read", "studies", "examples", "figures", "segments"])
def test_no_torch_where_nothing_is_inferred(module):
    code = f"import sys, core.cmr.{module}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_serving_never_imports_training():
    assert not [name_of(path) for path in SERVING if any(".training" in name for name in imported(path))]


def test_no_circles():
    graph = {name_of(path): imported(path) - {name_of(path)} for path in ROOM.rglob("*.py")}
    assert tuple(TopologicalSorter(graph).static_order())  # raises CycleError
