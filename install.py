"""Install what the app runs on, from requirements.lock, into the environment of the Python that runs this.

On Linux the registry's torch brings gigabytes of CUDA. Where no NVIDIA card is present, torch and torchvision come from
PyTorch's own CPU index instead, if that answers within seconds. Both always come from one index: a mixed pair fails at
import. The CPU builds are pinned but not hashed: the lock holds the registry's hashes alone.

Settings of a new environment: TORCH is ``auto``, ``cpu`` (although a card is present) or ``default`` (the registry's
build); TORCH_CPU_INDEX is another address of the CPU index.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LOCK = Path(__file__).with_name("requirements.lock")
CPU_INDEX = os.environ.get("TORCH_CPU_INDEX") or "https://download.pytorch.org/whl/cpu"
SECONDS = 8  # for the CPU index to answer, however many addresses it has
PAIR = ("torch", "torchvision")
CUDA = re.compile(r"(nvidia|cuda)-.*|triton")
ASK = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1] + '/torch/', timeout=5).read()"


def main(build: str) -> None:
    locked = entries(LOCK.read_text())
    pair = {name: re.match(r"\S+==(\S+)", text)[1] for name, text in locked if name in PAIR}
    if not is_there(pair) and not (wants_cpu(build) and from_cpu_index(pair)):
        from_lock([text for name, text in locked if name in PAIR or CUDA.fullmatch(name)], "--force-reinstall")
    from_lock([text for name, text in locked if name not in PAIR and not CUDA.fullmatch(name)])


def entries(lock: str) -> list[tuple[str, str]]:
    """The packages of a lock: name, and its lines with version, marker and hashes."""
    return [(text.split("==")[0], text) for text in re.split(r"^(?=\S)", lock, flags=re.M) if text[:1].isalnum()]


def is_there(pair: dict[str, str]) -> bool:
    """Whether both are installed as pinned, as builds of one kind."""
    try:
        return {version(name).removeprefix(pin) for name, pin in pair.items()} in ({""}, {"+cpu"})
    except PackageNotFoundError:
        return False


def wants_cpu(build: str) -> bool:
    """The CPU's build has an index of its own on Linux alone; elsewhere it is the registry's."""
    card = bool(shutil.which("nvidia-smi")) or Path("/proc/driver/nvidia").exists()
    return sys.platform == "linux" and {"auto": not card, "cpu": True, "default": False}[build]


def from_cpu_index(pair: dict[str, str]) -> bool:
    """Install the pair from there; False where it does not answer or has no build for this Python."""
    try:
        subprocess.run([sys.executable, "-c", ASK, CPU_INDEX], timeout=SECONDS, check=True, stderr=subprocess.DEVNULL)
        pip("--index-url", CPU_INDEX, "--retries", "1", *(f"{name}=={pin}+cpu" for name, pin in pair.items()))
    except subprocess.SubprocessError:
        print("No torch from PyTorch's CPU index: the registry's build, with CUDA, is installed.", flush=True)
        return False
    return True


def from_lock(chosen: list[str], *options: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_text("".join(chosen))
        pip("--require-hashes", "--requirement", str(file), *options)


def pip(*arguments: str) -> None:
    """Without dependencies: the lock is complete."""
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *arguments],
                   check=True)


if __name__ == "__main__":
    choice = os.environ.get("TORCH") or "auto"
    if choice not in ("auto", "cpu", "default"):
        sys.exit(f"TORCH is auto, cpu or default, not {choice!r}.")
    try:
        main(choice)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)  # pip has said why
