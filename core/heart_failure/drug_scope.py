"""Which statement rules which name: scopes through lists, headings over lines, what stands after a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.heart_failure.dosing import Dosing
from core.heart_failure.drug_headings import header_status, headings
from core.heart_failure.drug_search import Name
from core.heart_failure.drug_status import (
    AFTER,
    AGAIN,
    BEFORE,
    CURRENT,
    ENDS,
    FAR,
    IF,
    IMPERATIVE,
    INTOLERANT,
    NEAR,
    NEVER,
    NOTHING,
    PLANNED,
    PLURAL,
    SEPARATED,
    STOPPED,
)
from core.heart_failure.drugs import FLAG_OF, PILLARS

_WINDOW = 110  # characters before a name in which its trigger stands
_SMALL = re.compile(r"(?:on|taking|taken|given|using|current\w*|now|previous\w*|prior|past|start\w*|history of|h/o|increas\w*|"
                    r"add\w*|"
                    r"receiv\w*|prescribed|nimmt|toma)\b", re.IGNORECASE)
_INSTEAD = re.compile(r"(?:replaced|switched|changed|converted|ersetzt|umgestellt|→|->)", re.IGNORECASE)
_RAS_COUGH = PILLARS["ras"][1]


@dataclass(frozen=True)
class Stated:
    """What is said of a name. ``reach``: "near" or "far", how the trigger was found, None where there was none."""

    status: str
    history: bool = False
    reach: str | None = None


@dataclass(frozen=True)
class _Place:
    """A name with its dose: ``text[start:end]``; ``joined`` to the one before as in ``SEPARATED``, None where not in a list."""

    name: Name
    start: int
    end: int
    bare: bool
    joined: str | None


def statements(text: str, names: Sequence[Name], doses: Sequence[Dosing]) -> list[Stated]:
    """One for each name."""
    places = _places(text, names, doses)
    headers = _headers(text, names)
    after: list[Stated | None] = [None] * len(places)
    before: list[Stated | None] = [None] * len(places)
    free = 0  # where what may rule the next name starts
    for k, place in enumerate(places):
        before[k] = _before(text, place, free)
        if before[k] is None and k and place.joined is not None and before[k - 1] and _goes_on(places, k, before[k - 1]):
            before[k] = before[k - 1]
        free = place.end
        found = _after(text, places, k)
        if found:
            after[k], free = found[0], found[1]
            _backwards(text, places, after, before, k, found[2])
    stated = [after[k] or before[k] or Stated(headers[k] or CURRENT) for k in range(len(places))]
    for k in range(len(places) - 2, -1, -1):
        if after[k] is None and before[k] is None and _labels(text, places[k], places[k + 1]):
            stated[k] = stated[k + 1]
    return stated


def _places(text: str, names: Sequence[Name], doses: Sequence[Dosing]) -> list[_Place]:
    places: list[_Place] = []
    for name, dose in zip(names, doses, strict=True):
        start, end, joined = min(dose.start, name.start), max(dose.end, name.end), None
        if places:
            found = SEPARATED.fullmatch(text, places[-1].end, start)
            joined = (found.lastgroup or "blank") if found and "\n" not in found.group() else None
        places.append(_Place(name, start, end, not dose.amounts, joined))
    return places


def _before(text: str, place: _Place, free: int) -> Stated | None:
    low = max(free, place.start - _WINDOW)
    for end in ENDS.finditer(text, low, place.start):
        low = end.end()
    state, stop = None, low
    for found in BEFORE.finditer(text, low, place.start):
        kind = found.lastgroup
        if state in ("stopped_far", "stopped_near", "never_near", "intolerant_far", "nothing_far", "planned_near", "from_near") \
                and _SMALL.match(found.group()) and NEAR.fullmatch(text, stop, found.start()) \
                and not (state == "planned_near" and not re.match("on|taking|given", found.group(), re.IGNORECASE)):
            stop = found.end()
            continue
        state, stop, word = kind, found.end(), found.group()
    if state is None:
        return None
    kind, _, reach = state.partition("_")
    gap = FAR if reach == "far" else NEAR
    if not gap.fullmatch(text, stop, place.start) or (reach == "far" and re.search(r"\b(?:and|und|y)\b", text[stop:place.start])):
        return None
    if kind == "stopped" and IMPERATIVE.search(word.strip()) and IF.match(text, place.end):
        return Stated(CURRENT, reach=reach)
    status = {"history": STOPPED, "from": STOPPED, "nothing": NOTHING}.get(kind, kind)
    return Stated(status, kind == "history", "from" if kind == "from" else reach)


def _goes_on(places: Sequence[_Place], k: int, stated: Stated) -> bool:
    """Whether a statement about the name before rules the ``k``-th as well: "no digoxin or amiodarone"."""
    joined = places[k].joined
    if joined in ("either", "slash"):
        return True
    if stated.status == CURRENT:
        return joined != "blank"
    ending = next((place.joined for place in places[k:k + 12] if place.joined != "comma"), None) if joined == "comma" else joined
    if joined == "comma" and ending == "either":
        return True
    lists = stated.status in (INTOLERANT, STOPPED, PLANNED, NOTHING) and stated.reach != "from"
    return lists and ending == "both" and places[k].bare and places[k - 1].bare


def _after(text: str, places: Sequence[_Place], k: int) -> tuple[Stated, int, str] | None:
    """What is said behind the ``k``-th name, where it ends, and the small words in it."""
    place = places[k]
    limit = places[k + 1].start if k + 1 < len(places) else min(len(text), place.end + 160)
    found = AFTER.match(text, place.end, limit)
    if not found:
        return None
    status = next(one for one in (CURRENT, INTOLERANT, PLANNED, NEVER, STOPPED) if found[one])
    codes = {code for _, code in place.name.drugs}
    if status == INTOLERANT and re.search("cough|edema", found[status], re.IGNORECASE) and not codes & _RAS_COUGH:
        return None
    parted = re.search(r"[,(:]|[-–—]|\band\b", found["open"] + found["aux"])
    if k + 1 < len(places) and NEAR.fullmatch(text, found.end(), limit):  # "bisoprolol, stopped ramipril"
        following = {code for _, code in places[k + 1].name.drugs}
        instead = _INSTEAD.match(found[status]) and _alike(codes, following)
        if not instead and (parted or status in (CURRENT, PLANNED, NEVER)):
            return None
        if _INSTEAD.match(found[status]) and not instead:
            return None
    elif _INSTEAD.match(found[status]):  # "changed to 5 mg"
        return None
    if k + 1 < len(places) and re.match(r" (?:to|of|for|against)\b", text[found.end():found.end() + 5]) and status == INTOLERANT:
        return None
    end = found.end()
    if status == STOPPED:
        stop = ENDS.search(text, end, limit)
        line = text.find("\n", end, limit)
        if AGAIN.search(text, end, min(limit, line if line >= 0 else limit, end + 80)) and (not stop or stop.group() != "\n"):
            status = CURRENT
    return Stated(status, reach="far"), end, found["aux"]


def _backwards(text: str, places, after, before, k: int, aux: str) -> None:
    """"Amiodarone and digoxin were stopped": the statement rules the list before it."""
    j = k
    while j and places[j].joined in ("either", "slash", "both", "comma") and after[j - 1] is None and before[j - 1] is None:
        plural = PLURAL.search(aux)
        joined = places[j].joined
        if not (joined in ("either", "slash") or (plural and after[k].status != CURRENT)
                or (joined == "both" and places[j].bare and places[j - 1].bare)):
            return
        after[j - 1] = after[k]
        j -= 1


def _alike(a: set[str], b: set[str]) -> bool:
    ras = PILLARS["ras"][1]
    return bool({FLAG_OF.get(one, one) for one in a} & {FLAG_OF.get(one, one) for one in b}) or bool(a & ras and b & ras)


def _labels(text: str, place: _Place, following: _Place) -> bool:
    """"Beta-blocker: bisoprolol 5 mg": the class is but the label of the drug."""
    between = text[place.end:following.start]
    return (place.name.of_class and re.match(r"\s{0,2}[:(=|–-]", between) is not None
            and len(between) < 30 and "\n" not in between
            and _alike({code for _, code in place.name.drugs}, {code for _, code in following.name.drugs}))


def _headers(text: str, names: Sequence[Name]) -> list[str]:
    """The status that the heading over each name gives it; "" for none."""
    found, k = [], 0
    for start, end, words, alone in headings(text):
        while k < len(names) and names[k].end <= start:
            k += 1
        if not (k < len(names) and names[k].start < end):  # a heading with a drug in it is a line of a list
            found.append((start, end, header_status(words), alone))
    statuses, section, inline, at = [], "", ("", 0), 0
    section_end = 0
    for name in names:
        while at < len(found) and found[at][1] <= name.start:
            start, end, status, alone = found[at]
            if alone:
                section, section_end, inline = status or "", _section_end(text, end), ("", 0)
            else:
                section = "" if text.rfind("\n", 0, start + 1) >= 0 or start == 0 else section
                inline = (status or "", _line_end(text, end))
            at += 1
        statuses.append(inline[0] if name.start < inline[1] else section if name.start < section_end else "")
    return statuses


_LINE_END = re.compile(r"(?<!,)(?<!\band)[ \t]*+\n|(?<=[\w)])(?<!\btab)(?<!\binj)(?<!\bcap)\.\s+(?=[A-ZÄÖÜ])")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")


def _line_end(text: str, start: int) -> int:
    """Of a heading's own line, or of its sentence; a line that ends in a comma goes on."""
    end = _LINE_END.search(text, start)
    return end.end() if end else len(text)


def _section_end(text: str, start: int) -> int:
    """At the first blank line after a line with something in it."""
    while start < len(text) and text[start].isspace():
        start += 1
    blank = _BLANK_LINE.search(text, start)
    return blank.end() if blank else len(text)
