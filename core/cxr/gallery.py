"""The film, and the film under the map of one finding."""

from __future__ import annotations

from core.assessment import Assessment, Attribution
from core.cxr.export import picture
from core.cxr.study import CxrStudy
from core.gallery import Shown, subject


def gallery(
    study: CxrStudy, assessment: Assessment, attribution: Attribution | None = None, *, dark: bool = False
) -> list[Shown]:
    shown = [Shown("Radiograph", "The chest film", picture(study))]
    if attribution is not None:
        words = subject(assessment, attribution)
        shown.append(Shown(words, f"The film under a heat map: {words}", picture(study, attribution)))
    return shown
