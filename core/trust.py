"""Whether a room can be trusted, measured with what is at hand: its own weights, examples and inputs of our own making."""

from __future__ import annotations

from typing import Any

from core.contract import Input, Modality
from core.uploads import InputError


def answered(room: Modality, one: Input, weights: str | None = None) -> str:
    """What a room says of a study where it should refuse; "" where it does refuse, at the door or after a look."""
    try:
        study = room.verb("read")(one.files, **one.fields)
    except InputError:
        return ""
    made = room.verb("assess")(study, *([] if weights is None else [weights]))
    if made.refused:
        return ""
    said = [f"{f.label} {f.probability:.2f}" for f in made.own if f.present] or [
        f"{f.label} {f.probability:.2f}" for f in made.own if f.probability is not None] or [
        f"{m.label} {m.value:g} {m.unit}".strip() for m in made.measurements if m.value is not None]
    return ", ".join(said[:3]) or "no refusal"


def mirage(room: Modality, weights: str | None = None) -> dict[str, Any]:
    """Mirage test: inputs with nothing to read beside a context that tells much, and which of them were answered.

    A model that answers them answers from the text (Goyal et al. 2017, arXiv 1612.00837, of pictures and questions).
    """
    said = {one.name: answered(room, one, weights) for one in room.verb("mirages")()}
    wrong = {name: words for name, words in said.items() if words}
    return {"n": len(said), "refused": len(said) - len(wrong), "answered": wrong, "holds": not wrong}
