"""One training loop for every model: any device, any number of processes (Accelerate), resumable, averaged weights."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Iterator, Sequence

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import DistributedDataParallelKwargs, broadcast, reduce
from torch import Tensor, nn

from core.progress import Done, report
from core.settings import settings
from core.training.precision import half
from core.training.recipe import RecipeError, Schedule
from core.training.runs import Run


class Average(nn.Module):
    """Exponential moving average of a model's weights; buffers are copied. ``epochs`` counts those that are behind it."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.register_buffer("epochs", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def update(self, model: nn.Module, decay: float) -> None:
        torch._foreach_lerp_(list(self.model.parameters()), list(model.parameters()), 1 - decay)
        for kept, now in zip(self.model.buffers(), model.buffers(), strict=True):
            kept.copy_(now)


class Step(nn.Module):
    """A model and its loss as one forward pass, so that processes share gradients whatever of the model the loss calls."""

    def __init__(self, model: nn.Module, loss: Callable[..., Tensor | dict[str, Tensor]]):
        super().__init__()
        self.model, self.loss = model, loss

    def forward(self, *batch: Tensor) -> dict[str, Tensor]:
        parts = self.loss(self.model, *batch)
        parts = parts if isinstance(parts, dict) else {"loss": parts}
        return {name: value if name == "loss" else value.detach() for name, value in parts.items()}


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
    """Train and return the averaged model.

    Several processes draw the same batches and take a share of the rows of each. Their gradients are averaged by rows,
    so for a loss that is a mean over rows the result is that of one process with the whole batch. What mixes rows is
    of the share alone: batch normalisation, a Dice over the batch, a mean over the labels that are known. A loss that
    means nothing on a share (Cox, whose risk sets are the batch; contrast with the rest of the batch) wants ``whole``.

    Args:
        batches: epoch -> its batches, tensors with rows first; called after the epoch's seed is set, so that a resumed
            run goes on exactly as an uninterrupted one would.
        loss: ``loss(model, *batch)``, a scalar, or a dictionary whose "loss" is minimised and whose other
            entries are logged.
        validate: figures of the averaged model, logged every ``validate_every`` epochs and at the end.
        whole: every process computes every row, which is right for any loss and no faster than one process.
        done: told after every step, and asked whether to go on; what came before the last whole epoch is not lost.

    Raises:
        RecipeError: a batch has fewer rows than there are processes.
        Cancelled: ``done`` said so.
    """
    with run.failures_logged():
        accelerator = Accelerator(cpu=_on_cpu(), kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)])
        precision = half(accelerator.device, schedule.precision == "bf16")
        optimizer = torch.optim.AdamW(_groups(model, schedule.weight_decay), lr=schedule.learning_rate)
        average = Average(model).to(accelerator.device)
        step_of, optimizer = accelerator.prepare(Step(model, loss), optimizer)
        accelerator.register_for_checkpointing(average)
        if run.checkpoint.is_dir():
            accelerator.load_state(run.checkpoint)
        total = steps_per_epoch * schedule.epochs
        for epoch in range(int(average.epochs), schedule.epochs):
            torch.manual_seed(schedule.seed * 1000 + epoch)
            model.train()
            sums: dict[str, float] = {}
            for i, batch in enumerate(batches(epoch)):
                step = epoch * steps_per_epoch + i
                for group in optimizer.param_groups:
                    group["lr"] = schedule.learning_rate * _scale(step / total, schedule.warm_up)
                rows, weight = (batch, 1.0) if whole else _share(batch, accelerator)
                with _own_draws(accelerator, whole, schedule.seed + step), precision:  # not Accelerator's own
                    parts = step_of(*(tensor.to(accelerator.device) for tensor in rows))
                optimizer.zero_grad()
                accelerator.backward(parts["loss"] * weight)
                accelerator.clip_grad_norm_(model.parameters(), schedule.clip)
                optimizer.step()
                average.update(model, min(schedule.averaging, (2 + step) / (11 + step)))
                for name, value in parts.items():
                    sums[name] = sums.get(name, 0.0) + value.item() * weight
                report(done, step + 1, total)
            if accelerator.num_processes > 1:
                together = reduce(torch.tensor(list(sums.values()), device=accelerator.device), "mean").tolist()
                sums = dict(zip(sums, together, strict=True))
                broadcast(list(average.buffers()))  # the parameters are the same everywhere, batch statistics are not
            figures = {name: round(value / steps_per_epoch, 5) for name, value in sums.items()}
            last = epoch + 1 == schedule.epochs
            if validate is not None and (last or (epoch + 1) % validate_every == 0):
                figures |= validate(average.model)
            average.epochs.fill_(epoch + 1)
            accelerator.save_state(run.checkpoint, safe_serialization=True)
            if accelerator.is_main_process:
                run.log(epoch=epoch + 1, **figures)
            accelerator.wait_for_everyone()
        return average.model


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


def _share(batch: Sequence[Tensor], accelerator: Accelerator) -> tuple[Sequence[Tensor], float]:
    """This process's rows, and what their mean counts for in the mean over all processes."""
    count, rows = accelerator.num_processes, len(batch[0])
    if count == 1:
        return batch, 1.0
    if rows < count:
        raise RecipeError(f"A batch of {rows} rows is too small for {count} processes.", "Take larger batches.")
    mine = [tensor.tensor_split(count)[accelerator.process_index] for tensor in batch]
    return mine, len(mine[0]) * count / rows


@contextlib.contextmanager
def _own_draws(accelerator: Accelerator, whole: bool, seed: int) -> Iterator[None]:
    """Dropout differs between the shares of a batch, while the next batch is drawn alike by all processes."""
    if accelerator.num_processes == 1 or whole:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed * accelerator.num_processes + accelerator.process_index)
        yield


def _scale(progress: float, warm_up: float) -> float:
    """Learning rate as a share of its maximum."""
    if progress < warm_up:
        return progress / warm_up
    return 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))
