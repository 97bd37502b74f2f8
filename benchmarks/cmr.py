"""A stack of eight slices: the shipped ensembles, beside the published DAE-Former at 224 and a plain MONAI U-Net.

    python benchmarks/cmr.py [--repeats 5] [--threads 1]

The same stack for all, in one process, the sides taking turns, so that a noisy machine disturbs all alike. Ours is the
whole assessment: localise, crop, ten networks, five of them on two views, threshold methods, segments. The peers are
one network each with random weights, which cost the same time, over the eight slices at 224 x 224 and nothing else.
Prints medians, ratios, the explanation, the cold start and the peak memory.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

COLD = """import time; began = time.perf_counter()
from core.modality import get
cmr = get("cmr")
first = next(iter(cmr.verb("examples")()))
cmr.verb("assess")(cmr.verb("read")(first.files, **first.fields))
print(time.perf_counter() - began)"""
SLICES, SIDE = 8, 224
Steps = dict[str, Callable[[], object]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))
    os.environ["CARDIOSCOPE_THREADS"] = str(options.threads)
    mine, peers = ours(), theirs()
    cold = subprocess.run([sys.executable, "-c", COLD], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    spent: dict[str, list[float]] = {name: [] for name in mine | peers}
    for turn in range(options.repeats + 1):
        for name, step in (mine | peers).items():
            began = time.perf_counter()
            step()
            if turn:  # the first turn warms up
                spent[name].append(1000 * (time.perf_counter() - began))
    for name, values in spent.items():
        print(f"{name}: median {median(values):.0f} ms (min {min(values):.0f}, max {max(values):.0f})")
    whole = next(iter(mine))
    for name in peers:
        print(f"{whole}: {median(spent[name]) / median(spent[whole]):.2f} x the speed of {name}")
    print(f"cold start to first assessment: {float(cold):.1f} s")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def ours() -> Steps:
    from core.cmr.assess import assess
    from core.cmr.examples import as_nifti
    from core.cmr.explain import TARGET, explain
    from core.cmr.phantom import Heart, Scar, phantom
    from core.cmr.read import read
    from core.uploads import Upload

    heart = Heart(slices=SLICES, scars=(Scar(200, 320),))
    study = read([Upload("scan.nii.gz", as_nifti(phantom(heart, 1)[0], heart))])
    return {"assess, U-Net cascade": lambda: assess(study), "assess, DAE-Former": lambda: assess(study, "cmr_dae_former"),
            "explain, Grad-CAM with deletion check": lambda: explain(study, TARGET)}


def theirs() -> Steps:
    import torch
    from monai.networks.nets.unet import UNet

    from core.cmr.dae_former import DaeFormer

    x = torch.randn(SLICES, 3, SIDE, SIDE)
    peers = {"published DAE-Former, network alone": DaeFormer().eval(),
             "MONAI U-Net, network alone": UNet(2, 3, 5, (32, 64, 128, 256, 512), (2, 2, 2, 2), num_res_units=2).eval()}

    def step(net: torch.nn.Module) -> Callable[[], object]:
        def run() -> object:
            with torch.inference_mode():
                return [net(x[z: z + 1]) for z in range(SLICES)]
        return run

    return {name: step(net) for name, net in peers.items()}


if __name__ == "__main__":
    main()
