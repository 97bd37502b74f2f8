"""The clinical note: what of it a model may read, and the note rendered from structured fields.

A report that comes with a film says what was found on it. History and indication are kept, the reading of the film
is dropped, and the words of findings that remain are located, so that a page can mark them as leakage.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from core.cxr.study import CxrStudy
from core.negation import without_negated
from core.uploads import InputError

LONGEST = 20_000  # characters; the longest encounter note of ACI-BENCH (Yim et al. 2023) has under 6,000

# Written before the film: history, request, bedside examination.
_KEEP = (
    r"(?:(?:clinical|past medical|medical|surgical|social|family|past|patient|relevant|brief|birth|smoking) )?history"
    r"(?: of (?:the )?present(?:ing)? (?:illness|complaint))?|hpi|pmh|"
    r"indications?(?: for (?:the |this )?[\w -]{1,30})?|clinical (?:information|details|data|context|question|"
    r"indication|findings|presentation)|symptoms|(?:chief|presenting) complaints?|"
    r"reasons? for (?:the |this )?[\w -]{1,30}|review of systems|ros|vital signs|vitals|"
    r"(?:current |home )?medications?|allergies|(?:physical |clinical |bedside )?exam(?:ination)?(?: findings)?|"
    r"physical findings|lab(?:oratory)?(?: results| findings| values)?|risk factors|"
    r"(?:admission|admitting|working|provisional|known|pre-?existing) diagnos[ei]s|"
    r"(?:eigen|familien|sozial|medikamenten)?anamnese|(?:rechtfertigende |klinische )?indikation|(?:klinische )?"
    r"fragestellung|klinische (?:angaben|symptomatik|informationen)|vorgeschichte|vorerkrankungen|beschwerden|"
    r"(?:vor|bekannte |einweisungs)diagnosen?|medikation|körperliche untersuchung|vitalparameter"
)
# Written with the film in view. The comparison is among it: it is the reader's, and carries earlier findings over
# ("effusion has grown"); that there were earlier films is known from the follow-up number.
_DROP = (
    r"(?:radiological |radiographic |chest |lung |cardiac )?findings?|impressions?|conclusions?|interpretation|opinion|"
    r"comments?|summary|(?:(?:final|preliminary|radiology|radiological|radiologist(?:'?s)?) )?(?:report|reading)|"
    r"wet read|addendum|recommendations?|notifications?|(?:final |discharge |radiological )?diagnos[ei]s|"
    r"assessment(?: and plan)?|plan|results?|imaging(?: studies)?|comparisons?|technique|procedure|"
    r"(?:hospital|emergency department|ed) course|(?:portable )?(?:chest )?(?:x-?rays?|radiographs?|cxr|ct)(?: chest)?|"
    r"(?:röntgen-?|radiologischer |röntgen)?befunde?|(?:zusammenfassende )?beurteilung|zusammenfassung|bewertung|"
    r"empfehlung(?:en)?|vergleich|voraufnahmen?|voruntersuchung(?:en)?|technik|diagnosen?|röntgen[ -]?thorax|procedere"
)
_NAME = rf"(?:{_KEEP}|{_DROP})"
_AND = r"\s*(?:/|&|,|\band\b|\bund\b)\s*"
_DATED = r"(?:\s*\([^()\n]{1,40}\)|\s+(?:vom |of |on |from )?[\d./-]{3,12})?"
_HEADING = re.compile(
    rf"(?<![\w-])(?P<name>{_NAME}(?:{_AND}{_NAME}){{0,3}}){_DATED}[*_ \t]*:"  # with a colon, anywhere in a line
    rf"|^[ \t>#*_•\d.)]*(?=(?-i:[A-ZÄÖÜ]))(?P<line>{_NAME}(?:{_AND}{_NAME}){{0,3}}){_DATED}"
    r"[*_ \t]*(?:$|[–—]|-\s)"  # or a line of its own
    r"|(?<![\w-])(?-i:(?P<bare>FINDINGS?|IMPRESSION|CONCLUSION|BEFUND|BEURTEILUNG))\b",  # or in capitals
    re.IGNORECASE | re.MULTILINE)
_KEPT_NAME = re.compile(_KEEP, re.IGNORECASE)

# A later paragraph without a heading that opens as a film reading does, as in older radiology reports.
_READING = re.compile(
    r"(?:(?:single|portable|frontal|upright|semi-?upright|supine|pa|ap|lateral|two|bedside)\b[\w ,/-]{0,60}?\b"
    r"(?:views?|radiographs?|chest|images?|films?|projections?)\b|(?:the )?(?:lungs?|lung volumes|heart size|cardiac|"
    r"cardiomediastinal|mediastinal|hilar|pulmonary vascula\w+)\b|as compared|in comparison|compared (?:to|with)|"
    r"(?:die |der |das )?(?:lungen?|herz\w*|mediastinum|zwerchfell\w*)\b)", re.IGNORECASE)

# Words for the 14 observations of CheXpert, after the mention lists of its labeller (Irvin et al. 2019).
_WORDS = {
    "No Finding": r"no (?:acute )?(?:cardiopulmonary|cardiothoracic|intrathoracic) (?:disease|process|abnormality)|"
                  r"normal chest(?: x-?ray| radiograph)?|clear lungs|lungs (?:are )?clear|unauffälliger thorax",
    "Enlarged Cardiomediastinum": r"(?:wide(?:ned|ning)?|enlarged|prominent) (?:cardio)?mediastin\w+|"
                                  r"mediastinal (?:widening|enlargement)|mediastinalverbreiterung",
    "Cardiomegaly": r"cardiomegaly|(?:enlarged|big) (?:heart|cardiac silhouette)|(?:heart|cardiac) enlargement|"
                    r"enlargement of the heart|kardiomegalie|herzvergrößerung|(?:vergrößertes|verbreitertes) herz",
    "Lung Opacity": r"opacit(?:y|ies)|opacification|infiltrates?|airspace disease|verschattung(?:en)?|infiltrate?n?",
    "Lung Lesion": r"(?<!body )mass(?:es)?(?! index)|nodul(?:es?|ar)|lung (?:lesions?|cancer|tumou?r)|metasta\w+|"
                   r"rundherde?|raumforderung(?:en)?|lungen(?:karzinom|krebs|tumor)",
    "Edema": r"(?<!leg )(?<!ankle )(?<!pedal )(?<!pitting )(?<!peripheral )(?<!extremity )o?edema|fluid overload|"
             r"(?:pulmonary|vascular) congestion|lungenödem|lungenstauung|stauung",
    "Consolidation": r"consolidat(?:ions?|ed)|konsolidierung(?:en)?",
    "Pneumonia": r"(?:broncho)?pneumoni(?:as?|c|en?)|pna|chest infection|lungenentzündung",
    "Atelectasis": r"atelecta(?:sis|ses|tic)|(?:lobar|lung) collapse|(?:platten|dys|a)tele[ck]tasen?",
    "Pneumothorax": r"(?:hydro|haemo|hemo)?pneumothora(?:x|ces)|ptx|collapsed lung",
    "Pleural Effusion": r"(?<!pericardial )(?<!joint )(?<!knee )effusions?|ha?emothorax|pleura(?:l)?erg(?:uss|üsse)",
    "Pleural Other": r"pleural (?:thickening|plaques?|scarring|fibrosis|calcifications?)|fibrothorax|pleuraschwielen?",
    "Fracture": r"fractur(?:es?|ed)|broken ribs?|(?:rippen|sternum)?fraktur(?:en)?",
    "Support Devices": r"pacemaker|defibrillator|endotracheal tube|ett|picc|(?:central|dialysis) (?:venous )?"
                       r"(?:line|catheter)|chest (?:tube|drain)|(?:nasogastric|ng|feeding|tracheostomy) tube|"
                       r"herzschrittmacher|schrittmacher|zvk|thoraxdrainage|tubus|magensonde",
}
_LEAK = re.compile("|".join(
    rf"(?P<k{k}>(?<!\w)(?:{words})(?!\w))" for k, words in enumerate(_WORDS.values())), re.IGNORECASE)
_LEAK_LABELS = tuple(_WORDS)


@dataclass(frozen=True)
class FilteredNote:
    """``kept`` is what a model may read; ``dropped`` holds (section name as written, text).

    ``leaks`` holds (start, end, word, label): where in ``kept`` a word names an observation, negated or not.
    """

    kept: str
    dropped: tuple[tuple[str, str], ...]
    leaks: tuple[tuple[int, int, str, str], ...]


def filter_sections(note: str) -> FilteredNote:
    """Keep what was written before the film was read, drop the reading.

    A note without headings is kept whole, and so is text before the first heading. A heading that is neither
    history nor reading ("Lungs:", "Heart:") belongs to the section it stands in.

    Raises:
        InputError: the note is longer than any clinical note.
    """
    if len(note) > LONGEST:
        raise InputError("note", f"The note has {len(note):,} characters; at most {LONGEST:,} are read.",
                         "Give the history and the indication only.")
    text = "\n".join(" ".join(line.split()) for line in note.splitlines())
    headings = list(_HEADING.finditer(text))
    kept, dropped = [text[:headings[0].start()] if headings else text], []
    for k, heading in enumerate(headings):
        end = headings[k + 1].start() if k + 1 < len(headings) else len(text)
        name = next(group for group in heading.group("name", "line", "bare") if group)
        if not all(_KEPT_NAME.fullmatch(part) for part in re.split(_AND, name)):
            dropped.append((name, text[heading.end():end].strip()))
            continue
        history, *paragraphs = re.split(r"\n\s*\n", text[heading.start():end])
        read = next((k for k, part in enumerate(paragraphs) if _READING.match(part.strip())), len(paragraphs))
        kept.append("\n\n".join([history, *paragraphs[:read]]))
        if read < len(paragraphs):
            dropped.append(("reading without a heading", "\n\n".join(paragraphs[read:]).strip()))
    result = "\n".join(part.strip() for part in kept if part.strip())
    return FilteredNote(result, tuple(dropped), _leaks(result))


def _leaks(text: str) -> tuple[tuple[int, int, str, str], ...]:
    return tuple((found.start(), found.end(), found.group(), _LEAK_LABELS[int(found.lastgroup[1:])])
                 for found in _LEAK.finditer(text) if found.lastgroup)


def render(
    age: float | None, sex: str | None, view: str | None, portable: bool | None, follow_up: float | None
) -> str:
    """The note that structured fields make, in the fixed words the shipped weights are trained with.

    Args:
        age: years. follow_up: number of earlier films. Whatever is None, or NaN as tables write it, is left out.

    Returns:
        For example "Age 60 years. Male. AP view, portable. Follow-up 3."; empty where nothing is known.
    """
    film = ", ".join(part for part in (view and f"{view} view", portable and "portable") if part)
    parts = (
        f"Age {round(age, 1):g} years" if _known(age) else "", sex or "", film,
        f"Follow-up {int(follow_up)}" if _known(follow_up) else "",
    )
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts if part)


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def compose(study: CxrStudy) -> str:
    """The text the models read with the film: the fields, then the note without its reading and its negations."""
    fields = render(study.age, study.sex, study.view, study.portable, study.follow_up)
    return " ".join(part for part in (fields, without_negated(filter_sections(study.note).kept)) if part)
