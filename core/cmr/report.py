"""Late enhancement in sentences, English and German; no number in them that the assessment lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.assessment import Finding, Measurement
from core.cmr.measurements import TRANSMURAL, transmural, uncertain
from core.cmr.segments import NAMES, Geometry, Segment
from core.export.entry import Language

INVOLVED = 1.0  # percent of a segment's myocardium from which it is named; our choice
WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "none": "No myocardium is marked.", "share": "Late enhancement of {} % of the myocardium", "mass": " ({} of {} g)",
        "interval": "95 % interval {} to {} %", "uncertain": "uncertain", "very uncertain": "very uncertain",
        "segments": "Segments with scar: {}.", "deep": "Transmurality above {:.0f} % in: {}.",
        "no_reflow": "No-reflow in {} % of the myocardium.", "present": "Probability of infarct {:.0f} %, threshold {:.0f} %.",
        "excluded": "Out of range, set by the user: slice {}.",
    },
    "de": {
        "none": "Kein Myokard ist markiert.", "share": "Late Enhancement von {} % des Myokards", "mass": " ({} von {} g)",
        "interval": "95-%-Intervall {} bis {} %", "uncertain": "unsicher", "very uncertain": "sehr unsicher",
        "segments": "Segmente mit Narbe: {}.", "deep": "Transmuralität über {:.0f} % in: {}.",
        "no_reflow": "No-Reflow in {} % des Myokards.",
        "present": "Wahrscheinlichkeit eines Infarkts {:.0f} %, Schwelle {:.0f} %.",
        "excluded": "Vom Benutzer ausgeschlossen: Schicht {}.",
    },
}
_LEVELS = {"basal": "basal", "mid": "mittventrikulär", "apical": "apikal", "apex": "Apex", "septal": "septal"}


def segment(number: int, language: Language) -> str:
    """The name of one of the 17 segments."""
    return NAMES[number] if language == "en" else " ".join(_LEVELS.get(word, word) for word in NAMES[number].split())


def write(
    numbers: Sequence[Measurement], segments: Sequence[Segment], finding: Finding, geometry: Geometry, language: Language = "en",
) -> tuple[str, ...]:
    """Share and mass first."""
    words, value = WORDS[language], {m.code: m for m in numbers}
    share = value["scar_share"]
    if share.value is None:
        return (words["none"],)
    vague = uncertain(share)
    places = 0 if vague else 1  # a decimal would say more than is known

    def number(one: float, digits: int = places) -> str:
        return f"{one:.{digits}f}".replace(".", "," if language == "de" else ".")

    first = words["share"].format(number(share.value))
    if value["scar_mass"].value is not None:
        first += words["mass"].format(number(value["scar_mass"].value), number(value["myocardial_mass"].value, 0))
    if share.interval:
        first += f"{', ' + words[vague] if vague else ''}, {words['interval'].format(*map(number, share.interval))}"
    lines = [first + "."]
    involved = [s for s in segments if (s.scar_share or 0) >= INVOLVED]
    if involved:
        named = ", ".join(f"{segment(s.number, language)} ({s.scar_share:.0f} %)" for s in involved)
        lines.append(words["segments"].format(named))
        if deep := transmural(segments):
            lines.append(words["deep"].format(TRANSMURAL, ", ".join(segment(s.number, language) for s in deep)))
    if value["no_reflow_share"].value:
        lines.append(words["no_reflow"].format(number(value["no_reflow_share"].value, 1)))
    lines.append(words["present"].format(100 * finding.probability, 100 * finding.threshold))
    if geometry.excluded:
        lines.append(words["excluded"].format(", ".join(str(k + 1) for k in geometry.excluded)))
    return tuple(lines)
