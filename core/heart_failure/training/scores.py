"""Figures of survival predictions: discrimination, calibration, usefulness; each with its interval of patients drawn anew."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core import metrics
from core.heart_failure.survival import grid, kaplan_meier, slope
from core.heart_failure.training.data import TITLES, Data
from core.heart_failure.training.models import TITLES as MODELS
from core.heart_failure.training.seen import Seen
from core.metrics import Figure

HORIZONS = (1, 3)  # years
TARGETS = {("music", "form, drugs and NT-proBNP"): 0.72, ("music", "everything"): 0.745, ("peakvo2", "everything"): 0.715,
           ("peakvo2", "form"): 0.69}
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4)  # of the decision curve, risk at which one would act


class Pairs:
    """Which pairs of patients can be ordered (Harrell et al. 1982), kept so that a resample costs two products.

    Args:
        time, event: ``[n]``. A pair counts where the earlier one died; at the same time, one who died comes first.
    """

    def __init__(self, time: np.ndarray, event: np.ndarray):
        self.died = np.flatnonzero(event)
        own = time[self.died, None]
        self.usable = ((time > own) | ((time == own) & ~event.astype(bool))).astype(np.float32)

    def right(self, log_hazard: np.ndarray) -> np.ndarray:
        """Share of the repeats in which each pair is in order ``[deaths, n]``, half where tied; ``log_hazard [repeats, n]``."""
        result = np.zeros_like(self.usable)
        for one in log_hazard:
            more = one[self.died, None] - one
            result += (more > 0) + 0.5 * (more == 0)
        return result / len(log_hazard) * self.usable

    def c_index(self, log_hazard: np.ndarray) -> float:
        return self.of(self.right(log_hazard), np.arange(self.usable.shape[1]))

    def of(self, right: np.ndarray, rows: np.ndarray) -> float | None:
        """C-index of rows that may repeat; None where no pair can be ordered. Linear in ``right``."""
        weight = np.bincount(rows, minlength=self.usable.shape[1]).astype(np.float32)
        pairs = float(weight[self.died] @ (self.usable @ weight))
        return float(weight[self.died] @ (right @ weight)) / pairs if pairs else None


def c_index(name: str, pairs: Pairs, log_hazard: np.ndarray, split: str, target: float | None = None) -> Figure:
    right = pairs.right(log_hazard)
    return metrics.resampled(name, lambda rows: pairs.of(right, rows), np.arange(log_hazard.shape[1]), split, target=target)


def difference(name: str, pairs: Pairs, ours: np.ndarray, theirs: np.ndarray, split: str) -> Figure:
    """Of two C-indices on the same patients, paired."""
    right = pairs.right(ours) - pairs.right(theirs)
    return metrics.resampled(name, lambda rows: pairs.of(right, rows), np.arange(ours.shape[1]), split)


def observed_expected(time: np.ndarray, event: np.ndarray, risk: np.ndarray, year: float) -> float | None:
    """Kaplan-Meier risk over the mean predicted one."""
    return (1 - float(kaplan_meier(time, event).at(year))) / float(risk.mean()) if len(time) and risk.mean() > 0 else None


def brier(time: np.ndarray, event: np.ndarray, risks: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Brier score ``[g]`` at each year, weighted by the inverse of being watched (Graf et al. 1999).

    Args:
        risks: ``[n, g]``.
    """
    watched = kaplan_meier(time, ~event.astype(bool))
    left = np.searchsorted(watched.years, time, side="left") - 1  # just before the patient's own time
    before = np.maximum(watched.survival[np.maximum(left, 0)], 1e-6)
    died = (time[:, None] <= years) & event[:, None].astype(bool)
    alive = time[:, None] > years
    return np.mean(died * (1 - risks) ** 2 / before[:, None] + alive * risks**2 / np.maximum(watched.at(years), 1e-6), 0)


def integrated(time: np.ndarray, event: np.ndarray, risks: np.ndarray, years: np.ndarray) -> float:
    """Mean Brier score over the years."""
    return float(np.trapezoid(brier(time, event, risks, years), years) / (years[-1] - years[0]))


def net_benefit(time: np.ndarray, event: np.ndarray, risk: np.ndarray, year: float, threshold: float) -> float:
    """Of acting on those above a threshold (Vickers and Elkin 2006), deaths by Kaplan-Meier among them."""
    chosen = risk >= threshold
    if not chosen.any():
        return 0.0
    died = (1 - float(kaplan_meier(time[chosen], event[chosen]).at(year))) * chosen.mean()
    return float(died - (chosen.mean() - died) * threshold / (1 - threshold))


def decision_curve(time: np.ndarray, event: np.ndarray, risk: np.ndarray, year: float) -> list[dict[str, float]]:
    """Net benefit of the model, and of acting on everyone, per patient."""
    everyone = np.ones(len(time))
    return [{"threshold": t, "model": round(net_benefit(time, event, risk, year, t), 5),
             "everyone": round(net_benefit(time, event, everyone, year, t), 5)} for t in THRESHOLDS]


def calibration(
    time: np.ndarray, event: np.ndarray, log_hazard: np.ndarray, risks: np.ndarray, years: np.ndarray, split: str
) -> list[Figure]:
    """Slope, observed/expected and integrated Brier score.

    Args:
        log_hazard: ``[repeats, n]``. risks: ``[repeats, n, g]`` at ``years``, as far as the cohort was watched.
    """
    patients = np.arange(len(time))
    over = lambda of: lambda rows: float(np.mean([of(repeat, rows) for repeat in range(len(log_hazard))]))  # noqa: E731
    found = [metrics.resampled("Calibration slope", over(
        lambda k, rows: slope(time[rows], event[rows], log_hazard[k, rows]) if event[rows].any() else np.nan), patients, split,
        target=1.0)]
    for year in (year for year in HORIZONS if year <= years[-1]):
        risk = risks[:, :, int(np.argmin(np.abs(years - year)))].mean(0)
        found.append(metrics.resampled(
            f"Observed/expected deaths at {year} year{'s' * (year > 1)}",
            lambda rows, risk=risk, year=year: observed_expected(time[rows], event[rows], risk[rows], year), patients, split,
            target=1.0))
    return [*found, metrics.resampled(f"Integrated Brier score, {years[-1]:g} years", over(
        lambda k, rows: integrated(time[rows], event[rows], risks[k, rows], years)), patients, split)]


def figures(data: Data, seen: Mapping[str, Mapping[str, Seen]], model: str, split: str) -> list[Figure]:
    """Of one model against the others, per cohort: what goes into metrics.json."""
    found: list[Figure] = []
    for cohort, ours in seen[model].items():
        rows, title = data.rows(cohort), TITLES[cohort]
        time, event, years = data.time[rows], data.event[rows], grid(data.time[rows])
        pairs, label = Pairs(time, event), lambda text, title=title: f"{title}: {text}"
        full = ours.log_hazard["everything"]
        for subset, log_hazard in ours.log_hazard.items():
            found.append(c_index(label(f"C-index, {subset}"), pairs, log_hazard, split, TARGETS.get((cohort, subset))))
        for other in (name for name in seen if name != model):
            for subset in ("form, drugs and NT-proBNP", "everything"):
                if subset in ours.log_hazard:
                    theirs = seen[other][cohort].log_hazard[subset]
                    found.append(c_index(label(f"C-index, {subset}, {MODELS[other]}"), pairs, theirs, split))
            found.append(difference(label(f"C-index, everything, gain over {MODELS[other]}"), pairs, full,
                                    seen[other][cohort].log_hazard["everything"], split))
        for less in ("numbers only", "drugs only"):
            found.append(difference(label(f"C-index, everything, gain over {less}"), pairs, full, ours.log_hazard[less], split))
        for subset in ("everything", "form"):  # the baseline is that of everything, as in use
            risks = ours.risks(subset, "everything")[:, :, : len(years)]
            found += [{**one, "name": label(f"{one['name']}, {subset}")} for one in calibration(
                time, event, ours.log_hazard[subset], risks, years, split)]
        null = integrated(time, event, np.tile(1 - kaplan_meier(time, event).at(years), (len(time), 1)), years)
        found.append(metrics.figure(label(f"Integrated Brier score, {years[-1]:g} years, the cohort's curve for everyone"), null,
                                    split, len(time)))
    return metrics.measured(found)


def table(data: Data, seen: Mapping[str, Mapping[str, Seen]]) -> str:
    """C-indices of all models as text, a row for each cohort and subset of inputs."""
    lines = [f"{'C-index':<40}" + "".join(f"{MODELS[name]:>28}" for name in seen)]
    for cohort in next(iter(seen.values())):
        rows = data.rows(cohort)
        pairs = Pairs(data.time[rows], data.event[rows])
        for subset in next(iter(seen.values()))[cohort].log_hazard:
            values = [pairs.c_index(one[cohort].log_hazard[subset]) for one in seen.values()]
            lines.append(f"{TITLES[cohort] + ', ' + subset:<40}" + "".join(f"{value:>28.4f}" for value in values))
    return "\n".join(lines)


def reached(time: np.ndarray, event: np.ndarray, year: float) -> np.ndarray:
    """Who is known to have died within so many years: 1, 0, or NaN where watched for less."""
    return np.where((time <= year) & event, 1.0, np.where(time >= year, 0.0, np.nan))


def youden(probability: np.ndarray, truth: np.ndarray) -> dict:
    """The operating point with the largest sensitivity + specificity - 1, of those whose truth is known."""
    known = ~np.isnan(truth)
    return metrics.operating_point(probability[known], truth[known],
                                   metrics.best_youden_threshold(probability[known], truth[known]))


