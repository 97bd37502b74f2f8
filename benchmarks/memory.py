"""How much memory the app holds with all rooms warm and in use, as in the container; fails above the limit.

    python benchmarks/memory.py [--limit 2.0]

Starts ``app.py``, waits for the models and both faces, then assesses and explains one example of each room with each of its
models over ``/api``. Memory is the proportional share (PSS) of the app and its children, from /proc (Linux), in GB of 10^9
bytes, read after each step and at its highest. What a page of a room keeps of its study comes on top, some MB each.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from startup import ROOT, answers

sys.path.insert(0, str(ROOT))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=2.0, help="GB")
    options = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = {"CARDIOSCOPE_HOST": "127.0.0.1", "CARDIOSCOPE_PORT": str(port), "CARDIOSCOPE_RUNS": folder, "OMP_NUM_THREADS": "1",
               "GRADIO_TEMP_DIR": f"{folder}/uploads"}
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=os.environ | env, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            peak = used(process, f"http://127.0.0.1:{port}", Path(folder))
        finally:
            process.terminate()
            process.wait(60)
    print(f"highest: {peak:.2f} GB, limit {options.limit:.2f} GB")
    return int(peak > options.limit)


def used(process: subprocess.Popen, home: str, folder: Path) -> float:
    """GB at the highest; what is held after each step is printed."""
    highest, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.25):
            highest[0] = max(highest[0], held(process.pid))

    threading.Thread(target=watch, daemon=True).start()
    for name, path in (("models warm", "/readyz"), ("the page", "/"), ("the face for programs", "/api/"), ("the runs", "/runs/")):
        while not answers(home + path):
            if process.poll() is not None:
                raise SystemExit("the app ended; start it by hand to see why")
            time.sleep(0.2)
        print(f"{name}: {held(process.pid):.2f} GB", flush=True)
    asked(home, folder, lambda step: print(f"{step}: {held(process.pid):.2f} GB", flush=True))
    stop.set()
    return highest[0]


def asked(home: str, folder: Path, said) -> None:
    """Every room with every model of it, on its first example that is not refused."""
    from gradio_client import Client, handle_file

    from core.modality import MODALITIES
    from core.uploads import Upload

    client = Client(f"{home}/api/", verbose=False)
    for room in (room for room in MODALITIES if room.built):
        example = next(iter(room.verb("examples")()))
        paths = []
        for file in example.files:
            path = folder / file.name if isinstance(file, Upload) else file
            if isinstance(file, Upload):
                path.write_bytes(file.data)
            paths.append(path)
        fields = {name: value for name, value in example.fields.items() if value is not None}
        for weights in room.weights:
            given = {"files": [handle_file(str(path)) for path in paths] or None, "weights": weights, **fields}
            answer = client.predict(**given, api_name=f"/assess_{room.name}")
            found = next((f for f in answer["findings"] if f["probability"] is not None and f["source"] == "model"), None)
            said(f"{room.name}, {weights}, assessed")
            if found:
                given["files"] = [handle_file(str(path)) for path in paths] or None
                client.predict(**given, target=f"{found['group']}:{found['code']}", method=room.methods[0],
                               api_name=f"/explain_{room.name}")
                said(f"{room.name}, {weights}, explained")


def held(pid: int) -> float:
    """Proportional share of a process and its children, GB."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0.0
    total = 0
    for one in family:
        try:
            total += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{one.pid}/smaps_rollup").read_text(), flags=re.M)[1]) * 1024
        except (OSError, TypeError):  # ended meanwhile
            continue
    return total / 1e9


if __name__ == "__main__":
    sys.exit(main())
