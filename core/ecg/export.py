"""What reports are made of: the recording on paper, what is worth saying of it, and the wording of its labels."""

from __future__ import annotations

from core.assessment import Assessment
from core.ecg import ROOM
from core.ecg import german as in_german
from core.ecg.measurements import QUANTITIES, RULES
from core.ecg.statements import LABELS, term
from core.ecg.study import LEADS, EcgStudy
from core.export.entry import CaseEntry, Language

GROUPS: dict[str, dict[str, str]] = {
    "en": {"superclass": "Diagnostic superclasses", "subclass": "Diagnostic subclasses", "statement": "Statements",
           "reconstruction": "Reconstruction"},
    "de": {"superclass": "Diagnostische Oberklassen", "subclass": "Diagnostische Unterklassen",
           "statement": "Einzelbefunde", "reconstruction": "Rekonstruktion"},
}


def entry(study: EcgStudy, assessment: Assessment, language: Language = "en") -> CaseEntry:
    """The recording and its assessment for a report in one language."""
    from core.ecg.paper import paper  # draws with matplotlib, which only a report needs

    wording = labels(language) | (in_german.said(assessment) if language == "de" else {})
    return CaseEntry(ROOM, assessment, picture=paper(study), details=study.source, labels=wording)


def labels(language: Language) -> dict[tuple[str, str], str]:
    """Wording by ``(group, code)`` of a finding, ``("group", group)`` and ``("measurement", code)``."""
    german = language == "de"
    error = "Rekonstruktionsfehler" if german else "Reconstruction error"
    wording = {label: term(*label).label_de if german else term(*label).label for label in LABELS}
    wording |= {("group", group): title for group, title in GROUPS[language].items()}
    wording |= {("measurement", q.code): q.german if german else q.label for q in QUANTITIES + RULES}
    wording |= in_german.LABELS if german else {}
    return wording | {("measurement", f"reconstruction_error_{lead.lower()}"): f"{error}, {lead}" for lead in LEADS}
