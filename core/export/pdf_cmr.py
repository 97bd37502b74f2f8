"""Tables of the printed report that the cardiac MR room alone has: the segments, and how the methods agree."""

from __future__ import annotations

from collections.abc import Sequence

from core.cmr.quantify import Agreement
from core.cmr.segments import Segment
from core.export.pdf import Language

_WORDS = {
    "en": {
        "segments": "Segments (AHA)", "agreement": "Infarct by method", "no": "Segment",
        "scar": "Infarct (% of segment)", "mean": "Transmurality, mean (%)",
        "max": "Transmurality, most (%)", "endo": "Endocardial extent (%)", "ml": "Myocardium (ml)",
        "method": "Method", "share": "Infarct (% of myocardium)",
        "difference": "Difference (points)", "dice": "Overlap with the model (Dice)",
    },
    "de": {
        "segments": "Segmente (AHA)", "agreement": "Infarkt nach Methode", "no": "Segment",
        "scar": "Infarkt (% des Segments)", "mean": "Transmuralität, Mittel (%)", "max": "Transmuralität, größte (%)",
        "endo": "Endokardiale Ausdehnung (%)", "ml": "Myokard (ml)", "method": "Methode",
        "share": "Infarkt (% des Myokards)", "difference": "Unterschied (Punkte)",
        "dice": "Deckung mit dem Modell (Dice)",
    },
}


def tables(
    segments: Sequence[Segment], agreement: Sequence[Agreement] = (), language: Language = "en"
) -> dict[str, list[list[str]]]:
    """What ``CaseEntry.tables`` takes: title to rows, the first of them the head. A table without rows is left out."""
    words, found = _WORDS[language], {}
    if segments:
        found[words["segments"]] = [[words[key] for key in ("no", "scar", "mean", "max", "endo", "ml")]] + [
            [f"{s.number} {s.name}", *(_number(value, places, language) for value, places in (
                (s.scar_share, 0), (s.transmurality_mean, 0), (s.transmurality_max, 0), (s.endocardial_extent, 0),
                (s.myocardium_ml, 1)))] for s in segments]
    if agreement:
        found[words["agreement"]] = [[words[key] for key in ("method", "share", "difference", "dice")]] + [
            [a.method, _number(a.scar_share, 1, language), _number(a.difference, 1, language, signed=True),
             _number(a.dice, 2, language)] for a in agreement]
    return found


def _number(value: float | None, places: int, language: Language, signed: bool = False) -> str:
    if value is None:
        return "–"
    text = f"{value:{'+' if signed else ''}.{places}f}".replace("-", "−")
    return text.replace(".", ",") if language == "de" else text
