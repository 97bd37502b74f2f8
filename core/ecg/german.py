"""German wording of what a report prints beside findings and labels: rules, reasons, details. Notices stay English."""

from __future__ import annotations

import re

from core.assessment import Assessment

_RULES = {
    "normal rate": "normal", "bradycardia": "Bradykardie", "tachycardia": "Tachykardie", "normal axis": "normale Achse",
    "right axis deviation": "Rechtsabweichung", "left axis deviation": "Linksabweichung",
    "extreme axis deviation": "extreme Abweichung", "prolonged": "verlängert", "short": "verkürzt", "normal": "normal",
    "slightly wide": "leicht verbreitert", "wide": "verbreitert", "below the 2nd percentile": "unter der 2. Perzentile",
    "above the 98th percentile": "über der 98. Perzentile",
}
_NOTES = (
    (r"Over (\d+) beats; not comparable with 24-hour values\.", r"Über \1 Schläge; mit 24-Stunden-Werten nicht vergleichbar."),
    (r"Sex not known: the women's limit is used\.", "Geschlecht unbekannt: Grenze der Frauen."),
    (r"Fewer than two beats were found\.", "Weniger als zwei Schläge gefunden."), (r"Too few beats\.", "Zu wenige Schläge."),
    (r"No lead was recorded throughout\.", "Keine Ableitung durchgehend aufgezeichnet."), (r"No P waves\.", "Keine P-Wellen."),
    (r"No QRS complexes were found\.", "Keine QRS-Komplexe gefunden."),
    (r"No T waves could be delimited\.", "Keine T-Wellen abgrenzbar."),
    (r"Lead I or aVF is missing\.", "Ableitung I oder aVF fehlt."), (r"2nd to 98th percentile at ", "2. bis 98. Perzentile, "),
    (r", the wider of both sexes\.", ", die weitere beider Geschlechter."),
    (r"(\d+) days to", r"\1 Tage bis"), (r" to (\d)", r" bis \1"),
    (r"\bmonths?\b", "Monate"), (r"\byears\b", "Jahre"), (r"\bbelow (\d)", r"unter \1"), (r"\babove (\d)", r"über \1"),
    (r"\bfrom (\d)", r"ab \1"), (r" at (?=\d)", ", "), (r"recording device", "Aufnahmegerät"),
)
_SUBJECTS = {
    "disagreement": "Widerspruch", "pacemaker": "Schrittmacher", "limb leads": "Extremitätenableitungen", "leads": "Ableitungen",
    "unit": "Einheit", "amplitude": "Amplitude", "statements": "Befunde", "gaps": "Lücken", "duration": "Dauer", "age": "Alter",
    "device": "Gerät", "sampling_rate": "Abtastrate", "files": "Dateien", "start": "Beginn",
    "calibration pulse": "Eichzacke",
}
LABELS = {("room", "title"): "EKG", ("detail", "format"): "Format", ("detail", "device"): "Gerät"}


def said(assessment: Assessment) -> dict[tuple[str, str], str]:
    """Labels for the notes of the measurements, and for what rules say of them and by which limits."""
    notes = {m.note for m in assessment.measurements} | {c.source for c in assessment.comparators}
    values = {c.value for c in assessment.comparators if isinstance(c.value, str)}
    return {("note", text): _note(text) for text in notes if text} | {("value", text): _RULES.get(text, text) for text in values}


def subject(name: str) -> str:
    """What a notice is about, in the line that points to the notices."""
    return _SUBJECTS.get(name, name)


def _note(text: str) -> str:
    for english, german in _NOTES:
        text = re.sub(english, german, text)
    return text
