"""The weights of TorchXRayVision's ``densenet121-res224-all``, taken over once from its authors' file.

    python -m core.cxr.xrv_weights              from the cache of the installed package
    python -m core.cxr.xrv_weights --download   from the authors' release on GitHub (28 MB)

The authors publish a Python object file, which may run code when it is read. The package itself reads it, in a process
of its own, and leaves a safetensors file and what the outputs mean in the runs folder. The app reads only that, and
does not need the package any more.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from safetensors.torch import load_file, save_file

from core.serving import Served, get
from core.settings import ROOT, settings
from core.uploads import InputError
from core.weights import CARD, CONFIG, WEIGHTS, Architecture, Config, digest

NAME, PACKAGE = "densenet121-res224-all", "torchxrayvision"
FOLDER = settings.runs / "cxr_xrv"
CACHED = Path.home() / ".torchxrayvision" / "models_data" / (
    "nih-pc-chex-mimic_ch-google-openi-kaggle-densenet121-d121-tw-lr001-rot45-tr15-sc15-seed0-best.pt")
INSTALL, TAKE_OVER = "pip install -r requirements-xrv.txt", "python -m core.cxr.xrv_weights"
SECONDS = 600

_CHILD = """
import json, math, sys
import torchxrayvision as xrv
from safetensors.torch import save_file
name, folder = sys.argv[1:]
state = xrv.models.DenseNet(weights=name).state_dict()
state = {k: v.clone().contiguous() for k, v in state.items() if k.split(".")[0] in ("features", "classifier")}
save_file(state, folder + "/state.safetensors")
about = xrv.models.model_urls[name]
points = [None if math.isnan(t) else t for t in about["op_threshs"]]
json.dump({"labels": about["labels"], "op_threshs": points}, open(folder + "/about.json", "w"))
"""

# VinDr-CXR is none of the collections the model was trained on; the others of that table are, or are drawn from them.
CARD_TEXT = f"""---
license: apache-2.0
library_name: torchxrayvision
---

# TorchXRayVision {NAME}

Research use only; not a medical device. Not a model of this project: DenseNet-121 by Cohen et al., library
TorchXRayVision (arXiv 2111.00595, Apache-2.0); training described in Cohen et al. 2020 (arXiv 2002.02497).

- Input: one channel, 224 x 224, the film's full range as -1024 to 1024, cut to its central square
- Output: 18 findings; the sigmoid of each is rescaled so that the authors' operating point becomes 0.5. That is an
  operating point, not a calibration: the numbers are no frequencies
- Training data: NIH ChestX-ray14, PadChest, CheXpert, MIMIC-CXR (CheXpert labels), Google's labels of NIH films,
  OpenI and RSNA Pneumonia. Films of these collections are not unseen
- The clinical note is not read

## Published figures

Areas under the ROC curve from the authors' table (BENCHMARKS.md of github.com/mlmed/torchxrayvision, 20 % of the
collection, updated 23 July 2023). Given without intervals; not repeated by this project.

VinDr-CXR ("VinBrain"), not among the training data: Atelectasis 0.67, Cardiomegaly 0.90, Consolidation 0.93,
Effusion 0.87, Infiltration 0.86, Lung Opacity 0.85, Pleural Thickening 0.84, Pneumothorax 0.93.
"""


def available() -> str | None:
    """None if ``load`` will work without a network; else a sentence that says what is missing and how to get it."""
    if (FOLDER / CONFIG).is_file():
        return None
    if find_spec(PACKAGE) is None:
        return f"TorchXRayVision is not installed. Run: {INSTALL}, then: {TAKE_OVER} --download"
    if not CACHED.is_file():
        return f"The weights of TorchXRayVision are not on this computer. Run: {TAKE_OVER} --download"
    return None


def load(download: bool = False) -> Served:
    """The model, loaded once per process; weights in the package's cache are taken over the first time (seconds).

    Args:
        download: whether the weights may be downloaded. Only the user's own wish sets it.

    Raises:
        InputError: package or weights are absent, or what was taken over does not fit.
    """
    if not (FOLDER / CONFIG).is_file():
        take_over(download)
    return get(str(FOLDER))


def take_over(download: bool = False) -> Path:
    """Write the folder that ``load`` reads, from the package's cache or, if allowed, from the authors' release.

    Raises:
        InputError: package or weights are absent, the download failed, or the file does not fit.
    """
    missing = available()
    if missing and not (download and find_spec(PACKAGE)):
        raise InputError("model", "The model of TorchXRayVision is not here.", missing)
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run([sys.executable, "-c", _CHILD, NAME, folder], cwd=ROOT, check=True, capture_output=True,
                           timeout=SECONDS)
        except (subprocess.SubprocessError, OSError) as error:
            raise InputError("model", "TorchXRayVision could not fetch or read its weights.",
                             f"Check the network, delete {CACHED.name} if it is damaged, then run: "
                             f"{TAKE_OVER} --download") from error
        about = json.loads(Path(folder, "about.json").read_text())
        return adopt(Path(folder, "state.safetensors"), about["labels"], about["op_threshs"], FOLDER)


def adopt(state: Path, labels: list[str], op_threshs: list[float | None], folder: Path) -> Path:
    """The weights folder of a DenseNet-121's state: full precision, label order and operating points of the authors.

    Args:
        labels: names in the order of the outputs, "" where an output is untrained. op_threshs: on the sigmoid, or None.

    Raises:
        InputError: the state is not that of the architecture, or the lists do not fit it.
    """
    tensors, outputs = load_file(state), len(labels)
    architecture = Architecture(target="core.cxr.xrv_net:XrvNet", arguments={"outputs": outputs})
    expected = {name: value.shape for name, value in architecture.build().state_dict().items()}
    if {name: value.shape for name, value in tensors.items()} != expected or len(op_threshs) != outputs:
        raise InputError("model", "These are not the weights of TorchXRayVision's DenseNet-121.",
                         f"Fetch them again: {TAKE_OVER} --download")
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / WEIGHTS)
    config = Config(
        name="cxr_xrv", version=NAME, licence="Apache-2.0", seed=0,
        architecture=architecture,
        input={"channels": 1, "size": 224, "range": "-1024 to 1024", "crop": "central square"},
        training_data="NIH ChestX-ray14, PadChest, CheXpert, MIMIC-CXR, Google, OpenI, RSNA (arXiv 2002.02497)",
        sha256=digest(folder / WEIGHTS), labels=labels, op_threshs=op_threshs, attribution_layers=["map"],
    )
    (folder / CARD).write_text(CARD_TEXT)
    (folder / CONFIG).write_text(config.model_dump_json(indent=1) + "\n")  # last: it says that the folder is whole
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--download", action="store_true")
    try:
        print(f"{take_over(parser.parse_args().download)} is ready.")
    except InputError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
