"""Recipe of the delineation network, and the weights that ship.

    python -m core.ecg.training.delineation_train --data LUDB

Its figures: ``python -m core.ecg.training.delineation_evaluate``.
"""

from __future__ import annotations

import argparse
import hashlib
import math
from pathlib import Path

import torch
from pydantic import BaseModel
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from core.ecg.delineation import RATE, WAVES, Delineation, DelineationNet, run
from core.ecg.study import LEADS
from core.ecg.training import delineation_data as data
from core.settings import settings
from core.weights import Architecture, Config, revision, save


class Recipe(BaseModel):
    widths: list[int] = [32, 56, 80]
    kernel: int = 7
    steps: int = 600
    batch: int = 12
    leads: int = 4  # of the twelve, drawn anew for each batch
    crop: int = 1024  # samples at 250 Hz
    learning_rate: float = 4e-3
    weight_decay: float = 0.02
    average: float = 0.99  # decay of the running mean of the weights
    peak_weight: float = 0.5
    seed: int = 1

    @property
    def key(self) -> str:
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:10]


def _lowpass(x: Tensor, cutoff: Tensor) -> Tensor:
    """First-order-like attenuation above a cut-off per record (Hz), as slower recorders and filters do."""
    hertz = torch.fft.rfftfreq(x.shape[-1], 1 / RATE)
    gain = 1 / (1 + (hertz / cutoff[:, None, None]) ** 8).sqrt()
    return torch.fft.irfft(torch.fft.rfft(x) * gain, n=x.shape[-1])


def distort(x: Tensor) -> Tensor:
    """Bedside distortions of ``[batch, leads, time]`` prepared signals: gain, bandwidth, noise, wander, lost leads."""
    batch, leads, time = x.shape
    rand = torch.rand
    flag = lambda p, *shape: (rand(*shape) < p).float()  # noqa: E731
    slow = rand(batch) < 0.4
    x = torch.where(slow[:, None, None], _lowpass(x, 25 + 35 * rand(batch)), x)
    seconds = torch.arange(time) / RATE
    noise = torch.randn(x.shape)
    white = 0.15 * rand(batch, leads, 1) ** 2 * noise
    muscle = 0.5 * rand(batch, leads, 1) ** 2 * _lowpass(torch.randn(x.shape), torch.full((batch,), 40.0))
    x = x + flag(0.7, batch, 1, 1) * white + flag(0.3, batch, 1, 1) * muscle
    for low, high, size, share in ((0.1, 0.8, 1.0, 0.6), (48.0, 62.0, 0.15, 0.2)):  # breathing; mains
        hertz, phase = low + (high - low) * rand(batch, 1, 1), rand(batch, leads, 1)
        wave = torch.sin(2 * math.pi * (hertz * seconds + phase))
        x = x + flag(share, batch, 1, 1) * size * rand(batch, leads, 1) * wave
    x = x * torch.exp(0.3 * torch.randn(batch, leads, 1))
    lost = flag(0.15, batch, leads, 1) * flag(0.4, batch, 1, 1)
    return x * (1 - lost)


def fibrillate(x: Tensor, classes: Tensor, peaks: Tensor) -> None:
    """Turns records into atrial fibrillation in place: P waves are bridged over, fibrillatory waves (4-9 Hz) added."""
    bridge = classes == 1
    if bridge.any():
        time = torch.arange(x.shape[-1]).expand_as(x)
        before = torch.where(bridge, -1, time).cummax(-1).values.clamp(min=0)
        after = torch.where(bridge, x.shape[-1], time).flip(-1).cummin(-1).values.flip(-1).clamp(max=x.shape[-1] - 1)
        share = (time - before) / (after - before).clamp(min=1)
        line = x.gather(-1, before) * (1 - share) + x.gather(-1, after) * share
        x.copy_(torch.where(bridge, line, x))
    classes[bridge] = 0
    peaks[:, :, 0] = 0
    batch, leads, time = x.shape
    seconds = torch.arange(time) / RATE
    drift = torch.cumsum(torch.randn(batch, 1, time), -1) / RATE * 2
    hertz = 4 + 5 * torch.rand(batch, 1, 1)
    angle = 2 * math.pi * (hertz * seconds + drift + torch.rand(batch, leads, 1))
    size = 0.35 * torch.rand(batch, leads, 1) * (torch.rand(batch, 1, 1) < 0.75)
    x += size * (torch.sin(angle) + 0.3 * torch.sin(2 * angle))


def crops(recipe: Recipe, signals: Tensor, classes: Tensor, peaks: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """One random batch: crop, stretched in time by 0.75 to 1.35, of some leads; distorted."""
    total = signals.shape[-1]
    pick = torch.randint(len(signals), (recipe.batch,))
    lead = torch.stack([torch.randperm(signals.shape[1])[: recipe.leads] for _ in range(recipe.batch)])
    stretch = torch.where(torch.rand(recipe.batch) < 0.6, torch.exp(torch.empty(recipe.batch).uniform_(-0.3, 0.3)), 1.0)
    start = torch.rand(recipe.batch) * (total - 1 - recipe.crop * stretch).clamp(min=0)
    position = (start[:, None] + torch.arange(recipe.crop) * stretch[:, None]).clamp(0, total - 1)
    low = position.floor().long().clamp(max=total - 2)
    share = (position - low)[:, None]
    take = lambda a, i: a.gather(-1, i.reshape(len(i), *[1] * (a.dim() - 2), -1).expand(*a.shape[:-1], -1))  # noqa: E731
    x = signals[pick[:, None], lead]
    x = take(x, low) * (1 - share) + take(x, low + 1) * share
    nearest = position.round().long()
    c = take(classes[pick[:, None], lead], nearest).long()
    h = take(peaks[pick[:, None], lead], nearest).float() / 255
    some = torch.rand(recipe.batch) < 0.12
    if some.any():
        xs, cs, hs = x[some], c[some], h[some]
        fibrillate(xs, cs, hs)
        x[some], c[some], h[some] = xs, cs, hs
    return distort(x), c, h


def loss(net: DelineationNet, x: Tensor, classes: Tensor, peaks: Tensor, peak_weight: float) -> Tensor:
    """Cross-entropy of the classes and of the peaks, where the annotators looked."""
    known = (classes != data.IGNORE) & (x.abs().amax(-1, keepdim=True) > 0)
    class_logits, peak_logits = net(x)
    masked = torch.where(known, classes, -100)
    first = F.cross_entropy(class_logits.flatten(0, 1), masked.flatten(0, 1))
    weight = known.unsqueeze(2).float() * (1 + 9 * peaks)
    second = F.binary_cross_entropy_with_logits(peak_logits, peaks, weight, reduction="sum") / known.sum().clamp(min=1)
    return first + peak_weight * second


def train(recipe: Recipe, records: list[data.Record], checkpoint: Path) -> DelineationNet:
    """Fits a network; goes on from the checkpoint where there is one."""
    torch.manual_seed(recipe.seed)
    signals, classes, peaks = (torch.from_numpy(a) for a in data.stack(records))
    net = DelineationNet(recipe.widths, recipe.kernel).to(memory_format=torch.channels_last)
    mean = {k: v.clone() for k, v in net.state_dict().items()}
    optimizer = torch.optim.AdamW(net.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, recipe.steps, pct_start=0.15)
    step, state = 0, checkpoint.with_suffix(".safetensors")
    if state.exists():
        saved = load_file(state)
        step = int(saved["step"])
        net.load_state_dict({k[4:]: v for k, v in saved.items() if k.startswith("net.")})
        mean = {k[5:]: v for k, v in saved.items() if k.startswith("mean.")}
        torch.manual_seed(recipe.seed + step)
        moments = {k: v for k, v in saved.items() if k.startswith("adam.")}
        names = [n for n, _ in net.named_parameters()]
        optimizer.load_state_dict(optimizer.state_dict() | {"state": {
            i: {"step": torch.tensor(float(step)), **{m: moments[f"adam.{m}.{n}"] for m in ("exp_avg", "exp_avg_sq")}}
            for i, n in enumerate(names)}} if step else optimizer.state_dict())
        schedule.load_state_dict(schedule.state_dict() | {"last_epoch": step, "_step_count": step + 1})
    net.train()
    while step < recipe.steps:
        x, c, h = crops(recipe, signals, classes, peaks)
        with torch.autocast("cpu", torch.bfloat16):
            value = loss(net, x, c, h, recipe.peak_weight)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        step += 1
        decay = min(recipe.average, step / (step + 10))
        for k, v in net.state_dict().items():
            mean[k] = v.clone() if not v.is_floating_point() else decay * mean[k] + (1 - decay) * v
        if step % 100 == 0 or step == recipe.steps:
            print(f"{checkpoint.name} step {step}/{recipe.steps} loss {value.item():.4f}", flush=True)
            tensors = {f"net.{k}": v for k, v in net.state_dict().items()} | {f"mean.{k}": v for k, v in mean.items()}
            for name, parameter in net.named_parameters():
                for m in ("exp_avg", "exp_avg_sq"):
                    tensors[f"adam.{m}.{name}"] = optimizer.state[parameter][m]
            state.parent.mkdir(parents=True, exist_ok=True)
            save_file({k: v.contiguous().clone() for k, v in tensors.items()} | {"step": torch.tensor(step)}, state)
    net.load_state_dict(mean)
    return net.train(False)


def fit(recipe: Recipe, folder: Path, out: Path) -> Config:
    """Trains on every record of LUDB and writes ``model.safetensors`` and ``config.json``."""
    records = data.read_ludb(folder)
    net = train(recipe, records, settings.runs / f"delineation-{recipe.key}-all")
    return save(out, net, describe(recipe, len(records)))


def describe(recipe: Recipe, records: int) -> Config:
    return Config(
        name="ecg_delineation", version="1.0.0",
        architecture=Architecture(target="core.ecg.delineation:DelineationNet",
                                  arguments={"widths": recipe.widths, "kernel": recipe.kernel}),
        input={"leads": " ".join(LEADS) + ", any of them missing", "unit": "mV", "sampling_rate_hz": RATE,
               "window": "any length, in pieces of 30 s",
               "normalisation": "high-pass 0.5 Hz, per lead divided by the median of its standard deviations over 2 s"},
        training_data=f"LUDB 1.0.1, {records} of its 200 records, every lead (ODC-By 1.0, Kalyakulina et al. 2020)",
        licence="odc-by", seed=recipe.seed, revision=revision(),
        summary="Onset, peak and end of P, QRS and T in every lead of an ECG, and where one of them is absent.",
        classes=["background", *WAVES], recipe=recipe.model_dump(),
        notes=["P waves dissociated from the QRS (complete heart block) are not marked in LUDB, nor reliably here.",
               "The annotators' habits are those of one centre; limits follow them."],
    )


def cross_validate(recipe: Recipe, records: list[data.Record], only: list[int] | None = None) -> dict[int, Delineation]:
    """Delineation of each record (by its index) by the network that did not see it; folds resume where they stopped."""
    found: dict[int, Delineation] = {}
    for number, fold in enumerate(data.folds(records)):
        if only is None or number in only:
            seen = [record for i, record in enumerate(records) if i not in set(fold.tolist())]
            net = train(recipe, seen, settings.runs / f"delineation-{recipe.key}-fold{number}")
            for i in fold:
                found[int(i)] = run(net, records[i].millivolts, records[i].sampling_rate)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="LUDB in its publisher's layout")
    parser.add_argument("--out", type=Path, default=settings.weights / "ecg_delineation")
    parser.add_argument("--folds", type=int, nargs="*", help="train these networks of the cross-validation instead")
    arguments = parser.parse_args()
    torch.set_num_threads(settings.threads)
    if arguments.folds is None:
        fit(Recipe(), arguments.data, arguments.out)
    else:
        cross_validate(Recipe(), data.read_ludb(arguments.data), arguments.folds)


if __name__ == "__main__":
    main()
