"""What an assessment says in numbers: the burden of scar, the 17 segments, the members of the ensemble, the thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.assessment import Assessment, Comparator, Finding, Measurement
from core.cmr.quantify import burden, share
from core.cmr.segments import Segment
from core.cmr.study import MYOCARDIUM
from core.weights import Config

TRANSMURAL = 50.0  # percent of the wall: above it, recovery is unlikely (Kim et al. 2000, N Engl J Med 343:1445)
BORDER = 25.0  # percent of a segment's endocardial border from which its transmurality counts; our choice
RULE = f"transmural: above {TRANSMURAL:.0f} % of the wall on average, along {BORDER:.0f} % of the border or more"
VAGUE = (10.0, 40.0)  # points between the ends of an interval from which a share is uncertain, and very uncertain; our choice
SEGMENTS, MEMBERS = "segments", "members"  # groups of measurements
# Of each segment: end of the code, field of ``Segment``, wording, unit.
COLUMNS = (("scar_share", "scar_share", "scar share", "% of segment"),
           ("transmurality", "transmurality_mean", "transmurality, mean", "% of wall"),
           ("transmurality_max", "transmurality_max", "transmurality, most", "% of wall"),
           ("endocardial_extent", "endocardial_extent", "endocardial extent", "% of border"),
           ("myocardium_volume", "myocardium_ml", "myocardium", "ml"))
_SOURCES = {"2-SD": "Kim et al. 1999, Circulation 100:1992", "3-SD": "Flett et al. 2011, JACC Cardiovasc Imaging 4:150",
            "5-SD": "Bondarenko et al. 2005, J Cardiovasc Magn Reson 7:481",
            "FWHM": "Amado et al. 2004, J Am Coll Cardiol 44:2383"}


def of_burden(
    labels: np.ndarray, spacing_mm: tuple[float, float, float] | None, segments: Sequence[Segment], finding: Finding,
    config: Config, source: str,
) -> tuple[Measurement, ...]:
    """What the room lists first.

    Args:
        labels: ``[n, rows, columns]``, without slices that are out of range. segments: the 17 of these labels.
        finding: whether there is an infarct. source: who drew the labels; only the model's have an interval.
    """
    found = burden(labels, spacing_mm)
    interval = share_interval(found.scar_share, config) if source == "model" else None
    unknown = "" if found.myocardium_g is not None else "spacing unknown" if spacing_mm is None else "one slice"
    return (
        Measurement("scar_share", "Scar share", found.scar_share, "% of myocardium", source=source, interval=interval),
        Measurement("scar_mass", "Scar mass", found.scar_g, "g", source=source, note=unknown),
        Measurement("no_reflow_share", "No-reflow", found.no_reflow_share, "% of myocardium", source=source),
        Measurement("myocardial_mass", "Myocardial mass", found.myocardium_g, "g", source=source, note=unknown),
        Measurement("cavity_volume", "Cavity volume", found.cavity_ml, "ml", source=source, note=unknown),
        Measurement("transmural_segments", "Transmural segments", float(len(transmural(segments))), "of 17", source=source,
                    note=RULE),
        Measurement("infarct_present", "Probability of infarct", finding.probability, "probability",
                    interval=finding.interval),
    )


def of_segments(segments: Sequence[Segment], source: str) -> tuple[Measurement, ...]:
    """Every number of every segment; one that is not in the stack has no value."""
    return tuple(
        Measurement(f"segment_{s.number}_{code}", f"{s.name.capitalize()}, {words}", getattr(s, field), unit, source=source,
                    group=SEGMENTS)
        for s in segments for code, field, words, unit in COLUMNS)


def counted(assessment: Assessment) -> tuple[int, ...]:
    """The segments that count as transmural, by RULE."""
    deep, along = by_segment(assessment, "transmurality"), by_segment(assessment, "endocardial_extent")
    return tuple(n for n in deep if (deep[n] or 0) > TRANSMURAL and (along.get(n) or 0) >= BORDER)


def marks(assessment: Assessment, column: str) -> dict[str, Any]:
    """What a bull's-eye of a column says beside its values: which segments count as transmural, and by which rule."""
    return {"counted": counted(assessment), "rule": f"★ {RULE}"} if column == "transmurality" else {}


def by_segment(assessment: Assessment, column: str) -> dict[int, float | None]:
    """A column of the segments ("scar_share", "transmurality" ...) by number of the segment; empty where refused."""
    found = {number: assessment.measured(f"segment_{number}_{column}") for number in range(1, 18)}
    return {number: m.value for number, m in found.items() if m is not None}


def of_members(masks: np.ndarray) -> tuple[Measurement, ...]:
    """The scar share of each member of the ensemble alone, by its labels ``[members, n, rows, columns]``."""
    return tuple(Measurement(f"member_{k}_scar_share", f"Scar share by member {k}", burden(labels).scar_share or 0.0,
                             "% of myocardium", group=MEMBERS) for k, labels in enumerate(masks, 1))


def of_thresholds(labels: np.ndarray, masks: Mapping[str, np.ndarray]) -> tuple[Comparator, ...]:
    """The scar share by each method of ``thresholds.methods``, in the myocardium of ``labels``."""
    wall = int((labels >= MYOCARDIUM).sum())
    return tuple(Comparator(f"scar_by_{name.replace('-', '').lower()}", f"Scar by {name}", share(int(mask.sum()), wall),
                            "% of myocardium", _SOURCES[name]) for name, mask in masks.items())


def transmural(segments: Sequence[Segment]) -> list[Segment]:
    """Those with deep scar along a good part of their border: a narrow streak through the wall is not one."""
    return [s for s in segments if (s.transmurality_mean or 0) > TRANSMURAL and (s.endocardial_extent or 0) >= BORDER]


def uncertain(m: Measurement) -> str:
    """How far apart the ends of a share's interval are, in words; empty where they lie close enough for a decimal place."""
    if m.interval is None:
        return ""
    wide = m.interval[1] - m.interval[0]
    return "very uncertain" if wide > VAGUE[1] else "uncertain" if wide > VAGUE[0] else ""


def share_interval(share: float | None, config: Config) -> tuple[float, float] | None:
    """95 % interval in percent: as far as unseen stacks erred, on the scale of the square root (conformal)."""
    if share is None:
        return None
    root, radius = np.sqrt(share), config.extra["share_error"]
    return float(max(root - radius, 0) ** 2), float(min((root + radius) ** 2, 100))
