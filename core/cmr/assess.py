"""From a stack to an Assessment, and from a mask that the user corrected to a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.assessment import Assessment, Finding, Measurement, Notice, refused
from core.cmr.measurements import (
    MEMBERS,
    TRANSMURAL,
    of_burden,
    of_members,
    of_segments,
    of_thresholds,
    transmural,
    uncertain,
)
from core.cmr.orientation import guess
from core.cmr.plausible import doubt
from core.cmr.presence import presence_score, refusal
from core.cmr.segment import Segmentation, segment
from core.cmr.segments import Geometry, Segment, in_range, table
from core.cmr.study import CmrStudy
from core.cmr.thresholds import SD, methods
from core.findings import named, told
from core.progress import Done
from core.serving import get, timed
from core.weights import Config

INVOLVED = 1.0  # percent of a segment's myocardium from which the report names it; our choice


def assess(study: CmrStudy, weights: str = "cmr", done: Done | None = None) -> Assessment:
    """Mask, burden, segments and the probability of infarct; the classic thresholds beside them.

    ``overlays``: ``labels`` ``[n, rows, columns]`` uint8. Measurements of the groups "segments" and "members" (of the
    ensemble) have tables of their own. Refused: pictures that call themselves something else, no left
    ventricle found, or one that no heart has.

    Args:
        done: called with the slices done and all slices.

    Raises:
        Cancelled: ``done`` returned False.
    """
    served, timings = get(weights), {}
    if (said := next((notice for notice in study.notices if notice.level == "refuse"), None)) is not None:
        return refused("cmr", served.identity, said, study.notices, timings)
    with timed(timings, "segmentation"):
        found = segment(study.slices, served.model, done=done, lock=served.lock)
    reason = refusal(found, served.config) or doubt(study, found.labels)
    if reason is not None:
        return refused("cmr", served.identity, reason, study.notices, timings)
    with timed(timings, "quantification"):
        made = Assessment("cmr", served.identity, findings=(infarct_present(found, served.config),),
                          measurements=of_members(found.members), notices=study.notices, timings_ms=timings)
        return described(study, made, found.labels, guess(study, found.labels), served.config)


def corrected(
    study: CmrStudy, assessment: Assessment, labels: np.ndarray, geometry: Geometry, weights: str = "cmr"
) -> Assessment:
    """The numbers of a mask ``[n, rows, columns]`` that the user changed; the model's own finding stays as it was.

    Its ``overlays["labels"]`` are without the slices that are out of range, as its numbers are.
    """
    return described(study, assessment, labels, geometry, get(weights).config, source="corrected by hand")


def infarct_present(found: Segmentation, config: Config) -> Finding:
    return told(named("scar", "infarct_present", "Infarct"), presence_score(found), config.extra["presence"],
                config.extra["operating_point"])


def described(
    study: CmrStudy, assessment: Assessment, labels: np.ndarray, geometry: Geometry, config: Config, source: str = "model"
) -> Assessment:
    """The assessment with measurements, comparators, segments and report of ``labels``."""
    kept, finding = in_range(labels, geometry), assessment.findings[0]
    segments = table(kept, geometry, study.spacing_mm)
    notices = tuple(n for n in assessment.notices if n.subject not in ("thresholds", "infarct"))
    try:
        masks = methods(study.slices, kept, SD)
    except ValueError as error:
        masks = {}
        notices += (Notice("info", f"No comparison with thresholds: {error}.", "thresholds"),)
    numbers = of_burden(kept, study.spacing_mm, segments, finding, config, source)
    if numbers[0].value and not finding.present and source == "model":
        notices += (Notice("caution", "Infarct is marked, but so little and so faintly that it is more likely none: the "
                           "probability of infarct is below its threshold.", "infarct"),)
    members = tuple(m for m in assessment.measurements if m.group == MEMBERS)
    return replace(
        assessment, measurements=(*numbers, *of_segments(segments, source), *members),
        comparators=of_thresholds(kept, masks), notices=notices, overlays={"labels": kept},
        report={"en": tuple(report(numbers, segments, finding, geometry))})


def report(numbers: Sequence[Measurement], segments: Sequence[Segment], finding: Finding, geometry: Geometry) -> list[str]:
    """Sentences, every number of which is in the assessment."""
    value = {m.code: m for m in numbers}
    share = value["scar_share"]
    if share.value is None:
        return ["No myocardium is marked."]
    vague = uncertain(share)
    places = 0 if vague else 1  # a decimal would say more than is known
    lines = [f"Late enhancement of {share.value:.{places}f} % of the myocardium"
             + (f" ({value['scar_mass'].value:.{places}f} of {value['myocardial_mass'].value:.0f} g)"
                if value["scar_mass"].value is not None else "")
             + (f"{', ' * bool(vague)}{vague}, 95 % interval {share.interval[0]:.{places}f} to {share.interval[1]:.{places}f} %"
                if share.interval else "") + "."]
    involved = [s for s in segments if (s.scar_share or 0) >= INVOLVED]
    if involved:
        lines.append("Segments with scar: " + ", ".join(f"{s.name} ({s.scar_share:.0f} %)" for s in involved) + ".")
        if deep := transmural(segments):
            lines.append(f"Transmurality above {TRANSMURAL:.0f} % in: {', '.join(s.name for s in deep)}.")
    if value["no_reflow_share"].value:
        lines.append(f"No-reflow in {value['no_reflow_share'].value:.1f} % of the myocardium.")
    lines.append(f"Probability of infarct {100 * finding.probability:.0f} %, threshold {100 * finding.threshold:.0f} %.")
    if geometry.excluded:
        slices = ", ".join(str(k + 1) for k in geometry.excluded)
        lines.append(f"Out of range, set by the user: slice {slices}.")
    return lines
