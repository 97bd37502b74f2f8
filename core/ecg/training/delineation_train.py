"""Recipe of the delineation network, and the weights that ship.

    python -m core.ecg.training.delineation_train --data LUDB

Its figures: ``python -m core.ecg.training.delineation_evaluate``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from core.ecg.delineation import RATE, WAVES, Delineation, DelineationNet, run
from core.ecg.study import LEADS
from core.ecg.training import delineation_data as data
from core.ecg.training.delineation_distort import crops, loss
from core.ecg.training.recipe import Delineation as Recipe
from core.ecg.training.recipe import DelineationRecipe
from core.progress import Done, report
from core.settings import settings
from core.training.precision import half
from core.training.provenance import Release, release_of, stamp
from core.training.recipe import RecipeError
from core.training.runs import Run, start
from core.weights import Architecture, Config, revision, save

LUDB = "LUDB 1.0.1, 160 of its 200 records, every lead (ODC-By 1.0, Kalyakulina et al. 2020)"
RELEASES = (Release("ecg_delineation", "1.0.0", LUDB),)


def train_recipe(recipe: DelineationRecipe, done: Done | None = None) -> Path:
    """What the room's other recipe runs: every record, then the weights folder; returns it.

    Raises:
        InputError: the folder is not LUDB as published. RecipeError: a run of that name with another recipe or other records.
        Cancelled: ``done`` said so.
    """
    with Run("ecg", recipe.name).failures_logged():
        torch.set_num_threads(settings.threads)
        fit(recipe.network, recipe.data, recipe.out, done)
        return recipe.out


def train(recipe: Recipe, records: list[data.Record], part: str, done: Done | None = None) -> DelineationNet:
    """Fits a network on the records; goes on where a run of that name and part was interrupted.

    Raises:
        RecipeError: the run was one of another recipe or of other records.
    """
    training = start("ecg", f"{recipe.name}-{part}", recipe=recipe.model_dump(), data=data.identity_of(records),
                    architecture=recipe.arguments)
    with training.failures_logged():
        return _train(recipe, records, training, done)


def _train(recipe: Recipe, records: list[data.Record], training: Run, done: Done | None) -> DelineationNet:
    torch.manual_seed(recipe.seed)
    signals, classes, peaks = (torch.from_numpy(a) for a in data.stack(records))
    net = DelineationNet(**recipe.arguments).to(memory_format=torch.channels_last)
    mean = {k: v.clone() for k, v in net.state_dict().items()}
    optimizer = torch.optim.AdamW(net.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, recipe.steps, pct_start=0.15)
    step, state = 0, training.checkpoint.with_suffix(".safetensors")
    if state.exists():
        saved = load_file(state)
        step = int(saved["step"])
        net.load_state_dict({k[4:]: v for k, v in saved.items() if k.startswith("net.")})
        mean = {k[5:]: v for k, v in saved.items() if k.startswith("mean.")}
        torch.set_rng_state(saved["random"]) if "random" in saved else torch.manual_seed(recipe.seed + step)
        moments = {k: v for k, v in saved.items() if k.startswith("adam.")}
        names = [n for n, _ in net.named_parameters()]
        optimizer.load_state_dict(optimizer.state_dict() | {"state": {
            i: {"step": torch.tensor(float(step)), **{m: moments[f"adam.{m}.{n}"] for m in ("exp_avg", "exp_avg_sq")}}
            for i, n in enumerate(names)}} if step else optimizer.state_dict())
        schedule.load_state_dict(schedule.state_dict() | {"last_epoch": step - 1, "_step_count": step})
        schedule.step()  # which tells the optimizer its rate and its momentum
    net.train()
    while step < recipe.steps:
        x, c, h = crops(signals, classes, peaks, recipe.batch, recipe.leads, recipe.crop)
        with half(torch.device("cpu")):
            value = loss(net, x, c, h, recipe.peak_weight)
        if not torch.isfinite(value):
            raise RecipeError(f"The loss is no number any more, in step {step + 1}.", "Take a smaller learning rate.")
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
            tensors = {f"net.{k}": v for k, v in net.state_dict().items()} | {f"mean.{k}": v for k, v in mean.items()}
            for name, parameter in net.named_parameters():
                for m in ("exp_avg", "exp_avg_sq"):
                    tensors[f"adam.{m}.{name}"] = optimizer.state[parameter][m]
            whole = state.with_suffix(".part")
            save_file({k: v.contiguous().clone() for k, v in tensors.items()}
                      | {"step": torch.tensor(step), "random": torch.get_rng_state()}, whole)
            whole.replace(state)
            training.log(steps=step, loss=round(value.item(), 4), learning_rate=schedule.get_last_lr()[0])
        report(done, step, recipe.steps)
    net.load_state_dict(mean)
    return net.train(False)


def fit(recipe: Recipe, folder: Path, out: Path, done: Done | None = None) -> Config:
    """Trains on every record of LUDB and writes ``model.safetensors`` and ``config.json``."""
    records = data.read_ludb(folder)
    return save(out, train(recipe, records, "all", done), describe(recipe, len(records), folder))


def describe(recipe: Recipe, records: int, folder: Path = Path("LUDB")) -> Config:
    placed = DelineationRecipe(**recipe.model_dump(), data=folder)
    described = f"LUDB 1.0.1, {records} of its 200 records, every lead (ODC-By 1.0, Kalyakulina et al. 2020)"
    return Config(
        **stamp(placed, described, release_of(placed, described, RELEASES)),
        architecture=Architecture(target="core.ecg.delineation:DelineationNet", arguments=recipe.arguments),
        input={"leads": " ".join(LEADS) + ", any of them missing", "unit": "mV", "sampling_rate_hz": RATE,
               "window": "any length, in pieces of 30 s",
               "normalisation": "high-pass 0.5 Hz, per lead divided by the median of its standard deviations over 2 s"},
        licence="odc-by", seed=recipe.seed, revision=revision(),
        summary="Onset, peak and end of P, QRS and T in every lead of an ECG, and where one of them is absent.",
        classes=["background", *WAVES], recipe=recipe.model_dump(mode="json", exclude={"name"}),
        notes=["P waves dissociated from the QRS (complete heart block) are not marked in LUDB, nor reliably here.",
               "The annotators' habits are those of one centre; limits follow them."],
    )


def cross_validate(recipe: Recipe, records: list[data.Record], only: list[int] | None = None) -> dict[int, Delineation]:
    """Delineation of each record (by its index) by the network that did not see it; folds resume where they stopped."""
    found: dict[int, Delineation] = {}
    for number, fold in enumerate(data.folds(records)):
        if only is None or number in only:
            seen = [record for i, record in enumerate(records) if i not in set(fold.tolist())]
            net = train(recipe, seen, f"fold{number}")
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
