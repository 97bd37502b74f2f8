"""Weights and what they mean travel together: ``model.safetensors`` beside ``config.json`` and the model card.

``load("weights/ecg")``, ``load("user/repo")`` and ``load("user/repo@revision")`` are the same call. Nothing is ever
unpickled, and only networks inside ``core`` can be named.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from core.settings import ROOT, settings

if TYPE_CHECKING:  # torch comes with the first model: cards and figures are read without
    import torch
    from torch import nn

WEIGHTS, CONFIG, METRICS, CARD = "model.safetensors", "config.json", "metrics.json", "README.md"
TRUST = "trust.json"  # what core.trust measured of these weights
PROMOTED, CURRENT = "promoted", "current.json"  # below the runs folder: what took the place of shipped weights, and which of it
HUB = re.compile(r"[^/@\s]+/[^/@\s]+(@[^@\s]+)?")  # user/repo, user/repo@revision


class WeightsError(RuntimeError):
    """A weights folder that cannot be used, and what to do about it."""


class Architecture(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)

    target: str  # module and class, "core.<room>.model:Net"
    arguments: dict[str, Any]

    def build(self) -> nn.Module:
        from torch import nn

        module, _, name = self.target.partition(":")
        if not module.startswith("core."):
            raise WeightsError(f"{self.target} is not an architecture of this project; only core.* is built.")
        try:
            network = getattr(import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise WeightsError(f"This version has no network {self.target}. Update it, or take weights that fit.") from error
        if not (isinstance(network, type) and issubclass(network, nn.Module)):  # a config must not call what else is there
            raise WeightsError(f"{self.target} is not an architecture of this project: no network.")
        return network(**self.arguments)


class Config(BaseModel):
    """What every config.json says. A modality adds its own fields, read with ``config.extra``."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str
    version: str
    architecture: Architecture
    input: dict[str, Any]  # leads or channels, units, sampling rate or spacing, normalisation
    training_data: str
    licence: str
    seed: int
    revision: str = ""  # git revision of the code that trained it
    sha256: str = ""  # of model.safetensors

    @property
    def extra(self) -> dict[str, Any]:
        return self.model_extra or {}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def revision() -> str:
    """Git revision of the code that is running; empty outside a checkout."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def save(folder: Path, model: nn.Module, config: Config) -> Config:
    """Write matrices in half precision, vectors (norms, biases) in single, and the config with its SHA-256."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: (value.half() if value.is_floating_point() and value.ndim > 1 else value).contiguous().cpu()
        for name, value in model.state_dict().items()
    }
    save_file(state, folder / WEIGHTS)
    config = config.model_copy(update={"sha256": digest(folder / WEIGHTS)})
    (folder / CONFIG).write_text(config.model_dump_json(indent=1) + "\n")
    return config


def place(name: str) -> Path:
    """Where promoted weights of that name are kept (``core.training.promote``)."""
    return settings.runs / PROMOTED / name


def local(source: str | Path) -> Path | None:
    """A local folder, or what a name stands for: the promoted weights of that name, else the shipped ones; None of a Hub id."""
    if ((candidate := Path(source)) / CONFIG).is_file():
        return candidate
    if str(source) == candidate.name:
        try:
            chosen = place(candidate.name) / json.loads((place(candidate.name) / CURRENT).read_text())["folder"]
            if (chosen / CONFIG).is_file():
                return chosen
        except (OSError, ValueError, KeyError, TypeError):  # nothing is promoted
            pass
    shipped = settings.weights / str(source)
    return shipped if (shipped / CONFIG).is_file() else None


def resolve(source: str | Path) -> Path:
    """A local folder, a name in the weights folder, or ``user/repo[@revision]`` downloaded to the Hub's cache.

    A revision is a branch, a tag or a commit; only a commit names the same weights for ever.
    """
    if (found := local(source)) is not None:
        return found
    if not HUB.fullmatch(str(source)):
        raise WeightsError(f"No weights at {source}: expected a folder with {CONFIG} and {WEIGHTS}.")
    from huggingface_hub import snapshot_download

    repository, _, revision = str(source).partition("@")
    try:
        folder = Path(snapshot_download(repository, revision=revision or None,
                                        allow_patterns=[WEIGHTS, CONFIG, METRICS, TRUST, CARD]))
    except Exception as error:  # the Hub client raises many kinds; all mean the same to the caller
        raise WeightsError(
            f"{source} is neither a local folder nor reachable on the Hugging Face Hub ({type(error).__name__}). Check the name "
            "and, for a private one, HF_TOKEN. The app stays offline unless HF_HUB_OFFLINE=0 is set; what was downloaded once "
            "is found without a network."
        ) from error
    if not (folder / CONFIG).is_file() or not read_config(folder).sha256:
        raise WeightsError(f"{source} has no {CONFIG} that names the SHA-256 of its weights, so it is not loaded.")
    return folder


def read_config(source: str | Path) -> Config:
    try:
        return Config.model_validate_json((resolve(source) / CONFIG).read_text())
    except ValueError as error:
        raise WeightsError(f"{source}/{CONFIG} does not describe a model of this project: {error}") from error


def load(source: str | Path, device: torch.device | str = "cpu") -> tuple[nn.Module, Config]:
    """The model in evaluation mode, single precision, gradients to its parameters off.

    Raises:
        WeightsError: nothing there, wrong SHA-256, foreign architecture, or keys that do not fit.
    """
    from safetensors.torch import load_file

    folder = resolve(source)
    config = read_config(folder)
    if config.sha256 and digest(folder / WEIGHTS) != config.sha256:
        raise WeightsError(f"{folder / WEIGHTS} is not the file {CONFIG} speaks of (SHA-256 differs). Fetch both again.")
    model = config.architecture.build()
    state = {k: v.float() if v.is_floating_point() else v for k, v in load_file(folder / WEIGHTS).items()}
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise WeightsError(f"{folder / WEIGHTS} does not fit {config.architecture.target}: {error}") from error
    return model.to(device).eval().requires_grad_(False), config


def read_metrics(source: str | Path) -> dict[str, Any]:
    """metrics.json, or an empty dictionary where a folder has none."""
    path = resolve(source) / METRICS
    return json.loads(path.read_text()) if path.is_file() else {}


def write_metrics(folder: Path, metrics: dict[str, Any]) -> None:
    """What ``read_metrics`` reads; NaN is not JSON and not a figure."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / METRICS).write_text(json.dumps(metrics, indent=1, allow_nan=False) + "\n")


def read_trust(source: str | Path) -> dict[str, Any]:
    """trust.json, or an empty dictionary where a folder has none, or that of other weights."""
    folder = resolve(source)
    if not (folder / TRUST).is_file():
        return {}
    told = json.loads((folder / TRUST).read_text())
    return told if told.get("sha256") == read_config(folder).sha256 else {}
