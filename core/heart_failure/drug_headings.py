"""Headings over a list of drugs, and texts that say there is no drug."""

from __future__ import annotations

import re

from core.heart_failure.drug_status import CURRENT, INTOLERANT, NEVER, PLANNED, STOPPED

_HEADER = re.compile(r"(?:^|(?<=\n)|"
                     r"(?<=[.;] ))[ \t]*+[-*•#>_\d.)]{0,5}+[ \t]*+(?P<words>[^\W\d_][^:=\n.;,]{1,45}?)"
                     r"[ \t*_]{0,4}(?P<mark>[:=][ \t*_]{0,6}|(?=\n|\Z))")
_HEADERS = tuple((status, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for status, words in (
    (INTOLERANT, r"allerg\w*|intoleran\w*|adverse|adrs?|contra-?indicat\w*|unverträglich\w*|kontraindikation\w*|alergias?|"
                 r"hypersensitivit\w*|"
                 r"not tolerated|reactions?"),
    (STOPPED, r"stop(?:ped)?|discontinued|ceased|withdrawn|withheld|held|hold|paused|suspended|(?:previous|former|past|"
              r"prior|old)(?:ly)?(?: (?:med|drug|treat|therap|tablet)\w*|\W*\Z)|"
              r"abgesetzt\w*|pausiert\w*|frühere?|suspendid[oa]s?|retirad[oa]s?|no longer taking|off"),
    (NEVER, r"never|not (?:taken|taking|on|given|prescribed)|avoid|without|do not give"),
    (PLANNED, r"plan(?:ned)?|consider|to (?:start|add|do)|start|add|proposed|proposals?|recommend\w*|suggest\w*|geplant|"
              r"procedere|next steps?|plan terap\w+"),
    (CURRENT, r"current(?:ly)?|med(?:ication|icine|s|icament)\w*|drugs?|prescriptions?|rx|treatments?|therap\w*|"
              r"drug history|dh|dhx|on|takes|taking|active|regular|"
              r"continued?|started|new|medikation|dauermedikation|medikamente|tratamiento|medicaci[oó]n|list|home"),
))
_PLAIN_HEADING = re.compile(  # a line that is a heading without a colon
    r"(?:(?:stopped|discontinued|withheld|held|paused|previous|former|past|prior|old|current|regular|home|active|"
    r"discharge|admission|new|"
    r"planned|plan|never|avoid|allerg\w+|intolerances?|drugs?|med(?:ication|icine)?s?|prescriptions?|treatments?|therapy|"
    r"history|list|"
    r"on|at|and|to|rx|aktuelle|medikation|medikamente|dauermedikation|abgesetzt\w*|pausiert\w*|unverträglichkeiten|"
    r"allergien|tratamiento|"
    r"actual|medicación|suspendid[oa]s?|alergias|intolerancias)(?:\s+|\Z)){1,5}", re.IGNORECASE)
_KNOWN_TO_HAVE_NONE = re.compile(r"\W*(?:no|nil|nkda|nka|keine?|sin)\b", re.IGNORECASE)
NO_DRUGS = re.compile(
    r"\b(?:no|not (?:on|taking)(?: any)?|nil|without(?: any)?|denies(?: any| taking any)?|takes no|taking no|free of|"
    r"keine?|ohne|sin) "
    r"(?:(?:current|regular|cardiac|cardiovascular|prescribed|home|long-term|longterm|other|known|heart[ -]failure|"
    r"chronic|prescription) ){0,3}"
    r"(?:drugs?|medications?|medicines?|meds|tablets|prescriptions?|pharmacotherapy|drug (?:treatment|therapy)|"
    r"medikamente|medikation|dauermedikation|"
    r"tratamiento|medicaci[oó]n|f[aá]rmacos)\b(?! (?:allerg|intoler|chang|react|side|interact|given|compliance|adher|"
    r"error|history|list|were stopped|problem))|"
    r"\b(?:drug-free|takes nothing|takes no drugs|nimmt nichts|no toma nada|unmedicated|"
    r"no pharmacological treatment)\b", re.IGNORECASE)
NONE = re.compile(r"\W*(?:none|nil|nothing|no|nihil|keine?|ninguno|ninguna|nada|n/a|0|-)\W*\Z", re.IGNORECASE)


def header_status(words: str) -> str | None:
    """What a heading says of the drugs under it; "" for a heading about something else, None for no heading."""
    if len(words.split()) > 6:
        return None
    if _KNOWN_TO_HAVE_NONE.match(words):
        return ""
    return next((status for status, pattern in _HEADERS if pattern.search(words)), "")


def headings(text: str) -> list[tuple[int, int, str, bool]]:
    """``(start, end, words, alone)`` of what looks like a heading; alone: nothing follows on its line."""
    found = []
    for one in _HEADER.finditer(text):
        line_end = text.find("\n", one.end())
        rest = text[one.end():line_end if line_end >= 0 else len(text)]
        alone = not rest.strip(" \t*_:-")
        if one["mark"] or (alone and _PLAIN_HEADING.fullmatch(one["words"]) and header_status(one["words"])):
            found.append((one.start(), one.end(), one["words"], alone))
    return found


def no_drugs(text: str) -> bool:
    """Whether the text says that no drug is taken."""
    if NO_DRUGS.search(text) or NONE.match(text) and text.strip(" -\n\t"):
        return True
    return any(header_status(words) == CURRENT and NONE.match(text[end:].split("\n", 1)[0].split(". ", 1)[0])
               and text[end:].split("\n", 1)[0].strip() for _, end, words, _ in headings(text))
