"""What a note states as values: laboratory results, coma score, ventilation, urine, age. Read by name, with unit.

A value without a name, out of its bounds or in a unit that is not known is left unread: unknown, never guessed. Embeddings tell
numbers badly (Wallace et al. 2019, EMNLP), so they are read by rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Measure:
    """A quantity that notes name.

    Attributes:
        names: pattern of what it is called. unit: in which it is held; low, high: what can be, in it.
        normal: what "normal" stands for, amid the usual reference range.
        others: pattern of another unit, or of the same otherwise written -> what a value in it is multiplied with.
    """

    code: str
    label: str
    names: str
    unit: str
    low: float
    high: float
    normal: float
    others: Mapping[str, float] = field(default_factory=dict)


_COUNT = {r"(?:per |/ ?|cells/)(?:[uµμ]l|mm3|cmm)": 0.001, r"thousand|(?:k|g)(?:/ ?[uµμ]?l)?\b|(?:x ?)?10\W{0,3}9 ?/ ?l": 1}
_SALT, _MEQ = r"(?! (?:chloride|bicarb|phos|sulf|sulph|citrate|acetate|tablet))", {r"meq/l": 1}
MEASURES = (
    Measure("bun", "Urea nitrogen", r"BUN|(?:blood )?urea nitrogen|urea", "mg/dL", 1, 300, 14, {r"mmol/l": 2.8}),
    Measure("creatinine", "Creatinine", r"(?:serum )?creat(?:inine)?|Cr", "mg/dL", 0.1, 25, 0.9, {r"[uµμ]mol/l": 1 / 88.4}),
    Measure("lactate", "Lactate", r"(?:serum )?lactate|lac", "mmol/L", 0.1, 35, 1.4, {r"mg/dl": 1 / 9.01}),
    Measure("bicarbonate", "Bicarbonate", r"(?<!sodium )(?:serum )?bicarb(?:onate)?|HCO3-?", "mmol/L", 2, 60, 25, _MEQ),
    Measure("ph", "pH", r"(?:arterial |gas |blood )?pH", "", 6.5, 8, 7.4),
    Measure("paco2", "PaCO2", r"PaCO2|arterial CO2|pCO2", "mmHg", 8, 200, 40, {r"kpa": 7.50062}),
    Measure("wbc", "White cells", r"white (?:blood )?(?:cells?|count|cell count)|WBC|WCC|leu[ck]ocytes", "thousand/µL", 0.05,
            500, 9, _COUNT),
    Measure("platelets", "Platelets", r"platelets?(?: count)?|plts?", "thousand/µL", 1, 2500, 230, _COUNT),
    Measure("bilirubin", "Bilirubin", r"(?:total )?bili(?:rubin)?", "mg/dL", 0.1, 80, 0.7, {r"[uµμ]mol/l": 1 / 17.1}),
    Measure("albumin", "Albumin", r"(?:serum )?alb(?:umin)?", "g/dL", 0.5, 7, 3.9, {r"g/l": 0.1}),
    Measure("sodium", "Sodium", rf"(?:serum )?sodium{_SALT}|Na\+?", "mmol/L", 90, 200, 139, _MEQ),
    Measure("potassium", "Potassium", rf"(?:serum )?potassium{_SALT}|K\+?", "mmol/L", 1, 12, 4.1, _MEQ),
    Measure("magnesium", "Magnesium", rf"(?:serum )?magnesium{_SALT}|Mg", "mg/dL", 0.3, 12, 2.0, {r"mmol/l": 2.43}),
    Measure("glucose", "Glucose", r"(?:blood )?(?:glucose|sugar)", "mg/dL", 5, 2000, 120, {r"mmol/l": 18.02}),
    Measure("haematocrit", "Haematocrit", r"ha?ematocrit|hct|packed cell volume", "%", 5, 75, 33),
    Measure("ast", "AST", r"AST|aspartate (?:amino)?transaminase", "U/L", 1, 40000, 35, {r"iu/l": 1}),
    Measure("alp", "Alkaline phosphatase", r"alkaline phosphatase|ALP|alk phos", "U/L", 5, 5000, 80, {r"iu/l": 1}),
    Measure("troponin_t", "Troponin T", r"troponin[ -]T|trop[ -]?T", "ng/mL", 0, 100, 0.03, {r"(?:ng/l|pg/ml)": 0.001}),
    Measure("troponin_i", "Troponin I", r"troponin[ -]I|trop[ -]?I", "ng/mL", 0, 500, 0.1, {r"(?:ng/l|pg/ml)": 0.001}),
)

WARDS = ("cardiac surgery", "coronary", "surgical", "medical")  # the longer name first
STATED = (*(f"{one.code}:{kind}" for one in MEASURES for kind in ("now", "worst", "trend")), "age", "male", *WARDS, "gcs",
          "gcs_lowest", "gcs_best", "ventilated", "fio2", "pao2_fio2", "urine")
ROWS = {name: k for k, name in enumerate(STATED)}

_NUMBER = r"(?<![\w/.,:-])(\d{1,5}(?:[.,]\d{1,3})?)(?!\d|[/:]\d|[.,]\d|(?:st|nd|rd|th)\b)"  # no date, no time, no name
_VALUE = re.compile(_NUMBER)
_COMMA = re.compile(r"[,;(] ")
_WITH_UNIT = re.compile(_NUMBER + r"(?= ?(?:[\wµμ]+/\w|%|thousand|mmHg|kPa))", re.I)
_OTHER_UNIT = re.compile(r"[a-zµμ]+ ?/ ?\w|(?:m|mc|µ|μ|k)?g\b|m?l\b|mm?ol\b|meq\b|units?\b|tab|amp|%", re.I)
_NAMES = "|".join(f"(?P<m{k}>{one.names})" for k, one in enumerate(MEASURES))
_NAMED = re.compile(rf"(?<![\w/])(?<!vitamin )(?<!vit )(?:{_NAMES})(?![\w/])", re.I)
_CASED = {name.lower(): name for name in ("Na", "K", "Mg", "Cr", "pH")}  # written otherwise they are other words or units
_FINE = re.compile(r"(?<!not )(?<!than )(?<!above )(?<!below )(?<!near )\bnormal\b|"
                   r"(?<!not )within (?:the )?(?:normal )?(?:range|limits)|\bwnl\b", re.I)
_NORMAL = re.compile(r"\bnormal\s*$", re.I)  # of the name that follows
_CHANGED = re.compile(rf"{_NUMBER}\s*(?:->|→|to)\s*(?=\d)")  # from 1.2 to 2.3: the last one counts
_UP = re.compile(r"\b(?:rising|rose|going up|climbing|increas\w+|worsening)\b", re.I)
_DOWN = re.compile(r"\b(?:falling|fell|coming down|going down|dropp\w+|decreas\w+|improving)\b", re.I)
_AGE = re.compile(r"\b(\d{1,3})[- ]?(?:years?[- ]old|yr[- ]?old|y/?o\b)|\baged? (\d{1,3})\b|\bof (\d{1,3}) years\b|"
                  r"\b(\d{2})(?=[MF]\b)", re.I)
_FEMALE = re.compile(r"\b(?:woman|female|lady)\b|(?:\d{2}|y/?o) ?F\b", re.I)
_MALE = re.compile(r"\b(?:man|male|gentleman)\b|(?:\d{2}|y/?o) ?M\b", re.I)
_WARD = re.compile(rf"\b({'|'.join(WARDS)}) (?:icu|intensive care)", re.I)
_COMA = re.compile(r"\b(?:gcs|glasgow coma (?:score|scale))\b\D{0,30}?(?:e\d ?v\d ?m\d ?= ?)?(\d{1,2})\b(?! ?%)", re.I)
_VENTILATED = re.compile(r"\bventilat(?:ed|or)\b|\bintubated\b", re.I)
_NOT, _NO_LONGER = re.compile(r"\b(?:not|without|no)\b", re.I), re.compile(r"\b(?:off|weaned|extubated|was ventilated)\b", re.I)
_FIO2 = re.compile(r"\b(?:fio2|inspired oxygen)\b\D{0,12}?(0?\.\d{1,2}|\d{1,3})(?!\d)", re.I)
_RATIO = re.compile(r"\b(?:pao2/fio2|p/f)(?: ratio)?\D{0,12}?(\d{2,3})\b", re.I)
_URINE = re.compile(r"\burine\b", re.I)
_FLOW = re.compile(r"(\d{1,4}) ?ml(?: of urine)?(?: ?/ ?h(?:r|our)?\b| an hour| per hour| hourly)", re.I)


def stated(sentence: str) -> dict[str, float]:
    """Names of STATED and their values, of one sentence."""
    return {**_person(sentence), **_organs(sentence), **_laboratory(sentence)}


def rows(notes: Sequence[Sequence[str]]) -> np.ndarray:
    """Of the sentences of each note, float32 ``[b, len(STATED)]``, NaN where not stated; what is said last counts."""
    found = np.full((len(notes), len(STATED)), np.nan, np.float32)
    for row, sentences in enumerate(notes):
        for sentence in sentences:
            for name, value in stated(sentence).items():
                found[row, ROWS[name]] = value
    return found


def _number(text: str) -> float:
    """A comma before three digits parts thousands."""
    return float(re.sub(r",(?=\d{3})", "", text).replace(",", "."))


def _person(sentence: str) -> dict[str, float]:
    found: dict[str, float] = {}
    if (match := _AGE.search(sentence)) and 0 < (age := float(next(one for one in match.groups() if one))) <= 120:
        found["age"] = age
    if _FEMALE.search(sentence) or _MALE.search(sentence):
        found["male"] = float(not _FEMALE.search(sentence))
    if match := _WARD.search(sentence):
        found |= {name: float(name == match[1].lower()) for name in WARDS}
    return found


def _organs(sentence: str) -> dict[str, float]:
    """Consciousness, ventilation, oxygen and urine."""
    found: dict[str, float] = {}
    if (match := _COMA.search(sentence)) and 3 <= (score := float(match[1])) <= 15:
        text = sentence.lower()
        found["gcs_lowest" if "low" in text else "gcs_best" if "best" in text or "before" in text else "gcs"] = score
    if _VENTILATED.search(sentence):
        found["ventilated"] = 0.0 if _NOT.search(sentence) else 0.5 if _NO_LONGER.search(sentence) else (
            3.0 if " day" in sentence else 2.0 if "many hours" in sentence else 1.0)
    if (match := _RATIO.search(sentence)):
        found["pao2_fio2"] = float(match[1])
    elif match := _FIO2.search(sentence):
        share = float(match[1])
        found |= {"fio2": share} if 21 <= share <= 100 else {"fio2": 100 * share} if 0.2 < share <= 1 else {}
    if _URINE.search(sentence):
        if match := _FLOW.search(sentence):
            found["urine"] = float(match[1])
        elif "anuri" in sentence.lower():
            found["urine"] = 0.0
    return found


def _laboratory(sentence: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for one, said in _clauses(sentence):
        value, fine = _value(one, said), _FINE.search(said) is not None
        if value is None and not fine:
            continue
        now = one.normal if fine or value is None else value
        trend = 0.0 if value is None or fine else float(bool(_UP.search(said))) - float(bool(_DOWN.search(said)))
        found |= {f"{one.code}:now": now, f"{one.code}:worst": one.normal if value is None else value, f"{one.code}:trend": trend}
    return found


def _clauses(sentence: str) -> Iterator[tuple[Measure, str]]:
    """Each quantity that is named, and what is said of it: to the next name, with a "normal" that stands before it."""
    names = [match for match in _NAMED.finditer(sentence) if _CASED.get((name := match[0].rstrip("+")).lower(), name) == name]
    for k, match in enumerate(names):
        end = names[k + 1].start() if k + 1 < len(names) else len(sentence)
        before = _NORMAL.search(sentence[: match.start()])
        said = _NORMAL.sub("", sentence[match.end(): end]) if k + 1 < len(names) else sentence[match.end():]
        yield MEASURES[int(match.lastgroup[1:])], f"{before[0]} {said}" if before else said


def _value(one: Measure, said: str) -> float | None:
    """The value in the unit of the measure; None where there is none, or none that can be."""
    match = _told(_CHANGED.sub("", said), bool(one.unit))
    if match is None:
        return None
    value, after = _number(match[1]), match.string[match.end():].lstrip()
    units = {re.escape(one.unit): 1.0} | one.others if one.unit else {}
    factor = next((factor for unit, factor in units.items() if re.match(unit, after, re.I)), None)
    if factor is None:
        if _OTHER_UNIT.match(after):  # a dose, a volume, a rate
            return None
        factor = 1.0
    return value * factor if one.low <= value * factor <= one.high else None


def _told(said: str, unit: bool) -> re.Match | None:
    """The number of a clause. Behind a comma it needs its unit: "lactate pending, 3 drains" says nothing."""
    if _FINE.search(said):
        return _VALUE.search(said)
    first, *others = _COMMA.split(said)
    return _VALUE.search(first) or ((_WITH_UNIT if unit else _VALUE).match(others[0]) if others else None)
