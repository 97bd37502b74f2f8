"""One 12-lead recording: assess and explain, beside NeuroKit2's process and delineate in the same run.

    python benchmarks/ecg.py [--repeats 9]

Runs on pydicom's bundled recording, resampled to 500 Hz, one thread each, the two sides taking turns, so that a noisy
machine disturbs both alike. Prints medians, the ratio, the cold start (process start to first assessment) and
the peak memory. NeuroKit2 (Makowski et al. 2021) lives in an environment of its own (see delineation.py).
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

PEER = """
import sys, time, warnings
import numpy as np, neurokit2 as nk
warnings.simplefilter("ignore")
signals, rate = np.load(sys.argv[1]), int(sys.argv[2])
for _ in sys.stdin:
    began = time.perf_counter()
    for signal in signals:
        try:
            frame, found = nk.ecg_process(signal, sampling_rate=rate)
            nk.ecg_delineate(frame["ECG_Clean"], found, sampling_rate=rate, method="dwt")
        except Exception:
            pass
    print(time.perf_counter() - began, flush=True)
"""
COLD = "import time; b = time.perf_counter(); from core.serving import warm_up; warm_up(); print(time.perf_counter() - b)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    cold = subprocess.run([sys.executable, "-c", COLD], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    import numpy as np
    import torch
    from delineation import ENVIRONMENT, environment

    from core.ecg.assess import assess
    from core.ecg.examples import examples
    from core.ecg.explain import explain
    from core.ecg.read import read
    from core.ecg.signal import resample
    from core.serving import get

    recorded = read(next(examples()).files)
    study = replace(recorded, millivolts=resample(recorded.millivolts, recorded.sampling_rate, 500.0), sampling_rate=500.0)
    target = next(f.target for f in assess(study).findings if f.present)
    peer = start_peer(environment(), ENVIRONMENT / "benchmark.npy", study, np)
    batch, network = torch.randn(1, 12, 1000), get("ecg").model
    steps = {
        "network alone": lambda: network(batch),
        "assess (network, delineation, intervals, reconstruction, report)": lambda: assess(study),
        "explain, Grad-CAM with deletion check": lambda: explain(study, target, "grad_cam"),
        "explain, integrated gradients with deletion check": lambda: explain(study, target, "integrated_gradients"),
        "NeuroKit2 process + delineate, 12 leads": peer,
    }
    spent: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(options.repeats + 1):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            if turn:  # the first turn warms up
                spent[name].append(1000 * (time.perf_counter() - began))
    theirs = median(spent["NeuroKit2 process + delineate, 12 leads"])
    for name, values in spent.items():
        print(f"{name}: median {median(values):.1f} ms (min {min(values):.1f}, max {max(values):.1f}), "
              f"{theirs / median(values):.1f} x NeuroKit2's speed")
    print(f"cold start to warm models: {float(cold):.1f} s")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def start_peer(python: Path, path: Path, study, np):
    """A NeuroKit2 process that waits; each call runs it once over the twelve leads."""
    np.save(path, study.millivolts)
    process = subprocess.Popen([python, "-c", PEER, path, str(int(study.sampling_rate))], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)

    def once() -> None:
        process.stdin.write("\n")
        process.stdin.flush()
        process.stdout.readline()

    return once


if __name__ == "__main__":
    main()
