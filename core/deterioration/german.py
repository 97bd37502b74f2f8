"""German wording of the room's vital signs, scores and results, for reports."""

from __future__ import annotations

import re

from core.deterioration.names import ALARMS, CODE, GROUP, MEASURED

VITALS = {
    "heart_rate": "Herzfrequenz", "respiration": "Atemfrequenz", "temperature": "Temperatur",
    "systolic": "Systolischer Blutdruck", "diastolic": "Diastolischer Blutdruck", "saturation": "Sauerstoffsättigung",
}
PARAMETERS = {
    "respiration": "Atemfrequenz", "saturation": "Sauerstoffsättigung", "oxygen": "Sauerstoffgabe",
    "systolic": "Systolischer Blutdruck", "heart_rate": "Puls", "consciousness": "Bewusstsein", "temperature": "Temperatur",
}
CONSCIOUSNESS = {"A": "wach", "C": "neu verwirrt", "V": "reagiert auf Ansprache", "P": "reagiert auf Schmerz",
                 "U": "reagiert nicht"}
LEVELS = {"Low": "niedrig", "Low to medium": "niedrig bis mittel", "Medium": "mittel", "High": "hoch"}
RISKS = {"Low": "niedriges", "Low to medium": "niedriges bis mittleres", "Medium": "mittleres", "High": "hohes"}
# by code of news2.TIERS: the RCP's frequency of monitoring and clinical response
TIERS = {
    "zero": ("mindestens alle 12 Stunden", "Weiter routinemäßig nach NEWS überwachen."),
    "low": ("mindestens alle 4 bis 6 Stunden",
            "Die zuständige Pflegefachkraft informieren; sie beurteilt den Patienten und entscheidet, ob häufiger überwacht oder "
            "die Versorgung eskaliert wird."),
    "single": ("mindestens stündlich",
               "Die Pflegefachkraft informiert das behandelnde Ärzteteam, das den Patienten beurteilt und über eine Eskalation "
               "entscheidet."),
    "medium": ("mindestens stündlich",
               "Die Pflegefachkraft informiert sofort das behandelnde Ärzteteam und fordert eine dringende Beurteilung durch "
               "jemanden an, der in der Versorgung akut Kranker erfahren ist; Versorgung mit Überwachungsmöglichkeit."),
    "high": ("fortlaufend",
             "Die Pflegefachkraft informiert sofort das behandelnde Ärzteteam, mindestens auf Facharztebene; Notfallbeurteilung "
             "durch ein intensivmedizinisch erfahrenes Team einschließlich Atemwegssicherung; Verlegung auf eine "
             "Überwachungs- oder Intensivstation erwägen."),
}
LABELS = {
    ("room", "title"): "Verschlechterung", ("detail", "format"): "Format",
    ("group", GROUP): "Tod im Krankenhaus", (GROUP, CODE): "Tod in diesem Krankenhausaufenthalt",
    ("measurement", MEASURED): "Tod in diesem Krankenhausaufenthalt", ("measurement", "news2"): "NEWS2",
    ("measurement", "shock_index"): "Schockindex", ("group", ALARMS): "Alarme",
    **{("measurement", code): label for code, label in VITALS.items()},
}
_ALARM = {"Alarm line at": "Alarmlinie bei", "sensitivity": "Sensitivität", "predictive value": "positiver Vorhersagewert",
          "not reached": "nicht erreicht"}


def alarm(note: str) -> str:
    """The note of a measurement of ALARMS: its operating point."""
    for english, word in _ALARM.items():
        note = note.replace(english, word)
    return re.sub(r"(\d)\.(\d)", r"\1,\2", note)
