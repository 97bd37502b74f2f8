"""The text of a table before its numbers: comments, lines of a title above it, clock times, and a watch's single column."""

from __future__ import annotations

import re
from datetime import datetime

from core.ecg.formats.leads import canonical, in_millivolts

NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?$")
EMPTY = {"", "nan", "na", "n/a", "null", "-"}
_KEYS = (  # pattern on what stands before the value, our key
    (r"(sampl(e|ing)[ _-]*(rate|frequency|freq)?|fs|frequency|rate|abtastrate|messrate|frequenz)\W*(\(?hz\)?)?", "sampling_rate"),
    (r"units?|einheit", "unit"), (r"sex|gender|geschlecht", "sex"), (r"age|alter", "age"), (r"lead|ableitung", "lead"),
)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)")
_SINGLE = re.compile(r"\s*\"?([-+]?\d+(?:[.,]\d+)?)\"?\s*[,;]?\s*")
_MOST_ABOVE = 60  # lines


def said(line: str) -> dict[str, str]:
    """What "# sampling_rate: 500" or "Sample Rate,512 hertz" says, by our key; nothing else of such a line is kept."""
    match = re.match(r"[#%\s\"']*([^:=,;\t]{1,40}?)[\"'\s]*[:=,;\t]\s*[\"']?([^\"';\t]{1,60})", line[:160])
    if not match:
        return {}
    key = next((ours for pattern, ours in _KEYS if re.fullmatch(pattern, match[1].strip().lower())), None)
    if key is None:
        return {}
    value = match[2].strip()
    if key in ("lead", "age"):
        return {key: value}
    return {key: _rate(value) if key == "sampling_rate" else value.split()[0] if value else ""}


def _rate(value: str) -> str:
    found = re.match(r"(\d+(?:[.,]\d+)?)\s*(?:hz|hertz|/s|samples)?", value, re.IGNORECASE)
    return found[1].replace(",", ".") if found else ""


def split(line: str, separator: str) -> list[str]:
    cells = line.split() if separator == " " else line.split(separator)
    return [cell.strip().strip("'\"").strip() for cell in cells]


def is_number(cell: str) -> bool:
    return cell.lower() in EMPTY - {""} or bool(NUMBER.match(cell))


def separator_of(line: str) -> str:
    line = line[:100_000]
    return next((separator for separator in ("\t", ";", ",", "|") if separator in line), " ")


def above(lines: list[str]) -> int:
    """How many lines stand above the table: a title, "key: value" lines. 0 where the first line belongs to it.

    A line that could be a row of numbers is never passed over: a ragged table is an error, not a title.
    """
    last = lines[len(lines) * 3 // 4]
    separator = separator_of(last)
    width = len(split(last, separator))
    if width < 2 or len(split(lines[0], separator)) == width:
        return 0
    for i, line in enumerate(lines[:_MOST_ABOVE]):
        cells = split(line, separator)
        if len(cells) == width:
            return i
        if len(cells) > 2 and sum(map(is_number, cells)) > len(cells) / 2:
            return 0
    return 0


def single_column(lines: list[str]) -> tuple[list[float], dict[str, str]] | None:
    """A watch's export: "key,value" lines, then one number a line; None if it is none."""
    first = next((i for i, line in enumerate(lines[:_MOST_ABOVE]) if _SINGLE.fullmatch(line)), None)
    if first is None or len(lines) - first < 100:
        return None
    values = [_SINGLE.fullmatch(line) for line in lines[first:]]
    if None in values:
        return None
    facts: dict[str, str] = {}
    for line in lines[:first]:
        facts |= said(line)
    named = facts.get("lead", "").split()
    if not named or canonical(named[-1]) is None or in_millivolts(facts.get("unit", "mV")) is None:
        return None
    return [float(v[1].replace(",", ".")) for v in values], facts | {"lead": named[-1]}


def seconds(cell: str) -> float | None:
    """Of "0:00.002", "10:15:03,5" or an ISO date and time; None if it is none of them."""
    clock = _CLOCK.fullmatch(cell.strip("[] "))
    if clock:
        return 3600 * int(clock[1] or 0) + 60 * int(clock[2]) + float(clock[3].replace(",", "."))
    try:
        when = datetime.fromisoformat(cell.strip("[] ").replace("/", "-").replace(",", "."))
    except ValueError:
        return None
    return 86_400.0 * when.toordinal() + 3600 * when.hour + 60 * when.minute + when.second + when.microsecond / 1e6


def without_clock(body: list[str], separator: str) -> list[str] | None:
    """The rows with their clock times as seconds from the first; None where the first column holds no clock times.

    A day that ends on the way begins a new one.
    """
    if separator == " " or not body or is_number(split(body[0], separator)[0]) or seconds(split(body[0], separator)[0]) is None:
        return None
    comma = separator != "," and not any("." in line.partition(separator)[2] for line in body[:50])
    rows, start, before, days = [], None, None, 0
    for line in body:
        cell, _, rest = line.partition(separator)
        now = seconds(cell.strip().strip("'\"").strip())
        if now is None:
            return None
        if before is not None and now < before - 43_200:
            days += 1
        before = now
        start = now if start is None else start
        text = f"{now - start + 86_400 * days:.6f}"
        rows.append((text.replace(".", ",") if comma else text) + separator + rest)
    return rows
