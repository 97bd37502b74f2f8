"""Where drug names stand in a text: by look-up of its words, so that time grows with the length of the text alone."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from core.drugs import WORD, Drugs, is_class, listed, plain, vocabulary

TYPO = 7  # letters; shorter names with a wrong letter are too often another word
_JOIN = re.compile(r"(?!\.\s)[ \t\u00a0]?[-–/.'’®™]?[ \t\u00a0]?")
_DOSED = re.compile(r"\s{0,3}:?\s{0,2}(?:tab\w{0,5}\.?\s|\w{2}\s)?\d{1,4}(?:[.,]\d{1,3})?(?:[/-]\d{1,4})?\s?(?!%|\d)"
                    r"(?:mg|g\b|mcg|µg|[a-z]{2,3}\b|1-|$)", re.IGNORECASE)
_ANOTHER_THING = re.compile(  # what follows a name and makes it none
    r"\s{0,2}(?:lock|flush|surgery|of the|scan|angiogra\w{1,4}|showed|head|brain|neck|levels?\b|toxicity|resistan\w{2,3}|"
    r"antibod\w{1,3}|induced thrombocyt\w{1,6}|inhibitor\b|pump|dependen\w{1,3}|stress|challenge|test\b)", re.IGNORECASE)


@dataclass(frozen=True)
class Name:
    """A name in the text: ``text[start:end]``, and what it means."""

    start: int
    end: int
    drugs: Drugs

    @property
    def of_class(self) -> bool:
        return len(self.drugs) == 1 and is_class(*self.drugs[0])


@cache
def _by_first_word() -> dict[str, tuple[tuple[tuple[str, ...], Drugs], ...]]:
    """First word of a name -> (all its words, meaning), the longest first."""
    found = defaultdict(list)
    for name, drugs in vocabulary().items():
        found[name[0]].append((name, drugs))
    return {first: tuple(sorted(names, key=lambda one: -len(one[0]))) for first, names in found.items()}


def _less_one(word: str) -> set[str]:
    return {word[:k] + word[k + 1:] for k in range(len(word))}


@cache
def _misspelt() -> dict[str, set[str]]:
    """A long name, and it without one of its letters -> the names it may be (symmetric deletion)."""
    found = defaultdict(set)
    for name, drugs in vocabulary().items():
        if len(name) == 1 and len(name[0]) >= TYPO and name[0].isalpha() and not is_class(*drugs[0]):
            for form in {name[0], *_less_one(name[0])}:
                found[form].add(name[0])
    return dict(found)


def _one_typo(a: str, b: str) -> bool:
    """Whether one letter is added, left out or wrong, or two neighbours changed places."""
    short, long = sorted((a, b), key=len)
    if len(long) - len(short) > 1:
        return False
    k = next((k for k in range(len(short)) if short[k] != long[k]), len(short))
    if len(short) < len(long):
        return short[k:] == long[k + 1:]
    return short[k + 1:] == long[k + 1:] or (short[k + 2:] == long[k + 2:] and short[k:k + 2] == long[k:k + 2][::-1])


def _corrected(word: str) -> Drugs | None:
    """What a name with one typo means; None where it may be of two classes, or is another word."""
    if not TYPO <= len(word) <= 30 or not word.isalpha() or word in listed()["other_words"]:
        return None
    near = _misspelt()
    candidates = set().union(*(near.get(form, ()) for form in (word, *_less_one(word))))
    meanings = {vocabulary()[(name,)] for name in candidates if _one_typo(word, name)}
    if len({tuple(code for _, code in drugs) for drugs in meanings}) != 1:
        return None
    return min(meanings)


def names(text: str) -> list[Name]:
    """Every name, from left to right, none within another."""
    low = plain(text)
    tokens = [(found.group(), found.start(), found.end()) for found in WORD.finditer(low)]
    first_words, found, k = _by_first_word(), [], 0
    unknown: dict[str, Drugs | None] = {}
    while k < len(tokens):
        word, start, end = tokens[k]
        taken = 0
        for name, drugs in first_words.get(word, ()):
            if _follows(low, tokens, k, name):
                stop = tokens[k + len(name) - 1][2]
                if _meant(text, start, stop, name):
                    found.append(Name(start, stop, drugs))
                    taken = len(name)
                    break
        if not taken and word not in first_words and len(word) >= TYPO:
            if word not in unknown:
                unknown[word] = _corrected(word)
            if unknown[word] and not _ANOTHER_THING.match(text, end):
                found.append(Name(start, end, unknown[word]))
        k += taken or 1
    return found


def _follows(low: str, tokens: list[tuple[str, int, int]], k: int, name: tuple[str, ...]) -> bool:
    if k + len(name) > len(tokens):
        return False
    return all(tokens[k + j][0] == name[j] and (j == 0 or _JOIN.fullmatch(low, tokens[k + j - 1][2], tokens[k + j][1]))
               for j in range(1, len(name)))


def _meant(text: str, start: int, end: int, name: tuple[str, ...]) -> bool:
    """Whether letters that may be another word are the drug here."""
    typed, dosed = " ".join(name), _DOSED.match(text, end)
    if typed.upper() in listed()["only_in_capitals"] and text[start:end] != typed.upper() and not dosed:
        return False
    if typed in listed()["only_with_a_dose"] and not dosed:
        return False
    return not _ANOTHER_THING.match(text, end) or "inhibitor" in typed
