"""What the reader must know of a prognosis: whose course it is, how well it tells patients apart, what it has not seen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

from core.assessment import Notice
from core.heart_failure import scar
from core.heart_failure.narrow import Narrowing
from core.heart_failure.prescriptions import classes
from core.heart_failure.prognosis import cohort_of
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import ENCODED, FIELDS
from core.weights import Config, WeightsError, read_metrics

OLD = 80  # years
WEAK = 0.7  # C-index below which the room says "weak"; our choice
NEWER = {"arni": "ARNI", "sglt2": "SGLT2 inhibitors", "vericiguat": "vericiguat"}  # classes that no patient of the cohorts took
COHORTS = {  # name -> (who they were, of whose treatment)
    "music": ("outpatients of Spanish heart-failure clinics (MUSIC)", "in 2003 and 2004"),
    "peakvo2": ("patients referred for exercise testing in Cleveland", "before 2011"),
    "support2": ("patients in American hospitals (SUPPORT2)", "in the 1990s"),
}


def cautions(study: HeartFailureStudy, config: Config, weights: str, more: Sequence[Narrowing] = ()) -> Iterator[Notice]:
    """Everything beside what ``read`` noticed.

    Args:
        weights: where they were loaded from, for what was measured of them.
        more: what would narrow the interval, the most telling first.
    """
    cohort = cohort_of(study.values.get("setting"))
    if study.values.get("age", 0) > OLD:
        yield Notice("caution", f"Above {OLD} years there were few in the cohorts, and established scores over-state life there.",
                     "age")
    yield from _outside(study, config, cohort)
    yield from _scar(study)
    yield _era(study, cohort)
    if (found := discrimination(weights, config.sha256, cohort)) is not None:
        yield _ranked(*found)
    if "setting" not in study.values:
        yield Notice("info", "Held against patients of a heart-failure clinic: it was left open where the patient is cared for.",
                     "setting")
    if more:
        yield Notice("info", f"Of what is not known, {_inside(more[0].label)} matters most: it would narrow the interval at "
                     f"three years by {100 * more[0].share:.0f} %.", more[0].field)


def _inside(label: str) -> str:
    return label if label[1:2].isupper() else label[0].lower() + label[1:]


def _era(study: HeartFailureStudy, cohort: str) -> Notice:
    who, when = COHORTS[cohort]
    taken = [NEWER[code] for code in NEWER if code in (classes(study.text) or ())]
    said = f"The course is that of {who}, treated {when}, before SGLT2 inhibitors and ARNI."
    if taken:
        return Notice("caution", f"{said} The patient takes {' and '.join(taken)}: the risk may be lower than said.",
                      "prescriptions")
    return Notice("info", f"{said} Under today's treatment the risk may be lower than said.", "setting")


def _outside(study: HeartFailureStudy, config: Config, cohort: str) -> Iterator[Notice]:
    ranges = config.extra.get("ranges", {}).get(cohort, {})
    for number, one in zip(study.numbers.tolist(), ENCODED, strict=True):
        if one.name in ranges and not math.isnan(number):
            low, high = ranges[one.name]
            if not low <= number <= high:
                unit = "years" if one.field == "age" else FIELDS[one.field].unit
                yield Notice("caution", f"{one.label} {number:.4g}{f' {unit}' if unit else ''} is outside of what 98 % of the "
                             f"cohort had ({low:.4g} to {high:.4g}); the model knows little of such patients.", one.field)


def _scar(study: HeartFailureStudy) -> Iterator[Notice]:
    if not study.values.get("scar_adjustment"):
        return
    if reason := scar.why_not(study.values):
        yield Notice("info", reason, "scar_share")
        return
    found = scar.effect(study.values["scar_share"])
    ratio, low, high = found.ratio
    yield Notice("caution", f"The line with scar is published, not learned: {scar.SOURCE}, {found.band}. It is a hazard ratio of "
                 f"{ratio:.2f} ({low:.2f} to {high:.2f}) {scar.ASSUMED}.", "scar_share")


def _ranked(value: float, interval: Sequence[float] | None, n: int) -> Notice:
    between = f", 95 % interval {interval[0]:.2f} to {interval[1]:.2f}" if interval else ""
    said = (f"Of two such patients the model gives the one who dies first the higher risk in {100 * value:.0f} of 100 pairs "
            f"(C-index {value:.2f}{between}, {n} patients); 50 were chance.")
    weak = value < WEAK or interval is not None and interval[0] <= 0.5
    return Notice("caution", f"{said} That is weak.", "") if weak else Notice("info", said, "")


@lru_cache(maxsize=16)
def discrimination(weights: str, sha256: str, cohort: str) -> tuple[float, tuple[float, float] | None, int] | None:
    """The C-index on that cohort with interval and patients, as metrics.json has it; None where it does not.

    Args:
        sha256: of the weights, so that other weights at the same place are looked up anew.
    """
    try:
        figures = read_metrics(weights).get("figures", [])
    except WeightsError:  # gone since they were loaded
        return None
    for one in figures:
        if one["name"].lower().startswith("c-index") and cohort in f"{one['name']} {one['split']}".lower():
            return one["value"], tuple(one["interval"]) if one.get("interval") else None, one["n"]
    return None
