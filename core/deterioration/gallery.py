"""The stay on one hour axis, with the reasons of each hour as strips."""

from __future__ import annotations

from core.assessment import Assessment, Attribution
from core.deterioration import figures
from core.deterioration.study import DeteriorationStudy
from core.gallery import Shown, subject


def gallery(
    study: DeteriorationStudy, assessment: Assessment, attribution: Attribution | None = None, *, dark: bool = False
) -> list[Shown]:
    if assessment.refused:
        return []
    threshold = next((f.threshold for f in assessment.own if f.threshold is not None), None)
    title = "Running risk, NEWS2 and vital signs"
    words = f"{title}; strips: {subject(assessment, attribution)}" if attribution is not None else title
    line = None if threshold is None else 100 * threshold
    chart = figures.sheet(study, assessment, attribution=attribution, alarm=line, dark=dark)
    return [Shown(words, f"{title} over the hours of the stay", chart=chart, wide=True)]
