"""The fixed wording of the ECG summary, in English and German, and which statement belongs to which line."""

from __future__ import annotations

from functools import cache

from core.ecg import statements as s

# The order a cardiologist reads in.
TOPICS = ("rate", "rhythm", "axis", "intervals", "atria", "hypertrophy", "conduction", "ischaemia", "other")

_BY_CATEGORY = {
    s.ATRIAL: "atria", s.VENTRICLE: "hypertrophy", s.BLOCK: "conduction", s.AV_DEFECT: "conduction",
    s.INFARCTION: "ischaemia", s.INJURY: "ischaemia", s.ISCHAEMIA: "ischaemia", s.ST_T: "ischaemia",
    s.ST_MORE: "ischaemia", s.NATURE: "ischaemia", s.IMPULSE: "rhythm", s.ECTOPIC: "rhythm",
    s.PACEMAKER: "rhythm", s.QRS_SHAPE: "other", s.NORMAL: "other",
}
_BY_CODE = {"LNGQT": "intervals", "LPR": "conduction", "HVOLT": "hypertrophy", "QWAVE": "ischaemia"}
_BY_SUPERCLASS = {"CD": "conduction", "HYP": "hypertrophy", "MI": "ischaemia", "STTC": "ischaemia", "NORM": "other"}


@cache
def topic(group: str, code: str) -> str:
    """The line of the summary a label belongs to."""
    if group == "superclass":
        return _BY_SUPERCLASS[code]
    if group == "subclass":
        code = next(x.code for x in s.STATEMENTS if x.subclass == code and x.code not in _BY_CODE)
    return _BY_CODE.get(code) or _BY_CATEGORY[s.BY_CODE[code].category]


# Statements that exclude each other, as families; the most probable family is reported, the others mentioned.
EXCLUSIVE: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("SR", "STACH", "SBRAD", "SARRH"), ("AFIB",), ("AFLT",), ("SVTAC", "PSVT")),
    (("STACH",), ("SBRAD",)),
    (("CRBBB", "IRBBB"), ("CLBBB", "ILBBB")),
    (("CRBBB",), ("IRBBB",)),
    (("CLBBB",), ("ILBBB",)),
    (("1AVB",), ("2AVB",), ("3AVB",)),
    (("HVOLT",), ("LVOLT",)),
)

# A general statement is left out of the summary (never out of the table) beside one that says it better.
_ISCHAEMIC_LEADS = frozenset({"ISCAL", "ISCIN", "ISCIL", "ISCAS", "ISCLA", "ISCAN"})
IMPLIED_BY: dict[str, frozenset[str]] = {
    "SR": frozenset({"STACH", "SBRAD", "SARRH"}), "SVTAC": frozenset({"PSVT"}),
    "SVARR": frozenset({"AFIB", "AFLT", "SVTAC", "PSVT"}), "PRC(S)": frozenset({"PVC", "PAC"}),
    "LPR": frozenset({"1AVB", "2AVB", "3AVB"}), "IVCD": frozenset({"CRBBB", "CLBBB"}),
    "VCLVH": frozenset({"LVH"}), "HVOLT": frozenset({"LVH", "VCLVH"}), "ISC_": _ISCHAEMIC_LEADS,
    "NT_": frozenset({"INVT", "NDT", "TAB_"}) | _ISCHAEMIC_LEADS, "NDT": frozenset({"INVT"}) | _ISCHAEMIC_LEADS,
    "TAB_": frozenset({"INVT", "LOWT", "NDT"}) | _ISCHAEMIC_LEADS,
    "NST_": frozenset({"STD_", "STE_"}) | _ISCHAEMIC_LEADS,
    "ABQRS": frozenset({"QWAVE", "CRBBB", "CLBBB", "IRBBB", "ILBBB", "IVCD", "LAFB", "LPFB", "WPW", "LVH", "VCLVH"}),
}

EN: dict[str, str] = {
    "rate": "Rate", "rhythm": "Rhythm", "axis": "Axis", "intervals": "Intervals", "atria": "Atria",
    "hypertrophy": "Hypertrophy", "conduction": "Conduction", "ischaemia": "Infarction, ischaemia, ST-T",
    "other": "Other", "conclusion": "Conclusion", "limits": "Limitations",
    "possible": "possible {}", "probable": "probable {}", "definite": "{}",
    "none": "none detected", "unspecified": "{} (not further specified)",
    "also": "{} is also above its threshold ({} against {})",
    "no_rhythm": "no rhythm statement reached its threshold; nearest is {} ({})",
    "rate_against": "the measured rate of {:.0f}/min does not support {}",
    "rate_normal": "normal", "rate_low": "below the reference range", "rate_high": "above the reference range",
    "unmeasured": "{} not measurable", "PR": "PR", "low": "short", "high": "prolonged", "QRS_high": "wide",
    "up_to": "reference up to {:.0f} ms", "from": "reference from {:.0f} ms", "in_range": "within reference ranges",
    "normal": "Normal ECG", "abnormal": "Abnormal ECG", "borderline": "Borderline ECG", "outside": "{} out of range",
    "undecided": "No abnormal statement reached its threshold, and neither did the statement of a normal ECG",
    "norm_also": "The statement of a normal ECG is also above its threshold ({}), which contradicts this",
    "apart": "Normal ECG apart from {}", "doubt": "{} not excluded", "percent": "{:.0f}%",
    "limited_by": "With {}, criteria for infarction, ischaemia and hypertrophy are of limited value",
    "unassessed": "No model finding available", "further": "{} further",
    "notices": "see the notices on the recording", "rate_name": "heart rate", "axis_name": "QRS axis",
    "axis_outside": "outside the limits of the age", "wide": "wide QRS, unclassified", "disagreement": "Disagreement",
    "disagreeing": "statements, measurements and similar reports contradict each other, see the notices",
    "rest": "Otherwise {}", "withheld_few": "statements withheld, the recording is not that of twelve whole leads",
    "withheld_child": "not assessed, the model learnt from adults", "withheld_paced": "not assessed in paced beats",
    "withheld_unit": "not assessed, the amplitudes cannot be right",
}

DE: dict[str, str] = {
    "rate": "Frequenz", "rhythm": "Rhythmus", "axis": "Lagetyp", "intervals": "Zeiten", "atria": "Vorhöfe",
    "hypertrophy": "Hypertrophie", "conduction": "Erregungsleitung", "ischaemia": "Infarkt, Ischämie, ST-T",
    "other": "Sonstiges", "conclusion": "Beurteilung", "limits": "Einschränkungen",
    "possible": "möglicherweise {}", "probable": "wahrscheinlich {}", "definite": "{}",
    "none": "kein Hinweis", "unspecified": "{} (nicht näher bezeichnet)",
    "also": "{} ebenfalls über dem Schwellenwert ({} gegenüber {})",
    "no_rhythm": "kein Rhythmus über dem Schwellenwert; am nächsten liegt {} ({})",
    "rate_against": "die gemessene Frequenz von {:.0f}/min spricht gegen {}",
    "rate_normal": "normofrequent", "rate_low": "bradykard", "rate_high": "tachykard",
    "unmeasured": "{} nicht messbar", "PR": "PQ", "low": "verkürzt", "high": "verlängert", "QRS_high": "verbreitert",
    "up_to": "Referenz bis {:.0f} ms", "from": "Referenz ab {:.0f} ms", "in_range": "im Referenzbereich",
    "normal": "Normales EKG", "abnormal": "Pathologisches EKG", "borderline": "Grenzbefund",
    "outside": "{} außerhalb des Referenzbereichs",
    "undecided": "Weder ein pathologischer Befund noch der eines normalen EKG liegt über dem Schwellenwert",
    "norm_also": "Der Befund eines normalen EKG liegt ebenfalls über dem Schwellenwert ({}) und widerspricht dem",
    "apart": "Normales EKG bis auf: {}", "doubt": "{} nicht ausgeschlossen", "percent": "{:.0f} %",
    "limited_by": "Infarkt-, Ischämie- und Hypertrophiezeichen sind nur eingeschränkt verwertbar ({})",
    "unassessed": "Kein Modellbefund vorhanden", "further": "{} weitere",
    "notices": "Hinweise zur Aufzeichnung beachten", "rate_name": "Herzfrequenz", "axis_name": "QRS-Achse",
    "axis_outside": "außerhalb der Altersgrenzen", "wide": "QRS verbreitert, nicht zugeordnet", "disagreement": "Widerspruch",
    "disagreeing": "Befunde, Messwerte und ähnliche Befundtexte widersprechen einander, siehe Hinweise",
    "rest": "Sonst {}", "withheld_few": "keine Befunde, die Aufzeichnung zeigt nicht zwölf ganze Ableitungen",
    "withheld_child": "nicht beurteilt, das Modell wurde an Erwachsenen trainiert",
    "withheld_paced": "bei Schrittmacheraktionen nicht beurteilt",
    "withheld_unit": "nicht beurteilt, die Amplituden sind unglaubhaft",
}

WORDS: dict[str, dict[str, str]] = {"en": EN, "de": DE}


def axis(degrees: float, language: str) -> str:
    """The QRS axis in words.

    English after Surawicz et al. 2009 (AHA/ACCF/HRS, J Am Coll Cardiol 53:976): normal from -30 to 90 degrees,
    moderate deviation 15 degrees beyond -30 and 30 beyond 90. German by the customary Lagetypen after Cabrera.
    """
    degrees = (degrees + 180) % 360 - 180
    if degrees < -90:
        return "extreme axis deviation" if language == "en" else "extreme Achsenabweichung (Nordwest-Typ)"
    bounds = {
        "en": ((-45, "marked left axis deviation"), (-30, "moderate left axis deviation"), (90.01, "normal axis"),
               (120.01, "moderate right axis deviation"), (181, "marked right axis deviation")),
        "de": ((-30, "überdrehter Linkstyp"), (30, "Linkstyp"), (60, "Indifferenztyp"), (90.01, "Steiltyp"),
               (120.01, "Rechtstyp"), (181, "überdrehter Rechtstyp")),
    }[language]
    return next(name for upper, name in bounds if degrees < upper)
