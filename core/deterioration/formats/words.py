"""What charts say of oxygen and consciousness, and whether somebody died, in the words they use."""

from __future__ import annotations

from collections.abc import Callable

from core.tables.cells import NotOne, nan_for_none, number

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


def oxygen_of(cell: str, comma: bool) -> float:
    """1 supplemental oxygen, 0 room air, NaN for an empty cell.

    Args:
        comma: decimals are written with a comma.

    Raises:
        NotOne: neither, nor empty.
    """
    word = cell.strip().lower()
    if word in _OXYGEN:
        return _OXYGEN[word]
    return _one_of(number(word, comma), lambda value: value if value in (0, 1) else None)


def oxygen_of_fraction(cell: str, comma: bool) -> float:
    """The same from an inspired fraction, 0.21 to 1 or 21 to 100 %."""
    value = number(cell.strip().rstrip("%").strip(), comma)
    share = None if value is None else value / 100 if value > 1 else value
    return _one_of(share, lambda value: float(value > AIR + 1e-6) if 0.2 <= value <= 1 else None)


def oxygen_of_flow(cell: str, comma: bool) -> float:
    """The same from a flow in litres per minute."""
    return _one_of(number(cell, comma), lambda value: float(value > 0) if 0 <= value <= 100 else None)


def _one_of(value: float | None, told: Callable[[float], float | None]) -> float:
    found = None if value is None else told(value)
    if value is not None and found is None:
        raise NotOne("does not say whether oxygen was given")
    return nan_for_none(found)


def awake_of(cell: object) -> str | None:
    """One of A, C, V, P, U; None for anything else."""
    return _AWAKE.get(str(cell).strip().lower())


def died_of(cell: str) -> bool | None:
    return _DIED.get(cell.strip().lower().removesuffix(".0"))
