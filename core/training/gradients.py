"""The gradients of a batch: by several processes, in parts, and halved once where memory is short."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Sequence

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from core.training.recipe import RecipeError, Schedule
from core.training.runs import Run, out_of_memory


class Step(nn.Module):
    """A model and its loss as one forward pass, so that processes share gradients whatever of the model the loss calls."""

    def __init__(self, model: nn.Module, loss: Callable[..., Tensor | dict[str, Tensor]]):
        super().__init__()
        self.model, self.loss = model, loss

    def forward(self, *batch: Tensor) -> dict[str, Tensor]:
        parts = self.loss(self.model, *batch)
        parts = parts if isinstance(parts, dict) else {"loss": parts}
        return {name: value if name == "loss" else value.detach() for name, value in parts.items()}


class Gradients:
    """``gradients(batch, seed)`` adds those of a batch to the parameters and returns what the loss was made of, weighted so that
    its mean over the processes is that of the whole batch."""

    def __init__(
        self, accelerator: Accelerator, step_of: nn.Module, precision: torch.autocast, run: Run, whole: bool, schedule: Schedule
    ):
        self.accelerator, self.step_of, self.precision, self.run, self.whole = accelerator, step_of, precision, run, whole
        self.parts, self.halved = schedule.accumulate, False

    def __call__(self, batch: Sequence[Tensor], seed: int) -> dict[str, float]:
        rows, weight = (batch, 1.0) if self.whole else _share(batch, self.accelerator)
        with _own_draws(self.accelerator, self.whole, seed):  # not Accelerator's own
            if (parts := self._tried(rows, weight)) is None:
                self._halve()
                parts = self._tried(rows, weight)
        return parts

    def _tried(self, rows: Sequence[Tensor], weight: float) -> dict[str, float] | None:
        """None where it is worth trying again with halves; what was computed is let go of by then."""
        try:
            return self._of(rows, weight)
        except Exception as error:
            if not out_of_memory(error):
                raise
            if self.halved or self.whole or self.accelerator.num_processes > 1 or len(rows[0]) < 2:
                raise RecipeError(f"There is not enough memory{' even for half a batch' * self.halved}.",
                                  "Take a smaller batch, or a smaller preset.") from error
        return None

    def _of(self, batch: Sequence[Tensor], weight: float) -> dict[str, float]:
        count = min(self.parts, len(batch[0]))
        sums: dict[str, float] = {}
        for k, rows in enumerate(zip(*(tensor.tensor_split(count) for tensor in batch), strict=True)):
            last = k == count - 1
            share = weight * len(rows[0]) / len(batch[0])
            with contextlib.nullcontext() if last else self.accelerator.no_sync(self.step_of):
                with self.precision:
                    parts = self.step_of(*(tensor.to(self.accelerator.device) for tensor in rows))
                self.accelerator.backward(parts["loss"] * share)
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + value.item() * share
        return sums

    def _halve(self) -> None:
        self.halved, self.parts = True, 2 * self.parts
        self.step_of.zero_grad(set_to_none=True)
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self.run.notice("A batch did not fit into memory: each is computed in two halves from here on.")


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
