"""From a radiograph and its note to an Assessment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.assessment import Assessment, Finding, Notice, refused
from core.calibration import Platt
from core.cxr import german
from core.cxr.aspects import describe, embed_labels
from core.cxr.evidence import statements
from core.cxr.inputs import pixels, text_encoder
from core.cxr.labels import LABELS
from core.cxr.notes import compose
from core.cxr.prepared import Prepared, prepare
from core.cxr.reasoning import written
from core.cxr.refusal import SURE, refusal
from core.cxr.sources import FILM_ALONE, LOW_RANK, SOURCES
from core.cxr.study import CxrStudy
from core.findings import named, told
from core.progress import Done, report
from core.serving import Served, get, timed
from core.weights import Config

ADULT = 18  # years
STRONG = 0.85  # macro AUC below which a model counts as weak; our choice
STEPS = 3  # text, network, reasons


@dataclass(frozen=True, eq=False)
class _Pass:
    """What the network says of a film: its feature map, logits per label, and the readouts of the input gate."""

    features: Tensor
    with_note: Sequence[float]
    film_alone: Sequence[float]
    low_rank: Sequence[float]
    distance: float
    kinds: dict[str, float]
    strangeness: float


def assess(study: CxrStudy, weights: str = "cxr", done: Done | None = None) -> Assessment:
    """Findings of the film with its note, and in groups of their own the low-rank scores and, where there is a note, what the
    film alone gives.

    Its English report is the differential, the conclusion last.

    Raises:
        WeightsError: they cannot be used. Cancelled: ``done`` returned False.
    """
    served, timings = get(weights), {}
    with timed(timings, "text"):
        prepared = prepare(study, compose(study), served)
        texts = torch.from_numpy(embed_labels(text_encoder(served))).float().to(served.device)
    report(done, 1, STEPS)
    with timed(timings, "network"):
        seen = _pass(served, prepared, texts)
    report(done, 2, STEPS)
    config = served.config
    gate = config.extra["gate"]
    strange = gate.get("texture") is not None and seen.strangeness > gate["texture"]
    reason = refusal(study, seen.distance, gate["refuse"], seen.kinds, gate.get("sure"), strange)
    if reason is not None:
        return refused("cxr", served.identity, reason, study.notices, timings)
    child = study.age < ADULT if study.age is not None else seen.kinds["child"] > SURE
    alone = beside(seen.film_alone, config, child, FILM_ALONE) if compose(study) else ()
    found = findings(seen.with_note, config, child) + alone + beside(seen.low_rank, config, child, LOW_RANK)
    with timed(timings, "reasons"):
        differential = statements(served, prepared, seen.features, study, found)
    report(done, 3, STEPS)
    noticed = (*banner(config), *study.notices, *_child_notices(study, child))
    texts = {"en": written(differential, found), "de": german.written([f for f in found if f.source == "model"])}
    return Assessment("cxr", served.identity, findings=found, notices=noticed, report=texts, timings_ms=timings)


def banner(config: Config) -> tuple[Notice, ...]:
    """How much the model can do at all, where it speaks."""
    told = config.extra.get("reached")
    if not told or not told["interval"]:
        return ()
    low, high = told["interval"]
    message = (f"Macro AUC {told['auc']:.2f} (95 % interval {low:.2f} to {high:.2f}; 0.5 is chance, 1 is never wrong) on "
               f"{told['judged']:,} films of patients it never saw ({told['split']}), after {told['learned']:,} films of adults. "
               "Probabilities are those of such a collection, where findings are more frequent than in a clinic.")
    weak = high < STRONG
    return (Notice("caution" if weak else "info", f"This model is weak: {message}" if weak else message, "model"),)


def usable(config: Config) -> Sequence[bool]:
    """Per label whether its AUC exceeds chance; of weights that do not say, all."""
    return config.extra.get("usable") or [True] * len(LABELS)


def _pass(served: Served, prepared: Prepared, texts: Tensor) -> _Pass:
    model, states, padding = served.model, prepared.states, prepared.padding
    with served.lock, torch.no_grad():
        features = model.encoder(prepared.film)
        pooled = features.mean((2, 3))
        logits = (model.fuse(features, states, padding), model.fuse(features, states[:, :0], padding[:, :0]),
                  model.aspects(pooled, texts))
        kinds = {name: float(p[0]) for name, p in model.gate.kinds(pooled).items()}
        strangeness = float(model.gate.strangeness(model.encoder.textures(prepared.film))[0]) if hasattr(
            model.gate, "texture_map") else 0.0
        return _Pass(features, *(one[0].tolist() for one in logits), float(model.gate.distance(pooled)[0]), kinds, strangeness)


def findings(logits: Sequence[float], config: Config, child: bool) -> tuple[Finding, ...]:
    """The labels with calibrated probability, operating point and interval; the child's label on children only."""
    rows = []
    for k, (group, code, label) in _spoken_of(child):
        finding = named(group, code, label)
        if config.extra["trained"][k] and not usable(config)[k]:
            finding = replace(finding, trained=True, usable=False)
        elif config.extra["trained"][k]:
            point = config.extra["operating_points"][k]
            finding = told(finding, logits[k], config.extra["calibration"][k], point, calibrated=_enough(point))
        rows.append(finding)
    return tuple(rows)


def beside(logits: Sequence[float], config: Config, child: bool, who: str) -> tuple[Finding, ...]:
    """What one of SOURCES says of the trained labels, without thresholds of its own.

    The model without the note is read by the calibration of the model with it, and so not calibrated.
    """
    scales = config.extra["aspect_calibration" if who == LOW_RANK else "calibration"]
    return tuple(
        Finding(f"{group}_{who}", code, label, float(Platt(**scales[k]).probability(logits[k])), None,
                calibrated=who == LOW_RANK and _enough(config.extra["operating_points"][k]), source=SOURCES[who])
        for k, (group, code, label) in _spoken_of(child) if config.extra["trained"][k] and usable(config)[k])


def zero_shot(study: CxrStudy, text: str, weights: str = "cxr") -> float:
    """Similarity of the film to a finding the user describes, as the low-rank scores see it: 0 to 1, not validated.

    Raises:
        InputError: the text has no words, or too many.
    """
    served = get(weights)
    texts = torch.from_numpy(text_encoder(served).embed(list(describe(text).values()))).float()[None].to(served.device)
    with served.lock, torch.inference_mode():
        pooled = served.model.encoder(pixels(study, served.device)).mean((2, 3))
        return float(served.model.aspects(pooled, texts).sigmoid()[0, 0])


def _spoken_of(child: bool) -> list[tuple[int, tuple[str, str, str]]]:
    """Position, and group, code and wording of each label that is for this patient."""
    return [(k, (group, code, f"{code} (child)" if group == "child" else code))
            for k, (group, code) in enumerate(LABELS) if child or group != "child"]


def _enough(point: dict) -> bool:
    """Whether there were films enough with the finding to calibrate it and choose its threshold."""
    return point["chosen"] != "0.5"


def _child_notices(study: CxrStudy, child: bool) -> tuple[Notice, ...]:
    if not child:
        return ()
    seen = "is of a child" if study.age is not None else "looks like that of a child"
    return (Notice("caution", f"The film {seen}. All findings but child pneumonia were learned from adults.", "age"),)
