"""From a stay to an Assessment: the running risk, the last observations, and NEWS2 beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.assessment import Assessment, Comparator, Curve, Finding, Measurement, refused
from core.deterioration import alarms, moments, news2, qsofa, risk
from core.deterioration.cautions import cautions
from core.deterioration.names import CODE, ENOUGH, GROUP, HIGHEST, LABEL, LOWEST, MEASURED, RISK, WITHOUT
from core.deterioration.news2 import News2
from core.deterioration.report import LANGUAGES, write
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import HEART_RATE, SATURATION, SYSTOLIC, VITALS
from core.progress import Done
from core.serving import get, timed
from core.weights import Config

SHOCK = 0.9  # Rady et al. 1994, Ann Emerg Med 24:685
_SCALE_2 = (88, 92)  # %, what scores no point on SpO2 scale 2 with oxygen; on air nothing above scores, either


def assess(study: DeteriorationStudy, weights: str = "deterioration", done: Done | None = None) -> Assessment:
    """The risk at the last hour observed and how it ran until then, each hour from its past alone.

    It takes no second, so ``done`` is not called.
    """
    served, timings = get(weights), {}
    reason = next((notice for notice in study.notices if notice.level == "refuse"), None)
    if reason is not None:
        return refused("deterioration", served.identity, reason, study.notices)
    with timed(timings, "model"):
        found = risk.running(served, study)
    row = moments.last_row(study)
    with timed(timings, "scores"):
        course = [score for _, score in news2.course(study, moments.hours(study)[: row + 1])]
    measured = (_death(found, row), *_vitals(study), *_scores(study, row, course[-1]), *alarms.told(served.config, found, row))
    notices = (*study.notices, *cautions(study, served.config, weights, found, row))
    made = Assessment(
        "deterioration", served.identity, (_finding(found, row, served.config),), measured, _curves(study, found, row, course),
        _comparators(study, row, course[-1]), notices, overlays={ENOUGH: np.asarray(found.enough[: row + 1], np.uint8)},
        timings_ms=timings)
    return replace(made, report={language: write(study, made, course[-1], language) for language in LANGUAGES})


def _finding(found: risk.Running, row: int, config: Config) -> Finding:
    point = config.extra.get("operating_point", {})
    return Finding(GROUP, CODE, LABEL, float(found.risk[row]), point.get("threshold"), bool(config.extra.get("calibrated")),
                   (float(found.low[row]), float(found.high[row])), sensitivity=point.get("sensitivity"),
                   specificity=point.get("specificity"))


def _death(found: risk.Running, row: int) -> Measurement:
    value, low, high = (round(100 * float(part[row]), 2) for part in (found.risk, found.low, found.high))
    note = f"At {found.hours[row]:g} h, from what was known by then."
    return Measurement(MEASURED, LABEL, value, "%", interval=(low, high),
                       note=note if found.enough[row] else f"{note} Too little observed.")


def _vitals(study: DeteriorationStudy) -> tuple[Measurement, ...]:
    """The last measurement of each, with the values that score no point in NEWS2 as reference."""
    rows = []
    for k, (vital, last) in enumerate(zip(VITALS, moments.last(study), strict=True)):
        low, high = reference(k, study)
        if last is None:
            rows.append(Measurement(vital.code, vital.label, None, vital.unit, low, high, "measured", "Not measured.",
                                    loinc=vital.loinc))
        else:
            rows.append(Measurement(vital.code, vital.label, round(last.value, 1), vital.unit, low, high, "measured",
                                    f"At {last.hour:.4g} h.", loinc=vital.loinc))
    return tuple(rows)


def reference(vital: int, study: DeteriorationStudy) -> tuple[float, float | None]:
    """What scores no point in NEWS2, of the saturation as oxygen was given last. Args: vital: its place in VITALS."""
    if vital != SATURATION or not study.hypercapnic:
        return VITALS[vital].band
    given = study.oxygen[~np.isnan(study.oxygen)]
    return _SCALE_2 if given.size and given[-1] == 1 else (_SCALE_2[0], None)


def _scores(study: DeteriorationStudy, row: int, score: News2) -> tuple[Measurement, ...]:
    lacking = ", ".join(news2.LABELS[name].lower() for name in score.missing)
    note = f"{score.tier.risk} clinical risk." if score.total is not None else (
        f"Between {score.low} and {score.high}; not recorded in the last {news2.CARRY:g} h: {lacking}.")
    note = f"{note} SpO2 scale 2." if score.scale == 2 else note
    rows = [Measurement("news2", "NEWS2", score.total, "points", 0, 4, news2.SOURCE, note)]
    rate, pressure = _known(study, row)[0][[HEART_RATE, SYSTOLIC]]
    if not np.isnan(rate + pressure):
        rows.append(Measurement("shock_index", "Shock index", round(float(rate / pressure), 2), "", None, SHOCK,
                                "Rady et al. 1994, Ann Emerg Med 24:685", "Heart rate over systolic pressure."))
    return tuple(rows)


def _known(study: DeteriorationStudy, row: int) -> tuple[np.ndarray, str | None]:
    """Vital signs ``[6]`` and consciousness as they count at a row of the grid."""
    values, _, awake = news2.carried(study, [study.start + row])
    return values[0], awake[0]


def _curves(study: DeteriorationStudy, found: risk.Running, row: int, course: Sequence[News2]) -> tuple[Curve, ...]:
    x = tuple(moments.hours(study)[: row + 1].tolist())
    value, low, high = (_percent(part, row) for part in (found.risk, found.low, found.high))
    curves = [Curve(RISK, x, value, low, high, "h", "%")]
    if found.without_note is not None:
        curves.append(Curve(WITHOUT, x, _percent(found.without_note, row), (), (), "h", "%"))
    return (*curves, Curve(LOWEST, x, tuple(float(one.low) for one in course), (), (), "h", "points"),
            Curve(HIGHEST, x, tuple(float(one.high) for one in course), (), (), "h", "points"))


def _percent(values: np.ndarray, row: int) -> tuple[float, ...]:
    return tuple(round(100 * float(value), 2) for value in values[: row + 1])


def _comparators(study: DeteriorationStudy, row: int, score: News2) -> tuple[Comparator, ...]:
    if score.total is None:
        said = f"{score.low} to {score.high}"
    else:
        said = f"{score.total}, {score.tier.risk.lower()} risk"
    rows = [Comparator(MEASURED, "NEWS2", said, "points", news2.SOURCE)]
    values, awake = _known(study, row)
    sepsis = qsofa.score(values, awake)
    if not sepsis.missing:
        rows.append(Comparator(MEASURED, "qSOFA", f"{sepsis.low} of 3", "points", qsofa.SOURCE))
    return tuple(rows)
