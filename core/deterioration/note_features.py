"""What a free text says: symptoms, markers of deterioration and medications, each with its place, negated or uncertain.

Negation is the house's (``core.negation``, after NegEx). Uncertainty is scoped alike: "possible", "query", "rule out" and their
like rule what follows to the next comma, stop or "but"; "is suspected" what comes before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from core.deterioration.lexicon import MARKERS, SALTED, SALTS, SYMPTOMS
from core.drugs import bedside, groups
from core.negation import negated

KINDS = ("symptom", "marker", "medication")
_LONGEST = 80  # characters an uncertain phrase reaches
_TERMS = [("symptom", term) for term in SYMPTOMS] + [("marker", term) for term in MARKERS]
_NAMED = re.compile(  # one pass finds the first of the overlapping ones; longer wordings stand before shorter ones
    r"(?<![\w-])(?:" + "|".join(f"(?P<t{k}>{words})" for k, words in sorted(
        enumerate([*SYMPTOMS.values(), *MARKERS.values()]), key=lambda one: _TERMS[one[0]][1] == "pain")) + r")(?!-?\w)",
    re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]+")
_GIVEN = re.compile(r"\s*(?:and |then |was |has been |is |pt |patient )*(?:given|gave|giving|started|starting|received|receiving|"
                    r"commenced|administered|on|taking|takes|continu\w+)\b", re.IGNORECASE)
_SALTED = re.compile(rf"\s+(?:(?:{'|'.join(SALTS)})\b|\d+(?:\.\d+)?\s?%)", re.IGNORECASE)
_MAYBE = re.compile(
    r"\b(?:(?:possib|probab)l[ey]|likely|unlikely|suspect(?:ed|s|ing)?|suspicio(?:n|us) (?:of|for)|concern(?:s|ed|ing)? "
    r"(?:for|about|of)|query|queries|r/o|rule[sd]? out|to exclude|(?:may|might|could) (?:be|have|represent)|"
    r"questionable|presum(?:ed|ably)|cannot exclude|can't exclude|at risk (?:of|for)|risk of|watch for|monitor for|"
    r"evaluate for|differential(?: diagnosis)?(?: includes)?:?|if)\b|\?(?=\s?[A-Za-z])", re.IGNORECASE)
_MAYBE_END = re.compile(
    r"[,.;:!?\n]|\b(?:but|however|with|and|now|today|patient|pt|because|due to|then|call|give|start)\b", re.IGNORECASE)
_MAYBE_AFTER = re.compile(
    r"(?:\s+(?:is|are|was|were|remains?|being))?\s+(?:possible|probable|likely|unlikely|suspected|questionable|presumed|"
    r"not (?:yet )?(?:excluded|ruled out)|(?:can ?not|can't) be (?:excluded|ruled out))\b|\s?\?", re.IGNORECASE)


@dataclass(frozen=True)
class Mention:
    """One term at ``text[start:end]``. ``term`` is a key of the lexicon, or the generic name of a drug, ``group`` its class."""

    kind: str
    term: str
    start: int
    end: int
    negated: bool = False
    uncertain: bool = False
    group: str = ""


def mentions(text: str) -> tuple[Mention, ...]:
    """Every term of the lexicon in a text, in the order of the text."""
    found = [(match.start(), match.end(), *_TERMS[int(match.lastgroup[1:])], "") for match in _NAMED.finditer(text)]
    for word in _WORD.finditer(text):
        generic, group = _drug(word.group().lower())
        if generic and (word.group().lower() not in SALTED or _SALTED.match(text, word.end())):
            found.append((word.start(), word.end(), "medication", generic, group))
    if not found:
        return ()
    no, maybe = _Spans(negated(text)), _Spans(_uncertain(text))
    result = []
    for start, end, kind, term, group in sorted(found):
        denied, doubted = no.over(start), maybe.over(start)
        # The list of what is negated ends where doubt or a treatment begins: "no fever, ?sepsis, given morphine".
        if denied is not None and doubted is not None and "," in text[denied:doubted]:
            denied = None
        _, comma, item = text[denied or 0:start].rpartition(",")
        if kind == "medication" and comma and _GIVEN.match(item):
            denied = None
        doubt = doubted is not None or _MAYBE_AFTER.match(text, end) is not None
        result.append(Mention(kind, term, start, end, denied is not None, doubt, group))
    return tuple(result)


def _drug(word: str) -> tuple[str, str]:
    """Generic name and class; of "insulin-lispro" or "hydrocodone-apap" the part that is known."""
    for part in (word, *word.split("-")):
        if part in bedside():
            return bedside()[part]
    return "", ""


class _Spans:
    """Which of some spans a place lies in."""

    def __init__(self, spans: Sequence[tuple[int, int]]):
        self._spans: list[tuple[int, int]] = []
        for start, end in sorted(spans):  # of overlapping ones the first holds on
            if self._spans and start < self._spans[-1][1]:
                start, end = self._spans[-1][0], max(end, self._spans.pop()[1])
            self._spans.append((start, end))
        self._starts = [start for start, _ in self._spans]

    def over(self, at: int) -> int | None:
        """Where the span begins that holds a place, None for none."""
        k = bisect_right(self._starts, at) - 1
        return self._starts[k] if k >= 0 and at < self._spans[k][1] else None


def _uncertain(text: str) -> list[tuple[int, int]]:
    """From each trigger to where its scope ends."""
    spans = []
    for trigger in _MAYBE.finditer(text):
        limit = min(len(text), trigger.end() + _LONGEST)
        end = _MAYBE_END.search(text, trigger.end(), limit)
        spans.append((trigger.start(), end.start() if end else limit))
    return spans


def _columns() -> tuple[str, ...]:
    counts = [f"{kind}s{state}" for kind in KINDS for state in ("", "_negated", "_uncertain")]
    named = [f"{kind}_{term.replace(' ', '_')}" for kind, term in _TERMS]
    return ("characters", "words", *counts, *named, *(f"class_{group}" for group in groups()))


COLUMNS = _columns()


def features(text: str, found: Sequence[Mention] | None = None) -> dict[str, int]:
    """Counts of a text, by COLUMNS.

    ``symptoms`` and its like count what is affirmed; ``symptom_fever`` is 1 where it is affirmed, -1 where it is mentioned only
    as negated or uncertain, 0 where it is not mentioned; ``class_opioid`` counts affirmed medications of the class.
    """
    counts = dict.fromkeys(COLUMNS, 0)
    counts["characters"], counts["words"] = len(text), len(text.split())
    for one in mentions(text) if found is None else found:
        state = "_negated" if one.negated else "_uncertain" if one.uncertain else ""
        counts[f"{one.kind}s{state}"] += 1
        if one.kind == "medication":
            counts[f"class_{one.group}"] += not state
            continue
        name = f"{one.kind}_{one.term.replace(' ', '_')}"
        counts[name] = max(counts[name], 1) if not state else counts[name] or -1
    return counts
