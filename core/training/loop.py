"""One training loop for every model: any device and number of processes (Accelerate), resumable, averaged weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from typing import Literal

import torch
from accelerate import Accelerator
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from core.training.runs import Run


class Schedule(BaseModel):
    """What the loop itself needs to know; recipes embed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int
    learning_rate: float = 2e-3
    weight_decay: float = 0.05  # on the matrices of linear and convolution layers only
    warm_up: float = 0.1  # share of the steps; then cosine to zero
    averaging: float = 0.999  # exponential moving average of the weights, which is what is kept
    clip: float = 1.0
    precision: Literal["fp32", "bf16"] = "bf16"
    seed: int = 0


class Average(nn.Module):
    """Exponential moving average of a model's weights; buffers are copied."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, model: nn.Module, decay: float) -> None:
        torch._foreach_lerp_(list(self.model.parameters()), list(model.parameters()), 1 - decay)
        for kept, now in zip(self.model.buffers(), model.buffers(), strict=True):
            kept.copy_(now)


def fit(
    model: nn.Module,
    batches: Callable[[int], Iterator[tuple[Tensor, ...]]],
    steps_per_epoch: int,
    loss: Callable[..., Tensor | dict[str, Tensor]],
    schedule: Schedule,
    run: Run,
    validate: Callable[[nn.Module], dict[str, float]] | None = None,
    validate_every: int = 3,
) -> nn.Module:
    """Train and return the averaged model.

    Args:
        batches: epoch -> its batches; called after the epoch's seed is set, so that a resumed run goes on
            exactly as an uninterrupted one would.
        loss: ``loss(model, *batch)``, a scalar, or a dictionary whose "loss" is minimised and whose other
            entries are logged.
        validate: figures of the averaged model, logged every ``validate_every`` epochs and at the end.
    """
    accelerator = Accelerator()
    half = torch.autocast(accelerator.device.type, torch.bfloat16, enabled=schedule.precision == "bf16")
    decayed = [m.weight for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d))]
    ids = {id(p) for p in decayed}
    groups = [
        {"params": decayed, "weight_decay": schedule.weight_decay},
        {"params": [p for p in model.parameters() if id(p) not in ids], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=schedule.learning_rate)
    average = Average(model).to(accelerator.device)
    model, optimizer = accelerator.prepare(model, optimizer)
    accelerator.register_for_checkpointing(average)
    first = 0
    if run.checkpoint.is_dir():
        accelerator.load_state(run.checkpoint)
        first = run.progress()[-1]["epoch"]
    total = steps_per_epoch * schedule.epochs
    for epoch in range(first, schedule.epochs):
        torch.manual_seed(schedule.seed * 1000 + epoch)
        model.train()
        sums: dict[str, float] = {}
        for i, batch in enumerate(batches(epoch)):
            step = epoch * steps_per_epoch + i
            for group in optimizer.param_groups:
                group["lr"] = schedule.learning_rate * _scale(step / total, schedule.warm_up)
            with half:  # not Accelerator's own, which is one setting for the whole process
                parts = loss(model, *(tensor.to(accelerator.device) for tensor in batch))
            parts = parts if isinstance(parts, dict) else {"loss": parts}
            optimizer.zero_grad()
            accelerator.backward(parts["loss"])
            accelerator.clip_grad_norm_(model.parameters(), schedule.clip)
            optimizer.step()
            average.update(accelerator.unwrap_model(model), min(schedule.averaging, (2 + step) / (11 + step)))
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + value.item()
        figures = {name: round(value / steps_per_epoch, 5) for name, value in sums.items()}
        last = epoch + 1 == schedule.epochs
        if validate is not None and (last or (epoch + 1) % validate_every == 0):
            figures |= validate(average.model)
        if accelerator.is_main_process:
            accelerator.save_state(run.checkpoint, safe_serialization=True)
            run.log(epoch=epoch + 1, **figures)
    return average.model


def _scale(progress: float, warm_up: float) -> float:
    """Learning rate as a share of its maximum."""
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
