"""Calibration, operating points and figures of ECG weights on PTB-XL."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score, roc_curve

from core import calibration
from core.ecg.model import EcgNet, standardise
from core.ecg.statements import GROUPS, LABELS, term
from core.ecg.training.data import PtbXl, load
from core.ecg.training.train import VALIDATION_FOLD, group_auc, logits, millivolts
from core.weights import CONFIG, METRICS, Config
from core.weights import load as load_weights

ENOUGH = 20  # positives in the calibration half for a scaling and a threshold of the label's own
TARGETS = {"superclass": 0.940, "subclass": 0.936, "statement": 0.930, "ece": 0.03}


def halves(data: PtbXl) -> tuple[np.ndarray, np.ndarray]:
    """Fold 9 in two halves, every second patient in each: to calibrate on, and to report on."""
    rows = data.rows(VALIDATION_FOLD)
    patients = np.unique(data.patient[rows])
    first = np.isin(data.patient[rows], patients[::2])
    return rows[first], rows[~first]


def calibrate(folder: Path, data: PtbXl) -> None:
    """Write calibration and operating points into config.json; sensitivity and specificity from the other half."""
    model, config = load_weights(folder)
    fit_rows, report_rows = halves(data)
    fit_logits, report_logits = (logits(model, data, rows, fast=False) for rows in (fit_rows, report_rows))
    scales, points, first = [], [], 0
    for terms in GROUPS.values():
        columns = slice(first, first + len(terms))
        scales += calibration.fit_platt_pooled(fit_logits[:, columns], data.targets[fit_rows, columns], ENOUGH)
        first += len(terms)
    for k, scale in enumerate(scales):
        truth, p = data.targets[fit_rows, k], scale.probability(fit_logits[:, k])
        threshold = calibration.best_f1_threshold(p, truth) if truth.sum() >= ENOUGH else 0.5
        sensitivity, specificity = calibration.sensitivity_specificity(
            scale.probability(report_logits[:, k]), data.targets[report_rows, k], threshold)
        points.append({"threshold": round(threshold, 4), "sensitivity": _number(sensitivity), "specificity": _number(specificity),
                       "n_positive": int(data.targets[report_rows, k].sum()), "chosen": "F1" if truth.sum() >= ENOUGH else "0.5"})
    config = Config.model_validate({**config.model_dump(), "calibration": [asdict(s) for s in scales],
                                    "operating_points": points,
                                    "operating_points_from": "fold 9, one half: largest F1; 0.5 for labels with under "
                                                             f"{ENOUGH} cases there; sensitivity and specificity on the other half"})
    (folder / CONFIG).write_text(config.model_dump_json(indent=1) + "\n")


def evaluate(data: Path, fold: int, out: Path, weights: str = "ecg") -> dict:
    """Write metrics.json, predictions.csv, roc.png and calibration.png for one fold; returns the metrics."""
    model, config = load_weights(weights)
    out.mkdir(parents=True, exist_ok=True)
    ptbxl = load(data, (fold,))
    rows = ptbxl.rows(fold)
    z, missed = _read_all(model, ptbxl, rows)
    raw = (model.head(torch.from_numpy(z))).numpy()
    scales = [calibration.Platt(**c) for c in config.extra["calibration"]]
    p = np.stack([scale.probability(raw[:, k]) for k, scale in enumerate(scales)], 1)
    judged = halves(ptbxl)[1] if fold == VALIDATION_FOLD else rows
    held = np.isin(rows, judged)
    metrics = {
        "command": f"python -m core evaluate ecg --data PTB-XL --fold {fold} --out DIR",
        "dataset": f"PTB-XL 1.0.3, fold {fold}, 100 Hz",
        "figures": _figures(ptbxl, rows, p, held, fold) + _latent_figures(model, config, ptbxl, rows, z, missed, fold),
        "calibration": {"split": f"fold {fold}" + (", half not calibrated on" if fold == VALIDATION_FOLD else ""),
                        "ece": calibration.expected_calibration_error(p[held], ptbxl.targets[rows][held]),
                        "bins": calibration.reliability(p[held], ptbxl.targets[rows][held])},
        "thresholds": [
            {"group": group, "code": code, "label": term(group, code).label, **config.extra["operating_points"][k],
             "auc": _auc(ptbxl.targets[rows, k], p[:, k])}
            for k, (group, code) in enumerate(LABELS)
        ],
    }
    (out / METRICS).write_text(json.dumps(metrics, indent=1) + "\n")
    columns = {f"{kind}:{group}:{code}": values[:, k] for kind, values in (("truth", ptbxl.targets[rows]), ("p", p))
               for k, (group, code) in enumerate(LABELS)}
    pd.DataFrame({"ecg_id": ptbxl.ids[rows], **columns}).to_csv(out / "predictions.csv", index=False, float_format="%.6g")
    _pictures(ptbxl.targets[rows], p, metrics, out)
    return metrics


def _figures(data: PtbXl, rows: np.ndarray, p: np.ndarray, held: np.ndarray, fold: int) -> list[dict]:
    truth, patients = data.targets[rows], data.patient[rows]
    diagnosed = int(truth[:, -5:].any(1).sum())
    figures = []
    for group in reversed(GROUPS):  # the superclasses first
        low, high = calibration.bootstrap(lambda r, g=group: group_auc(truth[r], p[r], g), patients)
        figures.append({"name": f"Macro AUC, {len(GROUPS[group])} {_PLURAL[group]}",
                        "value": round(group_auc(truth, p, group), 4), "interval": [round(low, 4), round(high, 4)],
                        "split": f"fold {fold}", "n": len(rows) if group == "statement" else diagnosed, "unit": None,
                        "target": TARGETS[group]})
    for k in range(len(LABELS) - 5, len(LABELS)):
        if (value := _auc(truth[:, k], p[:, k])) is None:
            continue
        low, high = calibration.bootstrap(lambda r, k=k: _auc(truth[r, k], p[r, k]) or float("nan"), patients)
        figures.append({"name": f"AUC, {term(*LABELS[k]).label}", "value": value,
                        "interval": [round(low, 4), round(high, 4)], "split": f"fold {fold}", "n": len(rows), "unit": None})
    ece, split = calibration.expected_calibration_error, f"fold {fold}" + (", held-out half" if fold == VALIDATION_FOLD else "")
    for name, columns in (("superclasses", slice(-5, None)), ("all labels", slice(None))):
        q, t = p[held][:, columns], truth[held][:, columns]
        low, high = calibration.bootstrap(lambda r, q=q, t=t: ece(q[r], t[r]), patients[held])
        figures.append({"name": f"Expected calibration error, {name}", "value": round(ece(q, t), 4),
                        "interval": [round(low, 4), round(high, 4)], "split": split, "n": int(held.sum()), "unit": None,
                        "target": TARGETS["ece"]})
    return figures


@torch.no_grad()
def _read_all(model: EcgNet, data: PtbXl, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z_ecg ``[n, 512]`` and the share of the standardised signal's energy that the decoder misses ``[n]``."""
    latent, missed = [], []
    for chunk in np.array_split(rows, len(rows) // 64 + 1):
        batch = millivolts(data, chunk)
        rebuilt, z = model.reconstruct(batch)
        signal = standardise(batch)[0]
        latent.append(z)
        missed.append(((rebuilt - signal) ** 2).mean((1, 2)) / (signal**2).mean((1, 2)).clamp_min(1e-6))
    return torch.cat(latent).numpy(), torch.cat(missed).numpy()


def _latent_figures(
    model: EcgNet, config: Config, data: PtbXl, rows: np.ndarray, z: np.ndarray, missed: np.ndarray, fold: int
) -> list[dict]:
    """How close the nearest report of the bank is to the truth, and how much the reconstruction misses."""
    kept = [frozenset(entry["codes"]) for entry in config.extra["bank"]]
    closest = (model.alignment.project_ecg(torch.from_numpy(z)) @ model.bank.T).argmax(1).tolist()
    truth = [frozenset(data.codes[row]) for row in rows]

    def overlap(answers: list[frozenset[str]]) -> np.ndarray:
        return np.array([len(a & b) / len(a | b) for a, b in zip(answers, truth, strict=True)])

    figures = []
    for name, values, summary in (
        ("Nearest report, overlap of statements (Jaccard)", overlap([kept[i] for i in closest]), np.mean),
        ("The commonest report instead, overlap (Jaccard)", overlap([kept[0]] * len(rows)), np.mean),
        ("Reconstruction, share of signal energy missed (median)", missed, np.median),
    ):
        low, high = calibration.bootstrap(lambda r, v=values, f=summary: float(f(v[r])), data.patient[rows])
        figures.append({"name": name, "value": round(float(summary(values)), 4), "interval": [round(low, 4), round(high, 4)],
                        "split": f"fold {fold}", "n": len(rows), "unit": None})
    return figures


_PLURAL = {"statement": "statements", "subclass": "subclasses", "superclass": "superclasses"}


def _auc(truth: np.ndarray, score: np.ndarray) -> float | None:
    return round(float(roc_auc_score(truth, score)), 4) if 0 < truth.sum() < len(truth) else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)


def _pictures(truth: np.ndarray, p: np.ndarray, metrics: dict, out: Path) -> None:
    roc, points = Figure(figsize=(5, 5), layout="constrained"), Figure(figsize=(5, 5), layout="constrained")
    axes = roc.subplots()
    for k in range(len(LABELS) - 5, len(LABELS)):
        if (value := _auc(truth[:, k], p[:, k])) is None:
            continue
        x, y, _ = roc_curve(truth[:, k], p[:, k])
        axes.plot(x, y, label=f"{term(*LABELS[k]).label} {value:.3f}", linewidth=1.2)
    axes.set(xlabel="1 - specificity", ylabel="sensitivity", title=f"Superclasses, {metrics['dataset']}")
    axes.legend(frameon=False)
    roc.savefig(out / "roc.png", dpi=150)
    axes = points.subplots()
    bins = metrics["calibration"]["bins"]
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.plot([b["predicted"] for b in bins], [b["observed"] for b in bins], marker="o")
    axes.set(xlabel="predicted probability", ylabel="observed frequency",
             title=f"All labels, ECE {metrics['calibration']['ece']:.4f}")
    points.savefig(out / "calibration.png", dpi=150)
