"""Which statements the model does not make of a recording, and why: what it was not made for is left out, and said.

Few leads or parts of them: all. Children under 16: all but the rhythm's own, since it learnt from adults and their rules.
A pacemaker that drives the ventricles: infarction, ischaemia, hypertrophy, block and axis, whose signs its beats imitate.
An implausible amplitude: all but the rhythm, since the model weighs every lead by its amplitude.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.assessment import Finding, Measurement, Notice
from core.ecg import children, quality
from core.ecg.statements import BY_CODE
from core.ecg.study import EcgStudy

_BY_RATE = {"STACH", "SBRAD", "SARRH"}  # children's hearts are faster, and breathe more
_ECTOPIC = {"PVC", "PAC", "PRC(S)"}
_WIDE = 110.0  # ms; a paced atrium alone leaves the QRS narrow, and its signs hold
SIMILAR = 3  # of five similar reports that name a pacemaker


@dataclass(frozen=True)
class Withheld:
    """What remains, whether a pacemaker drives the ventricles, and what is said of the rest, by reason ("paced" ...)."""

    findings: tuple[Finding, ...]
    reasons: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def paced(self) -> bool:
        return "paced" in self.reasons


def withhold(
    study: EcgStudy, findings: tuple[Finding, ...], measured: Sequence[Measurement], similar: Sequence[frozenset[str]] = (),
) -> Withheld:
    """The findings that may be made.

    Args:
        similar: the codes of the similar reports, nearest first.
    """
    if study.withheld:
        return Withheld((), ("few",), (Notice("caution", study.withheld, "statements"),))
    kept, reasons, notices = findings, [], []
    if children.is_child(study):
        kept = tuple(f for f in kept if _rhythm(f) and f.code not in _BY_RATE)
        reasons.append("child")
        group = children.age_group(study.age)
        limits = f"limits are those of healthy children, {group} (Rijnbeek 2001)" if group else (
            "there are no limits for this age. Enter it more finely (0.5 for six months) if it is not that of a newborn")
        notices.append(Notice("caution", f"The patient is under {children.ADULT}, and the model learnt from adults. Of the "
                              f"statements only rhythm is shown; {limits}.", "age"))
    if any(n.subject == quality.UNIT and n.level == "caution" for n in study.notices):
        kept = tuple(f for f in kept if _rhythm(f))
        reasons.append("unit")
        notices.append(Notice("caution", "Of the statements only rhythm is shown: the amplitudes cannot be right or are unknown.",
                              "statements"))
    because = _pacing(study, findings, measured, similar)
    if because:
        kept = tuple(f for f in kept if _rhythm(f))
        reasons.append("paced")
        notices.append(Notice("caution", f"Paced beats ({because}): infarction, ischaemia, hypertrophy, block and axis are "
                              "withheld, since such beats imitate them.", "pacemaker"))
    return Withheld(kept, tuple(reasons), tuple(notices))


def _rhythm(finding: Finding) -> bool:
    return finding.group == "statement" and ("rhythm" in BY_CODE[finding.code].kinds or finding.code in _ECTOPIC)


def _pacing(
    study: EcgStudy, findings: Sequence[Finding], measured: Sequence[Measurement], similar: Sequence[frozenset[str]]
) -> str:
    """Why the ventricles are held to be paced, or ""."""
    width = next((m.value for m in measured if m.code == "qrs_duration"), None)
    if width is not None and width < _WIDE:
        return ""
    because = []
    if study.pacing:
        because.append(f"{len(study.pacing)} pacing spikes")
    if any(f.code == "PACE" and f.present for f in findings):
        because.append("pacemaker statement")
    alike = sum("PACE" in codes for codes in similar)
    if alike >= SIMILAR:
        because.append(f"{alike} of {len(similar)} similar reports")
    return ", ".join(because)
