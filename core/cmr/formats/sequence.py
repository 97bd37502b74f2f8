"""What kind of pictures a header or a file name speaks of: late enhancement, cine, or something else."""

from __future__ import annotations

import re

from core.assessment import Notice

_LATE = r"LGE|PSIR|VIAB|DELAY|ENHANC|MYO.?DE|\b(MDE|DE|DHE|LE|LATE|SCAR|NARBE|TARDIF)\b"
_CINE = r"CINE|TRUFI|TRUE ?FISP|FIESTA|SSFP|B ?TFE\b|BFFE"
_ELSEWHERE = r"\b(LAX|LONG AXIS|[234] ?CH|[234]CV|RVOT|LVOT|AXIAL|TRA|COR|SAG)\b"
_OTHER = (r"PERF|FIRST PASS|LOCALI|SCOUT|SURVEY|\bLOC\b|T1 ?MAP|MOLLI|SASHA|T2|STIR|FLOW|VENC|HASTE|TAGG|TI ?SCOUT|"
          r"LOOK|ANGIO|MRA\b")
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


def caution(words: str) -> tuple[Notice, ...]:
    """A caution where the words say cine, none otherwise."""
    if not is_cine(words):
        return ()
    message = ("The upload speaks of cine pictures. The model reads late enhancement; on cine it finds scar where "
               "there is none.")
    return (Notice("caution", message, "sequence"),)


def _says(pattern: str, words: str) -> bool:
    return bool(re.search(pattern, " ".join(re.split(r"[^A-Z0-9]+", words.upper()))))
