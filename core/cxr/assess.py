"""From a radiograph and its note to an Assessment."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.assessment import Assessment, Finding, Notice
from core.calibration import Platt
from core.cxr.aspects import describe, embed_labels
from core.cxr.explain import explain, grad_cams, region
from core.cxr.explain_note import note_words
from core.cxr.inputs import note_states, pixels, reader
from core.cxr.labels import LABELS
from core.cxr.notes import compose, filter_sections
from core.cxr.reasoning import differential, ranked
from core.cxr.study import CxrStudy
from core.serving import Served, get, timed
from core.weights import Config

__all__ = ["assess", "differential_of", "explain", "zero_shot"]

COLOURED = 0.3  # share of coloured pixels from which a picture is no photograph of a film; our choice
SURE = 0.5  # probability from which a readout of the input gate is believed
ADULT = 18  # years
_TURNED = {"upside_down": "upside down", "turned_left": "turned to the left", "turned_right": "turned to the right"}


def assess(study: CxrStudy, weights: str = "cxr") -> Assessment:
    """Findings with and without the note, the low-rank scores beside them, and what the input gate says.

    ``overlays`` hold, per label of ``core.cxr.labels.LABELS``, ``without_note`` and ``aspects`` (probabilities, NaN
    where not trained). A refused input has no findings.
    """
    served, timings = get(weights), {}
    with timed(timings, "text"):
        states, padding, _ = note_states(compose(study), served)
        texts = torch.from_numpy(embed_labels(reader(served))).float().to(served.device)
    with timed(timings, "network"), served.lock, torch.inference_mode():
        features = served.model.encoder(pixels(study, served.device))
        pooled = features.mean((2, 3))
        logits = served.model.fuse(features, states, padding)[0].cpu().numpy()
        alone = served.model.fuse(features, states[:, :0], padding[:, :0])[0].cpu().numpy()
        aspects = served.model.aspects(pooled, texts)[0].cpu().numpy()
        notices = study.notices + gate_notices(study, pooled, served)
    refused = any(notice.level == "refuse" for notice in notices)
    child = _is_child(study, pooled, served)
    found = () if refused else findings(logits, served.config, child)
    notices += () if refused else _child_notices(study, child)
    config = served.config.extra
    return Assessment(
        modality="cxr", model=served.identity, findings=found, notices=notices, timings_ms=timings,
        overlays={} if refused else {"without_note": _probabilities(alone, config, "calibration"),
                                     "aspects": _probabilities(aspects, config, "aspect_calibration")},
        report={} if refused else {"en": tuple(_line(f) for f in ranked(found) if f.present) or ("No finding above its "
                                   "operating threshold.",)},
    )


def findings(logits: np.ndarray, config: Config, child: bool) -> tuple[Finding, ...]:
    """The labels with calibrated probability, operating point and interval; the child's label on children only."""
    rows = []
    for k, (group, code) in enumerate(LABELS):
        if group == "child" and not child:
            continue
        label = f"{code} (child)" if group == "child" else code
        if not config.extra["trained"][k]:
            rows.append(Finding(group, code, label, None, None, trained=False))
            continue
        scale, point = Platt(**config.extra["calibration"][k]), config.extra["operating_points"][k]
        rows.append(Finding(
            group, code, label, float(scale.probability(logits[k])), point["threshold"], calibrated=point["chosen"] != "0.5",
            interval=scale.interval(float(logits[k])), sensitivity=point["sensitivity"], specificity=point["specificity"],
        ))
    return tuple(rows)


def gate_notices(study: CxrStudy, pooled: Tensor, served: Served) -> tuple[Notice, ...]:
    """What the input gate has against the film: ``refuse`` for what is no upright frontal chest radiograph."""
    if study.colour > COLOURED:
        return (Notice("refuse", "This is a colour picture, not a radiograph.", "input gate"),)
    distance, limit = float(served.model.gate.distance(pooled)[0]), served.config.extra["gate"]["refuse"]
    if distance > limit:
        return (Notice("refuse", "This does not look like a frontal chest radiograph: its distance from the films of the "
                       f"training is {distance:.2f}, accepted are up to {limit:.2f}.", "input gate"),)
    kinds = {name: float(p[0]) for name, p in served.model.gate.kinds(pooled).items()}
    turned = [words for name, words in _TURNED.items() if kinds[name] > SURE]
    if turned:
        return (Notice("refuse", f"The film seems to be {turned[0]}. Turn it upright and upload it again.", "orientation"),)
    if kinds["inverted"] > SURE:
        return (Notice("refuse", "The film seems to be inverted: air is bright. Invert it and upload it again.", "inversion"),)
    return ()


def differential_of(study: CxrStudy, assessment: Assessment, weights: str = "cxr") -> tuple:
    """The differential in sentences, with the words and regions that speak for its findings (``core.cxr.reasoning``)."""
    order = ranked(assessment.findings)
    targets = [f"{f.group}:{f.code}" for f in order]
    regions = {target: region(values) for target, values in grad_cams(study, targets, weights).items()}
    words = note_words(compose(study), study, targets[0], weights) if targets else ()
    without = {":".join(label): float(p) for label, p in zip(LABELS, assessment.overlays["without_note"], strict=True)
               if not np.isnan(p)}
    return differential(assessment.findings, without, words, regions, filter_sections(study.note).leaks)


def zero_shot(study: CxrStudy, text: str, weights: str = "cxr") -> float:
    """Similarity of the film to a finding the user describes, as the low-rank scores see it: 0 to 1, not validated."""
    served = get(weights)
    texts = torch.from_numpy(reader(served).embed(list(describe(text).values()))).float()[None].to(served.device)
    with served.lock, torch.inference_mode():
        pooled = served.model.encoder(pixels(study, served.device)).mean((2, 3))
        return float(served.model.aspects(pooled, texts).sigmoid()[0, 0])


def _probabilities(logits: np.ndarray, config: dict, calibration: str) -> np.ndarray:
    return np.array([Platt(**scale).probability(logit) if trained else np.nan for logit, scale, trained
                     in zip(logits, config[calibration], config["trained"], strict=True)], np.float32)


def _is_child(study: CxrStudy, pooled: Tensor, served: Served) -> bool:
    if study.age is not None:
        return study.age < ADULT
    return float(served.model.gate.kinds(pooled)["child"][0]) > SURE


def _child_notices(study: CxrStudy, child: bool) -> tuple[Notice, ...]:
    if not child:
        return ()
    seen = "is of a child" if study.age is not None else "looks like that of a child"
    return (Notice("caution", f"The film {seen}. All findings but child pneumonia were learned from adults.", "age"),)


def _line(finding: Finding) -> str:
    return f"{finding.label}: {finding.probability:.0%} (operating threshold {finding.threshold:.0%})"
