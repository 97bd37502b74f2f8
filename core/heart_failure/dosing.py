"""Dose and frequency beside a drug's name."""

from __future__ import annotations

import re
from dataclasses import dataclass

REACH = 90  # characters after a name in which its dose stands
_NEAR = 40  # and after a dose in which its frequency ends
_N = r"\d{1,6}(?:[.,]\d{1,3})?"
_UNIT = (r"mg|milligrams?|µg|μg|ug|mcg|micrograms?|mikrogramm|microgramos|g|gm|grams?|gramm|iu|i\.e\.|ie|units?|unit|"
         r"einheiten|"
         r"unidades|ui|u|meq|mmol")
_AMOUNT = rf"(?P<first>{_N})(?:\s?(?:mg)?\s?/\s?(?P<second>{_N})(?:\s?(?:mg)?\s?/\s?(?P<third>{_N}))?)?(?:\s?[-–]\s?{_N})?\s?"
_AFTER = re.compile(rf"(?<![\w.,]){_AMOUNT}(?P<unit>{_UNIT})(?![a-zµ])", re.IGNORECASE)
_BEFORE = re.compile(rf"(?<![\w.,]){_AMOUNT}(?P<unit>{_UNIT})(?![a-zµ])\s?(?:of|po|iv|i\.v\.|sc|oral|de|tabs?|tablets?|"
                     rf"x)?\s?\Z",
                     re.IGNORECASE)
_BARE = re.compile(rf"\s{{0,3}}(?:(?:tab|tabs|xl|sr|er|mr|cr|la|ec|retard|zok|mite|comp)\.?\s)?"
                   rf"(?!(?:19|20)\d\d\b)(?P<first>{_N})(?:/(?P<second>{_N}))?(?![\w%]|[.,]?\d|[-./]\d|\s?x\b|"
                   rf"\s?(?:years?|y\b|days?|months?|weeks?|%|times|jahre))",
                   re.IGNORECASE)
_UNITS = {"mg": "mg", "mil": "mg", "µg": "µg", "μg": "µg", "ug": "µg", "mcg": "µg", "mic": "µg", "mik": "µg", "meq": "mmol",
          "mmo": "mmol", "g": "g", "gm": "g", "gra": "g"}
_WORDS = {"once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "thrice": 3, "four": 4, "einmal": 1, "zweimal": 2, "dreimal": 3,
          "una": 1, "dos": 2, "tres": 3}
_PART = r"(?:\d(?:[.,]\d)?|½|¼|1/2)"
_TIMES = re.compile(
    rf"(?P<scheme>(?<![\w.,/-]){_PART}\s?-\s?{_PART}\s?-\s?{_PART}(?:\s?-\s?{_PART})?(?![\w-]))|"
    r"(?P<half>\b(?:every other day|every second day|every 2 days|on alternate days|alternate days|alternate day|eod|qod|"
    r"q\.o\.d\.?|"
    r"jeden zweiten tag|cada dos d[ií]as|d[ií]as alternos|q48h|every 48 ?h(?:ours)?)\b)|"
    r"(?P<week>\b(?P<weekly>once|twice|one|two|three|four|[1-6]) ?(?:x|times?)? ?(?:a |per |/)?(?:week(?:ly)?|wk|woche)\b|"
    r"\bweekly\b)|"
    r"(?P<hours>(?:\b(?:q|every|alle|cada)|/) ?(?P<hour>4|6|8|12|24) ?(?:h|hr|hrs|hours?|std|stunden|horas)\b)|"
    r"(?P<count>\b(?P<counted>once|twice|thrice|one|two|three|four|einmal|zweimal|dreimal|una|dos|tres|[1-6]) ?"
    r"(?:x|×|times|time|mal|vez|veces)? ?(?:a day|per day|/ ?d(?:ay)?\b|daily|each day|every day|t[aä]gl(?:ich|\.)?|"
    r"am tag|al d[ií]a|pro tag))|"
    r"(?P<four>\b(?:qid|q\.i\.d|qds|q\.d\.s)\b)|(?P<three>\b(?:tds|t\.d\.s|tid|t\.i\.d)\b)|"
    r"(?P<two>\b(?:bd|b\.d|bid|b\.i\.d|bds|q12h|morning and (?:evening|night))\b)|"
    r"(?P<one>\b(?:od|o\.d|qd|q\.d|daily(?! (?:weigh|fluid|walk|blood))|"
    r"every day|each day|a day|per day|nightly|nocte|mane|om|on at night|at night|qhs|"
    r"qam|qpm|q24h|hs|"
    r"in the morning|in the evening|every morning|at bedtime|t[aä]gl(?:ich|\.)?|morgens|abends|al d[ií]a|diario|diaria)\b)|"
    r"(?P<x>(?<!\w)(?P<multiple>[1-4]) ?[x×](?![a-z]))", re.IGNORECASE)
_MORE = re.compile(rf"[ \t]?(?:,|and|und|y|\+|&|-|then)[ \t]?{_N}[ \t]?(?:{_UNIT})(?![a-zµ])", re.IGNORECASE)
# what may stand between a name and its dose; anything else ends the search
_STOP = re.compile(r"[;\n]|(?<!mg)\.\s|\.\s+[A-ZÄÖÜ]|\b(?:but|however|aber|pero|which|because|for the|EF|LVEF|NYHA|BP|HR|"
                   r"INR|age|aged)\b")


@dataclass(frozen=True)
class Dosing:
    """Amounts in the order written (one for each drug of a combination), ``unit`` None where none is written; times a day, with
    the tablets of a scheme counted, so that amount and times make the amount of a day; where they stand in the text."""

    amounts: tuple[float, ...]
    unit: str | None
    times: float | None
    start: int
    end: int


def number(written: str) -> float:
    """A decimal comma or point; a comma before three digits parts thousands, unless zero stands before it."""
    whole, _, rest = written.partition(",")
    if len(rest) == 3 and whole != "0":
        return float(whole + rest)
    return float(written.replace(",", "."))


def _unit(written: str) -> str:
    low = written.lower()
    return _UNITS.get(low) or _UNITS.get(low[:3]) or "IU"


def _part(written: str) -> float:
    return {"½": 0.5, "¼": 0.25, "1/2": 0.5}.get(written) or number(written)


def _times(found: re.Match) -> float:
    kind = found.lastgroup if found.lastgroup not in ("weekly", "hour", "counted", "multiple") else None
    if found["scheme"]:
        return sum(_part(part.strip()) for part in found["scheme"].replace(" ", "").split("-"))
    if found["half"]:
        return 0.5
    if found["week"]:
        often = (found["weekly"] or "1").lower()
        return (_WORDS.get(often) or int(often)) / 7
    if found["hours"]:
        return 24 / int(found["hour"])
    if found["count"]:
        often = found["counted"].lower()
        return float(_WORDS.get(often) or int(often))
    if found["x"]:
        return float(found["multiple"])
    return float({"four": 4, "three": 3, "two": 2, "one": 1}[kind])


def dosing(text: str, start: int, end: int, since: int, until: int) -> Dosing:
    """Of the name at ``text[start:end]``, between the names (and doses) before and after it.

    Args:
        since: where what belongs to the name before ends. until: where the next name starts, or the text ends.
    """
    limit = min(until, end + REACH)
    stop = _STOP.search(text, end, limit)
    limit = stop.start() if stop else limit
    begin = max(since, start - 40, text.rfind("\n", max(0, start - 40), start) + 1)
    before = _BEFORE.search(text[begin:start])
    amount = before or _after(text, end, limit, until)
    amounts: tuple[float, ...] = ()
    unit, first, last = None, start, end
    if amount:
        amounts = tuple(number(amount[part]) for part in ("first", "second", "third")
                        if part in amount.re.groupindex and amount[part])
        unit = _unit(amount["unit"]) if "unit" in amount.re.groupindex else None
        if before:
            first = begin + amount.start()
        else:
            first, last = amount.start("first"), amount.end()
    times = None
    found = _TIMES.search(text, last, min(limit, last + _NEAR))
    if found and re.search(r"[.;]\s", text[last:found.start()]) is None:
        times, first = _times(found), first if amount else found.start()
        last = found.end()
        second = _MORE.match(text, last, limit)
        if second and not (limit == until and _of_next(text, second, last, until)):
            times, last = None, second.end()  # 40 mg in the morning and 20 mg at noon: not one dose so many times
    elif before and (found := re.search(r"(?<!\w)([1-4]) ?[x×] ?\Z", text[begin:first])):
        times = float(found[1])
    return Dosing(amounts, unit, times, first, last)


def _after(text: str, end: int, limit: int, until: int) -> re.Match | None:
    bare, written = _BARE.match(text, end, limit), _AFTER.search(text, end, limit)
    if written and limit == until and _of_next(text, written, end, until):
        written = None
    if bare and written:
        return bare if bare.start("first") < written.start("first") else written
    return bare or written


def _of_next(text: str, written: re.Match, end: int, until: int) -> bool:
    """Whether "..., 5 mg" belongs to the name that follows at once."""
    parted = re.search(r"[,+&]|\band\b|\bund\b", text[end:written.start()])
    return parted is not None and re.fullmatch(r"\s?(?:of|po|iv|de)?\s?", text[written.end():until]) is not None
