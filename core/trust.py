"""Whether a room can be trusted, measured with what is at hand: its own weights, examples and inputs of our own making."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core import attribution
from core.assessment import Finding
from core.contract import Input, Modality
from core.uploads import InputError
from core.weights import TRUST, load, read_config, resolve, save

MARGIN = 0.05  # log odds or log hazard by which important cells must lead those at random; our choice
DIFFERENT = 0.5  # structural similarity below which a map counts as another map; our choice, the source sets none
EXAMPLES = 3  # that are explained, at most


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


def explained(room: Modality, weights: str) -> Iterator[tuple[str, Any, Finding]]:
    """Name, study and leading finding of the room's first examples that it reads."""
    count = 0
    for one in room.verb("examples")():
        study = room.verb("read")(one.files, **one.fields)
        told = [f for f in room.verb("assess")(study, weights).own if f.probability is not None]
        if told and count < EXAMPLES:
            count += 1
            yield one.name, study, max(told, key=lambda f: (f.present, f.probability))


def explanations(room: Modality, weights: str, seed: int = 0) -> dict[str, Any]:
    """Do explanations name what the model uses, and do they depend on what it learned? The room's first method, its examples.

    ``deletion``, ``insertion`` (Petsiuk et al. 2018): by how much erasing, or leaving alone, what is called important moves the
    score more than as many cells at random, on average. ``randomisation`` (Adebayo et al. 2018): structural similarity of the
    map with that of the same network with weights drawn anew; None where that network finds nothing to explain.
    """
    explain, rows = room.verb("explain"), []
    with tempfile.TemporaryDirectory(prefix="cardioscope-trust-") as folder:
        model, config = load(weights)
        learned = any(True for _ in model.parameters())
        if learned:
            attribution.redraw(model, torch.Generator().manual_seed(seed))
            save(Path(folder), model, config)
        for name, study, finding in explained(room, weights):
            with attribution.inserting():
                reason = explain(study, finding.target, room.methods[0], weights=weights)
            check, similar, ranks = reason.faithfulness, None, None
            if learned:
                try:
                    other = explain(study, finding.target, room.methods[0], weights=folder).values
                    if np.ptp(other):
                        similar = round(attribution.ssim(reason.values, other), 4)
                        ranks = round(attribution.rank_correlation(reason.values, other), 4)
                except InputError:
                    pass
            rows.append({"example": name, "target": finding.target, "deletion": _advantage(check),
                         "insertion": _advantage(check.get("insertion", {})), "ssim": similar, "correlation": ranks})
    found = {"method": room.methods[0], "margin": MARGIN, "limit": DIFFERENT, "examples": rows, "n": len(rows)}
    for kind in ("deletion", "insertion"):
        values = [row[kind] for row in rows if row[kind] is not None]
        found[kind] = {"n": len(values), "advantage": _mean(values), "hold": sum(value > MARGIN for value in values)}
    if learned:
        values = [row["ssim"] for row in rows if row["ssim"] is not None]
        ranks = [row["correlation"] for row in rows if row["correlation"] is not None]
        found["randomisation"] = {"n": len(values), "ssim": _mean(values), "correlation": _mean(ranks),
                                  "nothing_to_explain": len(rows) - len(values),
                                  "hold": sum(value < DIFFERENT for value in values)}
    return found


def _advantage(check: dict[str, Any]) -> float | None:
    value = check.get("advantage")
    return None if value is None else round(float(value), 4)


def _mean(values: list[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def measure(room: Modality, weights: str) -> dict[str, Any]:
    """What trust.json holds of these weights."""
    config = read_config(weights)
    return {"command": f"python -m core trust {room.name}", "name": config.name, "version": config.version,
            "sha256": config.sha256, "mirage": mirage(room, weights), "explanations": explanations(room, weights)}


def write(found: dict[str, Any], folder: str | Path) -> Path:
    path = resolve(folder) / TRUST
    path.write_text(json.dumps(found, indent=1, allow_nan=False) + "\n")
    return path


def told(found: dict[str, Any]) -> list[tuple[str, str]]:
    """What was measured, a title and a sentence each."""
    empty, why = found["mirage"], found["explanations"]
    rows = [("Mirage test", f"{empty['refused']} of {empty['n']} inputs with nothing to read were refused"
             + (f"; answered: {', '.join(empty['answered'])}" if empty["answered"] else ""))]
    for kind, words in (("deletion", "erasing"), ("insertion", "leaving alone")):
        one = why[kind]
        if one["n"]:
            rows.append((kind.capitalize(), f"{words} what {why['method'].replace('_', ' ')} marks moved the score by "
                         f"{one['advantage']:+.2f} more than at random; above {why['margin']:g} in {one['hold']} of {one['n']} "
                         "examples"))
    if (one := why.get("randomisation")) is not None:
        if one["n"]:
            rows.append(("Randomised weights", f"structural similarity {one['ssim']:.2f}, rank correlation "
                         f"{one['correlation']:.2f} on average; another map in {one['hold']} of {one['n']} examples"))
        else:
            rows.append(("Randomised weights", f"nothing was left to explain in {one['nothing_to_explain']} examples, so no maps "
                         "could be compared"))
    return rows


def fairness(found: dict[str, Any]) -> list[str]:
    """The room's first figure in each group, a sentence each; nothing where no data was given."""
    if not (told := found.get("subgroups")):
        return []
    rows = []
    for by in dict.fromkeys(one["by"] for one in told["groups"]):
        said = "; ".join(f"{one['group']} {one['value']:.3f} ({one['interval'][0]:.3f} to {one['interval'][1]:.3f}, n = "
                         f"{one['n']:,})" for one in told["groups"] if one["by"] == by)
        rows.append(f"{told['metric']}, {by and f'by {by}: '}{said}.")
    return [*rows, f"95 % intervals in brackets; {told['split']}. {told['seen']}".strip()]
