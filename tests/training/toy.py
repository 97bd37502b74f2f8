"""A linear map to learn, in a fraction of a second."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.training import identity, runs
from core.training.loop import fit
from core.training.recipe import Schedule

X = torch.randn(256, 4, generator=torch.Generator().manual_seed(0))
SLOPES = torch.tensor([[1.0], [-2.0], [0.5], [0.0]])
SCHEDULE = Schedule(epochs=6, learning_rate=0.3, weight_decay=0.0, averaging=0.9, precision="fp32")


def start(name: str, y: Tensor, schedule: Schedule = SCHEDULE) -> runs.Run:
    rows = torch.arange(len(y)).numpy()
    return runs.start("toy", name, recipe=schedule.model_dump(), data=identity.of_rows(rows, X.numpy(), y.numpy()),
                      architecture={"inputs": 4, "outputs": 1})


def train(name: str, interrupt_after: int | None = None, batch: int = 32, slopes: Tensor = SLOPES, net: nn.Module | None = None,
          drawn: list[list[int]] | None = None, schedule: Schedule = SCHEDULE, loss=lambda m, a, b: F.mse_loss(m(a), b),
          **options) -> nn.Module:
    """``drawn`` collects the rows of every batch; ``options`` of ``fit``."""
    torch.manual_seed(0)
    y = X @ slopes

    def batches(epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        if epoch == interrupt_after:
            raise KeyboardInterrupt
        for chunk in torch.randperm(256)[: 256 // batch * batch].split(batch):
            if drawn is not None:
                drawn.append(chunk.tolist())
            yield X[chunk], y[chunk]

    return fit(net or nn.Linear(4, 1), batches, 256 // batch, loss, schedule, start(name, y, schedule), **options)
