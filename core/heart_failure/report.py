"""The prognosis in sentences, English and German; no number in it that the assessment lacks, and no advice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.assessment import Assessment, Comparator, Curve, Measurement
from core.export.entry import Language
from core.heart_failure import scar, strata
from core.heart_failure.prognosis import cohort_of
from core.heart_failure.strata import Stratum
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import ENCODED

LANGUAGES: tuple[Language, ...] = ("en", "de")
COHORTS = {"music": "MUSIC", "peakvo2": "peakVO2", "support2": "SUPPORT2"}
QUARTERS = {label: {"en": label, "de": german} for label, german in zip(strata.QUARTERS, (
    "niedrigstes Risikoviertel", "zweites Risikoviertel", "drittes Risikoviertel", "höchstes Risikoviertel"), strict=True)}
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "risk": "Conclusion: Estimated risk of death within one year {}, within three years {}; 95 % intervals in brackets.",
        "span": "{} ({} to {})", "open": "not known", "to": " to ",
        "cohort": "Cohort: of the patients it is held against ({}), {} died within one year and {} within three.",
        "stratum": "Stratum: the {} of that cohort; of its {} patients {} were alive after three years.",
        "scores": "Established scores: {}.", "1y": "{} {} within one year", "3y": "{} {} within three years",
        "scar": "Scar: with the published effect of late enhancement, which is not learned, {} within three years.",
        "known": "Known: {} of {} numbers; {}.", "drugs": "the drugs are known", "no drugs": "nothing is known of the drugs",
        "association": "Limits: a statistical estimate from earlier cohorts, not a statement on treatment.",
    },
    "de": {
        "risk": "Beurteilung: Geschätztes Sterberisiko innerhalb eines Jahres {}, innerhalb von drei Jahren {}; 95-%-Intervalle "
                "in Klammern.",
        "span": "{} ({} bis {})", "open": "nicht bekannt", "to": " bis ",
        "cohort": "Kohorte: Von den Vergleichspatienten ({}) starben {} innerhalb eines Jahres und {} innerhalb von drei Jahren.",
        "stratum": "Risikogruppe: {} dieser Kohorte; von ihren {} Patienten lebten nach drei Jahren {}.",
        "scores": "Etablierte Scores: {}.", "1y": "{} {} innerhalb eines Jahres", "3y": "{} {} innerhalb von drei Jahren",
        "scar": "Narbe: Mit der veröffentlichten, nicht gelernten Wirkung des Late Enhancement {} innerhalb von drei Jahren.",
        "known": "Bekannt: {} von {} Zahlen; {}.", "drugs": "die Medikamente sind bekannt",
        "no drugs": "über die Medikamente ist nichts bekannt",
        "association": "Grenzen: Statistische Schätzung aus früheren Kohorten, keine Aussage zur Behandlung.",
    },
}


def write(study: HeartFailureStudy, assessment: Assessment, own: Stratum | None, language: Language) -> tuple[str, ...]:
    """The conclusion first.

    Args:
        own: the stratum of the patient, where there is one.
    """
    words, curves = WORDS[language], {curve.name: curve for curve in assessment.curves}
    risks = [_risk(assessment.measured(f"death_{code}"), language) for code in ("1y", "3y")]
    lines = [words["risk"].format(*risks)]
    died = [_dead(curves["Cohort"], year) for year in (1, 3)]
    if None not in died:
        name = COHORTS[cohort_of(study.values.get("setting"))]
        lines.append(words["cohort"].format(name, *(percent(share, language) for share in died)))
    if own is not None and own.years[-1] >= 3:
        alive = own.survival[int(np.argmin(np.abs(np.array(own.years) - 3)))]
        lines.append(words["stratum"].format(QUARTERS[own.label][language], own.n, percent(100 * alive, language)))
    if beside := [_score(one, words) for one in assessment.comparators if one.code.startswith("death_")]:
        lines.append(words["scores"].format("; ".join(beside)))
    if scar.CURVE in curves and (value := _dead(curves[scar.CURVE], 3)) is not None:
        line = curves[scar.CURVE]
        low, high = _dead(line, 3, line.high), _dead(line, 3, line.low)
        lines.append(words["scar"].format(_span(value, low, high, language)))
    drugs = words["drugs" if study.text else "no drugs"]
    lines.append(words["known"].format(int(np.isfinite(study.numbers).sum()), len(ENCODED), drugs))
    return (*lines, words["association"])


def percent(value: float, language: Language) -> str:
    return f"{number(value, language)} %"


def number(value: float, language: Language) -> str:
    """With a decimal below 10, where it matters."""
    text = f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"
    return text.replace(".", ",") if language == "de" else text


def _span(value: float, low: float, high: float, language: Language) -> str:
    return WORDS[language]["span"].format(percent(value, language), number(low, language), percent(high, language))


def _risk(measured: Measurement | None, language: Language) -> str:
    if measured is None or measured.value is None:
        return WORDS[language]["open"]
    return _span(measured.value, *measured.interval, language)


def _score(one: Comparator, words: Mapping[str, str]) -> str:
    value = one.value.replace(" to ", words["to"]) if isinstance(one.value, str) else f"{one.value:.0f}"
    return words[one.code.removeprefix("death_")].format(one.label, f"{value} %")


def _dead(curve: Curve, year: float, course: tuple[float, ...] | None = None) -> float | None:
    """Percent dead at a year of the curve's grid; None beyond it."""
    if year > curve.x[-1] + 1e-6:
        return None
    return 100 - (course or curve.y)[int(np.argmin(np.abs(np.array(curve.x) - year)))]
