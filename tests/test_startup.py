"""What starting and serving may import. By name, not by time: a heavy import is a decision, and stands in a list."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TRAINING = {"monai", "accelerate", "optuna", "ray", "trackio", "torchsurv", "torchmetrics", "sklearn"}
REPORTS = {"highdicom", "reportlab", "fhir", "matplotlib"}
WHEN_ASKED = {"captum", "timm", "torchvision", "transformers", "torchxrayvision", "torch._dynamo", "sympy"}
LATE = TRAINING | REPORTS | WHEN_ASKED
BEFORE_THE_FIRST_PAGE = {"torch", "gradio", "fastapi", "mcp", "pandas", "scipy", "pydicom", "nibabel", "wfdb"}

WARM = """
from core import serving
serving.warm_up()
assert serving.ready()
assert {"cxr", "ecg", "cmr"} <= set(serving.status())
"""
PAGES = """
from pathlib import Path
from streamlit.testing.v1 import AppTest
from core.modality import MODALITIES
page = AppTest.from_file(str(Path("pages", "navigation.py").resolve()), default_timeout=120).run()
assert not page.exception and page.title[0].value == "Cardioscope"
page.switch_page("models.py").run()
assert not page.exception
for modality in MODALITIES:
    if modality.built:
        page.switch_page(f"{modality.name}/page.py").run()
        next(box for box in page.selectbox if "example" in box.label.lower()).select_index(0).run()
        assert not page.exception and page.tabs
"""


def imported(code: str) -> set[str]:
    """Names of the modules that a fresh process holds after ``code``."""
    done = subprocess.run([sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], cwd=ROOT, text=True,
                          capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(("code", "late"), [
    ("import app", LATE | BEFORE_THE_FIRST_PAGE),
    ("import core, core.modality, core.weights, core.serving", LATE | BEFORE_THE_FIRST_PAGE),
    (WARM, LATE),
    (PAGES, LATE),
], ids=["app", "core", "warm-up", "pages"])
def test_heavy_imports_wait_until_they_are_needed(code, late):
    assert imported(code) & late == set()


def test_serving_never_imports_training():
    assert {name for name in imported(WARM) if name.startswith("core") and "training" in name.split(".")} == set()
