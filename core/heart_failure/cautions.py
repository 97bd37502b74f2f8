"""What the reader must know of a prognosis: whose course it is, how well it tells patients apart, what it has not seen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from torch import nn

from core.assessment import Notice
from core.heart_failure import scar
from core.heart_failure.narrow import Narrowing
from core.heart_failure.patient import linear
from core.heart_failure.prescriptions import classes
from core.heart_failure.prognosis import cohort_of
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import ASKED, ENCODED, inside
from core.serving import Served
from core.weights import WeightsError, read_metrics

Bounds = Mapping[str, tuple[float, float]]  # of a number, by its name
OLD = 80  # years
WEAK = 0.7  # C-index below which the room says "weak"; our choice
MANY = 40  # numbers known from which the figure of "everything" is quoted, more than half of all
FEW = 12  # numbers known below which the figure of the form is too good
TITLES = {"music": "MUSIC", "peakvo2": "peakVO2", "support2": "SUPPORT2 heart failure"}  # in names of figures
SUBSETS = {"everything": "everything", "form, drugs and NT-proBNP": "the form, the drugs and NT-proBNP",
           "form and drugs": "the form and the drugs", "form": "the form"}
NEWER = {"arni": "ARNI", "sglt2": "SGLT2 inhibitors", "vericiguat": "vericiguat"}  # classes that no patient of the cohorts took
COHORTS = {  # name -> (who they were, of whose treatment)
    "music": ("outpatients of Spanish heart-failure clinics (MUSIC)", "in 2003 and 2004"),
    "peakvo2": ("patients referred for exercise testing in Cleveland", "before 2011"),
    "support2": ("patients in American hospitals (SUPPORT2)", "in the 1990s"),
}


def cautions(
    study: HeartFailureStudy, bounds: Bounds, served: Served, weights: str, more: Sequence[Narrowing] = ()
) -> Iterator[Notice]:
    """Everything beside what ``read`` noticed.

    Args:
        bounds: of ``bounds_of`` the model.
        weights: where they were loaded from, for what was measured of them.
        more: what would narrow the interval, the most telling first.
    """
    cohort = cohort_of(study.values.get("setting"))
    if study.values.get("age", 0) > OLD:
        yield Notice("caution", f"Above {OLD} years there were few in the cohorts, and established scores over-state life there.",
                     "age")
    yield from _outside(study, bounds)
    yield from _scar(study)
    yield _era(study, cohort)
    slope = served.config.extra["cohorts"][cohort].get("slope", 1.0)
    if slope < 1:
        yield Notice("caution", "What tells patients apart was learned in other cohorts: of a difference in the log hazard "
                     f"{100 * slope:.0f} % counts here, so that every risk is near the cohort's own.", "setting")
    if (found := discrimination(study, weights, served.config.sha256)) is not None:
        yield _ranked(found, int(np.isfinite(study.numbers).sum()) < FEW)
    if "setting" not in study.values:
        yield Notice("info", "Held against patients of a heart-failure clinic: it was left open where the patient is cared for.",
                     "setting")
    if more:
        yield Notice("info", f"Of what is not known, {inside(more[0].label)} matters most: it would narrow the interval at "
                     f"three years by {100 * more[0].share:.0f} %.", more[0].field)


def _era(study: HeartFailureStudy, cohort: str) -> Notice:
    who, when = COHORTS[cohort]
    taken = [NEWER[code] for code in NEWER if code in (classes(study.text) or ())]
    said = f"The course is that of {who}, treated {when}, before SGLT2 inhibitors and ARNI."
    if taken:
        return Notice("caution", f"{said} The patient takes {' and '.join(taken)}: the risk may be lower than said.",
                      "prescriptions")
    return Notice("info", f"{said} Under today's treatment the risk may be lower than said.", "setting")


def bounds_of(model: nn.Module) -> Bounds:
    """Lowest and highest value, in clinical units, beyond which a number counts as that bound."""
    model = linear(model)
    scales = {"log": math.exp, "log1p": math.expm1, "one": float}
    return {one.name: tuple(scales[one.scale](edge) for edge in edges)
            for one, *edges in zip(ENCODED, model.low.tolist(), model.high.tolist(), strict=False)
            if all(map(math.isfinite, edges))}


def _outside(study: HeartFailureStudy, bounds: Bounds) -> Iterator[Notice]:
    for number, one in zip(study.numbers.tolist(), ENCODED, strict=True):
        if one.name in bounds and not math.isnan(number):
            low, high = bounds[one.name]
            if not low * (1 - 1e-6) <= number <= high * (1 + 1e-6):
                unit = f" {ASKED[one.field].unit}" if ASKED[one.field].unit else ""
                yield Notice("caution", f"{one.label} {number:.4g}{unit} is beyond what 98 % of the cohorts had ({low:.4g} to "
                             f"{high:.4g}) and counts as {low if number < low else high:.4g}.", one.field)


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


def _ranked(found: tuple[str, float, tuple[float, float] | None, int], less: bool) -> Notice:
    subset, value, interval, n = found
    between = f", 95 % interval {interval[0]:.2f} to {interval[1]:.2f}" if interval else ""
    said = (f"Told {subset} of two patients, the model gives the one who dies first the higher risk in {100 * value:.0f} of 100 "
            f"pairs (C-index {value:.2f}{between}, {n} patients it had not seen); 50 were chance."
            f"{' Less is known of this patient, where it does worse.' if less else ''}")
    weak = value < WEAK or interval is not None and interval[0] <= 0.5
    return Notice("caution", f"{said} That is weak.", "") if weak else Notice("info", said, "")


def discrimination(
    study: HeartFailureStudy, weights: str, sha256: str
) -> tuple[str, float, tuple[float, float] | None, int] | None:
    """Subset of inputs, and the C-index measured where models were told that much, with interval and patients.

    Of the subsets of metrics.json the largest that the patient's inputs reach; None where nothing was measured on the cohort.
    """
    measured = _c_indices(weights, sha256)
    many, drugs = int(np.isfinite(study.numbers).sum()), bool(study.text)
    reached = {"everything": drugs and many >= MANY, "form, drugs and NT-proBNP": drugs and "nt_probnp" in study.values,
               "form and drugs": drugs, "form": True}
    title = TITLES[cohort_of(study.values.get("setting"))]
    for subset, here in reached.items():
        if here and (one := measured.get(f"{title}: C-index, {subset}")) is not None:
            return SUBSETS[subset], one["value"], tuple(one["interval"]) if one.get("interval") else None, one["n"]
    return None


@lru_cache(maxsize=16)
def _c_indices(weights: str, sha256: str) -> dict[str, dict]:
    """By name. ``sha256`` of the weights, so that other weights at the same place are looked up anew."""
    try:
        return {one["name"]: one for one in read_metrics(weights).get("figures", []) if "C-index" in one["name"]}
    except WeightsError:  # gone since they were loaded
        return {}
