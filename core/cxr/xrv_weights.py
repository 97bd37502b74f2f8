"""The weights of TorchXRayVision's ``densenet121-res224-all``, a plug-in (``core.plugins.rule``).

Its authors publish a whole module as a Python object. It is read as tensors, with inert things in the place of its classes; what
its outputs mean is in the installed package (``requirements-xrv.txt``), which is asked in a process of its own, once. The app
reads the safetensors alone and does not need the package any more.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import nn

from core.plugins import files, rule
from core.plugins.catalogue import get as plugin
from core.serving import Served, get
from core.settings import ROOT
from core.uploads import InputError
from core.weights import CARD, CONFIG, WEIGHTS, Architecture, Config, digest, load

NAME, PACKAGE, PLUGIN = "densenet121-res224-all", "torchxrayvision", plugin("torchxrayvision")
INSTALL, FETCH = "pip install -r requirements-xrv.txt", f"python -m core plugin fetch {PLUGIN.name} --accept"
SECONDS = 600
CLASSES = (*(f"torchxrayvision.models.{name}" for name in ("DenseNet", "_DenseLayer", "_DenseBlock", "_Transition")),
           *(f"torch.nn.modules.{name}" for name in ("activation.ReLU", "batchnorm.BatchNorm2d", "container.Sequential",
                                                     "conv.Conv2d", "linear.Linear", "pooling.AvgPool2d", "pooling.MaxPool2d")))

_CHILD = """
import json, math, sys
import torchxrayvision as xrv
about = xrv.models.model_urls[sys.argv[1]]
points = [None if math.isnan(t) else t for t in about["op_threshs"]]
print(json.dumps({"labels": about["labels"], "op_threshs": points}))
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
    """None if ``load_served`` will work; else a sentence that says what is missing and how to get it."""
    try:
        rule.installed(PLUGIN)
    except InputError as error:
        return str(error)
    return None


def load_served() -> Served:
    """The model, loaded once per process.

    Raises:
        InputError: plug-ins are off, or it is not here, not pinned or changed.
    """
    return get(str(rule.installed(PLUGIN)))


def adopt(source: Path, home: Path) -> None:
    """The weights folder of what was fetched, with label order and operating points from the installed package.

    Raises:
        InputError: the package is absent, or the file does not fit.
    """
    if find_spec(PACKAGE) is None:
        raise InputError("model", "TorchXRayVision is not installed; it says what the outputs mean.",
                         f"Run: {INSTALL}, then: {FETCH}")
    found = files.read(source / PLUGIN.files[0], CLASSES)
    state = files.state_of(found) if isinstance(found, files.Inert) else found
    save_file({name: value.clone().contiguous() for name, value in state.items()
               if name.split(".")[0] in ("features", "classifier")}, home / "state.safetensors")
    try:
        done = subprocess.run([sys.executable, "-c", _CHILD, NAME], cwd=ROOT, check=True, capture_output=True, timeout=SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        raise InputError("model", "TorchXRayVision could not say what its outputs mean.",
                         f"Install it again: {INSTALL}") from error
    about = json.loads(done.stdout.splitlines()[-1])
    folder_of(home / "state.safetensors", about["labels"], about["op_threshs"], home)
    (home / "state.safetensors").unlink()


def build(home: Path) -> nn.Module:
    return load(home)[0]


def folder_of(state: Path, labels: list[str], op_threshs: list[float | None], folder: Path) -> Path:
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
                         f"Fetch them again: {FETCH}")
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
