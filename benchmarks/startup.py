"""How long the app takes to start and how much memory it holds, and what each import costs.

    python benchmarks/startup.py [--repeats 3] [--cores 1]

Starts ``app.py`` on a free port, held to that many cores where the system allows it (Linux), and waits for ``/healthz``,
the first page (its HTML; its heading in Chromium, where there is one), ``/readyz``, and ``/api``, which is built after the
models; then every import in a process of its own. Prints medians; the first start, whose files may not be in the system's
cache, apart. Seconds are those of the clock; on a busy machine the processor's own seconds say more. ``own`` memory is what
no file backs: code can be dropped and shared. The memory of torch depends on its build, which is printed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"
SERVED = ("streamlit", "uvicorn", "core.serving", "torch", "tokenizers", "scipy.ndimage", "scipy.signal", "pandas",
          "plotly.graph_objects", "pydicom", "nibabel", "wfdb")
LATE = ("gradio", "core.api", "trackio.server", "captum.attr", "matplotlib.figure", "reportlab.platypus", "highdicom",
        "fhir.resources.diagnosticreport", "sklearn.linear_model", "monai.networks.nets", "accelerate", "optuna", "torchsurv",
        "timm", "torchvision", "transformers.models.bert.modeling_bert")
TORCH = "import torch; print('torch', torch.__version__, f'CUDA {torch.version.cuda}' if torch.version.cuda else 'CPU')"
IMPORT = """import resource, sys, time
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
import {name}
spent = time.perf_counter() - began
print(spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, len(sys.modules))"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cores", type=int, default=1)
    options = parser.parse_args()
    print(f"load of the machine in the last minute, before this: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    subprocess.run([sys.executable, "-c", TORCH], check=True)
    with chromium() as heading:
        runs = [start(options.cores, heading) for _ in range(options.repeats + 1)]
    for name in runs[0]:
        values = [run[name] for run in runs[1:]] or [runs[0][name]]
        print(f"{name}: median {median(values):.1f} (min {min(values):.1f}, max {max(values):.1f}; first {runs[0][name]:.1f})")
    for title, names in (("imported on the way to warm models", SERVED), ("imported when asked for, or in training", LATE)):
        print(title)
        for name in names:
            rows = [row for _ in range(options.repeats) if (row := imported(name))]
            if not rows:
                print(f"  {name}: not installed")
                continue
            seconds, memory, modules = (median(column) for column in zip(*rows, strict=True))
            print(f"  {name}: {seconds:.2f} s, {memory:.0f} MB, {modules:.0f} modules")


def start(cores: int, heading: Callable[[str], None] | None) -> dict[str, float]:
    """One start of the app: seconds to each sign of life, and its memory when it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: held(cores),
            env=os.environ | {"CARDIOSCOPE_HOST": "127.0.0.1", "CARDIOSCOPE_PORT": str(port), "CARDIOSCOPE_RUNS": folder})
        home, took, began = f"http://127.0.0.1:{port}", {}, time.perf_counter()

        def reached(name: str) -> None:
            took[f"{name}, s"] = time.perf_counter() - began
            took.update({f"{name}, processor s": spent for spent in processor(process.pid)})

        try:
            for name, path in (("/healthz", "/healthz"), ("first page", "/"), ("/readyz", "/readyz"), ("/api", "/api/")):
                while not answers(home + path):
                    if process.poll() is not None:
                        raise SystemExit("the app ended; start it by hand to see why")
                    time.sleep(0.02)
                reached(name)
                if name == "first page" and heading:
                    heading(home)
                    reached("its heading in Chromium")
                if name in ("/readyz", "/api"):
                    took |= {f"memory at {name}, {kind}, MB": value for kind, value in memory(process.pid).items()}
            return took
        finally:
            process.terminate()
            process.wait(60)


def held(cores: int) -> None:
    """Keep this process on the first cores it may use."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


def answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(address, timeout=30).status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def processor(pid: int) -> list[float]:
    """Seconds of processor time of a process so far; nothing where there is no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.is_file():
        return []
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return [(int(user) + int(system)) / os.sysconf("SC_CLK_TCK")]


def memory(pid: int) -> dict[str, float]:
    """Of a process, in MB; empty where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return {}
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    names = {"resident": "VmRSS", "own": "RssAnon", "peak": "VmHWM"}
    return {name: int(lines[key].split()[0]) / 1024 for name, key in names.items()}


@contextlib.contextmanager
def chromium() -> Iterator[Callable[[str], None] | None]:
    """A function that waits for the heading of the first page in Chromium; None where there is none."""
    if not Path(CHROMIUM).exists():
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])

        def heading(address: str) -> None:
            page = browser.new_page()
            page.goto(address)
            page.get_by_role("heading", name="Cardioscope").first.wait_for(timeout=120_000)
            page.close()

        yield heading
        browser.close()


def imported(name: str) -> tuple[float, float, int] | None:
    """Seconds, MB and number of modules of one import in a fresh process; None where it is not installed."""
    done = subprocess.run([sys.executable, "-c", IMPORT.format(name=name)], cwd=ROOT, capture_output=True, text=True,
                          env=os.environ | {"OMP_NUM_THREADS": "1"})
    if "ModuleNotFoundError" in done.stderr:
        return None
    seconds, megabytes, modules = done.stdout.split()[-3:]
    return float(seconds), float(megabytes), int(modules)


if __name__ == "__main__":
    main()
