"""Fine-tuning for a time-to-event outcome: ``L = alpha * L_recon + (1 - alpha) * L_risk`` (ECG-report source).

``L_risk`` is the Cox negative log partial likelihood (torchsurv, Efron ties), ``L_recon`` the decoder's mean
squared error, which keeps the encoder close to the waveform. No outcome data is openly linked to PTB-XL, so
nothing trained here is shipped and no page shows a risk.

    python -m core.ecg.training.risk --data PTB-XL --outcomes outcomes.csv --out DIR     your own outcomes
    python -m core.ecg.training.risk --data PTB-XL --simulate --out DIR                  proof on a simulated hazard
    python -m core launch ecg --recipe recipe=risk data=PTB-XL outcomes=outcomes.csv     as a run that can be stopped

``outcomes.csv`` has the columns ``ecg_id, time, event`` (any unit of time; event 1, censored 0).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torchsurv.loss.cox import neg_partial_log_likelihood
from torchsurv.metrics.cindex import ConcordanceIndex

from core import metrics
from core.ecg.model import EcgNet, standardise
from core.ecg.reconstruction import reconstruction_loss
from core.ecg.training.data import TRAIN_FOLDS, VALIDATION_FOLD, PtbXl, load, millivolts
from core.ecg.training.recipe import RiskRecipe
from core.metrics import figure
from core.progress import Done
from core.settings import settings
from core.training import identity
from core.training.loop import fit, is_main
from core.training.provenance import stamp, train_command
from core.training.recipe import Schedule
from core.training.runs import Run, start
from core.training.steps import parts
from core.uploads import InputError
from core.weights import Architecture, Config, read_metrics, revision, save, write_metrics
from core.weights import load as load_weights


class RiskNet(nn.Module):
    """The pre-trained encoder and decoder, or one of those arguments, and a two-layer perceptron from z_ecg to a log hazard."""

    def __init__(self, encoder: EcgNet | dict[str, Any], hidden: int = 64, dropout: float = 0.3):
        super().__init__()
        self.encoder = (encoder if isinstance(encoder, EcgNet) else EcgNet(**encoder)).requires_grad_(True)
        self.risk = nn.Sequential(
            nn.Linear(self.encoder.latent_size, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, 1)
        )

    def forward(self, signal: Tensor) -> tuple[Tensor, Tensor]:
        """``[batch, 12, time]`` mV -> log hazard ``[batch]`` and reconstruction ``[batch, 12, 1024]``."""
        rebuilt, z = self.encoder.reconstruct(signal)
        return self.risk(z).squeeze(-1), rebuilt


def finetuning_loss(net: RiskNet, signal: Tensor, event: Tensor, time: Tensor, alpha: float) -> dict[str, Tensor]:
    """Both losses and their blend."""
    hazard, rebuilt = net(signal)
    risk = neg_partial_log_likelihood(hazard.float(), event, time)
    recon = reconstruction_loss(rebuilt.float(), standardise(signal)[0])
    return {"loss": alpha * recon + (1 - alpha) * risk, "l_recon": recon, "l_risk": risk}


def stratified(event: np.ndarray, batch: int) -> list[np.ndarray]:
    """Shuffled batches that all have the data's share of events; a batch without one has no partial likelihood.

    Uses torch's random state. The remainder that fills no batch is left out.
    """
    groups = [np.flatnonzero(event == value) for value in (1, 0)]
    shuffled = [rows[torch.randperm(len(rows)).numpy()] for rows in groups]
    count = max(min(len(event) // batch, len(groups[0])), 1)
    return [np.concatenate(pair) for pair in zip(*(np.array_split(rows, count) for rows in shuffled), strict=True)]


def fit_risk(
    encoder: EcgNet, data: PtbXl, rows: np.ndarray, event: np.ndarray, time: np.ndarray, schedule: Schedule,
    alpha: float = 0.5, batch: int = 64, name: str = "risk", done: Done | None = None,
) -> RiskNet:
    """Fine-tune encoder, decoder and risk head together on the given records.

    Raises:
        InputError: no event among the records.
    """
    if not event.any():
        raise InputError("outcomes", "No record has an event.", "A Cox model needs records with event = 1.")
    torch.manual_seed(schedule.seed)
    net = RiskNet(encoder).to(memory_format=torch.channels_last)
    event_t, time_t = torch.from_numpy(event.astype(bool)), torch.from_numpy(time).float()

    def batches(epoch: int) -> Iterator[tuple[Tensor, ...]]:
        for chosen in stratified(event, batch):
            yield millivolts(data, rows[chosen]), event_t[chosen], time_t[chosen]

    def loss(model: nn.Module, signal: Tensor, happened: Tensor, when: Tensor) -> dict[str, Tensor]:
        return finetuning_loss(model, signal, happened, when, alpha)

    outcomes = identity.of_rows(np.arange(len(rows)), event, time)
    run = start("ecg", name, recipe=schedule.model_dump() | {"alpha": alpha, "batch": batch},
                data=data.identity(rows) | {"outcomes": outcomes},
                architecture={"branches": encoder.arguments, "encoder": identity.of_weights(encoder.state_dict())})
    # whole: the risk set of an event is its batch, so a share of a batch has another likelihood
    return fit(net, batches, len(stratified(event, batch)), loss, schedule, run, whole=True, done=done)


@torch.no_grad()
def hazards(net: RiskNet, data: PtbXl, rows: np.ndarray) -> np.ndarray:
    """Log hazards ``[n]``."""
    net.eval()
    return torch.cat([net(millivolts(data, part))[0] for part in np.array_split(rows, len(rows) // 128 + 1)]).numpy()


def concordance(hazard: np.ndarray, event: np.ndarray, time: np.ndarray) -> tuple[float, float, float]:
    """Harrell's C-index and its 95 % interval (torchsurv)."""
    index = ConcordanceIndex()
    value = index(torch.from_numpy(hazard), torch.from_numpy(event.astype(bool)), torch.from_numpy(time).float())
    low, high = index.confidence_interval().tolist()
    return float(value), low, high


def simulate(data: PtbXl, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An outcome whose hazard depends on real properties of each recording.

    The log hazard is the sum of the standardised QRS amplitude (spread of V1-V6) and beat-to-beat energy of
    lead II; times are exponential, censored at random around the median.

    Returns:
        event, time and true log hazard, each ``[n]``.
    """
    signal = np.asarray(data.microvolts, np.float32)
    voltage = np.log(signal[:, 6:].std(-1).mean(-1) + 1)
    steep = np.log(np.abs(np.diff(signal[:, 1], axis=-1)).mean(-1) + 1)
    truth = sum((x - x.mean()) / x.std() for x in (voltage, steep))
    rng = np.random.default_rng(seed)
    time, censored = rng.exponential(np.exp(-truth)), rng.exponential(1.5, len(truth))
    return time <= censored, np.minimum(time, censored), truth


def train(recipe: RiskRecipe, done: Done | None = None) -> Path:
    """Fine-tune, judge on fold 9, and write weights and figures; returns the folder.

    Raises:
        InputError: the data is not PTB-XL as published, a table without the columns, or without an event.
        RecipeError: a run of that name with another recipe or other data.
        Cancelled: ``done`` said so.
    """
    with Run("ecg", recipe.name).failures_logged():
        torch.set_num_threads(settings.threads)
        reading, fitting = parts(done, [1, recipe.schedule.epochs])
        data = load(recipe.data, (*TRAIN_FOLDS, VALIDATION_FOLD), reading)
        event, time, truth = simulate(data) if recipe.outcomes is None else (*outcomes_of(recipe.outcomes, data), None)
        known = np.flatnonzero(np.isfinite(time))
        rows, held = (known[np.isin(known, data.rows(*folds))] for folds in (TRAIN_FOLDS, (VALIDATION_FOLD,)))
        rows = rows[: recipe.records]
        encoder, origin = load_weights(recipe.weights)
        net = fit_risk(encoder, data, rows, event[rows], time[rows], recipe.schedule, recipe.alpha, recipe.batch,
                       f"{recipe.name}-tuning", fitting).cpu()
        if is_main():
            _finish(recipe, net, origin, data, rows, held, event, time, truth)
        return recipe.out


def outcomes_of(path: Path, data: PtbXl) -> tuple[np.ndarray, np.ndarray]:
    """Event and time ``[n]`` of the records, NaN where the table does not name one.

    Raises:
        InputError: no table with the columns ``ecg_id, time, event``.
    """
    remedy = "Give a CSV file with the columns ecg_id, time and event (1, censored 0)."
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise InputError("outcomes", f"{path.name} cannot be read as a table.", remedy) from error
    if missing := sorted({"ecg_id", "time", "event"} - set(table)):
        raise InputError("outcomes", f"{path.name} has no column {' and no '.join(missing)}.", remedy)
    table = table.drop_duplicates("ecg_id").set_index("ecg_id").reindex(data.ids)
    return table.event.fillna(0).to_numpy(bool), pd.to_numeric(table.time, errors="coerce").to_numpy(float)


def _finish(
    recipe: RiskRecipe, net: RiskNet, origin: Config, data: PtbXl, rows: np.ndarray, held: np.ndarray, event: np.ndarray,
    time: np.ndarray, truth: np.ndarray | None,
) -> None:
    figures = []
    if len(held) and event[held].any():
        value, *interval = concordance(hazards(net, data, held), event[held], time[held])
        split = f"fold {VALIDATION_FOLD}, {int(event[held].sum())} events"
        figures = [figure("C-index", value, split, len(held), tuple(interval))]
        if truth is not None:
            best, *_ = concordance(truth[held], event[held], time[held])
            figures.append(figure("C-index of the true hazard", best, split, len(held)))
    said = "simulated outcomes" if truth is not None else "outcomes of one's own"
    described = f"{data.describe(rows)}; {said}"
    save(recipe.out, net, Config(
        **stamp(recipe, described, None),
        architecture=Architecture(target="core.ecg.training.risk:RiskNet", arguments={"encoder": origin.architecture.arguments}),
        input=origin.input, licence=origin.licence, seed=recipe.schedule.seed, revision=revision(),
        recipe=recipe.model_dump(mode="json", exclude={"data", "outcomes", "out"}),
        notes=["No page shows a risk: it is one's own outcomes, or a simulated hazard, that it was tuned for."]))
    write_metrics(recipe.out, {"command": risk_command(recipe), "dataset": f"{data.describe(held)}, {said}",
                               "figures": metrics.measured(figures)})


def risk_command(recipe: RiskRecipe) -> str:
    """What trains the same again."""
    return f"{train_command('ecg', recipe)} recipe=risk"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m core.ecg.training.risk")
    parser.add_argument("--data", type=Path, required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--outcomes", type=Path)
    source.add_argument("--simulate", action="store_true")
    parser.add_argument("--records", type=int, default=4000, help="training records at most")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--alpha", type=float, default=0.5)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    recipe = RiskRecipe(data=options.data, outcomes=options.outcomes, out=options.out, name=f"risk-{options.out.name}",
                        records=options.records, alpha=options.alpha, schedule={"epochs": options.epochs})
    for entry in read_metrics(train(recipe))["figures"]:
        print(entry["name"], entry["value"], entry["interval"])


if __name__ == "__main__":
    main()
