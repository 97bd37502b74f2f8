"""From a stack to an Assessment, and from a mask that the user corrected to a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.assessment import Assessment, Comparator, Finding, Measurement, Notice
from core.calibration import Platt
from core.cmr.explain import explain
from core.cmr.orientation import guess
from core.cmr.presence import passes, presence_score
from core.cmr.quantify import burden
from core.cmr.segment import Segmentation, SliceDone, segment
from core.cmr.segments import Geometry, Segment, in_range, table
from core.cmr.study import CmrStudy
from core.cmr.thresholds import methods
from core.serving import get, timed
from core.weights import Config

__all__ = ["assess", "corrected", "explain"]

TRANSMURAL = 50.0  # percent of the wall: above it, recovery is unlikely (Kim et al. 2000, N Engl J Med 343:1445)
BORDER = 25.0  # percent of a segment's endocardial border from which its transmurality counts; our choice
INVOLVED = 1.0  # percent of a segment's myocardium from which the report names it; our choice
SD = (2, 3, 5)
_SOURCES = {"2-SD": "Kim et al. 1999, Circulation 100:1992", "3-SD": "Flett et al. 2011, JACC Cardiovasc Imaging 4:150",
            "5-SD": "Bondarenko et al. 2005, J Cardiovasc Magn Reson 7:481",
            "FWHM": "Amado et al. 2004, J Am Coll Cardiol 44:2383"}


def assess(study: CmrStudy, weights: str = "cmr", done: SliceDone | None = None) -> Assessment:
    """Mask, burden, segments and the probability of infarct; the classic thresholds beside them.

    ``overlays``: ``labels`` ``[n, rows, columns]`` uint8, ``segment_scar_share`` and ``segment_transmurality`` ``[17]`` in
    percent (NaN where a segment is not in the stack), ``member_scar_share``, one per member of the ensemble. Where no
    left ventricle is found the assessment is refused and has none of them.

    Args:
        done: called with the slices done and all slices.
    """
    served, timings = get(weights), {}
    with timed(timings, "segmentation"), served.lock:
        found = segment(study.slices, served.model, done=done)
    refusal = not_found(found, served.config)
    if refusal is not None:
        return Assessment("cmr", served.identity, notices=(*study.notices, refusal), timings_ms=timings)
    with timed(timings, "quantification"):
        shares = np.array([burden(m).scar_share or 0.0 for m in found.members], np.float32)
        made = Assessment(
            "cmr", served.identity, findings=(infarct_present(found, served.config),), notices=study.notices,
            overlays={"member_scar_share": shares}, timings_ms=timings)
        return described(study, made, found.labels, guess(study, found.labels), served.config)


def corrected(
    study: CmrStudy, assessment: Assessment, labels: np.ndarray, geometry: Geometry, weights: str = "cmr"
) -> Assessment:
    """The numbers of a mask ``[n, rows, columns]`` that the user changed; the model's own finding stays as it was."""
    return described(study, assessment, labels, geometry, get(weights).config, source="corrected by hand")


def not_found(found: Segmentation | None, config: Config) -> Notice | None:
    """Refuse rather than invent a ring."""
    if found is None or not passes(found, config.extra["gate"]):
        return Notice("refuse", "No left ventricle was found in these slices. This room reads short-axis "
                                "late-enhancement stacks.", "heart")
    return None


def infarct_present(found: Segmentation, config: Config) -> Finding:
    scale, point, score = Platt(**config.extra["presence"]), config.extra["operating_point"], presence_score(found)
    return Finding("scar", "infarct_present", "Infarct", float(scale.probability(score)), point["threshold"], calibrated=True,
                   interval=scale.interval(score), sensitivity=point["sensitivity"], specificity=point["specificity"])


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
    numbers = measurements(study, kept, segments, config, finding, source)
    if numbers[0].value and not finding.present and source == "model":
        notices += (Notice("caution", "Infarct is marked, but so little and so faintly that it is more likely none: the "
                           "probability of infarct is below its threshold.", "infarct"),)
    return replace(
        assessment, measurements=numbers, comparators=comparators(kept, masks), notices=notices,
        overlays=assessment.overlays | {
            "labels": labels, "segment_scar_share": _column(segments, "scar_share"),
            "segment_transmurality": _column(segments, "transmurality_mean")},
        report={"en": tuple(report(numbers, segments, finding, geometry))},
    )


def measurements(
    study: CmrStudy, labels: np.ndarray, segments: Sequence[Segment], config: Config, finding: Finding, source: str
) -> tuple[Measurement, ...]:
    found = burden(labels, study.spacing_mm)
    interval = share_interval(found.scar_share, config) if source == "model" else None
    unknown = "" if found.myocardium_g is not None else "spacing unknown" if study.spacing_mm is None else "one slice"
    deep = len(transmural(segments))
    return (
        Measurement("scar_share", found.scar_share, "% of myocardium", source=source, interval=interval),
        Measurement("scar_mass", found.scar_g, "g", source=source, note=unknown),
        Measurement("no_reflow_share", found.no_reflow_share, "% of myocardium", source=source),
        Measurement("myocardial_mass", found.myocardium_g, "g", source=source, note=unknown),
        Measurement("cavity_volume", found.cavity_ml, "ml", source=source, note=unknown),
        Measurement("transmural_segments", float(deep), "of 17", source=source,
                    note=f"transmurality above {TRANSMURAL:.0f} % along {BORDER:.0f} % of the border or more"),
        Measurement("infarct_present", finding.probability, "probability", interval=finding.interval),
    )


def transmural(segments: Sequence[Segment]) -> list[Segment]:
    """Those with deep scar along a good part of their border: a narrow streak through the wall is not one."""
    return [s for s in segments if (s.transmurality_mean or 0) > TRANSMURAL and (s.endocardial_extent or 0) >= BORDER]


def share_interval(share: float | None, config: Config) -> tuple[float, float] | None:
    """95 % interval in percent: as far as unseen cases erred, on the scale of the square root (conformal)."""
    if share is None:
        return None
    root, radius = np.sqrt(share), config.extra["share_error"]
    return float(max(root - radius, 0) ** 2), float(min((root + radius) ** 2, 100))


def comparators(labels: np.ndarray, masks: dict[str, np.ndarray]) -> tuple[Comparator, ...]:
    wall = max(int((labels >= 2).sum()), 1)
    return tuple(Comparator(f"Scar by {name}", 100 * float(mask.sum()) / wall, "% of myocardium", _SOURCES[name])
                 for name, mask in masks.items())


def report(numbers: Sequence[Measurement], segments: Sequence[Segment], finding: Finding, geometry: Geometry) -> list[str]:
    """Sentences, every number of which is in the assessment."""
    value = {m.name: m for m in numbers}
    share = value["scar_share"]
    if share.value is None:
        return ["No myocardium is marked."]
    lines = [f"Late enhancement of {share.value:.1f} % of the myocardium"
             + (f" ({value['scar_mass'].value:.1f} of {value['myocardial_mass'].value:.0f} g)"
                if value["scar_mass"].value is not None else "")
             + (f", 95 % interval {share.interval[0]:.1f} to {share.interval[1]:.1f} %" if share.interval else "") + "."]
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


def _column(segments: Sequence[Segment], name: str) -> np.ndarray:
    return np.array([np.nan if getattr(s, name) is None else getattr(s, name) for s in segments], np.float32)
