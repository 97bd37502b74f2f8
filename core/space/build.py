"""The files of a Space, put together in a folder: nothing else of the checkout goes along."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from core.settings import ROOT
from core.space import Way
from core.space.front_matter import FrontMatter
from core.uploads import InputError

HERE = Path(__file__).parent
DOCKER = ("app.py", "core", "pages", "weights", "assets", ".streamlit", "Dockerfile", ".dockerignore", "install.py",
          "requirements.lock", "requirements.txt", "requirements-train.txt", "pyproject.toml", "LICENSE")
GRADIO = ("core", "weights", "assets", "LICENSE")
LEFT_OUT = re.compile(r"(^|/)(__pycache__|\.DS_Store|\.env)(/|$)|\.pyc$|(^|/)core/(training|commands)/|/training/")
NOT_OF_GRADIO = ("streamlit", "trackio", "requirements", "#", "optuna")  # lines of requirements.txt that this face does without
SHORT = "A reading room for multimodal cardiac AI"
TAGS = ("cardiology", "medical-imaging", "ecg", "chest-x-ray", "cardiac-mri", "research")
CPU_INDEX = re.compile(r'CPU_INDEX = .*"(https://\S+)"')
TORCH = re.compile(r"^(torch|torchvision)==", flags=re.M)


def build(way: Way, out: Path, *, hardware: str | None = None, showcase: Callable[[Path], None] | None = None) -> Path:
    """Write the Space into ``out``, which must be empty or not there.

    Args:
        hardware: of a Gradio Space; "zero-a10g" lends a graphics card by the call. showcase: writes the pages of a static Space.

    Raises:
        InputError: the folder holds something.
    """
    if out.exists() and any(out.iterdir()):
        raise InputError("out", f"{out} is not empty.", "Name a folder that is not there yet.")
    out.mkdir(parents=True, exist_ok=True)
    if way == "static":
        showcase(out)
        shutil.copy(ROOT / "LICENSE", out)
        head = FrontMatter(**_common(), sdk="static", app_file="index.html")
        _readme(out, head, "Cases that were computed beforehand: pictures, findings and reports, and the figures of every model. "
                           "Nothing runs here; the app itself is in the repository of the project.")
        return out
    for name in DOCKER if way == "docker" else GRADIO:
        for path in files_below(ROOT / name):
            target = out / path.relative_to(ROOT)
            if way == "gradio" and LEFT_OUT.search(path.relative_to(ROOT).as_posix()):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    if way == "docker":
        head = FrontMatter(**_common(), sdk="docker", app_port=7860, startup_duration_timeout="30m")
        _readme(out, head, "The whole app: pages, the same assessments for programs under /api, training runs under /runs.")
    else:
        gradio(out, hardware)
    return out


def gradio(out: Path, hardware: str | None) -> None:
    """app.py, requirements.txt and README.md of the Gradio face."""
    shutil.copy(HERE / "gradio_app.py", out / "app.py")
    pins = (ROOT / "requirements.txt").read_text()
    version = re.search(r"^gradio\[?.*==(\S+)$", pins, flags=re.M)[1]
    lines = [line for line in pins.splitlines() if line and not line.startswith(NOT_OF_GRADIO)]
    if hardware and hardware.startswith("zero"):
        lines.append("spaces")  # the Hub's; its version is that of the machine
    elif not hardware or hardware.startswith("cpu"):  # the registry's torch would bring gigabytes of CUDA
        lines = [f"--extra-index-url {CPU_INDEX.search((ROOT / 'install.py').read_text())[1]}",
                 *(f"{line}+cpu" if TORCH.match(line) else line for line in lines)]
    (out / "requirements.txt").write_text("\n".join(lines) + "\n")
    head = FrontMatter(**_common(), sdk="gradio", sdk_version=version, python_version="3.11", app_file="app.py",
                       suggested_hardware=hardware, startup_duration_timeout="30m")
    _readme(out, head, "The face for programs with its web form: REST, `gradio_client` and MCP reach the same functions.")


def files_below(path: Path) -> Iterator[Path]:
    """Files of a file or folder, in order, without what an editor or Python leaves."""
    if path.is_file():
        yield path
        return
    for one in sorted(path.rglob("*")):
        if one.is_file() and not re.search(r"(^|/)(__pycache__|\.DS_Store|\.env)(/|$)|\.pyc$", one.relative_to(path).as_posix()):
            yield one


def _common() -> dict:
    return {"title": "Cardioscope", "emoji": "🫀", "colorFrom": "green", "colorTo": "blue", "license": "apache-2.0",
            "short_description": SHORT, "tags": TAGS, "header": "mini"}


def _readme(out: Path, head: FrontMatter, words: str) -> None:
    (out / "README.md").write_text(f"{head.dump()}\n# Cardioscope\n\n{words}\n\nResearch use only; not a medical device.\n")
