"""The survival curve beside cohort and scores, and what each input adds."""

from __future__ import annotations

from core.assessment import Assessment, Attribution
from core.gallery import Shown, subject
from core.heart_failure import figures, scores
from core.heart_failure.study import HeartFailureStudy


def gallery(
    study: HeartFailureStudy, assessment: Assessment, attribution: Attribution | None = None, *, dark: bool = False
) -> list[Shown]:
    if assessment.refused:
        return []
    beside = [one for one in scores.of(study) if one.risk_1y or one.risk_3y]
    shown = [Shown("Survival", "Survival curve of this patient with its 95 % band, the cohort and the established scores",
                   chart=figures.survival(assessment, beside, dark=dark), wide=True)]
    if attribution is not None:
        words = subject(assessment, attribution)
        shown.append(Shown(f"What each input adds: {words}", "Bars: what each input adds to the log hazard",
                           chart=figures.contributions(attribution, dark=dark), wide=True))
    return shown
