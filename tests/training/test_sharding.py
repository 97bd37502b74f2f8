"""Two processes with half of each batch learn what one process learns with the whole of it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from core.settings import Settings
from core.training import runs
from core.training.loop import Average
from tests.training.toy import train


class Counting(nn.Linear):
    """Remembers how many rows it was given."""

    def __init__(self):
        super().__init__(4, 1)
        self.rows: set[int] = set()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.rows.add(len(x))
        return super().forward(x)


class Mixing(nn.Module):
    """Each row against the mean of its batch, which a share of the batch does not know; and a layer that no loss asks."""

    def __init__(self):
        super().__init__()
        self.linear, self.spare = nn.Linear(4, 1), nn.Linear(4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.linear(x)
        return y - y.mean(0)


def jobs(folder: Path) -> dict:
    """Of each job the weights and losses, and of some the numbers of rows seen at a time and the rows drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "settings", Settings(runs=folder, device="cpu"))
        patch.setenv("TRACKIO_DIR", str(folder / "trackio"))
        found, rows = {}, {}
        for job, batch in (("even", 32), ("uneven", 33)):
            torch.manual_seed(0)
            net = Counting()
            found[job], rows[job] = train(job, batch=batch, net=net).weight, net.rows
        torch.manual_seed(0)
        found["mixing"] = train("mixing", net=Mixing(), whole=True).linear.weight
        torch.manual_seed(0)
        leaky, drawn = nn.Sequential(nn.Dropout(0.3), nn.Linear(4, 1)), []
        found["dropout"] = train("dropout", net=leaky, batch=33, drawn=drawn)[1].weight
        losses = {job: [line["loss"] for line in runs.Run("toy", job).progress()] for job in found}
    return {"weights": found, "rows": rows, "losses": losses, "drawn": drawn}


def averaged_shards(shard: bool = True) -> list[torch.Tensor]:
    """A model that FSDP has in shards, or not, and its average after two steps."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    average = Average(net)
    if shard:
        fully_shard(net, mesh=init_device_mesh("cpu", (2,)))
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    for _ in range(2):
        net(torch.ones(8, 4) * torch.arange(8.0)[:, None]).square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()
        average.update(net, 0.5)
    return [value.clone() for value in average.model.state_dict().values()]


def process(rank: int, port: int, folder: Path) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2",
                   "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    torch.save(jobs(folder) | {"shards": averaged_shards()}, folder / f"{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return jobs(tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    folder = tmp_path_factory.mktemp("two")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.multiprocessing.spawn(process, (port, folder), nprocs=2)
    return [torch.load(folder / f"{rank}.pt") for rank in range(2)]


@pytest.mark.parametrize("job", ["even", "uneven", "mixing"])
def test_weights_and_losses_equal_those_of_one_process(alone, both, job):
    for process in both:
        torch.testing.assert_close(process["weights"][job], alone["weights"][job], atol=1e-5, rtol=0)
    assert torch.equal(*(process["weights"][job] for process in both))
    assert both[0]["losses"][job] == pytest.approx(alone["losses"][job], abs=2e-5)


def test_each_process_sees_its_own_rows_alone(alone, both):
    assert alone["rows"] == {"even": {32}, "uneven": {33}}
    assert [process["rows"] for process in both] == [{"even": {16}, "uneven": {17}}, {"even": {16}, "uneven": {16}}]


def test_processes_drop_out_differently_and_still_draw_the_same_batches(alone, both):
    assert torch.equal(*(process["weights"]["dropout"] for process in both))
    assert not torch.equal(both[0]["weights"]["dropout"], alone["weights"]["dropout"])
    assert both[0]["drawn"] == both[1]["drawn"]
    assert len(both[0]["drawn"]) == 42


def test_the_average_of_a_model_in_shards_is_that_of_the_whole_one(both):
    for process in both:
        for sharded, whole in zip(process["shards"], averaged_shards(shard=False), strict=True):
            torch.testing.assert_close(sharded, whole, atol=1e-6, rtol=0)
