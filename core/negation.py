"""What a note negates: phrases leave it before it is read, for "no fever" must not raise what fever raises, or are pointed at.

After NegEx (Chapman et al. 2001, J Biomed Inform 34:301-310): a trigger before or after its scope, pseudo-negations
("no improvement") that negate nothing, and a scope that ends at a termination term or with the sentence. Beyond it,
a list is followed through commas and conjunctions, and ends where an item is affirmed by itself: "no fever,
productive cough for 3 days". Where a list can be read either way, the item counts as negated. English and German.
"""

from __future__ import annotations

import re

_LONGEST = 400  # characters of one scope; a longer list than that has no reader
_JOINS = r"and|or|nor|but|und|oder|aber|sowie"
_PSEUDO = (
    r"change|improv\w+|reliev\w+|relief|respon\w+|resol\w+|increase|decrease|better|well|only|sure|certain|clear|doubt|"
    r"excluded|ruled|able|tolerat\w+|longer (?:able|tolerat\w+)|sleep\w*|eat\w*|appetite|energy|"
    r"Besserung|Linderung|Änderung|Veränderung|Appetit|Zweifel|\d"
)
_STOP = (
    r"but|however|nevertheless|yet|though|although|except|apart from|aside from|other than|besides|still|with|which|"
    r"who|because|due to|secondary to|presents?|presented|presenting|reports?|complain\w*|endors\w+|admits?|states?|"
    r"has|have|had|is|are|was|were|now|today|he|she|they|patient|pt|positive for|history of|h/o|s/p|status post|"
    r"aber|jedoch|doch|sondern|allerdings|hingegen|dafür|obwohl|mit|wegen|bei|klagt|berichtet|gibt|hat|hatte|ist|"
    r"besteht|bestehen|nun|jetzt|Zustand nach"
)
_SUBJECT = r"(?:\b(?:the\s+)?(?:patient(?:in)?|pt\.?|he|she|they|parents?|mother|er|sie)\s+)?"
_FILL = r"(?:\s+(?:any|having|had|has|have|been|that|he|she|is|a|an|the|current|recent|über|an)\b){0,4}"
_OF = (r"(?:\s+(?:known|prior|previous|past|significant|relevant|recent|clinical|clear|obvious)){0,4}"
       r"(?:\s+(?:history|evidence|signs?|symptoms?|complaints?|suspicion|Hinweise?|Anhalt|Zeichen)\s+"
       r"(?:of|for|auf|für|von))?")

_BEFORE = re.compile(
    rf"(?P<strong>{_SUBJECT}(?:(?:also|currently|presently|specifically|otherwise|has|have)\s+){{0,3}}"
    rf"(?:\bden(?:y|ies|ied|ying)\b|\bnegative\s+for\b|\bneither\b|\bweder\b|\bverneint\b){_FILL}:?\s+(?=\w))|"
    rf"(?P<weak>(?:\bthere\s+(?:is|are|was|were)\s+|{_SUBJECT}(?:\b(?:has|have|had|with|do|does|did|is|are|was|were|"
    rf"hat|hatte|zeigt)\s+)?)"
    rf"(?:(?:\b(?:no|not|without|nor|never|kein(?:e[nmrs]?)?|ohne)\b|(?<!\w)w/o\b)(?!\.?\s+(?:{_PSEUDO})\b)"
    rf"(?:\s+(?:longer|reporting|complaining\s+of|experiencing|report|complain\s+of|experience))?{_OF}|"
    rf"\babsence\s+of\b|\bfree\s+(?:of|from)\b|\bfrei\s+von\b){_FILL}\s+(?=\w))", re.IGNORECASE)
_AFTER = re.compile(
    r"(?:\s+(?:is|are|was|were|has\s+been|have\s+been|wird|werden|wurden?|ist|sind)){0,3}\s+"
    r"(?:(?<!not )(?<!be )(?<!nicht )(?:denied|absent|excluded|negative|ruled\s+out|verneint|ausgeschlossen)|"
    r"not\s+(?:present|seen|reported)|nicht\s+(?:vorhanden|nachweisbar))"
    r"(?=\s*(?:[,)]|\b(?:but|and|aber|und)\b|$))", re.IGNORECASE)
_ANSWERED = re.compile(  # "Fever: no", "Fieber? Nein", "cough (-)", and words that carry their own negation
    r"[^.,;:?!\n()]{1,60}(?:[:?]\s*(?:no|none|nil|nein|keine?|negative|negativ|absent|denied)(?=\s*(?:[.,;)\n]|$))|"
    r"\s\(-\))|\b(?:afebrile?|apyrexial|fieberfrei)\b", re.IGNORECASE)

_BREAK = re.compile(
    rf"(?P<stop>\b(?:{_STOP})\b|[()]|\s[-–—]\s)|(?P<any>\b(?:or|nor|oder|noch)\b(?!\s+(?:so|more|less|longer|\d)))|"
    r"(?P<list>,(?!\d)|&|\n|\b(?:and|und|sowie|plus)\b)", re.IGNORECASE)
_LASTING = re.compile(  # an item with a duration is there
    r"\b(?:since|seit)\b|\b(?:for|x|over)\s+(?:the|an?|about|approximately|several|many|some|\d)|"
    r"\d+\s*(?:hour|day|week|month|year|Stunde|Tag|Woche|Monat|Jahr)", re.IGNORECASE)
_AFFIRMED = re.compile(  # and so is one that opens with a quality
    r"\s*(?:(?:productive|worsening|increasing|increased|progressive|severe|persistent|known|new|acute|mild|moderate|"
    rf"produktive|zunehmende|bekannte|akute|starke|neue)[rsnm]?\b|(?:no|not|without|keine?|ohne)\s+(?:{_PSEUDO})\b)",
    re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|\n(?=\s*(?:\n|[A-ZÄÖÜ•*-]|$))")
_WRAPPED = re.compile(rf"(,|\b(?:{_JOINS}|no|without|denies|ohne|keine?))[ \t]*\n[ \t]*(?=\w)", re.IGNORECASE)
_SPACING = ((re.compile(r"[^\S\n]+"), " "), (re.compile(r" ?\n ?"), "\n"), (re.compile(r"\n{3,}"), "\n\n"), (_WRAPPED, " "))


def without_negated(note: str) -> str:
    """The note without what it negates; a note that negates nothing comes back unchanged."""
    spaced = "\n".join(" ".join(line.split()) for line in note.splitlines())  # a run of blanks is slow to search
    text = _WRAPPED.sub(r"\1 ", re.sub(r"\n{3,}", "\n\n", spaced))
    negated = _ANSWERED.search(text) is not None
    text, pieces, start = _ANSWERED.sub("", text), [], 0
    for end in [*_SENTENCE_END.finditer(text), None]:
        sentence = text[start:end.start() if end else len(text)]
        left = _strip(sentence)
        negated |= left != sentence
        bare = left != sentence and left.rstrip().endswith(":")  # a heading with nothing left under it
        if re.search(r"\w", left) and not bare:
            pieces.append(_tidy(left) + (end.group() if end else ""))
        start = end.end() if end else len(text)
    return " ".join(pieces).strip() if negated else note


def negated(note: str) -> tuple[tuple[int, int], ...]:
    """Where the note negates: start and end of each phrase with its trigger, in characters of the note, ascending."""
    text, at = _traced(note)
    found = [(at[one.start()], at[one.end() - 1] + 1) for one in _ANSWERED.finditer(text)]
    text, at = _replaced(_ANSWERED, " ", text, at)
    start = 0
    for end in [*_SENTENCE_END.finditer(text), None]:
        sentence = text[start:end.start() if end else len(text)]
        found += [(at[start + a], at[start + b - 1] + 1) for a, b in _phrases(sentence) if b > a]
        start = end.end() if end else len(text)
    return tuple(sorted(found))


def _phrases(sentence: str) -> list[tuple[int, int]]:
    """Start and end of the negated phrases of one sentence."""
    found, position = [], 0
    while one := _AFTER.search(sentence, position):
        found.append((_scope_start(sentence, one.start()), one.end()))
        position = one.end()
    position = 0
    while one := _BEFORE.search(sentence, position):
        position = _scope_end(sentence, one.end(), strong=one["strong"] is not None)
        found.append((one.start(), position))
    return found


def _traced(note: str) -> tuple[str, list[int]]:
    """The note with single blanks and whole paragraphs, as it is searched, and where each of its characters stands in it."""
    text, at = note, list(range(len(note)))
    for pattern, by in _SPACING:
        text, at = _replaced(pattern, by, text, at)
    return text, at


def _replaced(pattern: re.Pattern[str], by: str, text: str, at: list[int]) -> tuple[str, list[int]]:
    """Each match but for its first group replaced; ``by`` stands where what it replaces began."""
    pieces, places, last = [], [], 0
    for one in pattern.finditer(text):
        kept = one.end(1) if pattern.groups else one.start()
        pieces += [text[last:kept], by]
        places += at[last:kept] + [at[min(kept, len(at) - 1)]] * len(by)
        last = one.end()
    return "".join([*pieces, text[last:]]), places + at[last:]


def _strip(sentence: str) -> str:
    """One sentence without its negated phrases."""
    while found := _AFTER.search(sentence):
        sentence = sentence[:_scope_start(sentence, found.start())] + sentence[found.end():]
    kept, position = [], 0
    while found := _BEFORE.search(sentence, position):
        kept.append(sentence[position:found.start()])
        position = _scope_end(sentence, found.end(), strong=found["strong"] is not None)
    return " ".join([*kept, sentence[position:]]) if kept else sentence


def _scope_end(sentence: str, start: int, strong: bool) -> int:
    """Where the scope of a trigger that ends at ``start`` ends.

    Args:
        strong: a verb of denial rules its whole list; "no" and "without" only until an item is affirmed.
    """
    limit = min(len(sentence), start + _LONGEST)
    breaks = []
    for found in _BREAK.finditer(sentence, start, limit):
        if found["stop"]:
            limit = found.start()
            break
        breaks.append(found)
    # "no fever, productive cough or chills": the "or" keeps the whole list under the negation.
    held = max((k for k, found in enumerate(breaks) if found["any"]
                and not _LASTING.search(sentence, start, found.start())), default=-1)
    for k, found in enumerate(breaks):
        item = sentence[found.end():breaks[k + 1].start() if k + 1 < len(breaks) else limit]
        if k > held and found["list"] and (_LASTING.search(item) or (not strong and _AFFIRMED.match(item))):
            return found.start()
    return limit


def _scope_start(sentence: str, end: int) -> int:
    """Where the scope of a trigger that follows it begins: one item, or a list joined by a conjunction."""
    begin, limit, joined = max(0, end - _LONGEST), end, False
    for found in reversed(list(_BREAK.finditer(sentence, begin, end))):
        if found["stop"] or _LASTING.search(sentence, found.end(), limit):
            return found.end()
        if not joined and not found["any"] and found["list"].strip() in (",", ""):
            return found.start()
        joined, limit = True, found.start()
    return begin


def _tidy(sentence: str) -> str:
    """No conjunction or comma is left hanging where a phrase was taken out."""
    text = re.sub(r"\(\s*\)", "", re.sub(r"[ \t]{2,}", " ", sentence))
    text = re.sub(r"\s+,", ",", re.sub(r",(?:\s*,)+", ",", text))
    text = re.sub(rf"^(?:[\s,]|\b(?:{_JOINS})\b)+", "", text, flags=re.IGNORECASE)
    return re.sub(rf"(?:[\s,]|\b(?:{_JOINS}|with|mit)\b)+$", "", text, flags=re.IGNORECASE)
