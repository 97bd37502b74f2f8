"""Where statements, measurements, rules and the nearest reports contradict each other: said once, in front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.assessment import Finding, Measurement, Notice
from core.ecg.marks import Delineation
from core.ecg.report_words import EXCLUSIVE
from core.ecg.statements import BY_CODE, term
from core.ecg.study import EcgStudy

SUBJECT = "disagreement"
_SINUS = EXCLUSIVE[0][0]
_BLOCKS = ("CLBBB", "CRBBB")
_EXPLAIN_WIDTH = {"CLBBB", "CRBBB", "IVCD", "WPW", "PACE", "PVC"}
_MOST = 4  # of five similar reports
_WORTH_SAYING = ("AFIB", "AFLT", "PACE", "CLBBB", "CRBBB", "3AVB", "WPW")


def disagreement(
    study: EcgStudy, findings: Sequence[Finding], measured: Sequence[Measurement], marks: Delineation,
    similar: Sequence[frozenset[str]] = (), paced: bool = False,
) -> Notice | None:
    """One caution that names every contradiction, or None.

    Args:
        findings: that are shown. similar: codes of the similar reports, nearest first.
    """
    present = {f.code: f for f in findings if f.group == "statement" and f.present}
    value = {m.code: m.value for m in measured if m.value is not None}
    found = [*_measured(study, present, value, marks, paced), *_similar(findings, present, similar, paced)]
    return Notice("caution", f"Disagreement: {'; '.join(found)}. Look at the trace.", SUBJECT) if found else None


def _measured(
    study: EcgStudy, present: dict[str, Finding], value: dict[str, float], marks: Delineation, paced: bool
) -> Iterator[str]:
    width, rate, pr, axis = (value.get(code) for code in ("qrs_duration", "heart_rate", "pr_interval", "qrs_axis"))
    if study.pacing and "PACE" not in present:
        yield f"{len(study.pacing)} pacing spikes are seen, and no statement names a pacemaker"
    if width is not None and width >= 120 and not _EXPLAIN_WIDTH & present.keys() and not paced and present:
        yield f"the QRS is {width:.0f} ms wide, and no statement explains it"
    for code in _BLOCKS:
        if code in present and width is not None and width < 105:
            yield f"{_name(code)} is stated, and the QRS is {width:.0f} ms wide"
    sinus = next((code for code in _SINUS if code in present), None)
    atrial = next((code for code in ("AFIB", "AFLT") if code in present), None)
    if sinus and not atrial and not paced and len(marks.r_times) > 2 and not marks.has("P"):
        yield f"{_name(sinus)} is stated, and no P waves are found"
    if rate is not None and "STACH" in present and rate < 95 or rate is not None and "SBRAD" in present and rate > 65:
        yield f"{_name('STACH' if 'STACH' in present else 'SBRAD')} is stated, and the rate is {rate:.0f}/min"
    if pr is not None and "1AVB" in present and pr < 190:
        yield f"{_name('1AVB')} is stated, and PR is {pr:.0f} ms"
    if pr is not None and pr > 220 and present and not {"1AVB", "2AVB", "3AVB", "LPR"} & present.keys() and not atrial:
        yield f"PR is {pr:.0f} ms, and no statement names a block"
    if axis is not None and "LAFB" in present and axis > -20:
        yield f"{_name('LAFB')} is stated, and the axis is {axis:.0f}°"
    abnormal = [f for f in present.values() if BY_CODE[f.code].superclass not in ("", "NORM")]
    if "NORM" in present and abnormal:
        yield f"a normal ECG and {_name(max(abnormal, key=lambda f: f.probability or 0).code)} are both stated"


def _similar(
    findings: Sequence[Finding], present: dict[str, Finding], similar: Sequence[frozenset[str]], paced: bool
) -> Iterator[str]:
    if not similar:
        return
    told = {f.code for f in findings if f.group == "statement"}
    for code in _WORTH_SAYING:
        alike = sum(code in codes for codes in similar)
        if alike >= _MOST and code in told and code not in present:
            yield f"{alike} of {len(similar)} similar reports name {_name(code)}, and the statements do not"
    if "NORM" in present:
        alike = sum("NORM" not in codes for codes in similar)
        if alike >= _MOST:
            yield f"a normal ECG is stated, and {alike} of {len(similar)} similar reports are abnormal"
    infarction = sum(any(c in BY_CODE and BY_CODE[c].superclass == "MI" for c in codes) for codes in similar)
    stated = any(BY_CODE[code].superclass == "MI" for code in present)
    if infarction >= _MOST and not stated and not paced and any(BY_CODE[c].superclass == "MI" for c in told):
        yield f"{infarction} of {len(similar)} similar reports name a myocardial infarction, and the statements none"


def _name(code: str) -> str:
    return term("statement", code).english
