"""The summary of an ECG in the order a cardiologist reads it, from findings and measurements alone.

Every sentence is a fixed wording filled with a finding above its threshold or with a measured number:
nothing is generated freely, and what is not in the findings is not in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from core.assessment import Finding, Measurement, Notice
from core.ecg.german import subject
from core.ecg.report_words import EXCLUSIVE, IMPLIED_BY, TOPICS, WORDS, axis, topic
from core.ecg.statements import BY_CODE, GROUPS, LABELS, STATEMENTS, term

Language = Literal["en", "de"]
QTC = {"qtc_fridericia": "Fridericia", "qtc_framingham": "Framingham", "qtc_bazett": "Bazett"}  # last: over-corrects fast rates
NORMAL_RHYTHMS = {"SR", "SARRH"}
MINOR = {"STACH", "SBRAD"}  # with form statements: they make an ECG borderline, not abnormal
NAMED_IN_CONCLUSION = 5
WIDE = 120  # ms, a QRS that calls for an explanation
_KNOWN = frozenset(LABELS)
_PARENTS = {x.subclass: x.superclass for x in STATEMENTS if x.subclass}


def certainty(finding: Finding) -> Literal["possible", "probable", "definite"]:
    """How a present finding is worded, by where its probability lies between its threshold and 1.

    In the lowest third, or below 0.5: "possible". In the highest third: stated plainly. Else "probable".
    """
    place = (finding.probability - finding.threshold) / max(1 - finding.threshold, 1e-9)
    if finding.threshold >= 1 or place >= 2 / 3:
        return "definite"
    return "possible" if finding.probability < 0.5 or place < 1 / 3 else "probable"


def sections(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Findings by SCP-ECG kind: rhythm, form, diagnostic; each in the order of the hierarchy.

    In "diagnostic" a superclass is followed by its subclasses, each followed by its statements. A statement
    that is both diagnostic and form is listed as diagnostic.
    """
    places: dict[tuple[str, str], tuple] = {("superclass", t.code): (t.code,) for t in GROUPS["superclass"]}
    for i, statement in enumerate(STATEMENTS):
        places["statement", statement.code] = (statement.superclass, statement.subclass, i)
        if statement.subclass:
            places["subclass", statement.subclass] = (statement.superclass, statement.subclass)
    result: dict[str, list[Finding]] = {"rhythm": [], "form": [], "diagnostic": []}
    for finding in sorted((f for f in findings if (f.group, f.code) in places), key=lambda f: places[f.group, f.code]):
        kinds = BY_CODE[finding.code].kinds if finding.group == "statement" else ("diagnostic",)
        result[kinds[0]].append(finding)
    return result


def _wording(finding: Finding, language: Language, hedged: bool = True) -> str:
    words, text = WORDS[language], term(finding.group, finding.code).phrase(language)
    if finding.group == "superclass":
        text = words["unspecified"].format(text)
    return words[certainty(finding)].format(text) if hedged else text


def _percent(finding: Finding, language: Language) -> str:
    return WORDS[language]["percent"].format(100 * finding.probability)


def _contradicted(finding: Finding, rate: Measurement | None) -> bool:
    """Whether the measured rate speaks against a sinus tachycardia or bradycardia."""
    if rate is None or rate.value is None:
        return False
    return finding.code == "STACH" and rate.value < 100 or finding.code == "SBRAD" and rate.value > 60


def _choose(present: dict[str, Finding]) -> tuple[list[Finding], list[tuple[Finding, Finding]]]:
    """Statements to report, and (mentioned, reported) pairs of those that exclude each other."""
    kept, rivals = dict(present), []
    for families in EXCLUSIVE:
        best = sorted((max((kept[c] for c in family if c in kept), key=lambda f: f.probability)
                       for family in families if any(c in kept for c in family)), key=lambda f: -f.probability)
        for loser in best[1:]:
            rivals.append((loser, best[0]))
            for code in next(family for family in families if loser.code in family):
                kept.pop(code, None)
    return [f for code, f in kept.items() if not IMPLIED_BY.get(code, frozenset()) & kept.keys()], rivals


def _unspecified(findings: Iterable[Finding], present: dict[str, Finding]) -> list[Finding]:
    """Subclasses and superclasses above threshold of which no member is, so that they are not lost."""
    covered = {BY_CODE[code].subclass for code in present} | {BY_CODE[code].superclass for code in present} | {"NORM"}
    subclasses = [f for f in findings if f.group == "subclass" and f.present and f.code not in covered]
    covered |= {_PARENTS[f.code] for f in subclasses}
    return subclasses + [f for f in findings if f.group == "superclass" and f.present and f.code not in covered]


def _importance(finding: Finding) -> tuple:
    """Within a line: infarction before ischaemia before the rest, then by probability."""
    statement = BY_CODE.get(finding.code) if finding.group == "statement" else None
    superclass = statement.superclass if statement else finding.code
    ischaemic = finding.code.startswith("ISC")
    return (superclass not in ("MI", "IMI", "AMI", "LMI", "PMI"), not ischaemic, -finding.probability)


def _rhythm(kept: list[Finding], findings: Sequence[Finding], rate: Measurement | None, language: Language) -> list[str]:
    words = WORDS[language]
    candidates = [f for f in findings if f.group == "statement" and "rhythm" in BY_CODE[f.code].kinds
                  and f.probability is not None]
    parts = []
    if not any("rhythm" in BY_CODE[f.code].kinds for f in kept) and candidates:
        nearest = max(candidates, key=lambda f: f.probability)
        parts.append(words["no_rhythm"].format(_wording(nearest, language, hedged=False), _percent(nearest, language)))
    base = {code for family in EXCLUSIVE[0] for code in family}
    ordered = sorted(kept, key=lambda f: (f.code not in base, "rhythm" not in BY_CODE[f.code].kinds, -f.probability))
    parts = [", ".join(_wording(f, language) for f in ordered)] + parts if ordered else parts
    for finding in (f for f in kept if _contradicted(f, rate)):
        parts.append(words["rate_against"].format(rate.value, _wording(finding, language, hedged=False)))
    return parts


def _rate(rate: Measurement, language: Language) -> list[str]:
    words = WORDS[language]
    if rate.value is None:
        return [words["unmeasured"].format(words["rate_name"])]
    if rate.low is None or rate.high is None:  # no reference range, as in children: the number alone
        return [f"{rate.value:.0f}/min"]
    kind = "rate_low" if rate.value < rate.low else "rate_high" if rate.value > rate.high else "rate_normal"
    return [f"{rate.value:.0f}/min, {words[kind]}"]


def _corrected(measured: dict[str, Measurement]) -> str:
    """Code of the QTc that is reported, "" where there is none."""
    known = [code for code in QTC if code in measured and measured[code].value is not None]
    return next((code for code in known if measured[code].high is not None), next(iter(known), ""))  # one that has a range


def _intervals(measurements: dict[str, Measurement], language: Language) -> list[str]:
    """PR, QRS, QT and one QTc; a value outside its range says which way and against what."""
    words, parts, ranged = WORDS[language], [], []
    shown = {"pr_interval": words["PR"], "qrs_duration": "QRS", "qt_interval": "QT", _corrected(measurements): "QTc"}
    for code, short in shown.items():
        measured = measurements.get(code)
        if measured is None:
            continue
        if measured.value is None:
            parts.append(words["unmeasured"].format(short))
            continue
        text = f"{short} {measured.value:.0f} ms"
        remarks = [QTC[code]] if code in QTC else []
        if measured.abnormal:
            high = measured.high is not None and measured.value > measured.high
            way = words["QRS_high"] if high and short == "QRS" else words["high" if high else "low"]
            limit = words["up_to"].format(measured.high) if high else words["from"].format(measured.low)
            remarks += [way, limit]
        ranged += [measured.abnormal] if measured.low is not None or measured.high is not None else []
        parts.append(text + (f" ({', '.join(remarks)})" if remarks else ""))
    line = ", ".join(parts)
    return [f"{line}; {words['in_range']}" if ranged and not any(ranged) else line] if line else []


def _outside(measured: dict[str, Measurement], language: Language) -> list[str]:
    words = WORDS[language]
    watched = {"heart_rate": words["rate_name"], "pr_interval": words["PR"], "qrs_duration": "QRS", _corrected(measured): "QTc"}
    return [words["outside"].format(short) for code, short in watched.items() if code in measured and measured[code].abnormal]


def _conclusion(kept: list[Finding], findings: Sequence[Finding], outside: list[str], doubts: list[Finding],
                language: Language) -> list[str]:
    """``doubts``: abnormal rhythms above threshold, only mentioned because a sinus rhythm is more probable."""
    words = WORDS[language]
    if all(f.probability is None for f in findings):
        return [words["unassessed"]]
    order = ("rhythm", "ischaemia", "conduction", "hypertrophy", "intervals", "atria", "other")
    abnormal = [f for f in kept if f.code not in NORMAL_RHYTHMS and f.code != "NORM"]
    major = [f for f in abnormal
             if f.group != "statement" or (BY_CODE[f.code].kinds[0] != "form" and f.code not in MINOR)]
    named = sorted(major or abnormal, key=lambda f: (certainty(f) == "possible", order.index(topic(f.group, f.code)),
                                                     _importance(f)))
    texts = [_wording(f, language) for f in named[:NAMED_IN_CONCLUSION]]
    if len(named) > NAMED_IN_CONCLUSION:
        texts.append(words["further"].format(len(named) - NAMED_IN_CONCLUSION))
    normal = max((f for f in findings if f.code == "NORM" and f.present), key=lambda f: f.probability, default=None)
    doubted = [words["doubt"].format(_wording(f, language, hedged=False)) for f in doubts]
    if not abnormal and not outside and not doubts:
        return [words["normal" if normal else "undecided"]]
    listed = ", ".join(doubted + texts if major else doubted + texts + outside)
    if normal and not major and not doubts:
        return [words["apart"].format(listed)]
    sentences = [f"{words['abnormal' if major else 'borderline']}: {listed}"]
    sentences += [words["norm_also"].format(_percent(normal, language))] if normal else []
    masking = [f for f in kept if f.code in ("CLBBB", "PACE")]
    if masking and any(topic(f.group, f.code) in ("ischaemia", "hypertrophy") for f in kept):
        causes = ", ".join(_wording(f, language, hedged=False) for f in masking)
        sentences.append(words["limited_by"].format(causes))
    return sentences


def _restricted(kept: list[Finding], outside: list[str], why: str, language: Language) -> list[str]:
    """A conclusion from part of the statements is none on the rest: never that an ECG is normal, or that nothing was found."""
    named = [_wording(f, language) for f in kept][:NAMED_IN_CONCLUSION] + outside
    rest = WORDS[language]["withheld_" + why]
    return [", ".join(named), WORDS[language]["rest"].format(rest)] if named else [rest]


def _is_wide(measured: dict[str, Measurement]) -> bool:
    width = measured.get("qrs_duration")
    return width is not None and width.value is not None and width.value >= WIDE


def write(findings: Sequence[Finding], measurements: Sequence[Measurement], notices: Sequence[Notice],
          language: Language, withheld: Sequence[str] = ()) -> tuple[str, ...]:
    """The summary, one line per topic; limitations and the conclusion last.

    Statements that exclude each other (atrial fibrillation and sinus rhythm) are not both asserted: the more
    probable is reported and the other mentioned with both probabilities. A normal ECG beside an abnormal
    finding is said and the conclusion is abnormal.

    Args:
        findings: of any group; untrained ones are ignored. Wording by ``certainty``.
        measurements: looked up by code ("heart_rate", "pr_interval", "qrs_axis" ...); absent ones are left out.
        language: "en" or "de". withheld: why some findings are not among them ("few", "child", "paced", "unit").
    """
    words = WORDS[language]
    findings = [f for f in findings if (f.group, f.code) in _KNOWN]
    measured = {m.code: m for m in measurements}
    rate = measured.get("heart_rate")
    present = {f.code: f for f in findings if f.group == "statement" and f.present and f.code in BY_CODE}
    statements, rivals = _choose(present)
    kept = [f for f in statements + _unspecified(findings, present) if f.code != "NORM"]
    known = {topic(f.group, f.code) for f in findings if f.probability is not None}

    lines = []
    for name in TOPICS:
        mine = sorted((f for f in kept if topic(f.group, f.code) == name), key=_importance)
        parts: list[str] = []
        if name == "rate":
            parts = _rate(rate, language) if rate else []
        elif name == "rhythm":
            parts = _rhythm(mine, findings, rate, language)
        elif name == "axis" and "qrs_axis" in measured:
            degrees = measured["qrs_axis"].value
            bare = {"child", "paced"} & set(withheld)  # the classes are those of adults, and of beats of the heart's own
            outside = f", {words['axis_outside']}" if measured["qrs_axis"].abnormal and "paced" not in withheld else ""
            parts = [words["unmeasured"].format(words["axis_name"]) if degrees is None
                     else f"{degrees:.0f}°{outside}" if bare else f"{axis(degrees, language)} ({degrees:.0f}°)"]
        else:
            parts = _intervals(measured, language) if name == "intervals" else []
            parts += [", ".join(_wording(f, language) for f in mine)] if mine else []
        if not parts and name in known and name in ("hypertrophy", "conduction", "ischaemia"):
            parts = [words["wide"] if name == "conduction" and _is_wide(measured) else words["none"]]
        if not mine and withheld and name in ("hypertrophy", "conduction", "ischaemia") and (name not in known):
            parts += [words["withheld_" + withheld[-1]]]
        for mentioned, reported in rivals:
            if topic(mentioned.group, mentioned.code) == name:
                text = _wording(mentioned, language, hedged=False)
                parts.append(words["also"].format(text, _percent(mentioned, language), _percent(reported, language)))
        if parts:
            lines.append(f"{words[name]}: {'; '.join(parts)}.")
    sure = [f for f in kept if not _contradicted(f, rate)]
    sinus = NORMAL_RHYTHMS | MINOR
    doubts = [lost for lost, reported in rivals if reported.code in sinus and lost.code not in sinus]
    conclusion = _conclusion(sure, findings, _outside(measured, language), doubts, language)
    if withheld:
        conclusion = _restricted(sure, _outside(measured, language) if "child" in withheld else [], withheld[-1], language)
    if any(n.subject == "disagreement" for n in notices):
        lines.append(f"{words['disagreement']}: {words['disagreeing']}.")
    cautions = [n for n in notices if n.level == "caution"]
    if cautions:
        names = dict.fromkeys(n.subject for n in cautions if n.subject)
        subjects = ", ".join(map(subject, names) if language == "de" else names)
        lines.append(f"{words['limits']}: {words['notices']}{f' ({subjects})' if subjects else ''}.")
    return (*lines, f"{words['conclusion']}: {'. '.join(conclusion)}.")
