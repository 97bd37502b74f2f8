"""The differential in sentences, each built from numbers that it quotes: nothing here is free text of a model.

Findings above their operating threshold come first, then those near it, then whether the findings agree with one
another (the hierarchy and the meaning of No Finding are CheXpert's, Irvin et al. 2019, arXiv 1901.07031), what the
note gives away by itself, and what the model was not trained on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.assessment import Finding
from core.cxr.labels import CHILDREN

NEAR = 0.8  # share of the operating threshold from which a finding counts as near it; our choice
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
    """What the differential speaks of: above the threshold, then near it, each by falling probability.

    The first is the finding whose word attributions ``differential`` expects.
    """
    scored = [f for f in findings if f.probability is not None and f.threshold is not None and not _is_normal(f)]
    near = [f for f in scored if f.present or f.probability >= NEAR * f.threshold]
    return tuple(sorted(near, key=lambda f: (not f.present, -f.probability)))


def differential(
    findings: Sequence[Finding],
    without_note: Mapping[str, float],
    words: Sequence[tuple[str, float]],
    regions: Mapping[str, str],
    leaks: Sequence[tuple[int, int, str, str]],
) -> tuple[Statement, ...]:
    """The differential with its reasoning.

    Args:
        findings: of one assessment. without_note: "group:code" -> probability when the note is not read.
        words: the note's words with their attribution to the first of ``ranked`` (log odds, above zero speaks for it).
        regions: "group:code" -> where its map is strongest, for example "left lower zone".
        leaks: of ``core.cxr.notes.FilteredNote``.

    A key that is missing leaves its sentence out.
    """
    order = ranked(findings)
    statements = [_finding(f, without_note, words if k == 0 else (), regions) for k, f in enumerate(order)]
    if not any(f.present for f in order):
        statements = [*_nothing_reached(findings), *statements]
    statements += _normal(findings, [f for f in order if f.present])
    statements += _hierarchy(findings)
    statements += _leakage(leaks)
    statements += _without_threshold(findings)
    statements += _untrained(findings)
    return tuple(statements)


def written(statements: Sequence[Statement], findings: Sequence[Finding]) -> tuple[str, ...]:
    """The differential as lines of a report; last, as the conclusion, what is above its threshold."""
    above = sorted((f for f in findings if f.present), key=lambda f: -f.probability)
    conclusion = ", ".join(f"{f.label} {_percent(f.probability)}" for f in above) or "no finding above its operating threshold"
    return (*(statement.text for statement in statements), f"Conclusion: {conclusion}.")


def _finding(
    f: Finding, without_note: Mapping[str, float], words: Sequence[tuple[str, float]], regions: Mapping[str, str]
) -> Statement:
    key = f.target
    how = "is not excluded" if not f.present else "is likely" if f.probability >= 0.5 else "is possible"
    text, evidence = f"{f.label} {how}: {_of(f)}", _numbers(f)
    if regions.get(key):
        place = regions[key] if regions[key].startswith("both") else f"the {regions[key]}"
        text += f"; its map is strongest in {place}"
    text += "."
    if f.interval is not None and f.interval[0] < f.threshold <= f.interval[1]:
        text += " The interval includes the threshold."
    if key in without_note:
        text += f" {_change(f.probability, without_note[key])}"
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


def _change(with_note: float, without: float) -> str:
    # The difference of the numbers as shown, so that a reader who subtracts them finds the same.
    points = round(_shown(with_note) - _shown(without), 1)
    if points == 0:
        return f"The note does not change it ({_percent(without)} without the note)."
    verb, unit = "adds" if points > 0 else "takes away", "percentage point" + "s" * (abs(points) != 1)
    return f"The note {verb} {abs(points):g} {unit} ({_percent(without)} without the note)."


def _nothing_reached(findings: Sequence[Finding]) -> list[Statement]:
    scored = [f for f in findings if f.probability is not None and f.threshold and not _is_normal(f)]
    if not scored:
        return []
    nearest = max(scored, key=lambda f: f.probability / f.threshold)
    return [Statement(f"No finding reaches its operating threshold; nearest to it is {_brief(nearest)}.",
                      _numbers(nearest)[:2])]


def _normal(findings: Sequence[Finding], present: Sequence[Finding]) -> list[Statement]:
    normal = next((f for f in findings if _is_normal(f)), None)
    if normal is None or normal.probability is None or normal.threshold is None:
        return []
    against = [f for f in present if (f.group, f.code) != _NEUTRAL]
    if normal.present and against:
        return [Statement(f"{_brief(normal)} is above its threshold too, which contradicts "
                          f"{_list([_brief(f) for f in against])}: the model is undecided.",
                          _numbers(normal)[:2] + tuple(n for f in against for n in _numbers(f)[:2]))]
    if normal.present:
        return [Statement(f"{normal.label} is above its threshold: {_of(normal)}.", _numbers(normal))]
    if not against:
        return [Statement(f"{normal.label} does not reach its threshold either: {_of(normal)}; "
                          "the film counts as neither normal nor abnormal.", _numbers(normal))]
    return []


def _hierarchy(findings: Sequence[Finding]) -> list[Statement]:
    observed = {f.code: f for f in findings
                if f.group == "observation" and f.probability is not None and f.threshold is not None}
    statements = []
    for parent, children in CHILDREN.items():
        below = [observed[code] for code in children if code in observed and observed[code].present]
        if parent not in observed or not below:
            continue
        above, names = observed[parent], _list([_brief(f) for f in below])
        evidence = _numbers(above)[:2] + tuple(n for f in below for n in _numbers(f)[:2])
        if above.present:
            text = f"{_brief(above)} is above its threshold, as {names} would have it."
        else:
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
