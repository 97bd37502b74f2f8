"""The 71 SCP-ECG statements of PTB-XL and their hierarchy, in English and German.

Codes, hierarchy and statement categories follow PTB-XL (Wagner et al. 2020, Sci Data 7:154) and the SCP-ECG
standard (ISO 11073-91064); the wording of the labels is ours. The order of STATEMENTS, SUBCLASSES and
SUPERCLASSES is the order of the model's outputs: never reorder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Term:
    """A code with its wording as it stands inside a sentence ("sinus rhythm", "T-wave abnormality")."""

    code: str
    english: str
    german: str

    @property
    def label(self) -> str:
        return self.english[0].upper() + self.english[1:]

    @property
    def label_de(self) -> str:
        return self.german[0].upper() + self.german[1:]

    def phrase(self, language: str) -> str:
        return self.german if language == "de" else self.english


@dataclass(frozen=True)
class Statement(Term):
    """One SCP-ECG statement: ``kinds`` of "diagnostic", "form", "rhythm" (four ST-T statements are both of the
    first two), ``superclass`` and ``subclass`` of the diagnostic hierarchy (empty for pure form and rhythm
    statements), and ``category``, the SCP-ECG statement category, as the structured report names it.
    """

    kinds: tuple[str, ...]
    superclass: str
    subclass: str
    category: str


ST_T = "Basic roots for coding ST-T changes and abnormalities"
ST_MORE = "Other ST-T descriptive statements"
ISCHAEMIA = "Ischemic ST-T changes"
INJURY = "Ischemic ST-T changes compatible with subendocardial injury"
NATURE = "Physiopathological nature of ST-T changes"
INFARCTION = "Myocardial Infarction"
NORMAL = "Normal/abnormal"
VENTRICLE = "Ventricular Hypertrophy"
ATRIAL = "Atrial statements"
BLOCK = "Intraventricular and intra-atrial Conduction disturbances"
AV_DEFECT = "Sinus node dysfunction, atrial and AV-conduction defects"
ECTOPIC = "Statements related to ectopic rhythm abnormalities"
IMPULSE = "Statements related to impulse formation (abnormalities)"
QRS_SHAPE = "Other QRS morphology descriptive statements"
PACEMAKER = "Pacemaker types and pacemaker function"

_KINDS = {"d": ("diagnostic",), "df": ("diagnostic", "form"), "f": ("form",), "r": ("rhythm",)}

# code, kinds, superclass, subclass, category, English, German
_ROWS = (
    ("NDT", "df", "STTC", "STTC", ST_MORE, "non-diagnostic T-wave abnormalities",
     "uncharakteristische T-Veränderungen"),
    ("NST_", "df", "STTC", "NST_", ST_T, "non-specific ST changes", "unspezifische ST-Veränderungen"),
    ("DIG", "df", "STTC", "STTC", ST_MORE, "changes suggesting digitalis effect", "Hinweis auf Digitaliswirkung"),
    ("LNGQT", "df", "STTC", "STTC", ST_MORE, "long QT interval", "verlängertes QT-Intervall"),
    ("NORM", "d", "NORM", "NORM", NORMAL, "normal ECG", "normales EKG"),
    ("IMI", "d", "MI", "IMI", INFARCTION, "inferior myocardial infarction", "inferiorer Myokardinfarkt"),
    ("ASMI", "d", "MI", "AMI", INFARCTION, "anteroseptal myocardial infarction", "anteroseptaler Myokardinfarkt"),
    ("LVH", "d", "HYP", "LVH", VENTRICLE, "left ventricular hypertrophy", "linksventrikuläre Hypertrophie"),
    ("LAFB", "d", "CD", "LAFB/LPFB", BLOCK, "left anterior fascicular block", "linksanteriorer Hemiblock"),
    ("ISC_", "d", "STTC", "ISC_", ST_T, "non-specific ischaemic ST-T changes",
     "unspezifische ischämische ST-T-Veränderungen"),
    ("IRBBB", "d", "CD", "IRBBB", BLOCK, "incomplete right bundle branch block", "inkompletter Rechtsschenkelblock"),
    ("1AVB", "d", "CD", "_AVB", AV_DEFECT, "first-degree AV block", "AV-Block I. Grades"),
    ("IVCD", "d", "CD", "IVCD", BLOCK, "non-specific intraventricular conduction delay",
     "unspezifische intraventrikuläre Leitungsstörung"),
    ("ISCAL", "d", "STTC", "ISCA", ISCHAEMIA, "ischaemic ST-T changes in the anterolateral leads",
     "ischämische ST-T-Veränderungen anterolateral"),
    ("CRBBB", "d", "CD", "CRBBB", BLOCK, "complete right bundle branch block", "kompletter Rechtsschenkelblock"),
    ("CLBBB", "d", "CD", "CLBBB", BLOCK, "complete left bundle branch block", "kompletter Linksschenkelblock"),
    ("ILMI", "d", "MI", "IMI", INFARCTION, "inferolateral myocardial infarction", "inferolateraler Myokardinfarkt"),
    ("LAO/LAE", "d", "HYP", "LAO/LAE", ATRIAL, "left atrial overload or enlargement",
     "linksatriale Belastung oder Vergrößerung"),
    ("AMI", "d", "MI", "AMI", INFARCTION, "anterior myocardial infarction", "Vorderwandinfarkt"),
    ("ALMI", "d", "MI", "AMI", INFARCTION, "anterolateral myocardial infarction", "anterolateraler Myokardinfarkt"),
    ("ISCIN", "d", "STTC", "ISCI", ISCHAEMIA, "ischaemic ST-T changes in the inferior leads",
     "ischämische ST-T-Veränderungen inferior"),
    ("INJAS", "d", "MI", "AMI", INJURY, "subendocardial injury in the anteroseptal leads",
     "subendokardialer Schaden anteroseptal"),
    ("LMI", "d", "MI", "LMI", INFARCTION, "lateral myocardial infarction", "Lateralinfarkt"),
    ("ISCIL", "d", "STTC", "ISCI", ISCHAEMIA, "ischaemic ST-T changes in the inferolateral leads",
     "ischämische ST-T-Veränderungen inferolateral"),
    ("LPFB", "d", "CD", "LAFB/LPFB", BLOCK, "left posterior fascicular block", "linksposteriorer Hemiblock"),
    ("ISCAS", "d", "STTC", "ISCA", ISCHAEMIA, "ischaemic ST-T changes in the anteroseptal leads",
     "ischämische ST-T-Veränderungen anteroseptal"),
    ("INJAL", "d", "MI", "AMI", INJURY, "subendocardial injury in the anterolateral leads",
     "subendokardialer Schaden anterolateral"),
    ("ISCLA", "d", "STTC", "ISCA", ISCHAEMIA, "ischaemic ST-T changes in the lateral leads",
     "ischämische ST-T-Veränderungen lateral"),
    ("RVH", "d", "HYP", "RVH", VENTRICLE, "right ventricular hypertrophy", "rechtsventrikuläre Hypertrophie"),
    ("ANEUR", "d", "STTC", "STTC", ST_MORE, "ST-T changes compatible with ventricular aneurysm",
     "ST-T-Veränderungen vereinbar mit Ventrikelaneurysma"),
    ("RAO/RAE", "d", "HYP", "RAO/RAE", ATRIAL, "right atrial overload or enlargement",
     "rechtsatriale Belastung oder Vergrößerung"),
    ("EL", "d", "STTC", "STTC", NATURE, "changes compatible with electrolyte or drug effect",
     "Veränderungen vereinbar mit Elektrolytstörung oder Medikamentenwirkung"),
    ("WPW", "d", "CD", "WPW", BLOCK, "Wolff-Parkinson-White pattern", "Präexzitation vom WPW-Typ"),
    ("ILBBB", "d", "CD", "ILBBB", BLOCK, "incomplete left bundle branch block", "inkompletter Linksschenkelblock"),
    ("IPLMI", "d", "MI", "IMI", INFARCTION, "inferoposterolateral myocardial infarction",
     "inferoposterolateraler Myokardinfarkt"),
    ("ISCAN", "d", "STTC", "ISCA", ISCHAEMIA, "ischaemic ST-T changes in the anterior leads",
     "ischämische ST-T-Veränderungen anterior"),
    ("IPMI", "d", "MI", "IMI", INFARCTION, "inferoposterior myocardial infarction", "inferoposteriorer Myokardinfarkt"),
    ("SEHYP", "d", "HYP", "SEHYP", VENTRICLE, "septal hypertrophy", "Septumhypertrophie"),
    ("INJIN", "d", "MI", "IMI", INJURY, "subendocardial injury in the inferior leads",
     "subendokardialer Schaden inferior"),
    ("INJLA", "d", "MI", "AMI", INJURY, "subendocardial injury in the lateral leads",
     "subendokardialer Schaden lateral"),
    ("PMI", "d", "MI", "PMI", INFARCTION, "posterior myocardial infarction", "Hinterwandinfarkt (strikt posterior)"),
    ("3AVB", "d", "CD", "_AVB", AV_DEFECT, "third-degree AV block", "AV-Block III. Grades"),
    ("INJIL", "d", "MI", "IMI", INJURY, "subendocardial injury in the inferolateral leads",
     "subendokardialer Schaden inferolateral"),
    ("2AVB", "d", "CD", "_AVB", AV_DEFECT, "second-degree AV block", "AV-Block II. Grades"),
    ("ABQRS", "f", "", "", NORMAL, "abnormal QRS complex", "auffälliger QRS-Komplex"),
    ("PVC", "f", "", "", ECTOPIC, "ventricular premature complexes", "ventrikuläre Extrasystolen"),
    ("STD_", "f", "", "", ST_T, "non-specific ST depression", "unspezifische ST-Senkung"),
    ("VCLVH", "f", "", "", VENTRICLE, "QRS voltage criteria for left ventricular hypertrophy",
     "Voltage-Kriterien für linksventrikuläre Hypertrophie"),
    ("QWAVE", "f", "", "", QRS_SHAPE, "Q waves", "Q-Zacken"),
    ("LOWT", "f", "", "", ST_MORE, "low-amplitude T waves", "abgeflachte T-Wellen"),
    ("NT_", "f", "", "", ST_T, "non-specific T-wave changes", "unspezifische T-Wellen-Veränderungen"),
    ("PAC", "f", "", "", ECTOPIC, "atrial premature complexes", "atriale Extrasystolen"),
    ("LPR", "f", "", "", IMPULSE, "prolonged PR interval", "verlängertes PQ-Intervall"),
    ("INVT", "f", "", "", ST_MORE, "inverted T waves", "T-Negativierungen"),
    ("LVOLT", "f", "", "", QRS_SHAPE, "low QRS voltage in frontal and horizontal leads",
     "Niedervoltage in Extremitäten- und Brustwandableitungen"),
    ("HVOLT", "f", "", "", QRS_SHAPE, "high QRS voltage", "QRS-Hochvoltage"),
    ("TAB_", "f", "", "", ST_T, "T-wave abnormality", "T-Wellen-Veränderung"),
    ("STE_", "f", "", "", ST_T, "non-specific ST elevation", "unspezifische ST-Hebung"),
    ("PRC(S)", "f", "", "", ECTOPIC, "premature complexes", "Extrasystolen"),
    ("SR", "r", "", "", IMPULSE, "sinus rhythm", "Sinusrhythmus"),
    ("AFIB", "r", "", "", IMPULSE, "atrial fibrillation", "Vorhofflimmern"),
    ("STACH", "r", "", "", IMPULSE, "sinus tachycardia", "Sinustachykardie"),
    ("SARRH", "r", "", "", IMPULSE, "sinus arrhythmia", "Sinusarrhythmie"),
    ("SBRAD", "r", "", "", IMPULSE, "sinus bradycardia", "Sinusbradykardie"),
    ("PACE", "r", "", "", PACEMAKER, "normally functioning pacemaker", "regelrecht arbeitender Schrittmacher"),
    ("SVARR", "r", "", "", IMPULSE, "supraventricular arrhythmia", "supraventrikuläre Arrhythmie"),
    ("BIGU", "r", "", "", ECTOPIC, "bigeminal pattern", "Bigeminus"),
    ("AFLT", "r", "", "", IMPULSE, "atrial flutter", "Vorhofflattern"),
    ("SVTAC", "r", "", "", IMPULSE, "supraventricular tachycardia", "supraventrikuläre Tachykardie"),
    ("PSVT", "r", "", "", IMPULSE, "paroxysmal supraventricular tachycardia",
     "paroxysmale supraventrikuläre Tachykardie"),
    ("TRIGU", "r", "", "", ECTOPIC, "trigeminal pattern", "Trigeminus"),
)

STATEMENTS: tuple[Statement, ...] = tuple(
    Statement(code, english, german, _KINDS[kinds], superclass, subclass, category)
    for code, kinds, superclass, subclass, category, english, german in _ROWS
)

SUBCLASSES: tuple[Term, ...] = (
    Term("AMI", "anterior myocardial infarction or injury", "Vorderwandinfarkt oder -schaden"),
    Term("CLBBB", "complete left bundle branch block", "kompletter Linksschenkelblock"),
    Term("CRBBB", "complete right bundle branch block", "kompletter Rechtsschenkelblock"),
    Term("ILBBB", "incomplete left bundle branch block", "inkompletter Linksschenkelblock"),
    Term("IMI", "inferior myocardial infarction or injury", "inferiorer Infarkt oder Schaden"),
    Term("IRBBB", "incomplete right bundle branch block", "inkompletter Rechtsschenkelblock"),
    Term("ISCA", "anterior or lateral ischaemic changes", "anteriore oder laterale Ischämiezeichen"),
    Term("ISCI", "inferior ischaemic changes", "inferiore Ischämiezeichen"),
    Term("ISC_", "non-specific ischaemic changes", "unspezifische Ischämiezeichen"),
    Term("IVCD", "intraventricular conduction disturbance", "intraventrikuläre Leitungsstörung"),
    Term("LAFB/LPFB", "left fascicular block", "linksseitiger Hemiblock"),
    Term("LAO/LAE", "left atrial overload or enlargement", "linksatriale Belastung oder Vergrößerung"),
    Term("LMI", "lateral myocardial infarction", "Lateralinfarkt"),
    Term("LVH", "left ventricular hypertrophy", "linksventrikuläre Hypertrophie"),
    Term("NORM", "normal ECG", "normales EKG"),
    Term("NST_", "non-specific ST changes", "unspezifische ST-Veränderungen"),
    Term("PMI", "posterior myocardial infarction", "strikt posteriorer Infarkt"),
    Term("RAO/RAE", "right atrial overload or enlargement", "rechtsatriale Belastung oder Vergrößerung"),
    Term("RVH", "right ventricular hypertrophy", "rechtsventrikuläre Hypertrophie"),
    Term("SEHYP", "septal hypertrophy", "Septumhypertrophie"),
    Term("STTC", "other ST-T changes", "sonstige ST-T-Veränderungen"),
    Term("WPW", "Wolff-Parkinson-White pattern", "Präexzitation vom WPW-Typ"),
    Term("_AVB", "AV block", "AV-Block"),
)

SUPERCLASSES: tuple[Term, ...] = (
    Term("CD", "conduction disturbance", "Erregungsleitungsstörung"),
    Term("HYP", "hypertrophy or overload", "Hypertrophie oder Belastung"),
    Term("MI", "myocardial infarction", "Myokardinfarkt"),
    Term("NORM", "normal ECG", "normales EKG"),
    Term("STTC", "ST-T changes", "ST-T-Veränderungen"),
)

GROUPS: dict[str, tuple[Term, ...]] = {"statement": STATEMENTS, "subclass": SUBCLASSES, "superclass": SUPERCLASSES}
LABELS: tuple[tuple[str, str], ...] = tuple((group, term.code) for group, terms in GROUPS.items() for term in terms)
BY_CODE: dict[str, Statement] = {statement.code: statement for statement in STATEMENTS}
_TERMS = {(group, t.code): t for group, terms in GROUPS.items() for t in terms}
_INDEX = {label: i for i, label in enumerate(LABELS)}


def term(group: str, code: str) -> Term:
    """The wording of one label.

    Raises:
        KeyError: no such label.
    """
    return _TERMS[group, code]


def targets(codes: Iterable[str]) -> np.ndarray:
    """Multi-hot labels of one record through the hierarchy, float32 ``[99]`` in the order of LABELS.

    A code counts whatever its likelihood (PTB-XL writes 0 where the report gave none), as in the PTB-XL
    benchmark (Strodthoff et al. 2021, IEEE JBHI 25:1519).

    Raises:
        KeyError: a code outside the table; dropping it would silently make a wrong negative.
    """
    result = np.zeros(len(LABELS), np.float32)
    for code in codes:
        statement = BY_CODE[code]
        result[_INDEX["statement", code]] = 1
        if statement.subclass:
            result[_INDEX["subclass", statement.subclass]] = 1
            result[_INDEX["superclass", statement.superclass]] = 1
    return result


def structured_report(codes: Mapping[str, float]) -> list[str]:
    """One line per SCP code, in the order given: ``<category>: <description>, confidence <x>``.

    ``{"IMI": 15, "LNGQT": 100}`` gives "Myocardial Infarction: inferior myocardial infarction, confidence 15"
    and "Other ST-T descriptive statements: long QT interval, confidence 100". A code outside the table keeps
    its place as "Other statements: <code>, confidence <x>", so that no line of a report is lost.
    """
    lines = []
    for code, confidence in codes.items():
        known = BY_CODE.get(code)
        category, description = (known.category, known.english) if known else ("Other statements", code)
        lines.append(f"{category}: {description}, confidence {confidence:g}")
    return lines
