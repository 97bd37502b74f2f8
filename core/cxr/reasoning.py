"""The differential in sentences, each built from numbers that it quotes: nothing here is free text of a model.

At most three findings above their operating threshold have a sentence, the rest share one. Where the findings contradict
one another (the hierarchy and the meaning of No Finding are CheXpert's, Irvin et al. 2019, arXiv 1901.07031) one sentence
says that the model is undecided. Then what the note gives away by itself, and which labels have no number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.assessment import Finding
from core.cxr.labels import CHILDREN

MOST = 3  # findings with a sentence of their own
_WORDS = 3  # words of the note that are quoted
_LONGEST_WORD = 40  # characters

# Says nothing against a normal chest: the labeller of CheXpert allows devices beside No Finding.
_NO_FINDING, _NEUTRAL = ("observation", "No Finding"), ("observation", "Support Devices")

Evidence = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Statement:
    """``evidence`` names every number of ``text``; probabilities are 0 to 1, word attributions are log odds."""

    text: str
    evidence: Evidence


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What the differential speaks of: at most three above their threshold, by falling probability; none if undecided.

    The first is the finding whose word attributions ``differential`` expects.
    """
    return () if contradiction(findings) else tuple(exceeding(findings)[:MOST])


def differential(
    findings: Sequence[Finding],
    without_note: Mapping[str, float],
    words: Sequence[tuple[str, float]],
    regions: Mapping[str, str],
    leaks: Sequence[tuple[int, int, str, str]],
    told: str = "The note",
) -> tuple[Statement, ...]:
    """The differential with its reasoning.

    Args:
        findings: of one assessment. without_note: "group:code" -> probability when the note is not read.
        words: the note's words with their attribution to the first of ``ranked`` (log odds, above zero speaks for it).
        regions: "group:code" -> where its map is strongest, for example "left lower zone".
        leaks: of ``core.cxr.notes.FilteredNote``. told: what is left out in ``without_note``.

    A key that is missing leaves its sentence out.
    """
    undecided = contradiction(findings)
    statements = [undecided] if undecided else [
        *(_finding(f, without_note, words if k == 0 else (), regions, told) for k, f in enumerate(ranked(findings))),
        *_further(findings), *_normal(findings), *_hierarchy(findings)]
    return tuple(statements + _leakage(leaks) + _without_threshold(findings) + _useless(findings) + _untrained(findings))


def written(statements: Sequence[Statement], findings: Sequence[Finding]) -> tuple[str, ...]:
    """The differential as lines of a report; last, as the conclusion, what is above its threshold."""
    above = exceeding(findings)
    named = ", ".join(f"{f.label} {_percent(f.probability)}" for f in above[:MOST])
    more = f", and {len(above) - MOST} more" if len(above) > MOST else ""
    conclusion = "undecided" if contradiction(findings) else named + more or "no finding above its operating threshold"
    return (*(statement.text for statement in statements), f"Conclusion: {conclusion}.")


def exceeding(findings: Sequence[Finding]) -> list[Finding]:
    """What is above its threshold and says something against a normal film, by falling probability."""
    return sorted((f for f in findings if f.present and not _is_normal(f)), key=lambda f: -f.probability)


def contradiction(findings: Sequence[Finding]) -> Statement | None:
    """The one sentence of a film that the model calls both normal and abnormal, or neither."""
    normal = next((f for f in findings if _is_normal(f) and f.probability is not None and f.threshold is not None), None)
    against = [f for f in exceeding(findings) if (f.group, f.code) != _NEUTRAL]
    if normal is None or normal.present != bool(against):
        return None
    if against:
        shown = against[:MOST]
        more = f" and {len(against) - MOST} more" if len(against) > MOST else ""
        return Statement(f"Undecided: {_brief(normal)} is above its threshold, and so {'are' if len(against) > 1 else 'is'} "
                         f"{', '.join(_brief(f) for f in shown)}{more}.",
                         tuple(n for f in (normal, *shown) for n in _numbers(f)[:2]) + (("more", float(len(against) - MOST)),))
    return Statement(f"Undecided: neither a finding nor {_brief(normal)} reaches its operating threshold.", _numbers(normal)[:2])


def _further(findings: Sequence[Finding]) -> list[Statement]:
    rest = exceeding(findings)[MOST:]
    if not rest:
        return []
    return [Statement(f"Also above their operating threshold: {_list([_brief(f) for f in rest])}.",
                      tuple(n for f in rest for n in _numbers(f)[:2]))]


def _finding(
    f: Finding, without_note: Mapping[str, float], words: Sequence[tuple[str, float]], regions: Mapping[str, str], told: str
) -> Statement:
    key = f.target
    how = "is likely" if f.probability >= 0.5 else "is possible"
    text, evidence = f"{f.label} {how}: {_of(f)}", _numbers(f)
    if regions.get(key):
        place = regions[key] if regions[key].startswith("both") else f"the {regions[key]}"
        text += f"; its map is strongest in {place}"
    text += "."
    if f.interval is not None and f.interval[0] < f.threshold <= f.interval[1]:
        text += " The interval includes the threshold."
    if f.sensitivity is not None and f.specificity is not None:
        text += (f" So marked are {_percent(f.sensitivity)} of the films that have it, and {_percent(1 - f.specificity)} of "
                 "those that have not.")
        evidence += ((f"{key} sensitivity", f.sensitivity), (f"{key} marked without it", 1 - f.specificity))
    if change := _change(f.probability, without_note[key], told) if key in without_note else "":
        text += f" {change}"
        evidence += ((f"{key} without the note", without_note[key]),)
    strongest = sorted((w for w in words if round(w[1], 2) > 0), key=lambda w: -w[1])[:_WORDS]
    if strongest:
        quoted = [f"“{_word(word)}” ({value:+.2f})" for word, value in strongest]
        text += f" Of the note, {_list(quoted)} {'speaks' if len(strongest) == 1 else 'speak'} most for it, in log odds."
        evidence += tuple((f"word {_word(word)}", value) for word, value in strongest)
    return Statement(text, evidence)


def _of(f: Finding) -> str:
    """The probability with what it is to be measured against."""
    against = [f"operating threshold {_percent(f.threshold)}"]
    if f.interval is not None:
        low, high = f.interval
        against.append(f"95 % interval {_percent(low).removesuffix(' %')} to {_percent(high)}")
    if not f.calibrated:
        against.append("not calibrated")
    return f"{_percent(f.probability)} ({', '.join(against)})"


def _numbers(*findings: Finding) -> Evidence:
    numbers: list[tuple[str, float]] = []
    for f in findings:
        key = f.target
        numbers += [(key, f.probability), (f"{key} threshold", f.threshold)]
        if f.interval is not None:
            numbers += [(f"{key} interval low", f.interval[0]), (f"{key} interval high", f.interval[1])]
    return tuple(numbers)


def _brief(f: Finding) -> str:
    return f"{f.label} ({_percent(f.probability)}, threshold {_percent(f.threshold)})"


def _change(with_note: float, without: float, told: str) -> str:
    """Nothing where nothing changed."""
    # The difference of the numbers as shown, so that a reader who subtracts them finds the same.
    points = round(_shown(with_note) - _shown(without), 1)
    if points == 0:
        return ""
    verb, unit = "adds" if points > 0 else "takes away", "percentage point" + "s" * (abs(points) != 1)
    return f"{told} {verb} {abs(points):g} {unit} ({_percent(without)} without it)."


def _normal(findings: Sequence[Finding]) -> list[Statement]:
    """Where the film counts as normal."""
    normal = next((f for f in findings if _is_normal(f)), None)
    if normal is None or not normal.present:
        return [] if exceeding(findings) else _nothing_reached(findings)
    return [Statement(f"{normal.label} is above its threshold, and no finding is: {_of(normal)}.", _numbers(normal))]


def _nothing_reached(findings: Sequence[Finding]) -> list[Statement]:
    scored = [f for f in findings if f.probability is not None and f.threshold and not _is_normal(f)]
    if not scored:
        return []
    nearest = max(scored, key=lambda f: f.probability / f.threshold)
    return [Statement(f"No finding reaches its operating threshold; nearest to it is {_brief(nearest)}.",
                      _numbers(nearest)[:2])]


def _hierarchy(findings: Sequence[Finding]) -> list[Statement]:
    observed = {f.code: f for f in findings
                if f.group == "observation" and f.probability is not None and f.threshold is not None}
    statements = []
    for parent, children in CHILDREN.items():
        below = [observed[code] for code in children if code in observed and observed[code].present]
        if parent not in observed or not below or observed[parent].present:
            continue
        above, names = observed[parent], _list([_brief(f) for f in below])
        evidence = _numbers(above)[:2] + tuple(n for f in below for n in _numbers(f)[:2])
        text = f"{_brief(above)} is below its threshold, although {names} would imply it: the findings disagree."
        statements.append(Statement(text, evidence))
    return statements


def _leakage(leaks: Sequence[tuple[int, int, str, str]]) -> list[Statement]:
    counts = Counter(label for *_, label in leaks)
    if not counts:
        return []
    named = _list([f"{label} ({n} {'mention' if n == 1 else 'mentions'})" for label, n in counts.items()])
    return [Statement(f"The note itself names {named}: what the note adds there may repeat the note, not the film.",
                      tuple((f"mentions of {label}", float(n)) for label, n in counts.items()))]


def _without_threshold(findings: Sequence[Finding]) -> list[Statement]:
    loose = [f for f in findings if f.probability is not None and f.threshold is None]
    if not loose:
        return []
    named = _list([f"{f.label} ({_percent(f.probability)})" for f in loose])
    return [Statement(f"Without an operating threshold, and so not ranked: {named}.",
                      tuple((f.target, f.probability) for f in loose))]


def _useless(findings: Sequence[Finding]) -> list[Statement]:
    useless = [f.label for f in findings if not f.usable]
    if not useless:
        return []
    return [Statement(f"Not usable, for the model does not tell them from chance: {', '.join(useless)}.",
                      (("labels not usable", float(len(useless))),))]


def _untrained(findings: Sequence[Finding]) -> list[Statement]:
    untrained = [f.label for f in findings if not f.trained]
    if not untrained:
        return []
    return [Statement(f"Not trained, and so neither found nor excluded: {len(untrained)} of {len(findings)} labels "
                      f"({', '.join(untrained)}).",
                      (("labels not trained", float(len(untrained))), ("labels", float(len(findings)))))]


def _is_normal(f: Finding) -> bool:
    return (f.group, f.code) == _NO_FINDING


def _shown(probability: float) -> float:
    """Percent as it is written: whole, below ten with one decimal."""
    return round(100 * probability, 1) if probability < 0.0995 else float(round(100 * probability))


def _percent(probability: float) -> str:
    if 0 < probability < 0.0005:
        return "less than 0.1 %"
    if 0.995 < probability < 1:
        return "more than 99 %"
    return f"{_shown(probability):g} %"


def _word(word: str) -> str:
    return word.strip(".,;:!?()[]\"'“”")[:_LONGEST_WORD] or word[:_LONGEST_WORD]


def _list(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
