"""The recording on calibrated paper, with its fiducials, and with what speaks for one finding under the trace."""

from __future__ import annotations

from core.assessment import Assessment, Attribution
from core.ecg import figures
from core.ecg.study import EcgStudy
from core.gallery import Shown, subject

SHARPNESS = 130  # dots per inch: it is looked at, not measured


def gallery(
    study: EcgStudy, assessment: Assessment, attribution: Attribution | None = None, *, dark: bool = False
) -> list[Shown]:
    from core.ecg.paper import paper  # draws with matplotlib

    if attribution is None:
        return [Shown("12 leads, 25 mm/s, 10 mm/mV", "Twelve leads on calibrated paper", paper(study, dpi=SHARPNESS), wide=True)]
    words, seconds = subject(assessment, attribution), study.millivolts.shape[1] / study.sampling_rate
    drawn = paper(study, attribution=attribution.values, dpi=SHARPNESS)
    return [Shown(words, f"Twelve leads on calibrated paper; coloured under the trace: {words}", drawn, wide=True),
            Shown("The same by lead", f"Lead by time: {words}",
                  chart=figures.attribution_by_lead(attribution, duration=seconds, dark=dark))]
