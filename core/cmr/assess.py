"""From a stack to an Assessment, and from a mask that the user corrected to a new one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.assessment import Assessment, Finding, Notice, refused
from core.cmr.measurements import MEMBERS, of_burden, of_members, of_segments, of_thresholds
from core.cmr.orientation import guess
from core.cmr.plausible import doubt
from core.cmr.presence import presence_score, refusal
from core.cmr.report import WORDS, write
from core.cmr.segment import Segmentation, segment
from core.cmr.segments import Geometry, in_range, table
from core.cmr.study import CmrStudy
from core.cmr.thresholds import SD, methods
from core.findings import named, told
from core.progress import Done
from core.serving import get, timed
from core.weights import Config


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
        report={language: write(numbers, segments, finding, geometry, language) for language in WORDS})
