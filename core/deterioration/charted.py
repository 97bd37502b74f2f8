"""The vital signs as they were charted, for a record: of each judged hour the last of each, a blood pressure as a pair."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from core.assessment import Measurement
from core.deterioration import grid, moments
from core.deterioration.assess import reference
from core.deterioration.study import HOURS, DeteriorationStudy
from core.deterioration.vitals import DIASTOLIC, SYSTOLIC, VITALS
from core.export.entry import Charted

TOGETHER = (SYSTOLIC, DIASTOLIC)


def charted(study: DeteriorationStudy) -> tuple[Charted, ...]:
    """By time; what is alone at a time has one part, a blood pressure one or both of its two."""
    rows = grid.rows(study.hours, study.start)
    found = []
    for places in (*((k,) for k in range(len(VITALS)) if k not in TOGETHER), TOGETHER):
        known = np.flatnonzero(np.isfinite(study.values[:, places]).any(1) & (rows >= 0) & (rows <= HOURS))
        last = known[np.append(np.diff(rows[known]) > 0, True)] if known.size else known
        found += [(float(study.hours[row]), _at(study, int(row), places)) for row in last]
    return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))


def _at(study: DeteriorationStudy, row: int, places: tuple[int, ...]) -> Charted:
    hour = float(study.hours[row])
    said = f"At {hour:.4g} h of the stay."
    then = moments.until(study, np.ceil(hour)) if study.hypercapnic else study
    parts = tuple(
        Measurement(vital.code, vital.label, round(float(study.values[row, k]), 1), vital.unit, *reference(k, then),
                    study.source.get("Thinned", "measured"), said, loinc=vital.loinc)
        for k in places if np.isfinite(study.values[row, k]) for vital in (VITALS[k],))
    return Charted(parts, None if study.began is None else study.began + timedelta(seconds=round(3600 * hour)))
