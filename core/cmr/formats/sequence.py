"""What kind of pictures a header or a file name speaks of: late enhancement, cine, or something else."""

from __future__ import annotations

import re

from core.assessment import Notice

_LATE = r"LGE|PSIR|VIAB|DELAY|ENHANC|MYO.?DE|\b(MDE|DE|DHE|LE|LATE|SCAR|NARBE|TARDIF)\b"
_CINE = r"CINE|TRUFI|TRUE ?FISP|FIESTA|SSFP|B ?TFE\b|BFFE|\bFRAME ?\d+\b|\bSAX? E[DS]\b"
_ELSEWHERE = r"\b(LAX|LONG AXIS|[234] ?CH|[234]CV|RVOT|LVOT|AXIAL|TRA|COR|SAG)\b"
_OTHER = (r"PERF|FIRST PASS|LOCALI|SCOUT|SURVEY|\bLOC\b|T1 ?MAP|MOLLI|SASHA|T2|STIR|FLOW|VENC|HASTE|TAGG|TI ?SCOUT|"
          r"LOOK|ANGIO|MRA\b")
_LONG_AXIS = r"\b(LAX|LONG AXIS|[234] ?CH|[234]CV|[234] ?CHAMBER|RVOT|LVOT)\b"
# What is no late enhancement whatever it is scanned for, as its series call themselves.
_KINDS = (("a perfusion series", r"PERF|FIRST ?PASS"), ("a T1 or T2 map", r"T[12] ?MAP|MOLLI|SASHA|SHMOLLI|\bECV\b|T2 ?STAR"),
          ("a STIR or T2-weighted series", r"STIR|\bT2 ?W|\bT2\b"), ("a localiser", r"LOCALI|SCOUT|SURVEY"),
          ("a flow series", r"FLOW|VENC"), ("a field map", r"FIELD ?MAP|SHIM"), ("a tagged series", r"TAGG"),
          ("an angiogram", r"ANGIO|MRA\b"), ("a black-blood survey", r"HASTE"))
_SHORT_AXIS = r"\b(SAX|SA|SHORT ?AX\w*|KA|KURZE ACHSE|PETIT AXE)\b"


def is_late(words: str) -> bool:
    """Whether the words say late gadolinium enhancement."""
    return _says(_LATE, words)


def is_cine(words: str) -> bool:
    """Whether the words say cine and not late enhancement, some of which is read out alike."""
    return _says(_CINE, words) and not is_late(words)


def rank(words: str) -> float:
    """How well the words speak for a short-axis late-enhancement series; larger is better."""
    return (3 * is_late(words) + _says(_SHORT_AXIS, words) + 0.5 * _says("PSIR|PHASE SENS", words) - 2 * is_cine(words)
            - 2 * _says(_ELSEWHERE, words) - 3 * _says(_OTHER, words))


def other(words: str) -> str | None:
    """What else than a short-axis late-enhancement stack the words say it is; None where they do not."""
    if _says(_LONG_AXIS, words) and not _says(_SHORT_AXIS, words):
        return "a long-axis view"
    if is_late(words):
        return None
    return next((kind for kind, pattern in (*_KINDS, ("cine pictures", _CINE)) if _says(pattern, words)), None)


def checked(words: str) -> tuple[Notice, ...]:
    """A refusal where the words say another kind of picture, none otherwise."""
    return () if (kind := other(words)) is None else (refusal(kind),)


def refusal(kind: str) -> Notice:
    return Notice("refuse", f"The upload calls itself {kind}. This room reads short-axis late enhancement; in other pictures it "
                            "would mark scar that is not there.", "sequence")


def _says(pattern: str, words: str) -> bool:
    return bool(re.search(pattern, " ".join(re.split(r"[^A-Z0-9]+", words.upper()))))
