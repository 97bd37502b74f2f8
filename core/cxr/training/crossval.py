"""Cross-validation by patient, then the shipped weights: what ``python -m core train cxr`` runs.

Every figure is of films whose patient the network had not seen. Calibration and thresholds come from the same unseen
predictions; the calibration error is that of one half of the patients calibrated on the other.
"""

from __future__ import annotations

import copy
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from torch import nn

from core import calibration
from core.cxr import gate as gates
from core.cxr.image import tensor
from core.cxr.labels import INDEX, LABELS
from core.cxr.model import PRESETS, CxrNet
from core.cxr.training.data import FOLDS, Films, load
from core.cxr.training.features import feature_maps, upright
from core.cxr.training.other_pictures import other_pictures
from core.cxr.training.scores import CHEXNET, NIH_COLUMNS, auc, figure
from core.cxr.training.train import Recipe, aspect_logits, fit_network, fit_probe, logits, pretrained
from core.settings import settings
from core.text import encoder as text_encoder
from core.weights import METRICS, Architecture, Config, revision, save

ENOUGH = 8  # films with a finding for a calibration and a threshold of its own
CHILD = INDEX["child", "Pneumonia"]
FLATTEST = 0.05  # slope of a calibration
ACCEPTED = 0.995  # share of proper films that the input gate lets pass
NOTES = [
    "The image encoder is frozen and read out. Fine-tuning its last two stages (one fold) or all of it end to end (six "
    "epochs, two folds, 156 films) gained nothing, nor did larger pictures; more films and a backbone pretrained on "
    "radiographs would, see the learning curve.",
    "Figures are of five-fold cross-validation by patient; the shipped weights are trained on all films by the same recipe.",
    "Labels of ChestX-ray14 were read out of reports by a program; its authors call more than 90 % of them right.",
    "The part the figures are of is enriched for findings: probabilities are those of such a collection, not of a clinic.",
    "Findings marked not trained have no label in the data: Enlarged Cardiomediastinum, Fracture, Support Devices.",
    "Child pneumonia is learned from one centre's films of children of one to five years.",
    "The note in training was age, sex, view and follow-up number; what a free note adds beyond them is not validated.",
]


def run(recipe: Recipe) -> Path:
    torch.set_num_threads(settings.threads)
    films, start = load(recipe.data), pretrained(recipe)
    maps = feature_maps(start.encoder, films, recipe.views)
    seen = cross_validate(recipe, films, start, maps)
    model, maps = fit_network(copy.deepcopy(start), films, maps, np.arange(len(films)), recipe, recipe.name)
    pooled = np.asarray(maps.mean((-2, -1), dtype=np.float32))
    gate = fit_gate(model, films, pooled, recipe)
    adult, judged = ~np.isnan(films.targets[:, NIH_COLUMNS]).all(1), enriched(films)
    scales, points = operating_points(seen["note"], films, judged)
    aspect_scales, _ = operating_points(seen["aspects"], films, judged)
    aspect_threshold, aspect_f1 = macro_f1_threshold(seen["aspects"], aspect_scales, films, judged)
    config = Config(
        name="cxr", version="1.0.0",
        architecture=Architecture(target="core.cxr.model:CxrNet", arguments=PRESETS[recipe.preset]),
        input={"pixels": "grey, 224 x 224, 0.5 to 99.5 percentile stretched to -1 to 1, three equal channels",
               "note": "fields and kept sections, at most 96 word pieces"},
        training_data=f"NIH ChestX-ray14, {int(adult.sum())} films (Wang et al. 2017); Kermany, "
                      f"{int((~np.isnan(films.targets[:, CHILD])).sum())} children's films (CC BY 4.0, Kermany et al. 2018); "
                      "ImageNet backbone (Keras Applications, Apache-2.0)",
        licence="CC-BY-4.0", seed=recipe.fusion.seed, revision=revision(), labels=[list(label) for label in LABELS],
        trained=[bool((films.targets[:, k] == 1).any()) for k in range(len(LABELS))],
        calibration=[asdict(s) for s in scales], operating_points=points, aspect_calibration=[asdict(s) for s in aspect_scales],
        aspect_threshold=aspect_threshold,
        operating_points_from=f"cross-validation, largest sensitivity + specificity; 0.5 for findings with under {ENOUGH} films",
        attribution_layers=["encoder.map"], gate=gate["thresholds"], notes=NOTES, text_encoder=text_encoder(recipe.text_encoder).identity,
        recipe=recipe.model_dump(mode="json", exclude={"data", "out", "pretrained", "outliers"}),
    )
    save(recipe.out, model, config)
    metrics = {
        "command": "python -m core train cxr --recipe data=DIR pretrained=FILE outliers=DIR",
        "dataset": "NIH ChestX-ray14 (enriched part) and Kermany, 5-fold by patient",
        "figures": [
            *figures(recipe, films, seen, pooled, judged), *gate["figures"],
            {"name": f"Macro F1, 14 findings, low-rank multi-aspect at its threshold {aspect_threshold}",
             "value": round(aspect_f1, 4), "interval": None, "split": "enriched part of ChestX-ray14, 5-fold by patient",
             "n": int(judged[NIH_COLUMNS[0]].sum()), "unit": None}],
        "calibration": _calibration(seen["note"], films, judged),
        "thresholds": [{"group": group, "code": code, "label": code, **points[k],
                        "auc": auc(films.targets[judged[k], k], seen["note"][judged[k], k])}
                       for k, (group, code) in enumerate(LABELS)],
    }
    (recipe.out / METRICS).write_text(json.dumps(metrics, indent=1) + "\n")
    return recipe.out


def cross_validate(recipe: Recipe, films: Films, start: CxrNet, maps: np.ndarray) -> dict[str, np.ndarray]:
    """Logits ``[n, labels]`` of unseen films: with the note, without it, and of the low-rank scores."""
    seen = {kind: np.full((len(films), len(LABELS)), np.nan, np.float32) for kind in ("note", "image", "aspects")}
    for fold in range(FOLDS):
        held = np.flatnonzero(films.fold == fold)
        model, own = fit_network(copy.deepcopy(start), films, maps, np.flatnonzero(films.fold != fold), recipe,
                                 f"{recipe.name}-fold{fold}")
        seen["note"][held] = logits(model, films, own, held, recipe.text_encoder)
        seen["image"][held] = logits(model, films, own, held, recipe.text_encoder, note=False)
        seen["aspects"][held] = aspect_logits(model, own, held, recipe.text_encoder)
    return seen


def enriched(films: Films) -> list[np.ndarray]:
    """Per label the films it is judged on: the less confounded part where the collection has one."""
    part = np.char.find(films.part, "jrzech") >= 0
    known = ~np.isnan(films.targets)
    return [known[:, k] & part if (known[:, k] & part).any() else known[:, k] for k in range(len(LABELS))]


def operating_points(seen: np.ndarray, films: Films, judged: list[np.ndarray]) -> tuple[list[calibration.Platt], list[dict]]:
    scales, points = [], []
    for k in range(len(LABELS)):
        truth, score = films.targets[judged[k], k], seen[judged[k], k]
        enough = judged[k].any() and ENOUGH <= truth.sum() <= len(truth) - ENOUGH
        scale = _rising(calibration.fit_platt(score, truth), score, truth) if enough else calibration.Platt()
        p = scale.probability(score)
        cut = calibration.best_youden_threshold(p, truth) if enough else 0.5
        sensitivity, specificity = calibration.sensitivity_specificity(p, truth, cut) if judged[k].any() else (np.nan, np.nan)
        scales.append(scale)
        points.append({"threshold": round(cut, 4), "sensitivity": _number(sensitivity), "specificity": _number(specificity),
                       "n_positive": int(truth.sum()), "chosen": "Youden" if enough else "0.5"})
    return scales, points


def macro_f1_threshold(
    seen: np.ndarray, scales: list[calibration.Platt], films: Films, judged: list[np.ndarray]
) -> tuple[float, float]:
    """The one threshold of the low-rank scores, 0.1 to 0.9 in steps of 0.05, with the largest macro F1, and that F1."""
    def macro(cut: float) -> float:
        return float(np.mean([f1_score(films.targets[judged[k], k], scales[k].probability(seen[judged[k], k]) >= cut,
                                       zero_division=0) for k in NIH_COLUMNS]))

    best = max((round(0.1 + 0.05 * step, 2) for step in range(17)), key=macro)
    return best, macro(best)


def figures(recipe: Recipe, films: Films, seen: dict, pooled: np.ndarray, judged: list[np.ndarray]) -> list[dict]:
    rows = judged[NIH_COLUMNS[0]]
    truth, patients, split = films.targets[rows], films.patient[rows], "enriched part of ChestX-ray14, 5-fold by patient"
    pick = lambda values: values[rows]  # noqa: E731
    result = [
        figure("Macro AUC, 14 findings, film and note", truth, pick(seen["note"]), NIH_COLUMNS, patients, split, CHEXNET),
        figure("Macro AUC, 14 findings, film alone", truth, pick(seen["image"]), NIH_COLUMNS, patients, split),
        figure("Macro AUC, 14 findings, low-rank multi-aspect", truth, pick(seen["aspects"]), NIH_COLUMNS, patients, split),
        figure("Macro AUC, 14 findings, age, sex, view and follow-up alone", truth, pick(_fields_only(films)), NIH_COLUMNS,
               patients, split),
    ]
    for share in (0.125, 0.25, 0.5):
        score, count = _probe_only(recipe, films, pooled, share)
        result.append(figure(f"Macro AUC, 14 findings, linear probe on {count} training films", truth, pick(score),
                             NIH_COLUMNS, patients, split))
    score, count = _probe_only(recipe, films, pooled, 1.0)
    result.append(figure(f"Macro AUC, 14 findings, linear probe on {count} training films", truth, pick(score), NIH_COLUMNS,
                         patients, split))
    child = judged[CHILD]
    result.append(figure("AUC, pneumonia of children", films.targets[child], seen["note"][child], [CHILD],
                         films.patient[child], "Kermany, 5-fold by patient", 0.98))
    result += [figure(f"AUC, {LABELS[k][1]}", films.targets[judged[k]], seen["note"][judged[k]], [k], films.patient[judged[k]],
                      split) for k in range(len(LABELS) - 1) if auc(films.targets[judged[k], k], seen["note"][judged[k], k])]
    calibrated = _calibration(seen["note"], films, judged)
    return [*result, {"name": "Expected calibration error, 14 findings", "value": round(calibrated["ece"], 4), "interval": None,
                      "split": calibrated["split"], "n": calibrated["n"], "unit": None, "target": 0.05}]


def _fields_only(films: Films) -> np.ndarray:
    score = np.full((len(films), len(LABELS)), np.nan)
    for fold in range(FOLDS):
        for k in NIH_COLUMNS:
            learn = (films.fold != fold) & ~np.isnan(films.targets[:, k])
            if films.targets[learn, k].any():
                mean, spread = films.fields[learn].mean(0), films.fields[learn].std(0) + 1e-6
                model = LogisticRegression().fit((films.fields[learn] - mean) / spread, films.targets[learn, k])
                score[films.fold == fold, k] = model.decision_function((films.fields[films.fold == fold] - mean) / spread)
    return score


def _probe_only(recipe: Recipe, films: Films, pooled: np.ndarray, share: float) -> tuple[np.ndarray, int]:
    """The linear probe on a share of the patients: scores of unseen films, and the mean number of films learned from."""
    score, counts, rng = np.full((len(films), len(LABELS)), np.nan), [], np.random.default_rng(0)
    adult = ~np.isnan(films.targets[:, NIH_COLUMNS]).all(1)
    for fold in range(FOLDS):
        patients = np.unique(films.patient[adult & (films.fold != fold)])
        kept = rng.permutation(patients)[: round(share * len(patients))]
        learn, held = adult & (films.fold != fold) & np.isin(films.patient, kept), films.fold == fold
        probe = nn.Linear(pooled.shape[-1], len(LABELS))
        fit_probe(probe, pooled[:, learn], films.targets[learn], recipe.probe_strength)
        with torch.no_grad():
            score[held] = probe(torch.from_numpy(pooled[0, held])).numpy()
        counts.append(int(learn.sum()))
    return score, round(float(np.mean(counts)))


def _calibration(seen: np.ndarray, films: Films, judged: list[np.ndarray]) -> dict:
    """Half of the patients calibrated on the other half, both ways round."""
    probability, truth = [], []
    first = np.isin(films.patient, np.unique(films.patient)[::2])
    for k in NIH_COLUMNS:
        for fit_on, report_on in ((first, ~first), (~first, first)):
            a, b = judged[k] & fit_on, judged[k] & report_on
            if a.any() and b.any() and 0 < films.targets[a, k].sum() < a.sum():
                scale = _rising(calibration.fit_platt(seen[a, k], films.targets[a, k]), seen[a, k], films.targets[a, k])
                probability.append(scale.probability(seen[b, k]))
                truth.append(films.targets[b, k])
    p, t = np.concatenate(probability), np.concatenate(truth)
    return {"split": "each half of the patients calibrated on the other", "n": int(judged[NIH_COLUMNS[0]].sum()),
            "ece": calibration.expected_calibration_error(p, t), "bins": calibration.reliability(p, t)}


def fit_gate(model: CxrNet, films: Films, pooled: np.ndarray, recipe: Recipe) -> dict:
    """Fit the input gate on all proper films; its figures are of films left out of the fit."""
    proper = np.flatnonzero(~films.child)
    apart = np.concatenate([_distances(pooled[0], proper, films.fold, fold) for fold in range(FOLDS)])
    limit = float(np.quantile(apart, ACCEPTED))
    gates.fit_distance(model.gate, pooled[0, proper])
    turned = {"inverted": lambda x: 255 - x, "upside_down": lambda x: x.rot90(2, (1, 2)),
              "turned_left": lambda x: x.rot90(1, (1, 2)), "turned_right": lambda x: x.rot90(-1, (1, 2))}
    kinds = {name: _pooled(model, turn(upright(films.images[proper[::2]]))) for name, turn in turned.items()}
    gates.fit_readouts(model.gate, {"film": pooled[0, proper], **kinds, "child": pooled[0, films.child]})
    result = [{"name": "Input gate, proper films refused", "value": round(float((apart > limit).mean()), 4), "interval": None,
               "split": "films left out of the fit", "n": len(apart), "unit": None, "target": 0.01}]
    for kind, images in other_pictures(films.images[proper], recipe.outliers).items():
        far = model.gate.distance(torch.from_numpy(_pooled(model, torch.from_numpy(images)))).numpy() > limit
        result.append({"name": f"Input gate, refused: {kind}", "value": round(float(far.mean()), 4), "interval": None,
                       "split": "not seen in training", "n": len(images), "unit": None})
    curve = {f"{share:.3f}": round(float(np.quantile(apart, share)), 4) for share in (0.95, 0.98, 0.99, 0.995, 0.998)}
    return {"thresholds": {"refuse": limit, "accepted": ACCEPTED, "curve": curve}, "figures": result}


def _distances(pooled: np.ndarray, proper: np.ndarray, folds: np.ndarray, fold: int) -> np.ndarray:
    gate = gates.Gate(pooled.shape[1])
    gates.fit_distance(gate, pooled[proper[folds[proper] != fold]])
    return gate.distance(torch.from_numpy(pooled[proper[folds[proper] == fold]])).numpy()


@torch.no_grad()
def _pooled(model: CxrNet, images: torch.Tensor, batch: int = 64) -> np.ndarray:
    return torch.cat([model.encoder(tensor(part)).mean((2, 3)) for part in images.split(batch)]).numpy()


def _rising(scale: calibration.Platt, score: np.ndarray, truth: np.ndarray) -> calibration.Platt:
    """A calibration never turns a ranking round: where the score is no better than chance, nearly the prevalence."""
    if scale.scale >= FLATTEST:
        return scale
    bias = float(np.log(truth.mean() / (1 - truth.mean())) - FLATTEST * score.mean())
    return calibration.Platt(FLATTEST, bias, (0.0, 0.0, scale.covariance[2]))


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)
