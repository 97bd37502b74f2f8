"""How long the app takes to start and how much memory it holds, and what each import costs.

    python benchmarks/startup.py [--repeats 3] [--cores 1]

Starts ``app.py`` on a free port, held to that many cores where the system allows it (Linux), and waits for ``/healthz``,
the first page (its HTML; its heading in Chromium, where there is one, on the other cores) and ``/readyz``. Then every
import in a process of its own. Prints medians. Files lie in the system's cache after the first start, which is printed
apart. Memory is read from /proc; ``own`` is what no file on disk backs: libraries' code can be dropped and shared.
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
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"
SERVED = ("streamlit", "gradio", "torch", "torchvision", "timm", "transformers.models.bert", "captum.attr", "scipy.ndimage",
          "scipy.signal", "pandas", "plotly.graph_objects", "pydicom", "nibabel", "wfdb", "core.serving", "core.api")
LATE = ("monai", "monai.networks.nets", "accelerate", "optuna", "torchsurv.loss.cox", "sklearn.linear_model", "trackio.server",
        "matplotlib.figure", "reportlab.platypus", "highdicom", "fhir.resources.diagnosticreport")
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
    print(f"load of the machine in the last minute: {os.getloadavg()[0]:.1f}")
    with chromium() as heading:
        runs = [start(options.cores, heading) for _ in range(options.repeats + 1)]
    for name in runs[0]:
        first, values = runs[0][name], [run[name] for run in runs[1:]] or [runs[0][name]]
        print(f"{name}: median {median(values):.1f} (min {min(values):.1f}, max {max(values):.1f}; first start {first:.1f})")
    for title, names in (("imported on the way to warm models", SERVED), ("imported when asked for, or in training", LATE)):
        print(title)
        for name in names:
            rows = [imported(name) for _ in range(options.repeats)]
            seconds, memory, modules = (median(column) for column in zip(*rows, strict=True))
            print(f"  {name}: {seconds:.2f} s, {memory:.0f} MB, {modules:.0f} modules")


def start(cores: int, heading: Callable[[str], bool] | None) -> dict[str, float]:
    """One start of the app: seconds to each sign of life, and its memory when it is ready."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        home, took, began = f"http://127.0.0.1:{port}", {}, time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: held(cores),
            env=os.environ | {"CARDIOSCOPE_HOST": "127.0.0.1", "CARDIOSCOPE_PORT": str(port), "CARDIOSCOPE_RUNS": folder})
        try:
            for name, path in (("healthz", "/healthz"), ("page", "/"), ("readyz", "/readyz")):
                if name == "readyz" and heading:
                    heading(home)
                    took["first heading, s"] = time.perf_counter() - began
                while not answers(home + path):
                    if process.poll() is not None:
                        raise SystemExit("the app ended; start it by hand to see why")
                    time.sleep(0.02)
                took[f"{name}, s"] = time.perf_counter() - began
            return took | {f"memory when ready, {name}, MB": value for name, value in memory(process.pid).items()}
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


def memory(pid: int) -> dict[str, float]:
    """Of a process, in MB; empty where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return {}
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    names = {"resident": "VmRSS", "own": "RssAnon", "peak": "VmHWM"}
    return {name: int(lines[key].split()[0]) / 1024 for name, key in names.items()}


@contextlib.contextmanager
def chromium() -> Iterator[Callable[[str], Any] | None]:
    """A function that waits for the heading of a page in Chromium; None where there is none."""
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


def imported(name: str) -> tuple[float, float, int]:
    """Seconds, MB and number of modules of one import in a fresh process."""
    done = subprocess.run([sys.executable, "-c", IMPORT.format(name=name)], cwd=ROOT, capture_output=True, text=True, check=True,
                          env=os.environ | {"OMP_NUM_THREADS": "1"})
    seconds, megabytes, modules = done.stdout.split()[-3:]
    return float(seconds), float(megabytes), int(modules)


if __name__ == "__main__":
    main()
