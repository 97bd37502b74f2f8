"""The differential of one film: its findings with the words and regions that speak for them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from core.assessment import Assessment, Finding
from core.cxr.deletion import resized
from core.cxr.explain_note import weighed
from core.cxr.image import SIDE
from core.cxr.labels import LABELS
from core.cxr.maps import grad_cams
from core.cxr.notes import compose, filter_sections
from core.cxr.prepared import Prepared, encoded, label_index, prepare
from core.cxr.reasoning import Statement, differential, ranked
from core.cxr.regions import region
from core.cxr.sources import FILM_ALONE, probabilities
from core.cxr.study import CxrStudy
from core.serving import Served, get

PLACED = 0.7  # AUC below which a label's map names no place; our choice


def statements(
    served: Served, prepared: Prepared, features: Tensor, study: CxrStudy, findings: Sequence[Finding]
) -> tuple[Statement, ...]:
    """Maps and words of what the text speaks of, and of nothing else.

    Args:
        features: of the film (``core.cxr.prepared.encoded``). findings: of the model, and of the model without the note.
    """
    own = [f for f in findings if f.source == "model"]
    labels = {f.target: label_index(f.target, served) for f in ranked(own)}
    regions, words = {}, ()
    if labels:
        maps = grad_cams(served, prepared, features, list(labels.values()))
        auc = served.config.extra.get("auc") or [1.0] * len(LABELS)
        regions = {target: region(resized(one, (SIDE, SIDE))) for (target, k), one in zip(labels.items(), maps, strict=True)
                   if (auc[k] or 0) >= PLACED}
        words = weighed(served, prepared, features, compose(study), next(iter(labels.values())))
    kept = filter_sections(study.note)
    without = probabilities(findings, FILM_ALONE) if compose(study) else {}
    return differential(own, without, words, regions, kept.leaks, "The note" if kept.kept else "What is known of the patient")


def differential_of(study: CxrStudy, assessment: Assessment, weights: str = "cxr") -> tuple[Statement, ...]:
    """The sentences of an assessment's report, each with the numbers behind it; none for a refused study."""
    if assessment.refused:
        return ()
    served = get(weights)
    prepared = prepare(study, compose(study), served)
    return statements(served, prepared, encoded(served, prepared), study, assessment.findings)
