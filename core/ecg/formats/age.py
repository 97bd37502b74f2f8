"""The age that a file of a device states, in its own unit: an infant in whole years is 0, and without an age it is an adult."""

from __future__ import annotations

import re
import struct

from core.patient import age_of

_UNITS = {"year": "y", "month": "m", "week": "w", "day": "d"}
_SCP_UNITS = {1: "y", 2: "m", 3: "w", 4: "d"}
_AGE, _PATIENT = 4, 1  # tag and section of SCP-ECG (EN 1064)


def stated(kind: str, data: bytes) -> float | None:
    """Years; None where the file states none.

    Args:
        kind: "muse", "sierra" or "scp".
    """
    if kind == "scp":
        return _of_scp(data)
    text = data.decode("utf-8", "replace")
    if kind == "muse":
        number, unit = (re.search(rf"<{tag}>\s*([^<]{{1,20}}?)\s*</{tag}>", text) for tag in ("PatientAge", "AgeUnits"))
        return in_unit(number[1], unit[1] if unit else "years") if number else None
    block = re.search(r"<age\b[^>]*>(.{0,400}?)</age>", text, re.DOTALL)
    found = re.findall(r"<(years|months|weeks|days)\b[^>]*>\s*(\d+(?:\.\d+)?)\s*</\1>", block[1]) if block else []
    parts = [in_unit(number, unit) for unit, number in found]
    return None if not parts or None in parts else round(sum(parts), 2)


def in_unit(number: str, unit: str) -> float | None:
    """Years from "6" and "MONTHS"."""
    letter = next((letter for word, letter in _UNITS.items() if unit.strip().lower().startswith(word)), None)
    return age_of(number.strip() + letter) if letter else None


def _of_scp(data: bytes) -> float | None:
    """Tag 4 of section 1; 0 is not set."""
    try:
        length = struct.unpack_from("<I", data, 10)[0]
        for place in range(22, min(6 + length, len(data)) - 9, 10):
            section, size, index = struct.unpack_from("<HII", data, place)
            if section == _PATIENT and size and index:
                return _age_tag(data[index + 15:index - 1 + size])
    except struct.error:
        pass
    return None


def _age_tag(body: bytes) -> float | None:
    place = 0
    while place + 3 <= len(body) and body[place] != 255:
        tag, size = struct.unpack_from("<BH", body, place)
        if tag == _AGE and size >= 3:
            number, unit = struct.unpack_from("<HB", body, place + 3)
            return age_of(f"{number}{_SCP_UNITS[unit]}") if number and unit in _SCP_UNITS else None
        place += 3 + size
    return None
