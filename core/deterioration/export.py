"""What reports are made of: the hand-over of a stay, with its traces, last observations, NEWS2 and alarms.

The text of the note itself does not leave: who wrote it may have named the patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.assessment import Assessment
from core.deterioration import ROOM, german, moments, news2
from core.deterioration.charted import charted
from core.deterioration.names import ALARMS, GROUP
from core.deterioration.news2 import News2
from core.deterioration.report import number, reading
from core.deterioration.scales import AWAKE
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import VITALS
from core.export.entry import CaseEntry, Language

WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "handover": "Hand-over: last observations", "vital": "Vital sign", "value": "Value", "unit": "Unit", "hour": "At hour",
        "ago": "Hours before the end", "six": "Range of the last 6 h", "oxygen": "Supplemental oxygen", "awake": "Consciousness",
        "given": "given", "air": "room air", "news2": "NEWS2 (RCP 2017)", "parameter": "Parameter", "points": "Points",
        "total": "Total", "open": "not recorded", "to": "to", "risk": "Clinical risk", "monitoring": "Monitoring, RCP 2017",
        "response": "Response, RCP 2017", "alarms": "Alarms of the model", "line": "Alerts per 100 patient-days",
        "first": "First alarm at hour", "about": "Operating point", "never": "none", "group": "Death in hospital",
        "scale": "SpO2 scale",
    },
    "de": {
        "handover": "Übergabe: letzte Beobachtungen", "vital": "Vitalzeichen", "value": "Wert", "unit": "Einheit",
        "hour": "Stunde", "ago": "Stunden vor dem Ende", "six": "Spanne der letzten 6 h", "oxygen": "Sauerstoffgabe",
        "awake": "Bewusstsein", "given": "ja", "air": "Raumluft", "news2": "NEWS2 (RCP 2017)", "parameter": "Parameter",
        "points": "Punkte", "total": "Summe", "open": "nicht erfasst", "to": "bis", "risk": "Klinisches Risiko",
        "monitoring": "Überwachung nach RCP 2017", "response": "Reaktion nach RCP 2017", "alarms": "Alarme des Modells",
        "line": "Alarme je 100 Patiententage", "first": "Erster Alarm, Stunde", "about": "Arbeitspunkt", "never": "keiner",
        "scale": "SpO2-Skala",
    },
}
NEWS2_CODE = ("http://snomed.info/sct", "1104051000000101",  # United Kingdom edition; LOINC has no code for it
              "Royal College of Physicians NEWS2 (National Early Warning Score 2) total score")
BACK = 6  # hours over which the range of a vital sign is told
Rows = list[list[str]]


def entry(
    study: DeteriorationStudy, assessment: Assessment, language: Language = "en", alarm: Mapping[str, Any] | None = None
) -> CaseEntry:
    """The hand-over of the stay for a report in one language; of a refused one nothing but why.

    Args:
        alarm: the point of ``alarms.points`` that the user chose; its line is drawn.
    """
    from core.deterioration.printed import picture  # draws with matplotlib, which only a report needs

    return CaseEntry(ROOM, assessment, picture=picture(study, assessment, language, alarm), details=study.source,
                     labels=labels(language), tables=tables(study, assessment, language),
                     charted=() if assessment.refused else charted(study), codes={"news2": NEWS2_CODE})


def labels(language: Language) -> dict[tuple[str, str], str]:
    """Wording by ``(group, code)`` of a finding, ``("group", group)`` and ``("measurement", code)``."""
    return german.LABELS if language == "de" else {("group", GROUP): WORDS["en"]["group"]}


def tables(study: DeteriorationStudy, assessment: Assessment, language: Language = "en") -> dict[str, Rows]:
    """What ``CaseEntry.tables`` takes; a table without rows is left out."""
    if assessment.refused:
        return {}
    words = WORDS[language]
    hour = study.start + moments.last_row(study)
    score = news2.course(study, [hour])[0][1]
    found = {
        words["handover"]: ([words[key] for key in ("vital", "value", "unit", "hour", "ago", "six")],
                            _observations(study, hour, language)),
        words["news2"]: ([words["parameter"], words["points"]], _points(score, language)),
        words["alarms"]: ([words["line"], words["first"], words["about"]], _alarms(assessment, language)),
    }
    return {title: [head, *rows] for title, (head, rows) in found.items() if rows}


def _observations(study: DeteriorationStudy, hour: float, language: Language) -> Rows:
    words, rows = WORDS[language], []
    names = german.VITALS if language == "de" else {vital.code: vital.label for vital in VITALS}
    for k, (vital, last) in enumerate(zip(VITALS, moments.last(study), strict=True)):
        if last is None:
            rows.append([names[vital.code], "–", vital.unit, "–", "–", "–"])
            continue
        recent = study.values[study.hours >= hour - BACK, k]
        recent = recent[recent == recent]
        low, high = (reading(k, float(end), language) for end in (recent.min(), recent.max())) if recent.size else ("–", "–")
        rows.append([names[vital.code], reading(k, last.value, language), vital.unit, number(last.hour, language),
                     number(max(hour - last.hour, 0.0), language), low if low == high else f"{low} {words['to']} {high}"])
    oxygen = [(at, given) for at, given in zip(study.hours.tolist(), study.oxygen.tolist(), strict=True) if given == given]
    awake = [(at, level) for at, level in zip(study.hours.tolist(), study.consciousness, strict=True) if level]
    levels = german.CONSCIOUSNESS if language == "de" else AWAKE
    for name, known, said in (("oxygen", oxygen, lambda given: words["given" if given else "air"]), ("awake", awake, levels.get)):
        if known:
            at, value = known[-1]
            rows.append([words[name], said(value), "–", number(at, language), number(max(hour - at, 0.0), language), "–"])
    return rows


def _points(score: News2, language: Language) -> Rows:
    """Points of each parameter, the total, and the response that the RCP assigns to it, quoted."""
    words, names = WORDS[language], german.PARAMETERS if language == "de" else news2.LABELS
    rows = [[names[name], words["open"] if part is None else str(part)] for name, part in score.parts.items()]
    total = str(score.total) if score.total is not None else f"{score.low} {words['to']} {score.high}"
    rows += [[words["total"], total], [words["scale"], str(score.scale)]]
    tiers = [score.tier] if score.tier == score.highest_tier else [score.tier, score.highest_tier]
    risks = [german.LEVELS[tier.risk] if language == "de" else tier.risk for tier in tiers]
    rows.append([words["risk"], f" {words['to']} ".join(dict.fromkeys(risks))])
    for tier in tiers:
        monitoring, response = german.TIERS[tier.code] if language == "de" else (tier.monitoring, tier.response)
        rows += [[words["monitoring"], monitoring], [words["response"], response]]
    return rows


def _alarms(assessment: Assessment, language: Language) -> Rows:
    rows = []
    for one in assessment.measurements:
        if one.group == ALARMS:
            first = WORDS[language]["never"] if one.value is None else number(one.value, language)
            note = german.alarm(one.note) if language == "de" else one.note
            rows.append([one.code.removeprefix("alarm_"), first, note])
    return rows
