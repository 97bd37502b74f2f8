"""How many studies one process assesses in a second, and how long a client waits, by room and number of clients.

    python benchmarks/serve.py [--rooms ecg cxr] [--clients 1 2 4 8 16 32] [--seconds 10] [--url http://host:7860]

Starts the app on a free port, or asks the one at --url, and sends each room its first example over and over from so many clients
at once, each with one connection (``gradio_client``: an upload, a call, the answer). Then the same study in threads of this
process, read and assessed, without a server between. Prints requests per second and the median and 95th percentile of the time
that a request takes, with the load of the machine: on one that does other work, repeat it at a quiet moment. ``cpu s`` is what a
request costs of a core, whatever else runs: cores divided by it is what a machine that does nothing else answers in a second.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from core.contract import Input, Modality  # noqa: E402
from core.modality import MODALITIES  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", nargs="+", default=[room.name for room in MODALITIES if room.built])
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 2, 4, 8, 16, 32])
    parser.add_argument("--seconds", type=float, default=10, help="for each number of clients")
    parser.add_argument("--url", default=None, help="of an app that runs; else one is started")
    parser.add_argument("--only", choices=("http", "process"), default=None)
    options = parser.parse_args()
    rooms = [room for room in MODALITIES if room.name in options.rooms]
    print(f"load of the machine in the last minute, before this: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("room            by       clients requests   per s  median s   p95 s  cpu s failed  load", flush=True)
    if options.only != "process":
        with running(options.url) as (url, process):
            measure("http", rooms, options, lambda room, one: over_http(url, room, one), process)
    if options.only != "http":
        measure("process", rooms, options, in_process, psutil.Process())


def measure(by: str, rooms: list[Modality], options: argparse.Namespace, client: Callable[..., Callable[[], object]],
            process: psutil.Process | None) -> None:
    """A line of the table for each room and number of clients. Args: process: that which answers, where it is of this machine."""
    for room in rooms:
        one = next(iter(room.verb("examples")()))
        for count in options.clients:
            seconds, failed, spent, cpu = hammer([client(room, one) for _ in range(count)], options.seconds, process)
            found = np.array(seconds) if seconds else np.array([np.nan])
            middle, late = np.quantile(found, [0.5, 0.95])
            each = cpu / max(len(seconds) + failed, 1)
            print(f"{room.name:<15} {by:<8} {count:>7} {len(seconds):>8} {len(seconds) / spent:>7.2f} {middle:>9.3f} "
                  f"{late:>7.3f} {each:>6.3f} {failed:>6} {os.getloadavg()[0]:>5.1f}", flush=True)


def hammer(calls: list[Callable[[], object]], seconds: float, process: psutil.Process | None
           ) -> tuple[list[float], int, float, float]:
    """Each call over and over in a thread of its own: seconds of each that ended, how many failed; seconds in all, and of a core.

    Every client does at least one; what is under way when the time is up is finished and counts.
    """
    with contextlib.suppress(Exception):  # the first of all builds what the others find; what fails is counted below
        calls[0]()
    taken: list[float] = []
    wrong: list[Exception] = []
    began, before = time.perf_counter(), of_a_core(process)

    def work(call: Callable[[], object]) -> None:
        while True:
            start = time.perf_counter()
            try:
                call()
            except Exception as error:  # a full queue, for example: it is counted
                wrong.append(error)
                time.sleep(0.1)
            else:
                taken.append(time.perf_counter() - start)
            if time.perf_counter() - began > seconds:
                return

    threads = [threading.Thread(target=work, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        print(f"  {len(wrong)} failed, the first: {wrong[0]}", file=sys.stderr)
    return taken, len(wrong), time.perf_counter() - began, of_a_core(process) - before


def of_a_core(process: psutil.Process | None) -> float:
    """Seconds that the process and its children have had of a core."""
    if process is None:
        return float("nan")
    used = process.cpu_times()
    return sum((used.user, used.system, used.children_user, used.children_system))


def over_http(url: str, room: Modality, one: Input) -> Callable[[], object]:
    """A client of its own, as a program has one."""
    from gradio_client import Client, handle_file

    client = Client(f"{url}/api", verbose=False)
    folder = Path(tempfile.mkdtemp(prefix="serve-"))
    paths = []
    for file in one.files:
        path = Path(file) if isinstance(file, Path) else folder / file.name
        if not isinstance(file, Path):
            path.write_bytes(file.data)
        paths.append(str(path))

    def call() -> object:
        files = {"files": [handle_file(path) for path in paths]} if paths else {}
        return client.predict(api_name=f"/assess_{room.name}", **files, **one.fields)

    return call


def in_process(room: Modality, one: Input) -> Callable[[], object]:
    read, assess = room.verb("read"), room.verb("assess")
    return lambda: assess(read(one.files, **one.fields))


@contextlib.contextmanager
def running(url: str | None) -> Iterator[tuple[str, psutil.Process | None]]:
    """The address of an app whose models are warm, and its process where it was started here."""
    if url is not None:
        yield url.rstrip("/"), None
        return
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=os.environ | {"CARDIOSCOPE_HOST": "127.0.0.1", "CARDIOSCOPE_PORT": str(port),
                                                     "CARDIOSCOPE_RUNS": folder})
        try:
            address = f"http://127.0.0.1:{port}"
            while True:
                with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(f"{address}/readyz", timeout=5):
                    break
                if process.poll() is not None:
                    sys.exit("the app did not start")
                time.sleep(0.3)
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main()
