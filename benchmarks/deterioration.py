"""A stay of 48 hours: all running risks, with and without a note, beside gradient boosting on the same features in one run.

    python benchmarks/deterioration.py [--repeats 9]

One thread, the two sides taking turns, so that a noisy machine disturbs both alike. The boosting (scikit-learn's
HistGradientBoosting, the settings of the validation) is grown on random stays: its speed, not its skill, is what is compared.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
PEER = "gradient boosting, all 48 running risks"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    import numpy as np
    import torch

    from core.deterioration import moments
    from core.deterioration.examples import examples
    from core.deterioration.features import summary
    from core.deterioration.read import read
    from core.deterioration.risk import running
    from core.deterioration.training.teacher import boosting
    from core.serving import get

    example = list(examples())[1]
    study = read(example.files, **example.fields)
    bare, served = replace(study, note=""), get("deterioration")
    rng = np.random.default_rng(0)
    grids = torch.from_numpy(rng.normal(np.array(served.config.extra["average"]), 10, (2000, 49, 6)).astype(np.float32))
    told = summary(grids)[:, -1].numpy()
    known = np.isfinite(told).any(0)  # these stays do not tell whose their pressures are
    trees = boosting().fit(told[:, known], rng.random(2000) < 0.14)
    steps = {
        "all 48 running risks in one pass": lambda: running(served, bare),
        "the same with a note": lambda: running(served, study),
        "48 stays cut at each hour, one by one": lambda: [running(served, moments.until(bare, hour)) for hour in range(1, 49)],
        PEER: lambda: trees.predict_proba(summary(torch.from_numpy(study.grid)[None])[0, 1:].numpy()[:, known]),
    }
    spent: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(options.repeats + 1):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            if turn:  # the first turn warms up
                spent[name].append(1000 * (time.perf_counter() - began))
    theirs = median(spent[PEER])
    for name, values in spent.items():
        print(f"{name}: median {median(values):.1f} ms (min {min(values):.1f}, max {max(values):.1f}), "
              f"{theirs / median(values):.2f} x the boosting's speed")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
