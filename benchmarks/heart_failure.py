"""Patients per second on one thread: the marginal Cox model beside a ridge Cox with median filling, and M-PRTM.

    python benchmarks/heart_failure.py [--repeats 9] [--patients 2048]

Made-up patients in batches of 256, each with gaps of its own (a fifth to nine tenths of the inputs unknown), the sides taking
turns, so that a noisy machine disturbs all alike. The models come from weights/; where a folder is missing its model is left
out. "predict" is from studies to curves with intervals, prescriptions read; the others are the model alone.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

BATCH = 256
DRUGS = ("bisoprolol 5 mg od, ramipril 5 mg bd, furosemide 40 mg", "eplerenone 25 mg; digoxin stopped", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--patients", type=int, default=2048)
    options = parser.parse_args()

    import numpy as np
    import torch

    from core.heart_failure.prognosis import predict
    from core.heart_failure.read import study
    from core.heart_failure.variables import ENCODED, USUAL, scaled
    from core.serving import get
    from core.weights import WeightsError

    rng = np.random.default_rng(0)
    fields = [one.field for one in ENCODED if one.field in USUAL]
    studies = []
    for i in range(options.patients):
        asked = rng.random(len(fields)) > rng.uniform(0.2, 0.9)
        values = {name: _usual(rng, *USUAL[name]) for name, there in zip(fields, asked, strict=True) if there}
        values = {name: value for name, value in values.items() if name not in ("lvesd", "diastolic", "ldl", "hdl")}
        studies.append(study({"age": 65.0, **values, "sex": "male", "prescriptions": DRUGS[i % len(DRUGS)]}, {}))
    numbers = np.stack([one.numbers for one in studies])
    flags = rng.integers(0, 2, (len(numbers), 14)).astype(np.float32)
    batches = [(torch.from_numpy(numbers[k: k + BATCH]), torch.from_numpy(flags[k: k + BATCH]))
               for k in range(0, len(numbers), BATCH)]
    raw = np.concatenate([scaled(numbers), flags], 1)
    middle, weight = np.median(np.nan_to_num(raw), 0), rng.normal(size=raw.shape[1])  # any numbers: only their time counts

    def ridge() -> None:
        for k in range(0, len(numbers), BATCH):
            row = np.concatenate([scaled(numbers[k: k + BATCH]), flags[k: k + BATCH]], 1)
            np.where(np.isnan(row), middle, row) @ weight

    steps = {"ridge Cox with median filling, no interval": ridge}
    for name, title in (("heart_failure_cox", "marginal Cox"), ("heart_failure", "M-PRTM")):
        try:
            served = get(name)
        except WeightsError as error:
            print(f"{title} is left out: {error}")
            continue
        if not served.model.reads_text:
            steps[f"{title}, with standard error"] = lambda s=served: [s.model(*batch) for batch in batches]
        steps[f"{title}, predict"] = lambda s=served: [predict(s, studies[k: k + BATCH]) for k in range(0, len(studies), BATCH)]
    spent: dict[str, list[float]] = {name: [] for name in steps}
    with torch.inference_mode():
        for turn in range(options.repeats + 1):
            for name, step in steps.items():
                began = time.perf_counter()
                step()
                if turn:  # the first turn warms up
                    spent[name].append(time.perf_counter() - began)
    print(f"{len(studies)} patients in batches of {BATCH}, {torch.get_num_threads()} thread")
    for name, values in spent.items():
        print(f"{name}: median {len(studies) / median(values):,.0f} patients/s "
              f"(slowest {len(studies) / max(values):,.0f}, fastest {len(studies) / min(values):,.0f})")


def _usual(rng, low: float, high: float) -> float:
    """Somewhere in the middle of what is usual."""
    return float(low + (high - low) * rng.uniform(0.3, 0.6))


if __name__ == "__main__":
    main()
