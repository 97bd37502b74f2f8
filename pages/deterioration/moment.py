"""What is said of each hour of a stay while it is replayed: risk, score, response, what changed. Not a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.assessment import Assessment
from core.deterioration import moments, news2
from core.deterioration.names import ENOUGH, RISK, WITHOUT, curve
from core.deterioration.news2 import News2
from core.deterioration.report import percent, reading
from core.deterioration.scales import AWAKE
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import CODES, VITALS

TOLD = 3  # vital signs that are named
THIN = "Too little observed: the risk is little more than that of any such patient."


@dataclass(frozen=True)
class Moment:
    """One hour, in words, from what was known by then.

    Attributes:
        hour: of the stay. risk, interval, without: percent; ``without`` is empty where no note was there yet.
        score: NEWS2, a number or a range. response: its tier. thin: why the risk says little, or nothing.
        changed: what the hour brought.
    """

    hour: str
    risk: str
    interval: str
    without: str
    score: str
    response: str
    thin: str
    changed: tuple[str, ...]


def all_of(study: DeteriorationStudy, assessment: Assessment) -> list[Moment]:
    """Every hour that was judged, up to the last observation."""
    risk, without = curve(assessment, RISK), curve(assessment, WITHOUT)
    scores = course(study, len(risk.x))
    known = news2.carried(study, risk.x)
    rows = []
    for k, hour in enumerate(risk.x):
        written = without is not None and study.note_hour <= hour + 1e-6
        score = scores[k]
        rows.append(Moment(
            f"{hour:g} h", f"{percent(risk.y[k], 'en')} %", f"{percent(risk.low[k], 'en')} to {percent(risk.high[k], 'en')} %",
            f"{percent(without.y[k], 'en')} %" if written else "", total(score), response(score),
            "" if assessment.overlays[ENOUGH][k] else THIN, tuple(changes(study, assessment, scores, known, k))))
    return rows


def course(study: DeteriorationStudy, rows: int) -> tuple[News2, ...]:
    """NEWS2 at the first hours that are judged."""
    return tuple(score for _, score in news2.course(study, moments.hours(study)[:rows]))


def total(score: News2) -> str:
    return str(score.low) if score.total is not None else f"{score.low} to {score.high}"


def response(score: News2) -> str:
    """The tier of the score, or what it can be and for want of what."""
    lowest, highest = score.tier, score.highest_tier
    if lowest == highest:
        words = f"{lowest.risk} clinical risk. Monitoring {lowest.monitoring.lower()}."
    elif lowest.risk == highest.risk:
        words = f"{lowest.risk} clinical risk."
    else:
        words = f"{lowest.risk} to {highest.risk.lower()} clinical risk."
    return f"{words} Not recorded: {', '.join(news2.LABELS[name].lower() for name in score.missing)}." if score.missing else words


def changes(
    study: DeteriorationStudy, assessment: Assessment, scores: Sequence[News2],
    known: tuple[np.ndarray, np.ndarray, Sequence[str | None]], k: int,
) -> Iterator[str]:
    """What differs from the hour before: the risk, what was measured anew, oxygen, consciousness, the note.

    Args:
        known: of ``news2.carried`` at each hour.
    """
    values, oxygen, awake = known
    if k == 0:
        return
    risk = curve(assessment, RISK)
    before, now = percent(risk.y[k - 1], "en"), percent(risk.y[k], "en")
    yield f"risk {before} → {now} %" if before != now else f"risk unchanged at {now} %"
    moved = []
    for j, vital in enumerate(VITALS):
        old, new = (reading(j, float(values[row, j]), "en") for row in (k - 1, k))
        points = _points(scores[k].parts.get(CODES[j])) - _points(scores[k - 1].parts.get(CODES[j]))
        if np.isnan(values[k, j]):
            if not np.isnan(values[k - 1, j]):
                moved.append((1, f"{vital.label.lower()} not measured for {news2.CARRY:g} h"))
        elif np.isnan(values[k - 1, j]):
            moved.append((3, f"{vital.label.lower()} {new} {vital.unit}"))
        elif old != new:
            sign = "+" if points > 0 else "−"
            scored = f" (NEWS2 {sign}{abs(points)})" if points else ""
            share = abs(float(values[k, j] - values[k - 1, j])) / (vital.band[1] - vital.band[0])
            moved.append((abs(points) + min(share, 0.9), f"{vital.label.lower()} {old} → {new} {vital.unit}{scored}"))
    yield from (words for _, words in sorted(moved, key=lambda one: -one[0])[:TOLD])
    if oxygen[k] != oxygen[k - 1] and not np.isnan(oxygen[k]) and (oxygen[k] or oxygen[k - 1] == 1):
        yield "oxygen given" if oxygen[k] else "oxygen stopped"
    if awake[k] != awake[k - 1] and awake[k] is not None and (awake[k] != "A" or awake[k - 1] is not None):
        yield AWAKE[awake[k]]
    hour = moments.hours(study)[k]
    if study.note and hour - 1 < study.note_hour <= hour + 1e-6:
        yield "the note was written"


def _points(part: int | None) -> int:
    return part or 0
