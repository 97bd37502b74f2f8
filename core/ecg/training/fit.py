"""Fitting of the members, of the alignment with reports and of the reconstruction decoder."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.ecg.alignment import Alignment, Bank, alignment_loss, embed_reports, report_bank
from core.ecg.model import PRESETS, EcgNet, standardise
from core.ecg.reconstruction import reconstruction_loss
from core.ecg.statements import LABELS
from core.ecg.training.augment import augment, mixup
from core.ecg.training.data import VALIDATION_FOLD, PtbXl, millivolts
from core.ecg.training.outputs import latents, logits
from core.ecg.training.recipe import Member, Recipe
from core.ecg.training.scores import group_aucs
from core.progress import Done
from core.text import encoder
from core.training.loop import fit
from core.training.precision import half
from core.training.recipe import chosen
from core.training.runs import start
from core.training.steps import parts


def fit_member(member: Member, data: PtbXl, rows: np.ndarray, name: str, done: Done | None = None) -> EcgNet:
    """One network of the ensemble, on the CPU.

    Raises:
        RecipeError: no such preset.
    """
    preset = chosen(PRESETS, member.preset)
    torch.manual_seed(member.schedule.seed)
    model = EcgNet(preset, len(LABELS)).to(memory_format=torch.channels_last)
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

    def validate(net: nn.Module) -> dict[str, float | None]:
        return group_aucs(data.targets[held_out], logits(net, data, held_out))

    label = f"{name}-{member.preset}-{member.schedule.seed}"
    known = {"recipe": member.model_dump(), "data": data.identity(rows),
             "architecture": {"branches": preset, "labels": len(LABELS)}}
    hot, cool = parts(done, [member.schedule.epochs, member.cool_down.epochs if member.cool_down else 0])
    model = fit(model, mixed, steps, loss, member.schedule, start("ecg", label, **known), validate, done=hot)
    if member.cool_down:
        model = model.train().requires_grad_(True)
        model = fit(model, batches, steps, loss, member.cool_down, start("ecg", f"{label}-cool", **known), validate, done=cool)
    return model.cpu()


def fit_alignment(model: EcgNet, data: PtbXl, rows: np.ndarray, recipe: Recipe, done: Done | None = None) -> Bank:
    """Train the two projections on frozen z_ecg; fill the model's report bank and return its entries."""
    reading, fitting = parts(done, [1, 1])
    z = torch.from_numpy(latents(model, data, rows, done=reading))
    codes, text_encoder = [data.codes[row] for row in rows], encoder(recipe.text_encoder)
    text = torch.from_numpy(embed_reports(codes, text_encoder)).float()
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
    run = start("ecg", f"{recipe.name}-alignment", recipe=recipe.model_dump(include={"members", "alignment"}),
                data=data.identity(rows),
                architecture={"branches": model.arguments, "text_encoder": text_encoder.identity})
    # whole: other reports of the batch are what an ECG is told from
    model.alignment = fit(fresh, batches, steps, loss, recipe.alignment, run, whole=True, done=fitting).cpu()
    bank = report_bank(codes)
    vectors = torch.from_numpy(embed_reports([entry["codes"] for entry in bank], text_encoder)).float() if bank else text[:0]
    model.bank = model.alignment.project_text(vectors).detach()
    return bank


def fit_decoder(model: EcgNet, data: PtbXl, rows: np.ndarray, recipe: Recipe, done: Done | None = None) -> None:
    """Train the decoder on the frozen encoder's feature maps."""
    batch = min(64, len(rows))
    steps = len(rows) // batch

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        for chunk in torch.randperm(len(rows))[: steps * batch].split(batch):
            signal, amplitude = standardise(millivolts(data, rows[chunk.numpy()]))
            with torch.no_grad(), half(torch.device("cpu")):
                maps = torch.cat([branch.features(signal, amplitude) for branch in model.branches], 1)
            yield maps, signal

    def loss(decoder: nn.Module, maps: Tensor, signal: Tensor) -> Tensor:
        return reconstruction_loss(decoder(maps).float(), signal)

    channels = model.decoder.bottleneck.in_channels
    run = start("ecg", f"{recipe.name}-decoder", recipe=recipe.model_dump(include={"members", "decoder"}),
                data=data.identity(rows), architecture={"branches": model.arguments, "channels": channels})
    torch.manual_seed(recipe.decoder.seed)
    trainable = type(model.decoder)(channels).to(memory_format=torch.channels_last)
    model.decoder.load_state_dict(fit(trainable, batches, steps, loss, recipe.decoder, run, done=done).state_dict())
