"""The established scores beside the model: MAGGIC, Seattle, MARKER-HF, H2FPEF; what each lacks and how it did on MUSIC.

A score that needs a number which is unknown gives no figure. One that lacks yes-or-no inputs, and MAGGIC always, gives a range.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from core.assessment import Comparator
from core.heart_failure import h2fpef, maggic, marker_hf, seattle
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import ASKED, Values, inside

if TYPE_CHECKING:
    from core.heart_failure.prescriptions import Mention

WIDE = 50  # percentage points of a range of risk, from which it says too little for a chart
OLD = 80  # years
Risk = tuple[float, float, float]  # percent: at the middle of the range, lowest, highest


@dataclass(frozen=True)
class ScoreResult:
    """One score of one patient.

    Attributes:
        value: None where it is a range or there is none. low, high: of that range; both are the value where all is known.
        risk_1y, risk_3y: of death, percent; None where the score does not tell it. missing: fields of ``read``.
        note: whole sentences. wide: the range of a risk is wider than 50 percentage points.
        calibration: of this score on MUSIC, as ``training.score_calibration`` measured it.
    """

    code: str
    label: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    risk_1y: Risk | None
    risk_3y: Risk | None
    missing: tuple[str, ...]
    source: str
    note: str
    wide: bool
    calibration: Mapping[str, Any]

    @property
    def calibrated(self) -> str:
        """How it did on MUSIC, in a sentence."""
        found = self.calibration
        if "c_index" not in found:
            return found.get("why", "")
        ratios = (f"{_interval(found[year]['observed_over_expected'])} at {of_year}" for year, of_year in
                  (("year_1", "one year"), ("year_3", "three years")) if year in found)
        partial = ", with the middle of the range that its inputs there allow" if found["partial"] else ""
        return (f"On MUSIC ({found['n']} patients, {found['events']} deaths{partial}): C-index {_interval(found['c_index'])}; "
                f"observed over expected deaths {', '.join(ratios)}.")


def of(study: HeartFailureStudy) -> tuple[ScoreResult, ...]:
    """The scores of a study; its text tells the drugs."""
    return scores(study.values, *current(study.text))


def current(text: str) -> tuple[frozenset[str] | None, tuple[Mention, ...]]:
    """Codes of the classes that are taken, None where the text says nothing of drugs; and each of those drugs, last dose."""
    from core.heart_failure.prescriptions import classes, recognise, standing  # thousands of names, read once one is needed

    status, last = standing(text), {}
    for one in recognise(text):
        key = (one.drug, one.drug_class)
        if status[key] == one.status == "current" and (one.dose is not None or key not in last):
            last[key] = one
    named = {one.drug_class for one in last.values() if not one.of_class}
    covered = named | ({"diuretic"} if named & seattle.DIURETICS else set())  # "loop diuretic: furosemide 40 mg" is one drug
    return classes(text), tuple(one for one in last.values() if not (one.of_class and one.drug_class in covered))


def scores(values: Values, drugs: frozenset[str] | None, mentions: Sequence[Mention]) -> tuple[ScoreResult, ...]:
    """Args: values: by field. drugs: codes of the current classes, None where nothing is known of them. mentions: with doses."""
    return _maggic(values, drugs), _seattle(values, drugs, mentions), _marker_hf(values), _h2fpef(values, drugs)


def comparators(results: Sequence[ScoreResult]) -> tuple[Comparator, ...]:
    """Those with a figure, beside the measurement of the same risk; H2FPEF stands by itself."""
    found = []
    for one in results:
        for code, risk in (("death_1y", one.risk_1y), ("death_3y", one.risk_3y)):
            if risk is not None:
                found.append(Comparator(code, one.label, _figure(*risk), "%", one.source))
        if one.code == "h2fpef" and one.low is not None:
            found.append(Comparator(one.code, one.label, _points(one.low, one.high), one.unit, one.source))
    return tuple(found)


def _maggic(values: Values, drugs: frozenset[str] | None) -> ScoreResult:
    found = maggic.score(values, drugs)
    said = []
    if found.high > maggic.MOST:
        said.append(f"The published risks end at {maggic.MOST} points: more points count as {maggic.MOST}.")
    if drugs is not None and "arni" in drugs:
        said.append("An ARNI counts as an angiotensin receptor blocker.")
    return _result("maggic", "MAGGIC", (found.low, found.high), "points", (found.risk_1y, found.risk_3y), found.missing,
                   maggic.SOURCE, said, values)


def _seattle(values: Values, drugs: frozenset[str] | None, mentions: Sequence[Mention]) -> ScoreResult:
    found = seattle.score(values, drugs, mentions)
    said = []
    if found.dose_missing:
        said.append("It needs dose in mg and times a day of each diuretic, and knows " + ", ".join(seattle.FUROSEMIDE) + ".")
    if values.get("device") == "CRT-P":
        said.append("The effect of a resynchronisation pacemaker is left out: public transcriptions lack it.")
    if drugs is not None and "arni" in drugs:
        said.append("It is older than ARNI, which counts as an angiotensin receptor blocker.")
    if drugs is not None and "sglt2" in drugs:
        said.append("It is older than SGLT2 inhibitors, which it does not count.")
    span = None if found.low is None else (round(found.low, 3), round(found.high, 3))
    return _result("seattle", "Seattle Heart Failure Model", span, "", (found.risk(1), found.risk(3)), found.missing,
                   seattle.SOURCE, said, values)


def _marker_hf(values: Values) -> ScoreResult:
    value, outside = marker_hf.score(values), marker_hf.outside(values)
    said = ["It tells death within one year only."]
    if outside:
        said.append(f"{labels(outside)}: outside of what it takes.")
    risk = None if value is None else (100 * (1 - marker_hf.survival_1y(value)),) * 3
    return _result("marker_hf", "MARKER-HF", None if value is None else (round(value, 3),) * 2, "", (risk, None),
                   marker_hf.missing(values), marker_hf.SOURCE, said, values)


def _h2fpef(values: Values, drugs: frozenset[str] | None) -> ScoreResult:
    found = h2fpef.score(values, drugs)
    said = ["It tells of the diagnosis, not of survival."]
    if found.applies:
        said.append(h2fpef.reading(found.low, found.high))
    else:
        said.append(f"It is meant for an ejection fraction of {h2fpef.PRESERVED} % or more"
                    f"{', which is not known here' if found.missing else ''}.")
    span = (found.low, found.high) if found.applies else None
    return _result("h2fpef", "H2FPEF", span, "points", (None, None), found.missing, h2fpef.SOURCE, said, values)


def _result(code: str, label: str, span: tuple[float, float] | None, unit: str, risks: tuple[Risk | None, Risk | None],
            missing: tuple[str, ...], source: str, said: list[str], values: Values) -> ScoreResult:
    low, high = span or (None, None)
    if missing:
        said = [f"Unknown: {labels(missing)}."] + said
    if span and low != high and risks != (None, None):
        said.append("The figure is the middle of the range.")
    if any(risks) and values.get("age", 0) > OLD:
        said.append(f"Above {OLD} years such scores over-state life.")
    wide = any(risk is not None and risk[2] - risk[1] > WIDE for risk in risks)
    return ScoreResult(code, label, low if low == high else None, low, high, unit, *risks, missing, source, " ".join(said), wide,
                       _calibration().get(code, MappingProxyType({})))


def labels(names: Sequence[str]) -> str:
    """Fields, as they stand inside a sentence."""
    return ", ".join(name if name == "prescriptions" else inside(ASKED[name].label) for name in names)


def _figure(middle: float, low: float, high: float) -> float | str:
    return round(middle, 1) if high - low < 0.05 else f"{low:.0f} to {high:.0f}"


def _interval(figure: Mapping[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:.2f} ({low:.2f} to {high:.2f})"


def _points(low: float, high: float) -> float | str:
    return low if low == high else f"{low:g} to {high:g}"


@cache
def _calibration() -> Mapping[str, Any]:
    return MappingProxyType(json.loads((Path(__file__).parent / "score_calibration.json").read_text())["scores"])
