"""The recipe of the ECG weights, stage by stage; every stage resumes where it stopped.

1. each member network on all 99 labels (71 statements and their sub- and superclasses),
2. the members joined into one encoder, frozen; report alignment, then the reconstruction decoder on it,
3. calibration and operating points on one half of fold 9, figures on the other (``core.ecg.training.evaluate``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn
from torch.nn import functional as F

from core.calibration import macro_auc
from core.ecg.alignment import Alignment, alignment_loss, embed_reports, report_bank
from core.ecg.model import PRESETS, EcgNet, join, standardise
from core.ecg.reconstruction import reconstruction_loss
from core.ecg.statements import GROUPS, LABELS
from core.ecg.training.augment import augment, mixup
from core.ecg.training.data import MICROVOLT, PtbXl, load
from core.settings import ROOT, settings
from core.text import encoder
from core.training.loop import Schedule, fit
from core.training.runs import start
from core.weights import Architecture, Config, revision, save

NOTES = [
    "Fold 9 chose the recipe, the calibration (one half) and the thresholds; fold 10 was never looked at.",
    "One centre's devices of 1984 to 2001, adults, 100 Hz, 10 s: other populations and devices are untested.",
    "Labels are SCP-ECG statements of cardiologists and of the device's software, not outcomes; rare statements rest on few "
    "cases, and hypertrophy is the weakest superclass.",
    "Statements with fewer than 20 cases in the calibration half share one calibration and the threshold 0.5.",
    "The interval of a probability covers the uncertainty of the calibration alone.",
    "A report is similar by its statements only; nothing in the bank belongs to fewer than five records.",
]
TRAIN_FOLDS, VALIDATION_FOLD = tuple(range(1, 9)), 9


class Member(BaseModel):
    """One network of the ensemble: trained on mixed records, then perhaps briefly on whole ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str
    schedule: Schedule
    cool_down: Schedule | None = None  # without mixup, from the averaged weights on
    batch: int = 64
    mixup: float = 0.3


class Recipe(BaseModel):
    """The defaults are the recipe of the shipped weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path
    name: str = "ecg"
    out: Path = ROOT / "weights" / "ecg"
    members: tuple[Member, ...] = (
        Member(preset="residual", schedule=Schedule(epochs=24, seed=1)),
        Member(preset="state_space", schedule=Schedule(epochs=20, seed=2),
               cool_down=Schedule(epochs=4, learning_rate=5e-4, warm_up=0.0, seed=102)),
    )
    alignment: Schedule = Schedule(epochs=40, learning_rate=3e-3, precision="fp32")
    decoder: Schedule = Schedule(epochs=4, learning_rate=3e-3)
    records: int = 0  # train on the first so many records only; 0: all (a quick look, a learning curve)


def train(recipe: Recipe) -> Path:
    """Run what is missing of the recipe and write the weights folder; returns it."""
    torch.set_num_threads(settings.threads)
    data = load(recipe.data, (*TRAIN_FOLDS, VALIDATION_FOLD))
    rows = data.rows(*TRAIN_FOLDS)[: recipe.records or None]
    members = [fit_member(member, data, rows, recipe.name) for member in recipe.members]
    model = join(members) if len(members) > 1 else members[0]
    model.eval().requires_grad_(False)
    bank = fit_alignment(model, data, rows, recipe)
    fit_decoder(model, data, rows, recipe)
    config = Config(
        name="ecg", version="1.1.0",
        architecture=Architecture(target="core.ecg.model:EcgNet", arguments={
            "branches": model.arguments, "labels": len(LABELS), "bank": len(bank)}),
        input={"leads": "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6", "unit": "mV", "sampling_rate_hz": 100,
               "window_samples": 1000, "padded_samples": 1024, "normalisation": "z-score per lead, log SD kept aside"},
        training_data="PTB-XL 1.0.3, folds 1-8 (CC BY 4.0, Wagner et al. 2020)", licence="CC-BY-4.0",
        seed=recipe.members[0].schedule.seed, revision=revision(),
        labels=[list(label) for label in LABELS],
        trained=[bool(n) for n in data.targets[rows].sum(0)],
        attribution_layers=[f"branches.{i}.map" for i in range(len(model.branches))],
        notes=NOTES, text_encoder=encoder().identity, bank=bank, recipe=recipe.model_dump(mode="json", exclude={"data", "out"}),
    )
    save(recipe.out, model, config)
    from core.ecg.training.evaluate import calibrate

    calibrate(recipe.out, data)
    return recipe.out


def fit_member(member: Member, data: PtbXl, rows: np.ndarray, name: str) -> EcgNet:
    torch.manual_seed(member.schedule.seed)
    model = EcgNet(PRESETS[member.preset], len(LABELS)).to(memory_format=torch.channels_last)
    target = torch.from_numpy(data.targets).float()
    train_rows, held_out = torch.from_numpy(rows), data.rows(VALIDATION_FOLD)
    steps = len(rows) // member.batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        order = train_rows[torch.randperm(len(train_rows))]
        for chunk in order[: steps * member.batch].split(member.batch):
            yield augment(millivolts(data, chunk.numpy())), target[chunk]

    def mixed(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        return (mixup(signal, wanted, member.mixup) for signal, wanted in batches(epoch))

    def loss(net: nn.Module, signal: Tensor, wanted: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(net(signal).float(), wanted)

    def validate(net: nn.Module) -> dict[str, float]:
        return group_aucs(data.targets[held_out], logits(net, data, held_out))

    recipe, label = member.model_dump(), f"{name}-{member.preset}-{member.schedule.seed}"
    model = fit(model, mixed, steps, loss, member.schedule, start("ecg", label, recipe), validate)
    if member.cool_down:
        model = model.train().requires_grad_(True)
        model = fit(model, batches, steps, loss, member.cool_down, start("ecg", f"{label}-cool", recipe), validate)
    return model.cpu()


def fit_alignment(model: EcgNet, data: PtbXl, rows: np.ndarray, recipe: Recipe) -> list[dict]:
    """Train the two projections on frozen z_ecg; fill the model's report bank and return its entries."""
    z = torch.from_numpy(latents(model, data, rows))
    codes = [data.codes[row] for row in rows]
    text = torch.from_numpy(embed_reports(codes, encoder())).float()
    sets = {key: i for i, key in enumerate(sorted({tuple(sorted(c)) for c in codes}))}
    kind = torch.tensor([sets[tuple(sorted(c))] for c in codes])
    batch = min(256, len(rows))
    steps = len(rows) // batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        for chunk in torch.randperm(len(z))[: steps * batch].split(batch):
            yield z[chunk], text[chunk], kind[chunk]

    def loss(net: Alignment, ecg: Tensor, report: Tensor, same: Tensor) -> Tensor:
        return alignment_loss(net.project_ecg(ecg), net.project_text(report), same[:, None] == same[None])

    torch.manual_seed(recipe.alignment.seed)
    fresh = Alignment(model.latent_size, text.shape[1])
    run = start("ecg", f"{recipe.name}-alignment", recipe.alignment.model_dump())
    model.alignment.load_state_dict(fit(fresh, batches, steps, loss, recipe.alignment, run).state_dict())
    bank = report_bank(codes)
    vectors = torch.from_numpy(embed_reports([entry["codes"] for entry in bank], encoder())).float()
    model.bank = model.alignment.project_text(vectors).detach()
    return bank


def fit_decoder(model: EcgNet, data: PtbXl, rows: np.ndarray, recipe: Recipe) -> None:
    """Train the decoder on the frozen encoder's feature maps."""
    batch = min(64, len(rows))
    steps = len(rows) // batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        for chunk in torch.randperm(len(rows))[: steps * batch].split(batch):
            signal, amplitude = standardise(millivolts(data, rows[chunk.numpy()]))
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                maps = torch.cat([branch.features(signal, amplitude) for branch in model.branches], 1)
            yield maps, signal

    def loss(decoder: nn.Module, maps: Tensor, signal: Tensor) -> Tensor:
        return reconstruction_loss(decoder(maps).float(), signal)

    run = start("ecg", f"{recipe.name}-decoder", recipe.decoder.model_dump())
    torch.manual_seed(recipe.decoder.seed)
    trainable = type(model.decoder)(model.decoder.bottleneck.in_channels).to(memory_format=torch.channels_last)
    model.decoder.load_state_dict(fit(trainable, batches, steps, loss, recipe.decoder, run).state_dict())


def millivolts(data: PtbXl, rows: np.ndarray) -> Tensor:
    """``[batch, 12, 1000]`` float."""
    return torch.from_numpy(np.asarray(data.microvolts[rows])).float() * MICROVOLT


@torch.no_grad()
def latents(model: EcgNet, data: PtbXl, rows: np.ndarray, batch: int = 128, fast: bool = True) -> np.ndarray:
    """z_ecg ``[n, 512]``; ``fast`` computes in bfloat16, which is for training, not for reported figures."""
    device, parts = next(model.parameters()).device, []
    for start_row in range(0, len(rows), batch):
        with torch.autocast(device.type, torch.bfloat16, enabled=fast):
            parts.append(model.encode(millivolts(data, rows[start_row: start_row + batch]).to(device)).float().cpu())
    return torch.cat(parts).numpy()


def logits(model: EcgNet, data: PtbXl, rows: np.ndarray, fast: bool = True) -> np.ndarray:
    """``[n, 99]``."""
    head = model.head
    return latents(model, data, rows, fast=fast) @ head.weight.detach().cpu().float().numpy().T + head.bias.detach().cpu().numpy()


def group_auc(truth: np.ndarray, scores: np.ndarray, group: str) -> float:
    """Macro AUC of a group of labels, as the PTB-XL benchmark counts it.

    The diagnostic groups are judged on the records that carry a diagnostic statement at all.
    """
    columns = [k for k, (name, _) in enumerate(LABELS) if name == group]
    rows = slice(None) if group == "statement" else truth[:, -len(GROUPS["superclass"]):].any(1)
    return macro_auc(truth[rows][:, columns], scores[rows][:, columns])


def group_aucs(truth: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    return {f"auc_{group}": round(group_auc(truth, scores, group), 4) for group in GROUPS}
