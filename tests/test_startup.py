"""What starting and serving may import. By name, not by time: a heavy import is a decision, and stands in a list."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from core.settings import Settings

ROOT = Path(__file__).parents[1]
TRAINING = {"monai", "accelerate", "optuna", "ray", "trackio", "torchsurv", "torchmetrics", "sklearn"}
REPORTS = {"highdicom", "reportlab", "fhir", "matplotlib"}
WHEN_ASKED = {"captum", "timm", "torchvision", "transformers", "torchxrayvision", "torch._dynamo", "sympy"}
LATE = TRAINING | REPORTS | WHEN_ASKED
BEFORE_THE_FIRST_PAGE = {"torch", "gradio", "fastapi", "mcp", "pandas", "scipy", "pydicom", "nibabel", "wfdb"}

WARM = """
from core import serving
from core.modality import MODALITIES
serving.warm_up()
assert serving.ready()
assert set(serving.status()) == {folder for modality in MODALITIES if modality.built for folder in modality.folders}
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
    ("import core.__main__", LATE | BEFORE_THE_FIRST_PAGE),
    ("import core.api", LATE | {"torch"}),
    (WARM, LATE | {"gradio", "wfdb", "edfio"}),
    (PAGES, LATE | {"gradio"}),
], ids=["app", "core", "command line", "programs", "warm-up", "pages"])
def test_heavy_imports_wait_until_they_are_needed(code, late):
    assert imported(code) & late == set()


def test_serving_never_imports_training():
    assert {name for name in imported(WARM) if name.startswith("core") and "training" in name.split(".")} == set()


def test_the_app_listens_to_this_machine_alone_unless_it_is_told_otherwise(monkeypatch):
    monkeypatch.delenv("CARDIOSCOPE_HOST", raising=False)
    assert Settings(_env_file=None).host == "127.0.0.1"
    streamlit = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())  # of ``streamlit run app.py``
    assert streamlit["server"]["address"] == "127.0.0.1"
    assert "CARDIOSCOPE_HOST=0.0.0.0" in (ROOT / "Dockerfile").read_text()
