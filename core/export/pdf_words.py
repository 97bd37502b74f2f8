"""The fixed wording of the printed report."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Cardiac case report", "brand_line": "Cardiac case report", "generated": "Generated",
        "stamp": "%Y-%m-%d %H:%M %Z", "research": "Research use only. Not a medical device.", "page": "Page {} of {}",
        "untitled": "Recording without further details", "summary": "Summary", "findings": "Findings",
        "measurements": "Measurements", "notes": "Notes", "provenance": "Provenance",
        "reduced": "Reduced to {:.0f}% of paper scale; true to scale on the landscape page.",
        "true_size": "True to scale when printed at 100% on A4 landscape.",
        "refuse": "Not interpreted", "caution": "Caution",
        "measurement": "Measurement", "value": "Value", "unit": "Unit", "reference": "Reference", "beside": "Compared",
        "source": "Source or note", "finding": "Finding", "bar": "0 to 100%", "probability": "Probability",
        "threshold": "Threshold", "sens_spec": "Sens. / spec.", "calibrated": "Calibrated", "yes": "yes", "no": "no",
        "legend": "Bar: probability, dark where above the threshold; upright tick: threshold; thin line below: 95% "
                  "interval. Sensitivity and specificity at the threshold, on the split named in the model card.",
        "hidden": "{} further findings lie below their threshold and are not listed.",
        "useless": "Not usable, for the model does not tell them from chance: {}.",
        "untrained": "Not trained, hence not assessed: {}.",
        "model": "Model {}, version {}, run on {}", "signature": "Reviewed by, date",
        "review": "This report was written by software from the findings and measurements above. It is for research, "
                  "does not replace the reading of a physician, and carries no patient identity.",
    },
    "de": {
        "title": "Kardiologischer Befundbericht", "brand_line": "Kardiologischer Befundbericht",
        "generated": "Erstellt am", "stamp": "%d.%m.%Y, %H:%M %Z",
        "research": "Nur für Forschungszwecke. Kein Medizinprodukt.", "page": "Seite {} von {}",
        "untitled": "Aufzeichnung ohne weitere Angaben", "summary": "Zusammenfassung", "findings": "Befunde",
        "measurements": "Messwerte", "notes": "Anmerkungen", "provenance": "Herkunft",
        "reduced": "Auf {:.0f} % des Papiermaßstabs verkleinert; maßstabsgetreu auf der Querseite.",
        "true_size": "Maßstabsgetreu bei Druck mit 100 % auf A4 quer.",
        "refuse": "Nicht befundet", "caution": "Vorsicht", "in_english": "Hinweise in englischer Sprache.",
        "measurement": "Messgröße", "value": "Wert", "unit": "Einheit", "reference": "Referenz", "beside": "Vergleich",
        "source": "Quelle, Anmerkung", "finding": "Befund", "bar": "0 bis 100 %",
        "probability": "Wahrscheinl.", "threshold": "Schwelle", "sens_spec": "Sens. / Spez.",
        "calibrated": "Kalibriert", "yes": "ja", "no": "nein",
        "legend": "Balken: Wahrscheinlichkeit, dunkel über dem Schwellenwert; senkrechter Strich: Schwellenwert; feine "
                  "Linie darunter: 95-%-Intervall. Sensitivität und Spezifität am Schwellenwert laut Modellkarte.",
        "hidden": "{} weitere Befunde liegen unter ihrem Schwellenwert und sind nicht aufgeführt.",
        "useless": "Nicht verwendbar, da nicht vom Zufall zu unterscheiden: {}.",
        "untrained": "Nicht trainiert, daher nicht beurteilt: {}.",
        "model": "Modell {}, Version {}, gerechnet auf {}", "signature": "Geprüft durch, Datum",
        "review": "Dieser Bericht wurde von einer Software aus den obigen Befunden und Messwerten zusammengestellt. Er "
                  "dient der Forschung, ersetzt keine ärztliche Befundung und enthält keine Patientenidentität.",
    },
}
