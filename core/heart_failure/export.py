"""What reports are made of: the curve, what was entered, the drugs that were recognised, and the established scores.

The text of the prescriptions itself does not leave: who wrote it may have named the patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.assessment import Assessment
from core.drugs import CLASSES
from core.export.entry import CaseEntry, Language
from core.fields import Field, fields_of
from core.heart_failure import ROOM, german, scores
from core.heart_failure.prescriptions import Mention, recognise, standing
from core.heart_failure.read import read
from core.heart_failure.report import number
from core.heart_failure.scores import Risk, ScoreResult
from core.heart_failure.study import HeartFailureStudy

WORDS: dict[Language, dict[str, str]] = {
    "en": {"entered": "What is known", "input": "Input", "value": "Value", "unit": "Unit", "computed": "computed",
           "drugs": "Drugs recognised", "drug": "Drug", "class": "Class", "dose": "Dose", "status": "Status",
           "scores": "Established scores", "score": "Score", "points": "Result",
           "1y": "Death, 1 year", "3y": "Death, 3 years", "c": "C-index on MUSIC", "oe1": "Observed/expected, 1 year",
           "oe3": "Observed/expected, 3 years", "to": "to",
           "daily": "times a day", "yes": "yes", "no": "no", "group": "Death of any cause",
           "weights": "Weights of the modalities"},
    "de": {"entered": "Was bekannt ist", "input": "Angabe", "value": "Wert", "unit": "Einheit", "computed": "berechnet",
           "drugs": "Erkannte Medikamente", "drug": "Medikament", "class": "Klasse", "dose": "Dosis", "status": "Status",
           "scores": "Etablierte Scores", "score": "Score", "points": "Ergebnis",
           "1y": "Tod, 1 Jahr", "3y": "Tod, 3 Jahre", "c": "C-Index in MUSIC", "oe1": "Beobachtet/erwartet, 1 Jahr",
           "oe3": "Beobachtet/erwartet, 3 Jahre", "to": "bis",
           "daily": "mal täglich", "yes": "ja", "no": "nein", "group": "Tod jeder Ursache",
           "weights": "Gewichte der Modalitäten"},
}
Rows = list[list[str]]


def entry(study: HeartFailureStudy, assessment: Assessment, language: Language = "en") -> CaseEntry:
    """The patient's numbers and prognosis for a report in one language; of a refused one what was entered."""
    from core.heart_failure.printed import picture  # draws with matplotlib, which only a report needs

    return CaseEntry(ROOM, assessment, picture=picture(assessment, language), details=study.source, labels=labels(language),
                     tables=tables(study, assessment, language))


def labels(language: Language) -> dict[tuple[str, str], str]:
    """Wording by ``(group, code)`` of a finding, ``("group", group)`` and ``("measurement", code)``."""
    return german.LABELS if language == "de" else {("group", "death"): WORDS["en"]["group"]}


def tables(study: HeartFailureStudy, assessment: Assessment, language: Language = "en") -> dict[str, Rows]:
    """What ``CaseEntry.tables`` takes; a table without rows is left out."""
    words = WORDS[language]
    results = [] if assessment.refused else [one for one in scores.of(study) if one.low is not None or one.risk_1y]
    weights = [one for one in assessment.measurements if one.group == "modalities"]
    found = {
        words["scores"]: ([words[key] for key in ("score", "points", "1y", "3y", "c", "oe1", "oe3")],
                          [_score(one, language) for one in results]),
        words["weights"]: ([words["input"], words["value"]], [
            [labels(language).get(("measurement", one.code), one.label), f"{number(one.value, language)} %"] for one in weights]),
        words["entered"]: ([words[key] for key in ("input", "value", "unit")], _known(study, language)),
        words["drugs"]: ([words[key] for key in ("drug", "class", "dose", "status")],
                         [_drug(one, status, language) for one, status in _last(study.text)]),
    }
    return {title: [head, *rows] for title, (head, rows) in found.items() if rows}


def _known(study: HeartFailureStudy, language: Language) -> Rows:
    rows, words = [], WORDS[language]
    for name, asked in fields_of(read).items():
        value = study.values.get(name)
        if value is None or name in ("prescriptions", "scar_adjustment"):
            continue
        label = german.FIELDS[name] if language == "de" else asked.field.label
        unit = german.UNITS.get(asked.field.unit, asked.field.unit) if language == "de" else asked.field.unit
        if name in study.computed:
            label = f"{label} ({words['computed']})"
        rows.append([label, worded(asked.field, value, language), unit or "–"])
    return rows


def worded(field: Field, value: Any, language: Language) -> str:
    """A value of a field as a reader expects it: choices and yes or no in words, numbers as the language writes them."""
    if isinstance(value, bool):
        return WORDS[language]["yes" if value else "no"]
    if isinstance(value, str):
        words = (field.wording or {}).get(value, value)
        return german.CHOICES[words] if language == "de" else words
    text = f"{value:.6g}" if float(value).is_integer() else f"{value:.4g}"
    return text.replace(".", ",") if language == "de" else text


def _last(text: str) -> list[tuple[Mention, str]]:
    """Each drug once, as it was last named, with what holds after all that is said of it."""
    status = standing(text)
    last = {(one.drug, one.drug_class): one for one in recognise(text)}
    return [(one, status[key]) for key, one in last.items()]


def _drug(one: Mention, status: str, language: Language) -> list[str]:
    classes, words = german.CLASSES if language == "de" else CLASSES, WORDS[language]
    name = classes[one.drug_class] if one.of_class else one.drug
    dose = "–"
    if one.dose is not None:
        daily = f", {one.times_per_day:g} {words['daily']}" if one.times_per_day else ""
        dose = f"{one.dose:g} {one.unit or ''}".strip() + daily
        dose = dose.replace(".", ",") if language == "de" else dose
    return [name, classes[one.drug_class], dose, german.STATUSES[status] if language == "de" else status]


def _score(one: ScoreResult, language: Language) -> list[str]:
    found = one.calibration
    measured = [found.get("c_index"), *(found.get(year, {}).get("observed_over_expected") for year in ("year_1", "year_3"))]
    points = f"{_range(one.low, one.high, language)} {one.unit}".strip() if one.low is not None else "–"
    return [one.label, points, _risk(one.risk_1y, language), _risk(one.risk_3y, language),
            *("–" if value is None else _interval(value["value"], value["interval"], language) for value in measured)]


def _risk(risk: Risk | None, language: Language) -> str:
    return "–" if risk is None else f"{_range(risk[1], risk[2], language)} %"


def _range(low: float, high: float, language: Language) -> str:
    first, last = number(low, language), number(high, language)
    return first if first == last else f"{first} {WORDS[language]['to']} {last}"


def _interval(value: float, interval: Sequence[float], language: Language) -> str:
    text = f"{value:.2f} ({interval[0]:.2f} {WORDS[language]['to']} {interval[1]:.2f})"
    return text.replace(".", ",") if language == "de" else text
