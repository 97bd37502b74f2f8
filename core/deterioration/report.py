"""The stay in sentences, English and German; no number in it that the assessment lacks, and no advice but the RCP's, named so."""

from __future__ import annotations

from collections.abc import Mapping

from core.assessment import Assessment, Curve
from core.deterioration import german, moments
from core.deterioration.names import ENOUGH, RISK, WITHOUT, curve
from core.deterioration.news2 import LABELS, News2
from core.deterioration.study import DeteriorationStudy
from core.deterioration.vitals import TEMPERATURE, VITALS
from core.export.entry import Language

LANGUAGES: tuple[Language, ...] = ("en", "de")
BACK = 6  # hours: over how many the course is told
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "risk": "Conclusion: Estimated risk of death in this hospital stay {} % (95 % interval {} to {} %) at {} h, from what "
                "was known by then.",
        "thin": "Too little was observed: it says little more than the risk of any such patient.",
        "course": "Course: {} % at {} h, {} % at {} h; the highest was {} % at {} h.",
        "news2": "NEWS2: {}, {} clinical risk; points: {}.", "no points": "none",
        "open": "NEWS2: between {} and {}, {} to {} clinical risk; not recorded in time: {}.",
        "same": "NEWS2: between {} and {}, {} clinical risk; not recorded in time: {}.",
        "vitals": "Last observations: {}.", "note": "Note: with it {} %, without it {} %.",
        "limits": "Limits: learned from intensive care in 2001 to 2008, of death in the hospital stay, not of deterioration in "
                  "the next hours; no statement on treatment.",
    },
    "de": {
        "risk": "Beurteilung: Geschätztes Risiko, in diesem Krankenhausaufenthalt zu sterben, {} % (95-%-Intervall {} bis {} %) "
                "nach {} h, aus dem bis dahin Bekannten.",
        "thin": "Es wurde zu wenig beobachtet: das Risiko sagt kaum mehr als das eines beliebigen solchen Patienten.",
        "course": "Verlauf: {} % nach {} h, {} % nach {} h; am höchsten war es mit {} % nach {} h.",
        "news2": "NEWS2: {}, {} klinisches Risiko; Punkte: {}.", "no points": "keine",
        "open": "NEWS2: zwischen {} und {}, {} bis {} klinisches Risiko; nicht rechtzeitig erfasst: {}.",
        "same": "NEWS2: zwischen {} und {}, {} klinisches Risiko; nicht rechtzeitig erfasst: {}.",
        "vitals": "Letzte Messwerte: {}.", "note": "Notiz: mit ihr {} %, ohne sie {} %.",
        "limits": "Grenzen: gelernt an Intensivpatienten der Jahre 2001 bis 2008, vom Tod im Krankenhausaufenthalt, nicht von "
                  "einer Verschlechterung in den nächsten Stunden; keine Aussage zur Behandlung.",
    },
}


def write(study: DeteriorationStudy, assessment: Assessment, score: News2, language: Language) -> tuple[str, ...]:
    """The conclusion first.

    Args:
        score: NEWS2 at the hour of the assessment.
    """
    words, risk = WORDS[language], curve(assessment, RISK)
    lines = [words["risk"].format(*(percent(part[-1], language) for part in (risk.y, risk.low, risk.high)), f"{risk.x[-1]:g}")]
    if not assessment.overlays[ENOUGH][-1]:
        lines[0] = f"{lines[0]} {words['thin']}"
    if len(risk.x) > BACK:
        lines.append(words["course"].format(*_course(risk, language)))
    lines.append(_news2(score, language))
    lines.append(words["vitals"].format("; ".join(_vitals(study, language))))
    if (without := curve(assessment, WITHOUT)) is not None:
        lines.append(words["note"].format(percent(risk.y[-1], language), percent(without.y[-1], language)))
    return (*lines, words["limits"])


def _course(risk: Curve, language: Language) -> list[str]:
    highest = max(range(len(risk.x)), key=risk.y.__getitem__)
    places = (len(risk.x) - 1 - BACK, len(risk.x) - 1, highest)
    return [text for k in places for text in (percent(risk.y[k], language), f"{risk.x[k]:g}")]


def _news2(score: News2, language: Language) -> str:
    words, labels = WORDS[language], german.PARAMETERS if language == "de" else LABELS
    low, high = (clinical(tier.risk, language) for tier in (score.tier, score.highest_tier))
    if score.total is not None:
        points = ", ".join(f"{labels[name]} {part}" for name, part in score.parts.items() if part) or words["no points"]
        return words["news2"].format(score.total, low, points)
    lacking = ", ".join(labels[name] for name in score.missing)
    if low == high:
        return words["same"].format(score.low, score.high, low, lacking)
    return words["open"].format(score.low, score.high, low, high, lacking)


def clinical(risk: str, language: Language) -> str:
    """The RCP's clinical risk of a tier within a sentence."""
    return german.RISKS[risk] if language == "de" else risk.lower()


def _vitals(study: DeteriorationStudy, language: Language) -> list[str]:
    labels = german.VITALS if language == "de" else {vital.code: vital.label for vital in VITALS}
    return [f"{labels[vital.code]} {reading(k, one.value, language)} {vital.unit} ({number(one.hour, language)} h)"
            for k, (vital, one) in enumerate(zip(VITALS, moments.last(study), strict=True)) if one is not None]


def reading(vital: int, value: float, language: Language) -> str:
    """A vital sign as a chart writes it. Args: vital: its place in VITALS."""
    return number(round(value, 1 if vital == TEMPERATURE else 0), language)


def percent(value: float, language: Language) -> str:
    """With a decimal below 10, where it matters."""
    return number(round(value, 1 if value < 10 else 0), language)


def number(value: float, language: Language) -> str:
    text = f"{value:.4g}"
    return text.replace(".", ",") if language == "de" else text
