"""Figures of heart-failure weights on a cohort table: ``python -m core evaluate heart_failure``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from core import metrics
from core.heart_failure.prognosis import cohort_of, predict
from core.heart_failure.read import study
from core.heart_failure.survival import grid
from core.heart_failure.training.data import TITLES, Data, kept
from core.heart_failure.training.figures import calibration, draw_calibration, draw_decisions, draw_quarters
from core.heart_failure.training.scores import HORIZONS, Pairs, c_index, decision_curve, reached
from core.heart_failure.training.scores import calibration as calibration_figures
from core.heart_failure.training.validate import FOLDS, folds
from core.progress import Done
from core.serving import Served, get
from core.training.generated import told as told_of
from core.training.provenance import evaluate_command
from core.training.steps import counted
from core.uploads import InputError
from core.weights import write_metrics

BATCH = 256


def evaluate(data: Path, fold: int, out: Path, weights: str = "heart_failure_cox", done: Done | None = None) -> dict:
    """Write metrics.json, predictions.csv, calibration.png, decisions.png and quarters.png; returns the metrics.

    Each patient is held against the baseline of the cohort that cares like theirs (``setting``). The weights have seen the
    cohorts they were trained on; the split says so. Their out-of-fold figures are those of the validation, beside the weights.

    Args:
        data: a table in any layout of ``layouts.cohort``, with outcomes. fold: 0, everyone; 1 to 5, that fold of the first
            repeat of the validation, which is no fold of these weights: they are fitted on all.

    Raises:
        InputError: no such fold, a table that cannot be read, or one without outcomes.
    """
    if not 0 <= fold <= FOLDS:
        raise InputError("fold", f"There is no fold {fold}.", f"Give 0 for everyone, or 1 to {FOLDS}.")
    served = get(weights)
    rows, table = kept(data)
    chosen = np.arange(len(table)) if fold == 0 else np.flatnonzero(folds(table, 0) == fold - 1)
    parts = []
    for first in counted(range(0, len(chosen), BATCH), "patients", done):
        with_outcome = [rows[i] for i in chosen[first: first + BATCH]]
        parts.append(predict(served, [study(row.values, {}) for row in with_outcome]))
    years = max((part.years for part in parts), key=len)
    log_hazard, spread = (np.concatenate([getattr(part, name) for part in parts]) for name in ("log_hazard", "spread"))
    risks = 1 - np.concatenate([_padded(part.survival, len(years)) for part in parts])
    time, event = table.time[chosen], table.event[chosen]
    told = log_hazard * np.concatenate([part.slope for part in parts])
    result = _measured(served, data, table, chosen, told, risks, years, fold)
    result["command"] = evaluate_command("heart_failure", "TABLE", fold, weights, data)
    write_metrics(out, result)
    columns = {"id": table.ids[chosen], "cohort": table.cohort[chosen], "time_years": time, "died": event.astype(int),
               "log_hazard": log_hazard, "spread": spread}
    for year in (year for year in HORIZONS if year <= years[-1]):
        value, low, high = (np.concatenate(bound) for bound in zip(*(part.risk(year) for part in parts), strict=True))
        columns |= {f"death_{year}y_percent": value, f"death_{year}y_low": low, f"death_{year}y_high": high}
    pd.DataFrame(columns).to_csv(out / "predictions.csv", index=False, float_format="%.6g")
    _draw(result, time, event, log_hazard, out)
    return result


def _padded(survival: np.ndarray, width: int) -> np.ndarray:
    return np.pad(survival, ((0, 0), (0, width - survival.shape[1])), constant_values=np.nan)


def _measured(
    served: Served, data: Path, table: Data, chosen: np.ndarray, log_hazard: np.ndarray, risks: np.ndarray, years: np.ndarray,
    fold: int,
) -> dict:
    time, event, names = table.time[chosen], table.event[chosen], list(dict.fromkeys(table.cohort[chosen]))
    split = _split(served, names, fold)
    found = [c_index("C-index", Pairs(time, event), log_hazard[None], split)] if event.any() else []
    watched = grid(time)
    within = np.flatnonzero((years <= watched[-1] + 1e-6) & ~np.isnan(risks).any(0))
    result: dict = {
        "dataset": told_of(data, table.describe(chosen) + (
            f"; {sum(table.unread.values())} rows could not be used" if table.unread else "")),
        "baseline": sorted({cohort_of(setting) for setting in table.settings[chosen]}), "survival": {}}
    if event.any() and len(within) > 1:
        found += calibration_figures(time, event, log_hazard[None], risks[None][:, :, within], years[within], split)
    for year in (year for year in HORIZONS if year <= years[within[-1]]):
        risk = risks[:, int(np.argmin(np.abs(years - year)))]
        result["survival"][f"{year}y"] = {"calibration": calibration(time, event, risk, year),
                                          "decisions": decision_curve(time, event, risk, year)}
        truth = reached(time, event, year)
        auc = metrics.resampled(f"AUC, death within {year} year{'s' * (year > 1)}", lambda r, t=truth, p=risk: metrics.auc(
            t[r], p[r]), np.arange(len(time)), split, n=int((~np.isnan(truth)).sum()))
        found.append(auc)
    return result | {"figures": metrics.measured(found)}


def _split(served: Served, names: list[str], fold: int) -> str:
    """Which patients, and whether the weights have seen them."""
    words = "everyone" if fold == 0 else f"fold {fold} of the validation"
    learned = served.config.extra.get("learned", [])
    if seen := [TITLES.get(name, name) for name in names if name in learned]:
        return f"{words}; the weights were fitted on {' and '.join(seen)}: not unseen, unless these rows were withheld"
    held = [TITLES.get(name, name) for name in names if name in served.config.extra["cohorts"]]
    return f"{words}, unseen" + (f" but for the baseline hazard and slope of {' and '.join(held)}" if held else "")


def _draw(result: dict, time: np.ndarray, event: np.ndarray, log_hazard: np.ndarray, out: Path) -> None:
    title = result["dataset"].split(";")[0]
    curves = {float(name[:-1]): one for name, one in result["survival"].items()}
    if curves:
        draw_calibration({year: one["calibration"] for year, one in curves.items()}, title, out / "calibration.png")
        last = max(curves)
        draw_decisions(curves[last]["decisions"], last, title, out / "decisions.png")
    draw_quarters(time, event, log_hazard, title, out / "quarters.png")
