"""The rooms of the house. CLI, API, pages and shared tests iterate over MODALITIES and nothing else.

A built modality is the package ``core.<name>`` with these verbs, found by name:

========== ===================== =====================================================================
verb       where                 signature
========== ===================== =====================================================================
read       read.py               ``read(files: Sequence[Upload], **fields) -> Study``
assess     assess.py             ``assess(study) -> Assessment``
explain    assess.py             ``explain(study, target, method) -> Attribution``
examples   examples.py           ``examples() -> dict[str, Callable[[], list[Upload]]]``
train      train.py              ``train(recipe) -> Path``; the recipe class is ``train.Recipe``
evaluate   evaluate.py           ``evaluate(data, fold, out) -> dict``
studies    folders.py            ``studies(folder) -> Iterator[(name, files)]``; only where a study is several files
mask       export.py             ``mask(study, assessment) -> bytes | None``, NIfTI; only of what segments
========== ===================== =====================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_HOME = {"read": "read", "assess": "assess", "explain": "assess", "examples": "examples", "train": "training.train",
         "Recipe": "training.train", "evaluate": "training.evaluate", "studies": "studies", "mask": "export"}


@dataclass(frozen=True)
class Modality:
    name: str  # package in core/, page in pages/, folder in tests/
    title: str
    summary: str
    accepts: tuple[str, ...] = ()  # file endings the upload field offers
    methods: tuple[str, ...] = ()  # of explain, the default first
    weights: tuple[str, ...] = ()  # folders in weights/, the main model first
    built: bool = False

    def offers(self, name: str) -> bool:
        """Whether the modality has a verb that not every one has."""
        return find_spec(f"core.{self.name}.{_HOME[name]}") is not None

    def verb(self, name: str) -> Callable[..., Any]:
        """The function behind a verb, imported when first asked for."""
        return getattr(import_module(f"core.{self.name}.{_HOME[name]}"), name)


MODALITIES: tuple[Modality, ...] = (
    Modality(
        "cxr", "Chest X-ray", "Radiograph and clinical context to fourteen findings.",
        accepts=("dcm", "png", "jpg", "jpeg", "tif", "tiff", "zip"),
        methods=("grad_cam", "integrated_gradients", "occlusion", "attention"), weights=("cxr",), built=True,
    ),
    Modality(
        "ecg", "ECG", "Twelve-lead recording to a structured report, intervals and the reason for each finding.",
        accepts=("hea", "dat", "mat", "zip", "dcm", "xml", "edf", "csv", "txt", "tsv", "npy"),
        methods=("grad_cam", "integrated_gradients"), weights=("ecg", "ecg_delineation"), built=True,
    ),
    Modality(
        "cmr", "Cardiac MR", "Late-enhancement stack to fibrosis overlay and burden.",
        accepts=("nii", "gz", "dcm", "dicom", "ima", "nrrd", "png", "zip"),
        methods=("grad_cam", "integrated_gradients"), weights=("cmr", "cmr_dae_former"), built=True,
    ),
    Modality("heart_failure", "Heart failure", "Numbers, prescriptions and scar burden to a survival curve."),
    Modality("deterioration", "Deterioration", "Six vital signs over time, and the notes, to an early warning."),
)


def get(name: str) -> Modality:
    """The built modality of that name.

    Raises:
        KeyError: no such modality, or not built yet.
    """
    for modality in MODALITIES:
        if modality.name == name and modality.built:
            return modality
    raise KeyError(f"no modality {name!r}; built: {', '.join(m.name for m in MODALITIES if m.built)}")
