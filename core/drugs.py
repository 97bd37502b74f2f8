"""Names of drugs: which name means which drug, and of which class. For prescriptions, and for notes of the bedside.

``drug_names.json``: international and US generic names, their German and Spanish spellings, brands of the US, the UK, Germany and
Spain, abbreviations, and words for a class; "bedside" has what notes of acute care name beside. Case and accents do not matter; a
blank stands for a blank, a hyphen or a slash.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from types import MappingProxyType

CLASSES: dict[str, str] = {  # code -> as it stands inside a sentence
    "acei": "ACE inhibitor", "arb": "angiotensin receptor blocker", "arni": "ARNI", "ras_inhibitor": "RAS inhibitor",
    "beta_blocker": "beta-blocker", "mra": "MRA", "sglt2": "SGLT2 inhibitor", "loop": "loop diuretic",
    "thiazide": "thiazide diuretic", "potassium_sparing": "potassium-sparing diuretic", "diuretic": "diuretic",
    "carbonic_anhydrase": "carbonic anhydrase inhibitor", "vaptan": "vasopressin antagonist", "digoxin": "digitalis",
    "antiarrhythmic": "antiarrhythmic", "ivabradine": "ivabradine", "vericiguat": "vericiguat", "hydralazine": "hydralazine",
    "nitrate": "nitrate", "molsidomine": "molsidomine", "antianginal": "antianginal",
    "calcium_blocker": "calcium channel blocker", "alpha_blocker": "alpha-blocker",
    "central_antihypertensive": "centrally acting antihypertensive",
    "vasodilator": "vasodilator", "inotrope": "inotrope", "vasopressor": "vasopressor",
    "pulmonary_vasodilator": "pulmonary vasodilator", "transthyretin_stabiliser": "transthyretin stabiliser",
    "myosin_inhibitor": "myosin inhibitor", "iron": "iron preparation", "potassium_binder": "potassium binder",
    "anticoagulant": "anticoagulant", "antiplatelet": "antiplatelet drug", "antithrombotic": "antithrombotic",
    "thrombolytic": "thrombolytic", "statin": "statin", "other_lipid": "other lipid-lowering drug", "insulin": "insulin",
    "oral_antidiabetic": "oral antidiabetic", "glp1": "GLP-1 receptor agonist", "antidiabetic": "antidiabetic",
    "allopurinol": "allopurinol", "urate_lowering": "urate-lowering drug", "colchicine": "colchicine",
}


def _plain() -> dict[int, str]:
    """One letter for one letter, so that positions hold: lower case without accents."""
    table = {}
    for code in range(0x41, 0x250):
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        if len(base) == 1 and chr(code).isalpha():
            table[code] = base
    table[ord("ß")] = "ß"
    return table


_PLAIN = _plain()
WORD = re.compile(r"[^\W_]+")

Drugs = tuple[tuple[str, str], ...]  # (drug, class) of one name; several of a combination


def plain(text: str) -> str:
    """Lower case without accents, as long as ``text``."""
    return text.translate(_PLAIN)


def words(name: str) -> tuple[str, ...]:
    return tuple(WORD.findall(plain(name)))


@cache
def listed() -> dict:
    """``drug_names.json``: "drugs" by class, "combined" ones with the drugs in the order of their doses, words for "classes";
    and names that mean a drug only with a dose or in capitals, and words one letter away from a name; "bedside", by group, drugs
    of acute care, and names that mean a drug in a note but may be another word in a list."""
    return json.loads((Path(__file__).parent / "drug_names.json").read_text("utf-8"))


@cache
def _class_of() -> dict[str, str]:
    return {drug: code for code, drugs in listed()["drugs"].items() for drug in drugs}


def drug_class(drug: str) -> str:
    """Of a drug by its own name.

    Raises:
        KeyError: no such drug.
    """
    return _class_of()[drug]


def is_class(drug: str, code: str) -> bool:
    """Whether a mention names the class and no drug of it."""
    return drug == CLASSES[code] and drug not in _class_of()


@cache
def vocabulary() -> MappingProxyType[tuple[str, ...], Drugs]:
    """Name as plain words -> what it means. The drug of a class word is the class's wording."""
    found: dict[tuple[str, ...], Drugs] = {}
    for code, wording in CLASSES.items():
        for name in (wording, *listed()["classes"].get(code, ())):
            found[words(name)] = ((wording, code),)
    for code, drugs in listed()["drugs"].items():
        for drug, others in drugs.items():
            for name in (drug, *others):
                found[words(name)] = ((drug, code),)
    for one in listed()["combined"]:
        for name in one["names"]:
            found[words(name)] = tuple((drug, drug_class(drug)) for drug in one["drugs"])
    return MappingProxyType(found)


# Class of a prescription -> group of a note's drugs, which are fewer. What is in none is not looked for in notes.
GROUP_OF = MappingProxyType({
    **dict.fromkeys(("acei", "arb", "arni"), "ace_or_arb"), **dict.fromkeys(("digoxin", "inotrope"), "inotrope"),
    **dict.fromkeys(("mra", "loop", "thiazide", "potassium_sparing", "carbonic_anhydrase"), "diuretic"),
    **dict.fromkeys(("hydralazine", "nitrate", "vasodilator", "central_antihypertensive"), "vasodilator"),
    **dict.fromkeys(("oral_antidiabetic", "glp1", "sglt2"), "antidiabetic"),
    **dict.fromkeys(("allopurinol", "urate_lowering", "colchicine"), "gout"),
    **{code: code for code in ("beta_blocker", "calcium_blocker", "antiarrhythmic", "vasopressor", "anticoagulant",
                               "antiplatelet", "thrombolytic", "statin", "insulin")}})


def groups() -> tuple[str, ...]:
    """Of drugs in notes, in a lasting order."""
    return tuple(listed()["bedside"])


@cache
def bedside() -> MappingProxyType[str, tuple[str, str]]:
    """Each name of one word, in lower case, as notes of acute care use it -> (drug, group)."""
    guarded = {*listed()["only_with_a_dose"], *(word.lower() for word in listed()["only_in_capitals"])}
    found = {generic: (generic, group) for group, drugs in listed()["bedside"].items() for generic in drugs}
    found |= {name: (generic, group) for group, drugs in listed()["bedside"].items() for generic, names in drugs.items()
              for name in names}
    for name, meant in vocabulary().items():
        (drug, code), *others = meant
        if len(name) == 1 and not others and name[0] not in guarded and code in GROUP_OF and not is_class(drug, code):
            found.setdefault(name[0], (drug, GROUP_OF[code]))
    return MappingProxyType(found)
