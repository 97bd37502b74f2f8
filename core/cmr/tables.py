"""Tables of the printed report that the cardiac MR room alone has: the segments, and how the methods agree."""

from __future__ import annotations

from collections.abc import Sequence

from core.assessment import Assessment
from core.cmr.measurements import COLUMNS, RULE, by_segment
from core.cmr.quantify import Agreement
from core.cmr.report import segment
from core.export.entry import Language

WORDS = {
    "en": {
        "segments": "Segments (AHA)", "agreement": "Infarct by method", "segment": "Segment",
        "scar_share": "Infarct (% of segment)", "transmurality": "Transmurality, mean (%)",
        "transmurality_max": "Transmurality, most (%)", "endocardial_extent": "Endocardial extent (%)",
        "myocardium_volume": "Myocardium (ml)", "method": "Method", "share": "Infarct (% of myocardium)",
        "difference": "Difference (points)", "dice": "Overlap with the model (Dice)",
        "model": "Model", "by_hand": "Corrected by hand", "mask": "mask", "corrected": "corrected by hand",
    },
    "de": {
        "segments": "Segmente (AHA)", "agreement": "Infarkt nach Methode", "segment": "Segment",
        "scar_share": "Infarkt (% des Segments)", "transmurality": "Transmuralität, Mittel (%)",
        "transmurality_max": "Transmuralität, größte (%)", "endocardial_extent": "Endokardiale Ausdehnung (%)",
        "myocardium_volume": "Myokard (ml)", "method": "Methode", "share": "Infarkt (% des Myokards)",
        "difference": "Unterschied (Punkte)", "dice": "Deckung mit dem Modell (Dice)",
        "model": "Modell", "by_hand": "Von Hand korrigiert", "mask": "Maske", "corrected": "von Hand korrigiert",
    },
}
# Where the assessment's own English is not meant.
LABELS: dict[str, dict[tuple[str, str], str]] = {
    "en": {},
    "de": {
        ("room", "title"): "Herz-MRT", ("detail", "format"): "Format", ("detail", "depth"): "Tiefe", ("detail", "size"): "Größe",
        ("detail", "slices"): "Schichten", ("unit", "% of myocardium"): "% des Myokards", ("unit", "of 17"): "von 17",
        ("unit", "probability"): "Wahrscheinl.",
        ("note", RULE): "transmural: im Mittel über 50 % der Wand, entlang von 25 % des Randes oder mehr",
        ("group", "scar"): "Narbe", ("scar", "infarct_present"): "Infarkt",
        ("measurement", "scar_share"): "Narbenanteil", ("measurement", "scar_mass"): "Narbenmasse",
        ("measurement", "no_reflow_share"): "No-Reflow", ("measurement", "myocardial_mass"): "Myokardmasse",
        ("measurement", "cavity_volume"): "Volumen des Cavums",
        ("measurement", "transmural_segments"): "Transmurale Segmente",
        ("measurement", "infarct_present"): "Wahrscheinlichkeit eines Infarkts",
        **{("measurement", f"scar_by_{code}"): f"Narbe nach {name}"
           for code, name in (("2sd", "2-SD"), ("3sd", "3-SD"), ("5sd", "5-SD"), ("fwhm", "FWHM"))},
    },
}


def tables(
    assessment: Assessment, agreement: Sequence[Agreement] = (), language: Language = "en"
) -> dict[str, list[list[str]]]:
    """What ``CaseEntry.tables`` takes: title to rows, the first of them the head. A table without rows is left out."""
    words, found = WORDS[language], {}
    columns = {code: by_segment(assessment, code) for code, *_ in COLUMNS}
    if numbers := list(columns["scar_share"]):
        found[words["segments"]] = [[words[key] for key in ("segment", *columns)]] + [
            [f"{n} {segment(n, language)}", *(_number(values[n], 1 if code == "myocardium_volume" else 0, language)
                                  for code, values in columns.items())] for n in numbers]
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
