"""A pseudo-random sum, one step after the other, that goes on where it was; and a linear map by the house's own loop."""

import errno
import json
import os
import random
import time
from pathlib import Path

from core.toyroom.training.recipe import Linear, Recipe

from core.progress import report
from core.training import records, runs
from core.uploads import InputError


def train(recipe: Recipe, done=None) -> Path:
    run = runs.start("toyroom", recipe.name, recipe={"steps": recipe.steps, "seed": recipe.seed}, data={}, architecture={})
    state = records.read(run.folder / "state.json") or {"step": 0, "sum": 0.0}
    while state["step"] < recipe.steps:
        if recipe.fails and state["step"] == 2:
            fail(recipe.fails)
        time.sleep(recipe.pause)
        state = {"step": state["step"] + 1, "sum": state["sum"] + random.Random(recipe.seed + state["step"]).random()}
        records.write(run.folder / "state.json", state)
        if recipe.logs and runs.heard is not None:
            runs.heard(run, {"epoch": state["step"], "mean": state["sum"] / state["step"]})
        report(done, state["step"], recipe.steps)
    recipe.out.mkdir(parents=True, exist_ok=True)
    (recipe.out / "metrics.json").write_text(json.dumps({
        "sum": state["sum"], "figures": [{"name": "Sum", "value": state["sum"]}]}))
    return recipe.out


def fail(how: str) -> None:
    if how == "input":
        raise InputError("data", "There are no films.", "Give some.")
    if how == "fault":
        raise ZeroDivisionError("by nought\nsecond line")
    if how == "exit":
        os._exit(7)
    if how == "disk":
        raise OSError(errno.ENOSPC, "No space left on device")
    if how == "memory":
        raise MemoryError
    if how == "deaf":
        while True:
            time.sleep(0.05)
    print("noise\n" * 400_000, flush=True)


def linear(recipe: Linear, done=None) -> Path:
    import torch
    from torch import nn
    from torch.nn import functional as F

    from core.training.loop import fit

    x = torch.randn(256, 4, generator=torch.Generator().manual_seed(0))
    y = x @ torch.tensor([[1.0], [-2.0], [0.5], [0.0]])

    def batches(epoch: int):
        for rows in torch.randperm(256).split(32):
            time.sleep(recipe.pause)
            yield x[rows], y[rows] * (torch.nan if epoch == recipe.poison else 1)

    torch.manual_seed(0)
    run = runs.start("toyroom", f"{recipe.name}-map", recipe=recipe.schedule.model_dump(), data={}, architecture={})
    net = fit(nn.Linear(4, 1), batches, 8, lambda net, a, b: F.mse_loss(net(a), b), recipe.schedule, run, done=done)
    recipe.out.mkdir(parents=True, exist_ok=True)
    (recipe.out / "metrics.json").write_text(json.dumps({"weight": net.weight.tolist()}))
    return recipe.out
