"""The plug-ins that there are: what each is, where it comes from, under which licence, and what it has seen."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.modality import MODALITIES
from core.uploads import InputError
from core.weights import WeightsError, read_config

if TYPE_CHECKING:
    from core.weights import Config

COMMIT, RELEASE = r"[0-9a-f]{40}", r"v\d[\w.]*"


@dataclass(frozen=True)
class Plugin:
    """One encoder at its publisher.

    Attributes:
        room: whose evaluation it goes through. page: where licence, revision and hashes can be read. address: of a file, with
            ``{revision}`` and ``{file}``. files: what is fetched, the weights first. bytes: about, of all.
        trained_on: collections, by names that ``overlap`` finds again in what our weights learned from. published: its
            authors' figure, which this project has not repeated. use: how it is used here. module: has ``adopt(source, home)``,
            which writes ``model.safetensors`` there, and ``build(home)``, the network. mark: what the config of weights built on
            it says. revisions: what a revision looks like. revision, sha256: where this project knows them (file -> SHA-256).
    """

    name: str
    title: str
    kind: Literal["image encoder", "model", "text encoder"]
    room: str
    licence: str
    licence_at: str
    cite: str
    page: str
    address: str
    files: tuple[str, ...]
    bytes: int
    trained_on: tuple[str, ...]
    published: str
    use: str
    module: str
    mark: str
    revisions: str = COMMIT
    revision: str = ""
    sha256: dict[str, str] = field(default_factory=dict, hash=False)


PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "eva-x-ti", "EVA-X-Ti", "image encoder", "cxr", "MIT", "https://github.com/hustvl/EVA-X/blob/main/LICENSE",
        "Yao et al. 2025, npj Digital Medicine, doi 10.1038/s41746-025-02032-z; arXiv 2405.05237",
        "https://huggingface.co/MapleF/eva_x/tree/main", "https://huggingface.co/MapleF/eva_x/resolve/{revision}/{file}",
        ("eva_x_tiny_patch16_merged520k_mim.pt",), 30_000_000, ("NIH ChestX-ray14", "CheXpert", "MIMIC-CXR"),
        "Mean AUC 0.824 on the official test films of NIH ChestX-ray14 after its authors' fine-tuning, without an interval",
        "python -m core train cxr --recipe preset=eva_x_tiny pretrained=FILE data=DIR", "core.cxr.eva_encoder", "eva_x_tiny"),
    Plugin(
        "torchxrayvision", "TorchXRayVision DenseNet-121", "model", "cxr", "Apache-2.0",
        "https://github.com/mlmed/torchxrayvision/blob/master/LICENSE", "Cohen et al. 2022, arXiv 2111.00595",
        "https://github.com/mlmed/torchxrayvision/releases/tag/v1",
        "https://github.com/mlmed/torchxrayvision/releases/download/{revision}/{file}",
        ("nih-pc-chex-mimic_ch-google-openi-kaggle-densenet121-d121-tw-lr001-rot45-tr15-sc15-seed0-best.pt",), 28_400_000,
        ("NIH ChestX-ray14", "PadChest", "CheXpert", "MIMIC-CXR", "OpenI", "RSNA"),
        "On VinDr-CXR, not among its training data: Effusion 0.87, Cardiomegaly 0.90, Pneumothorax 0.93, without intervals",
        "Beside the room's own models: core.cxr.xrv", "core.cxr.xrv_weights", "core.cxr.xrv_net", RELEASE, "v1"),
    Plugin(
        "bio-clinicalbert", "Bio_ClinicalBERT", "text encoder", "cxr", "MIT",
        "https://huggingface.co/emilyalsentzer/Bio_ClinicalBERT/blob/main/LICENSE", "Alsentzer et al. 2019, arXiv 1904.03323",
        "https://huggingface.co/emilyalsentzer/Bio_ClinicalBERT/tree/main",
        "https://huggingface.co/emilyalsentzer/Bio_ClinicalBERT/resolve/{revision}/{file}",
        ("pytorch_model.bin", "vocab.txt"), 436_000_000, ("MIMIC-III",),
        "Its authors' figures are of other tasks than ours",
        "A recipe's text_encoder, or CARDIOSCOPE_TEXT_ENCODER: emilyalsentzer/Bio_ClinicalBERT", "core.plugins.clinical_bert",
        "emilyalsentzer/Bio_ClinicalBERT"),
)


def get(name: str) -> Plugin:
    """The plug-in of that name.

    Raises:
        InputError: there is none.
    """
    found = next((one for one in PLUGINS if one.name == name), None)
    if found is None:
        raise InputError("plugin", f"There is no plug-in {name}.", f"Choose one of {', '.join(one.name for one in PLUGINS)}.")
    return found


def overlap(plugin: Plugin) -> tuple[str, ...]:
    """What of its training data is ours too, a sentence for each of our weights: its figures there are not of unseen data."""
    said = []
    for folder in dict.fromkeys(name for room in MODALITIES for name in room.folders):
        try:
            learned = read_config(folder).training_data
        except WeightsError:
            continue
        shared = [name for name in plugin.trained_on if name in learned]
        if shared:
            said.append(f"{plugin.title} has seen {' and '.join(shared)}, from which the weights {folder} learned and on which "
                        f"their figures were measured: figures on these data are not of unseen cases.")
    return tuple(said)


def used_by(config: Config) -> tuple[Plugin, ...]:
    """The plug-ins that weights are built on, by what their config says of network and text encoder."""
    told = json.dumps([config.architecture.target, config.architecture.arguments, config.extra.get("text_encoder")])
    return tuple(one for one in PLUGINS if one.mark in told)
