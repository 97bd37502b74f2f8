"""One training loop for every model: any device, any number of processes (Accelerate), resumable, averaged weights."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from functools import partial

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import DistributedDataParallelKwargs, broadcast, reduce
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from core.progress import Done, report
from core.settings import settings
from core.training import checkpoint
from core.training.gradients import Gradients, Step
from core.training.precision import half
from core.training.recipe import RecipeError, Schedule
from core.training.runs import Run
from core.training.watch import watch_of


class Average(nn.Module):
    """Exponential moving average of a model's weights; buffers are copied. ``epochs`` counts those that are behind it."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.register_buffer("epochs", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def update(self, model: nn.Module, decay: float) -> None:
        now = [p.full_tensor() if isinstance(p, DTensor) else p for p in model.parameters()]  # FSDP keeps shards
        torch._foreach_lerp_(list(self.model.parameters()), now, 1 - decay)
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
    whole: bool = False,
    done: Done | None = None,
) -> nn.Module:
    """Train and return the averaged model, of the best validation where the schedule has patience.

    Several processes draw the same batches and take a share of the rows of each. Their gradients are averaged by rows,
    so for a loss that is a mean over rows the result is that of one process with the whole batch. What mixes rows is
    of the share alone: batch normalisation, a Dice over the batch, a mean over the labels that are known. A loss that
    means nothing on a share (Cox, whose risk sets are the batch; contrast with the rest of the batch) wants ``whole``.
    The same holds of the parts in which a batch is computed where memory is short (``Schedule.accumulate``); a batch that
    finds no memory is halved once.

    Args:
        batches: epoch -> its batches, tensors with rows first; called after the epoch's seed is set, so that a resumed
            run goes on exactly as an uninterrupted one would.
        loss: ``loss(model, *batch)``, a scalar, or a dictionary whose "loss" is minimised and whose other
            entries are logged.
        validate: figures of the averaged model, logged every ``validate_every`` epochs and at the end.
        whole: every process computes every row, which is right for any loss and no faster than one process.
        done: told after every step, and asked whether to go on; what came before the last whole epoch is not lost.

    Raises:
        RecipeError: a batch has fewer rows than there are processes, the loss is no number any more, no memory even for half a
            batch, or patience without a validation.
        Cancelled: ``done`` said so.
        OSError: a checkpoint could not be written; the one before it is as it was.
    """
    with run.failures_logged():
        accelerator = Accelerator(cpu=_on_cpu(), kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)])
        precision = half(accelerator.device, schedule.precision == "bf16")
        optimizer = torch.optim.AdamW(_groups(model, schedule.weight_decay), lr=schedule.learning_rate)
        average, watched = Average(model).to(accelerator.device), watch_of(schedule, validate, run, whole)
        step_of, optimizer = accelerator.prepare(Step(model, loss), optimizer)
        accelerator.register_for_checkpointing(average, *([watched] if schedule.patience else []))
        if (kept := checkpoint.find(run.checkpoint)) is not None:
            accelerator.load_state(kept)
        elif run.checkpoint.is_dir():
            run.notice("The checkpoint is damaged: this stage begins anew.")
        total = steps_per_epoch * schedule.epochs
        gradients = Gradients(accelerator, step_of, precision, run, whole, schedule)
        for epoch in range(int(average.epochs), schedule.epochs):
            if watched.enough:
                break
            torch.manual_seed(schedule.seed * 1000 + epoch)
            model.train()
            sums: dict[str, float] = {}
            rows, began = 0, time.perf_counter()
            for i, batch in enumerate(batches(epoch)):
                step = epoch * steps_per_epoch + i
                rate = schedule.learning_rate * _scale(step / total, schedule.warm_up)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                optimizer.zero_grad()
                parts = gradients(batch, schedule.seed + step)
                norm = accelerator.clip_grad_norm_(step_of.parameters(), schedule.clip)
                if not math.isfinite(norm):  # the same in all processes, unlike the loss
                    raise _diverged(run, parts["loss"], epoch, i)
                optimizer.step()
                average.update(model, min(schedule.averaging, (2 + step) / (11 + step)))
                for name, value in parts.items():
                    sums[name] = sums.get(name, 0.0) + value
                rows += len(batch[0])
                report(done, step + 1, total)
            seconds = time.perf_counter() - began
            if accelerator.num_processes > 1:
                together = reduce(torch.tensor(list(sums.values()), device=accelerator.device), "mean").tolist()
                sums = dict(zip(sums, together, strict=True))
                broadcast(list(average.buffers()))  # the parameters are the same everywhere, batch statistics are not
            figures = {name: round(value / steps_per_epoch, 5) for name, value in sums.items()}
            last = epoch + 1 == schedule.epochs
            if validate is not None and (last or (epoch + 1) % validate_every == 0):
                found = validate(average.model)
                figures |= found
                watched.see(found, average.model, epoch + 1)
            average.epochs.fill_(epoch + 1)
            checkpoint.save(run.checkpoint, partial(accelerator.save_state, safe_serialization=True), accelerator.is_main_process,
                            accelerator.wait_for_everyone)
            if accelerator.is_main_process:
                run.log(epoch=epoch + 1, **figures, learning_rate=rate, samples_per_second=round(rows / max(seconds, 1e-9), 1))
            accelerator.wait_for_everyone()
        return watched.best(average.model)


def is_main() -> bool:
    """Whether this process writes what all of them trained."""
    return PartialState(cpu=_on_cpu()).is_main_process


def _on_cpu() -> bool:
    return settings.device == "cpu" or not torch.accelerator.is_available()


def _groups(model: nn.Module, weight_decay: float) -> list[dict]:
    decayed = [m.weight for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d))]
    ids = {id(p) for p in decayed}
    return [{"params": decayed, "weight_decay": weight_decay},
            {"params": [p for p in model.parameters() if id(p) not in ids], "weight_decay": 0.0}]


def _diverged(run: Run, loss: float, epoch: int, batch: int) -> RecipeError:
    what = "The loss" if not math.isfinite(loss) else "A gradient of the loss"
    text = f"{what} is no number any more, in epoch {epoch + 1}, batch {batch + 1}."
    run.alert("Training diverged", text)
    return RecipeError(text, "Take a smaller learning rate, or look for missing values in the data; the epochs before are kept.")


def _scale(progress: float, warm_up: float) -> float:
    """Learning rate as a share of its maximum."""
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
