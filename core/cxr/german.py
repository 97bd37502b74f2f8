"""The chest film's findings in German: wording of the labels, and a report of the same numbers as the English one.

Why a finding is ranked (the place on the film, the words of the note) is told in the English report alone, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.assessment import Finding
from core.cxr.reasoning import MOST, contradiction, exceeding

LABELS = {
    "No Finding": "Kein Befund", "Enlarged Cardiomediastinum": "Verbreitertes Kardiomediastinum", "Cardiomegaly": "Kardiomegalie",
    "Lung Opacity": "Lungenverschattung", "Lung Lesion": "Lungenläsion", "Edema": "Lungenödem", "Consolidation": "Konsolidierung",
    "Pneumonia": "Pneumonie", "Atelectasis": "Atelektase", "Pneumothorax": "Pneumothorax", "Pleural Effusion": "Pleuraerguss",
    "Pleural Other": "Andere Pleuraveränderung", "Fracture": "Fraktur", "Support Devices": "Fremdmaterial",
    "Infiltration": "Infiltrat", "Mass": "Raumforderung", "Nodule": "Rundherd", "Emphysema": "Emphysem", "Fibrosis": "Fibrose",
    "Pleural Thickening": "Pleuraverdickung", "Hernia": "Hernie",
}


def label(finding: Finding) -> str:
    return LABELS[finding.code] + (" (Kind)" if finding.group == "child" else "")


def written(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The report of one assessment's own findings, the conclusion last."""
    above, undecided = exceeding(findings), contradiction(findings) is not None
    ranked = [] if undecided else above[:MOST]
    lines = [f"{label(f)} {'wahrscheinlich' if f.probability >= 0.5 else 'möglich'}: {_of(f)}." for f in ranked]
    if undecided:
        lines.append(f"Unentschieden: „Kein Befund“ liegt über seinem Schwellenwert, und zugleich {_brief(above)}." if above else
                     "Unentschieden: Weder ein Befund noch „Kein Befund“ erreicht den Schwellenwert.")
    elif above[MOST:]:
        lines.append(f"Ebenfalls über dem Schwellenwert: {_brief(above[MOST:])}.")
    elif not above:
        lines.append("Kein Befund erreicht seinen Schwellenwert.")
    for words, chosen in (("Nicht verwendbar, da nicht vom Zufall zu unterscheiden", [f for f in findings if not f.usable]),
                          ("Nicht trainiert, daher weder gefunden noch ausgeschlossen", [f for f in findings if not f.trained])):
        if chosen:
            lines.append(f"{words}: {', '.join(map(label, chosen))}.")
    lines.append("Begründung: Ort auf der Aufnahme und Anteil der Notiz stehen im englischen Bericht.")
    named = ", ".join(f"{label(f)} {percent(f.probability)}" for f in above[:MOST])
    more = f" und {len(above) - MOST} weitere" if len(above) > MOST else ""
    conclusion = "unentschieden" if undecided else named + more or "kein Befund über seinem Schwellenwert"
    return (*lines, f"Beurteilung: {conclusion}.")


def _brief(findings: Sequence[Finding]) -> str:
    return ", ".join(f"{label(f)} ({percent(f.probability)}, Schwelle {percent(f.threshold)})" for f in findings)


def _of(f: Finding) -> str:
    against = [f"Schwelle {percent(f.threshold)}"]
    if f.interval is not None:
        against.append(f"95-%-Intervall {percent(f.interval[0]).removesuffix(' %')} bis {percent(f.interval[1])}")
    if not f.calibrated:
        against.append("nicht kalibriert")
    return f"{percent(f.probability)} ({', '.join(against)})"


def percent(probability: float) -> str:
    """Whole, below ten with one decimal, as the English report."""
    if 0 < probability < 0.0005:
        return "unter 0,1 %"
    if 0.995 < probability < 1:
        return "über 99 %"
    return f"{round(100 * probability, 1) if probability < 0.0995 else round(100 * probability):g} %".replace(".", ",")
