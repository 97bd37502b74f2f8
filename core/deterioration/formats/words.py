"""What charts say of oxygen and consciousness, and whether somebody died, in the words they use."""

from __future__ import annotations

import math

from core.deterioration.formats.cells import EMPTY, number

AIR = 0.21  # fraction of oxygen in room air
_OXYGEN = {
    **dict.fromkeys(("1", "yes", "y", "true", "oxygen", "o2", "on oxygen", "on o2", "supplemental", "ja", "mask", "nasal cannula",
                     "nasal cannulae", "nc", "venturi", "non-rebreather", "nrb", "hfnc", "high flow", "niv", "cpap",
                     "ventilated"), 1.0),
    **dict.fromkeys(("0", "no", "n", "false", "air", "room air", "ra", "raumluft", "nein", "none"), 0.0),
}
_AWAKE = {
    **dict.fromkeys(("a", "alert", "awake", "wach"), "A"),
    **dict.fromkeys(("c", "confused", "confusion", "new confusion", "newly confused", "delirious", "verwirrt"), "C"),
    **dict.fromkeys(("v", "voice", "verbal", "responds to voice", "responsive to voice"), "V"),
    **dict.fromkeys(("p", "pain", "responds to pain", "responsive to pain"), "P"),
    **dict.fromkeys(("u", "unresponsive", "unconscious"), "U"),
}
_DIED = {"1": True, "yes": True, "true": True, "died": True, "dead": True, "expired": True, "death": True, "0": False,
         "no": False, "false": False, "alive": False, "survived": False, "discharged": False}


def oxygen_of(cell: str) -> float | None:
    """1 supplemental oxygen, 0 room air, NaN for an empty cell, None for what is neither."""
    word = cell.strip().lower()
    if word in _OXYGEN:
        return _OXYGEN[word]
    value = number(word)
    return value if value is not None and (math.isnan(value) or value in (0, 1)) else None


def oxygen_of_fraction(cell: str) -> float | None:
    """The same from an inspired fraction, 0.21 to 1 or 21 to 100 %."""
    value = number(cell.strip().rstrip("%").strip())
    if value is None or math.isnan(value):
        return value
    share = value / 100 if value > 1 else value
    return float(share > AIR + 1e-6) if 0.2 <= share <= 1 else None


def oxygen_of_flow(cell: str) -> float | None:
    """The same from a flow in litres per minute."""
    value = number(cell)
    if value is None or math.isnan(value):
        return value
    return float(value > 0) if 0 <= value <= 100 else None


def awake_of(cell: object) -> str | None:
    """One of A, C, V, P, U; None for anything else."""
    return _AWAKE.get(str(cell).strip().lower())


def is_empty(cell: str) -> bool:
    return cell.strip().lower() in EMPTY


def died_of(cell: str) -> bool | None:
    return _DIED.get(cell.strip().lower().removesuffix(".0"))
