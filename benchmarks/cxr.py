"""One chest film: predict and Grad-CAM of ours, beside TorchXRayVision's DenseNet-121 with pytorch-grad-cam.

    python benchmarks/cxr.py [--repeats 9] [--threads 1]

The same film for both, in one process, the sides taking turns, so that a noisy machine disturbs both alike. Prints
medians, the ratio, what 14 Grad-CAMs cost beside one, the cold start and the peak memory. The peer has random weights,
which cost the same time. Neither package is a dependency; both are installed by hand:

    pip install torchxrayvision grad-cam
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
cxr = get("cxr")
cxr.verb("assess")(cxr.verb("read")(next(cxr.verb("examples")()).files))
print(time.perf_counter() - began)"""
PREDICT, WHY = "predict", "predict + Grad-CAM of one finding"
ONE, ALL = "1 Grad-CAM", "14 Grad-CAMs"
FINDINGS = 14
Steps = dict[str, Callable[[], object]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))
    os.environ["CARDIOSCOPE_THREADS"] = str(options.threads)

    from core.cxr.examples import examples
    from core.cxr.read import read

    study = read(next(examples()).files)
    steps = {f"ours, {name}": step for name, step in ours(study).items()}
    steps |= {f"peer, {name}": step for name, step in theirs(study.pixels).items()}
    cold = subprocess.run([sys.executable, "-c", COLD], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    spent: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(options.repeats + 1):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            if turn:  # the first turn warms up
                spent[name].append(1000 * (time.perf_counter() - began))
    for name, values in spent.items():
        print(f"{name}: median {median(values):.1f} ms (min {min(values):.1f}, max {max(values):.1f})")
    for name in (PREDICT, WHY, ALL):
        mine, other = (median(spent[f"{side}, {name}"]) for side in ("ours", "peer"))
        print(f"{name}: ours at {other / mine:.1f} x the peer's speed")
    for side in ("ours", "peer"):
        print(f"{side}: {ALL} cost {median(spent[f'{side}, {ALL}']) / median(spent[f'{side}, {ONE}']):.1f} x one")
    print(f"cold start to first assessment: {float(cold):.1f} s")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def ours(study) -> Steps:
    """The shipped model, all that a page asks of it; the explanation brings its deletion check along."""
    from core.cxr.assess import assess
    from core.cxr.explain import explain, grad_cams
    from core.cxr.labels import LABELS
    from core.serving import get

    trained = get("cxr").config.extra["trained"]
    targets = [":".join(label) for label, known in zip(LABELS, trained, strict=True) if known][:FINDINGS]
    return {
        PREDICT: lambda: assess(study),
        WHY: lambda: (assess(study), grad_cams(study, targets[:1])),
        ONE: lambda: grad_cams(study, targets[:1]),
        ALL: lambda: grad_cams(study, targets),
        "explain, Grad-CAM with deletion check": lambda: explain(study, targets[0], "grad_cam"),
    }


def theirs(pixels) -> Steps:
    """The architecture with random weights; their own crop, resizing and Grad-CAM.

    Args:
        pixels: ``[height, width]`` float in 0 to 1.
    """
    try:
        import torchxrayvision as xrv
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    except ImportError as error:
        sys.exit(f"The peer is not installed ({error}). Run: pip install torchxrayvision grad-cam")
    import torch

    model = xrv.models.DenseNet(num_classes=len(xrv.datasets.default_pathologies)).eval()
    cam = GradCAM(model=model, target_layers=[model.features.denseblock4])
    crop, resize = xrv.datasets.XRayCenterCrop(), xrv.datasets.XRayResizer(224, engine="cv2")

    def film():
        return torch.from_numpy(resize(crop((2 * pixels[None] - 1) * 1024))).float()[None]

    def predict() -> object:
        with torch.inference_mode():
            return torch.sigmoid(model(film()))

    def maps(count: int) -> object:
        x = film().expand(count, -1, -1, -1)
        return cam(input_tensor=x, targets=[ClassifierOutputTarget(k) for k in range(count)])

    return {PREDICT: predict, WHY: lambda: (predict(), maps(1)), ONE: lambda: maps(1), ALL: lambda: maps(FINDINGS)}


if __name__ == "__main__":
    main()
