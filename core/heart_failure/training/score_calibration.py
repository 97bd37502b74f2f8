"""How the established scores do on MUSIC, measured: ``score_calibration.json``, which stands beside each score.

    python -m core.heart_failure.training.score_calibration --music DIR

The event is death of any cause; transplantation censors. Observed is the Kaplan-Meier risk, expected the mean risk of the
same patients; a score that is a range because MUSIC records too little counts with its middle. Interval of the C-index by
patients drawn anew; of observed/expected from Greenwood's variance, the expected held fixed.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core import metrics
from core.heart_failure import scores
from core.heart_failure.layouts import cohort
from core.heart_failure.rows import Row
from core.heart_failure.survival import kaplan_meier

KEPT = Path(scores.__file__).parent / "score_calibration.json"
YEARS = (1, 3)
FEWEST = 50  # patients, from which a figure is told
NEVER = 0.95  # share of patients that lack an input, from which the cohort does not record it


def measure(rows: Sequence[Row]) -> dict:
    """What each score comes to on a cohort with times and events."""
    rows = [row for row in rows if row.time is not None and row.event is not None]
    results = [scores.scores(row.values, *scores.current(row.values.get("prescriptions", ""))) for row in rows]
    time, event = np.array([row.time for row in rows]), np.array([row.event for row in rows], bool)
    by_code = {one.code: [result[k] for result in results] for k, one in enumerate(results[0])}
    return {"n": len(rows), "events": int(event.sum()), "event": "death of any cause; transplantation censors",
            "scores": {code: _score(found, time, event) for code, found in by_code.items()}}


def _score(found: list[scores.ScoreResult], time: np.ndarray, event: np.ndarray) -> dict:
    if found[0].code == "h2fpef":
        return {"n": 0, "why": "It tells of a diagnosis, not of survival."}
    has = np.array([one.risk_1y is not None for one in found])
    if has.sum() < FEWEST:
        lacks = Counter(name for one in found for name in one.missing)
        never = [name for name, count in lacks.most_common() if count >= NEVER * len(found)]
        said = f"the cohort does not record {scores.labels(never)}" if never else "too few patients have all that it needs"
        return {"n": int(has.sum()), "why": f"Not measured: {said}."}
    kept = [one for one in found if one.risk_1y is not None]
    time, event = time[has], event[has]
    order = np.array([(one.risk_3y or one.risk_1y)[0] for one in kept])
    told = {"n": len(kept), "events": int(event.sum()), "partial": sum(one.low != one.high for one in kept),
            "c_index": _figure(*concordance(time, event, order))}
    for year in YEARS:
        risks = [getattr(one, f"risk_{year}y") for one in kept]
        if None not in risks:
            told[f"year_{year}"] = _ratio(time, event, np.array(risks), year)
    return told


def _ratio(time: np.ndarray, event: np.ndarray, risks: np.ndarray, year: int) -> dict:
    curve = kaplan_meier(time, event)
    at = np.searchsorted(curve.years, year, side="right") - 1
    expected = risks.mean(0)  # middle, lowest, highest
    observed, interval = 100 * (1 - curve.survival[at]), 100 * (1 - np.array([curve.high[at], curve.low[at]]))
    return {"observed": _figure(observed, interval), "expected": round(expected[0], 2),
            "expected_range": [round(bound, 2) for bound in expected[1:]],
            "observed_over_expected": _figure(observed / expected[0], interval / expected[0])}


def concordance(time: np.ndarray, event: np.ndarray, risk: np.ndarray) -> tuple[float, tuple[float, float]]:
    """Harrell's C with its interval: of pairs of which it is known who died first, how often that one had the higher risk.

    A tied risk is a half. Who leaves on the day of a death outlived it.
    """
    first = event[:, None] & ((time[:, None] < time) | ((time[:, None] == time) & ~event))  # [n, n]: row dies before column
    right = first * ((risk[:, None] > risk) + 0.5 * (risk[:, None] == risk))
    first = first.astype(float)

    def share(rows: np.ndarray) -> float:
        drawn = np.bincount(rows, minlength=len(time)).astype(float)
        pairs = drawn @ first @ drawn
        return float(drawn @ right @ drawn / pairs) if pairs else float("nan")

    everyone = np.arange(len(time))
    return share(everyone), metrics.bootstrap(share, everyone)


def _figure(value: float, interval: Sequence[float]) -> dict:
    return {"value": metrics.number(value), "interval": [metrics.number(bound) for bound in interval]}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--music", type=Path, required=True, help="folder with MUSIC's subject-info.csv")
    parser.add_argument("--out", type=Path, default=KEPT)
    given = parser.parse_args(arguments)
    told = {"cohort": "MUSIC 1.0.1 (Martin-Yebra et al. 2024, doi 10.13026/cec2-9w70)", **measure(list(cohort(given.music)))}
    given.out.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(told, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
