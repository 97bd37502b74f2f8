"""From what is known of patients to their Assessments, one or many at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.assessment import Assessment, Curve, Finding, Measurement, refused
from core.heart_failure import renal, scar, scores, strata
from core.heart_failure.cautions import bounds_of, cautions
from core.heart_failure.narrow import narrowed
from core.heart_failure.prognosis import Prognosis, baseline, cohort_of, predict
from core.heart_failure.report import LANGUAGES, write
from core.heart_failure.strata import QUARTERS, Stratum
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.survival import Z
from core.progress import Done
from core.serving import Served, get, timed
from core.weights import Config

YEARS = {"1y": (1, "Death within one year"), "3y": (3, "Death within three years")}
POINTS_OF = "music"  # the cohort that the operating points were chosen on
SURVIVAL, COHORT = "Survival", "Cohort"
MODALITIES = "modalities"  # group of the measurements that say how the branches were weighed
BRANCHES = {"numbers": "Weight of the numbers", "text": "Weight of the prescriptions", "cinematic": "Weight of cardiac MR"}


@dataclass(frozen=True, eq=False)
class _Seen:
    """What the model says of ``n`` patients at once, and the curve of each cohort, by setting."""

    served: Served
    weights: str
    found: Prognosis
    risks: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]  # by code of YEARS: percent, value, low, high
    cohorts: dict[str | None, Curve]
    bounds: dict[str, tuple[float, float]]


def assess(study: HeartFailureStudy, weights: str = "heart_failure_cox", done: Done | None = None) -> Assessment:
    """Survival, risks, the established scores beside them, and what one more input would narrow.

    It takes no second, so ``done`` is not called.
    """
    return _assessed([study], weights, beside=True)[0]


def assess_many(studies: Sequence[HeartFailureStudy], weights: str = "heart_failure_cox") -> list[Assessment]:
    """As ``assess``, of many patients in one pass; without the established scores and without what would narrow, which
    take longer than all the rest. The values are the same."""
    return _assessed(studies, weights, beside=False)


def _assessed(studies: Sequence[HeartFailureStudy], weights: str, beside: bool) -> list[Assessment]:
    served, timings = get(weights), {}
    reasons = [next((n for n in study.notices if n.level == "refuse"), None) for study in studies]
    taken = [study for study, reason in zip(studies, reasons, strict=True) if reason is None]
    with timed(timings, "model"):
        seen = _seen(served, weights, taken) if taken else None
    made, k = [], 0
    for study, reason in zip(studies, reasons, strict=True):
        if reason is not None:
            made.append(refused("heart_failure", served.identity, reason, study.notices))
            continue
        made.append(_one(study, seen, k, beside, timings))
        k += 1
    return made


def _seen(served: Served, weights: str, studies: Sequence[HeartFailureStudy]) -> _Seen:
    found = predict(served, studies)
    cohorts = {setting: _cohort(served.config, setting) for setting in {study.values.get("setting") for study in studies}}
    risks = {code: found.risk(year) for code, (year, _) in YEARS.items()}
    return _Seen(served, weights, found, risks, cohorts, bounds_of(served.model))


def _one(study: HeartFailureStudy, seen: _Seen, k: int, beside: bool, timings: dict[str, float]) -> Assessment:
    """Args: k: place of the study among those seen. beside: with the established scores and with what would narrow, of
    one alone."""
    found, config, timings = seen.found, seen.served.config, dict(timings)
    setting = study.values.get("setting")
    own = strata.nearest(config, setting, float(found.log_hazard[k]))
    curves = _curves(study, found, k, seen.cohorts[setting])
    risks = {code: tuple(float(part[k]) for part in parts) for code, parts in seen.risks.items()}
    measured = (*_risks(risks, found, k), *_computed(study), *_stratum(own), *_weights(found, k))
    comparators = more = ()
    if beside:
        with timed(timings, "scores"):
            comparators = scores.comparators(scores.of(study))
        with timed(timings, "narrowing"):
            more = narrowed(study, seen.served, found)
    notices = (*study.notices, *cautions(study, seen.bounds, seen.served, seen.weights, more))
    made = Assessment("heart_failure", seen.served.identity, _findings(risks, config, setting), measured, curves, comparators,
                      notices, timings_ms=timings)
    report = {language: write(study, made, own, language) for language in LANGUAGES}
    return replace(made, report=report)


def _findings(risks: dict[str, tuple[float, float, float]], config: Config, setting: str | None) -> tuple[Finding, ...]:
    """Death as probabilities. Operating points are those of the clinic's cohort; beyond what was watched nothing is trained."""
    cohort, rows = cohort_of(setting), []
    points = config.extra.get("operating_points", {}) if cohort == POINTS_OF else {}
    calibrated = cohort in config.extra.get("learned", ())
    for code, (_, label) in YEARS.items():
        value, low, high = (part / 100 for part in risks[code])
        point = points.get(f"death:{code}", {})
        if math.isnan(value):
            rows.append(Finding("death", code, label, None, None, trained=False))
        else:
            rows.append(Finding("death", code, label, value, point.get("threshold"), calibrated, (low, high),
                                sensitivity=point.get("sensitivity"), specificity=point.get("specificity")))
    return tuple(rows)


def _risks(risks: dict[str, tuple[float, float, float]], found: Prognosis, k: int) -> tuple[Measurement, ...]:
    rows = []
    for code, (_, label) in YEARS.items():
        value, low, high = risks[code]
        if math.isnan(value):
            rows.append(Measurement(f"death_{code}", label, None, "%", note="The cohort was not watched as long."))
        else:
            rows.append(Measurement(f"death_{code}", label, round(value, 3), "%", interval=(round(low, 3), round(high, 3))))
    log, error = float(found.log_hazard[k]), Z * float(found.spread[k])
    rows.append(Measurement("log_hazard", "Log hazard", round(log, 4), "", note="Against the average patient of the cohorts.",
                            interval=(round(log - error, 4), round(log + error, 4))))
    return tuple(rows)


def _computed(study: HeartFailureStudy) -> tuple[Measurement, ...]:
    """What follows from the numbers by formula, with references that are not the model's."""
    values, rows = study.values, []
    if {"creatinine", "age", "sex"} <= values.keys():
        rate = renal.egfr(values["creatinine"], values["age"], values["sex"])
        rows.append(Measurement("egfr", "eGFR", round(rate, 1), "ml/min/1.73 m²", low=60, source="CKD-EPI 2021",
                                note="Below 60 for three months: chronic kidney disease (KDIGO)."))
    if "clearance" in values:
        rows.append(Measurement("clearance", "Creatinine clearance", round(values["clearance"], 1), "ml/min",
                                source=_how(study, "clearance")))
    if "bmi" in values:
        rows.append(Measurement("bmi", "Body mass index", round(values["bmi"], 1), "kg/m²", 18.5, 25, _how(study, "bmi"),
                                "Reference of the WHO."))
    return tuple(rows)


def _how(study: HeartFailureStudy, field: str) -> str:
    return f"from {study.computed[field]}" if field in study.computed else "entered"


def _stratum(own: Stratum | None) -> tuple[Measurement, ...]:
    if own is None:
        return ()
    return (Measurement("stratum", "Risk stratum", QUARTERS.index(own.label) + 1.0, f"of {len(QUARTERS)}", source="cohort",
                        note=f"The {own.label} of the cohort; {own.n} patients, {own.events} deaths."),)


def _weights(found: Prognosis, k: int) -> tuple[Measurement, ...]:
    """How the model weighed its branches for this patient, in percent."""
    if found.attention is None:
        return ()
    return tuple(Measurement(f"weight_{name}", BRANCHES.get(name, name), round(100 * float(shares[k]), 1), "%", group=MODALITIES)
                 for name, shares in found.attention.items())


def _cohort(config: Config, setting: str | None) -> Curve:
    years, alive = baseline(config, setting)
    return Curve(COHORT, _told(years), _told(100 * alive), (), (), "years", "%")


def _curves(study: HeartFailureStudy, found: Prognosis, k: int, cohort: Curve) -> tuple[Curve, ...]:
    seen = np.isfinite(found.survival[k])
    survival = Curve(SURVIVAL, _told(found.years[seen]), *(_told(100 * part[k][seen]) for part in (
        found.survival, found.low, found.high)), "years", "%")
    if study.values.get("scar_adjustment") and not scar.why_not(study.values):
        return survival, cohort, scar.adjusted(survival, study.values["scar_share"])
    return survival, cohort


def _told(values: np.ndarray) -> tuple[float, ...]:
    return tuple(np.round(values, 4).tolist())
