"""M-PRTM on several cohorts at once: Cox partial likelihood by cohort, death within 1 and 3 years, stratum of the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor
from torch.nn import functional as F
from torchsurv.loss.cox import neg_partial_log_likelihood
from torchsurv.metrics.cindex import ConcordanceIndex

from core.heart_failure.network import MPrtm, settle, strata
from core.heart_failure.training.fit import Ridge
from core.heart_failure.training.linear_start import begin
from core.heart_failure.training.outcomes import Patients, Targets, targets
from core.progress import Done, report
from core.training.loop import Average
from core.training.recipe import RecipeError


class NetworkRecipe(BaseModel):
    """How a network is trained; the defaults are those of the shipped weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str = "compact"
    epochs: int = 12
    batch: int = 512
    learning_rate: float = 2e-3
    weight_decay: float = 0.3
    averaging: float = 0.9
    ridge: float = 800.0  # first and least penalty of the Cox model that it starts from (``fit.Ridge``)
    least: float = 150.0
    from_cox: bool = True
    hide: float = 0.6  # numbers are hidden at rates up to this, in half of the patients
    no_text: float = 0.25  # modality dropout
    no_numbers: float = 0.1
    heads: float = 0.3  # weight of the other heads beside Cox
    held: float = 0.0  # share of the patients on which training is stopped, by concordance
    patience: int = 20
    seed: int = 0


FLAT = Ridge(first=1e9, least=1e9, most=1e9)  # standardises, and starts from nothing

RECIPES = {
    "compact": NetworkRecipe(),
    # the source's: 200 epochs at most, batches of 16, AdamW at 1e-4, early stopping
    "published": NetworkRecipe(preset="published", epochs=200, batch=16, learning_rate=1e-4, weight_decay=0.01, averaging=0.0,
                               from_cox=False, held=0.2),
}


@dataclass(frozen=True)
class Fitted:
    """The network and how it came to be: a dictionary of figures per epoch; the predictions of the held patients."""

    model: MPrtm
    history: tuple[dict[str, float], ...]
    held: np.ndarray


def train_network(model: MPrtm, patients: Patients, recipe: NetworkRecipe, log: Callable[..., None] | None = None,
                  keep: Callable[[int, dict[str, Tensor]], None] | None = None, done: Done | None = None) -> Fitted:
    """Train in place of ``model``'s weights and return the averaged network.

    Args:
        log: told the figures of each epoch. keep: given each epoch's predictions of the patients held out.
    """
    torch.manual_seed(recipe.seed)
    draw = np.random.default_rng(recipe.seed)
    held = np.sort(_held(patients, recipe.held, draw))
    mine = patients.rows(np.setdiff1d(np.arange(len(patients)), held))
    begin(model, mine, Ridge(first=recipe.ridge, least=recipe.least) if recipe.from_cox else FLAT)
    wanted, average = targets(mine), Average(model)
    optimizer = torch.optim.AdamW(_groups(model, recipe.weight_decay), lr=recipe.learning_rate)
    best, best_state, since, history = -1.0, None, 0, []
    steps = max(len(mine) // recipe.batch, 1)
    for epoch in range(recipe.epochs):
        model.train()
        sums: dict[str, float] = {}
        for i, rows in enumerate(np.array_split(draw.permutation(len(mine)), steps)):
            scale = min(1.0, (epoch * steps + i + 1) / (0.1 * recipe.epochs * steps))
            scale *= 0.5 * (1 + np.cos(np.pi * (epoch * steps + i) / (recipe.epochs * steps)))
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate * scale
            parts = losses(model, hidden(mine.rows(rows), recipe, draw), _rows(wanted, rows), recipe.heads, draw)
            if not torch.isfinite(parts["loss"]):
                raise RecipeError(f"The loss is no number any more, in epoch {epoch + 1}.", "Take a smaller learning rate.")
            optimizer.zero_grad()
            parts["loss"].backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            average.update(model, min(recipe.averaging, (1 + epoch * steps + i) / (10 + epoch * steps + i)))
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + value.item() / steps
            report(done, epoch * steps + i + 1, recipe.epochs * steps)
        figures = {"epoch": epoch + 1, **{name: round(value, 5) for name, value in sums.items()}}
        if len(held):
            figures |= _validated(average.model, patients.rows(held), keep, epoch + 1)
            if figures["c_index"] > best:
                best, since = figures["c_index"], 0
                best_state = {k: v.clone() for k, v in average.model.state_dict().items()}
            else:
                since += 1
        history.append(figures)
        if log is not None:
            log(**figures)
        if len(held) and since >= recipe.patience:
            break
    kept = average.model
    if best_state is not None:
        kept.load_state_dict(best_state)
    settle(kept, **patients.inputs())
    return Fitted(kept.eval().requires_grad_(False), tuple(history), held)


def losses(model: MPrtm, patients: Patients, wanted: Targets, weight: float, draw: np.random.Generator) -> dict[str, Tensor]:
    """Each member's losses, averaged over the members."""
    wording = torch.from_numpy(draw.integers(0, patients.read.shape[1], len(patients)))
    parts = model.parts(**patients.inputs(wording))
    cox = died = stratum = patients.numbers.new_zeros(())
    for member, (scores, gains, _) in zip(model.members, parts["members"], strict=True):
        heads, _ = member.fuse(scores, gains)
        cox = cox + stratified(heads[:, 0], patients)
        loss = F.binary_cross_entropy_with_logits(heads[:, 1:3] + wanted.usual, wanted.died, wanted.died_weight)
        died = died + loss
        each = F.cross_entropy(strata(heads[:, 3], wanted.usual_stratum), wanted.stratum, reduction="none")
        stratum = stratum + (each * wanted.stratum_weight).mean()
    n = len(model.members)
    cox, died, stratum = cox / n, died / n, stratum / n
    return {"loss": cox + weight * (died + stratum), "cox": cox, "death": died, "stratum": stratum}


def stratified(log_hazard: Tensor, patients: Patients) -> Tensor:
    """Negative partial log likelihood per death, the risk sets within the cohorts."""
    total, deaths = log_hazard.new_zeros(()), 0
    for one in patients.cohort.unique():
        rows = patients.cohort == one
        if (count := int(patients.event[rows].sum())) and rows.sum() > 1:
            total = total + neg_partial_log_likelihood(log_hazard[rows], patients.event[rows], patients.time[rows],
                                                       ties_method="breslow", reduction="sum")
            deaths += count
    return total / max(deaths, 1)


def hidden(patients: Patients, recipe: NetworkRecipe, draw: np.random.Generator) -> Patients:
    """Some of what is known is hidden, so that a network learns to do without."""
    n, k = patients.numbers.shape
    rate = draw.uniform(0, recipe.hide, (n, 1)) * (draw.random((n, 1)) < 0.5)
    gone = draw.random((n, k)) < rate
    others = patients.has_text.numpy() | ~patients.scar.isnan().all(1).numpy()
    gone |= ((draw.random(n) < recipe.no_numbers) & others)[:, None]
    numbers = torch.where(torch.from_numpy(gone), torch.nan, patients.numbers)
    has_text = patients.has_text & (torch.from_numpy(draw.random(n) >= recipe.no_text) | numbers.isnan().all(1))
    other = has_text | ~numbers.isnan().all(1)
    no_scar = torch.from_numpy(draw.random(n) < recipe.no_text) & other
    scar = torch.where(no_scar[:, None], torch.nan, patients.scar)
    return replace(patients, numbers=numbers, has_text=has_text, scar=scar)


def concordance(log_hazard: Tensor, patients: Patients) -> float:
    """Harrell's C within the cohorts, averaged over them."""
    values = []
    for one in patients.cohort.unique():
        rows = patients.cohort == one
        if patients.event[rows].any():
            values.append(float(ConcordanceIndex()(log_hazard[rows], patients.event[rows], patients.time[rows])))
    return float(np.mean(values))


@torch.inference_mode()
def _validated(model: MPrtm, patients: Patients, keep: Callable | None, epoch: int) -> dict[str, float]:
    """Concordance, loss and accuracy per task, of the averaged network; accuracy at a threshold of a half, weighted."""
    inputs, wanted = patients.inputs(), targets(patients)
    out = model(inputs["numbers"], scar=inputs["scar"], read=inputs["read"])
    death = torch.stack([out["year_1"], out["year_3"]], 1) + wanted.usual
    right = ((death > 0).float() == wanted.died).float() * wanted.died_weight
    ranked = strata(out["each"].mean(0)[:, 3], wanted.usual_stratum)
    hit = (ranked.argmax(1) == wanted.stratum).float() * wanted.stratum_weight
    if keep is not None:
        keep(epoch, {"log_hazard": out["log_hazard"], "death": death.sigmoid(), "stratum": ranked.softmax(-1)})
    accuracy = (right.sum(0) / wanted.died_weight.sum(0).clamp(min=1e-9)).tolist()
    return {"held_cox": round(float(stratified(out["log_hazard"], patients)), 5),
            "c_index": round(concordance(out["log_hazard"], patients), 5), "accuracy_1y": round(accuracy[0], 4),
            "accuracy_3y": round(accuracy[1], 4),
            "accuracy_stratum": round(float(hit.sum() / wanted.stratum_weight.sum().clamp(min=1e-9)), 4)}


def _held(patients: Patients, share: float, draw: np.random.Generator) -> np.ndarray:
    return draw.permutation(len(patients))[: int(share * len(patients))]


def _rows(wanted: Targets, rows: np.ndarray) -> Targets:
    return Targets(*(value[torch.from_numpy(rows)] for value in vars(wanted).values()))


def _groups(model: MPrtm, weight_decay: float) -> list[dict]:
    """Matrices decay; the reader of prescriptions stays as it was trained."""
    names = [(name, p) for name, p in model.named_parameters() if p.requires_grad and not name.startswith("reader.")]
    return [{"params": [p for name, p in names if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for name, p in names if p.ndim < 2], "weight_decay": 0.0}]
