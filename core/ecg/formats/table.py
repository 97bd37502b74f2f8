"""CSV, TSV and plain text: one column per lead, or one row per lead for very wide tables."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.assessment import Notice
from core.ecg.formats.leads import canonical
from core.ecg.formats.recording import Channel, Recording, check_samples
from core.ecg.formats.table_text import EMPTY, above, is_number, said, seconds, separator_of, single_column, split, without_clock
from core.ecg.study import LEADS
from core.patient import age_of, sex_of
from core.uploads import InputError, Upload

_STEP = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "second": 1.0, "ms": 1e-3, "msec": 1e-3, "milliseconds": 1e-3,
         "us": 1e-6, "µs": 1e-6}
_WIDEST = 100  # columns; beyond that, rows are leads
_ORDERS = {12: LEADS, 8: ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")}
_REMEDY = "Upload one column per lead, named I, II, III, aVR, aVL, aVF, V1 to V6, and one row per sample."


def read(upload: Upload) -> Recording:
    """A table of numbers, with or without a header row, time column and ``# key: value`` comments.

    The sampling rate comes from the time column, else from a comment (``# sampling_rate: 500``).

    Raises:
        InputError: text or ragged rows, no leads.
    """
    lines, comments = _lines(upload)
    watch = single_column(lines)
    if watch:
        values, facts = watch
        return _recording([np.array(values)], [facts["lead"]], [""], None, facts | comments)
    title = above(lines)
    for line in lines[:title]:
        comments = said(line) | comments
    lines = lines[title:]
    separator = separator_of(lines[0])
    if lines[0][:100_000].count(separator) > _WIDEST:
        return _by_rows(lines, separator, comments)
    header = split(lines[0], separator)
    # Column numbers, as programs write them where there are no names.
    running = ([str(i) for i in range(len(header))], [str(i + 1) for i in range(len(header))])
    clock = seconds(header[0]) is not None and all(is_number(cell) for cell in header[1:])
    named = not clock and any(not is_number(cell) for cell in header) or header in running
    body = lines[1:] if named else lines
    labels = header if named else [""] * len(header)
    units = [_unit(label) for label in labels]
    second = split(body[0], separator) if named and body else []
    if second and not any(is_number(cell) for cell in second) and seconds(second[0]) is None:  # units below the names
        units = [cell.strip("'\" []()") for cell in second] + [""] * len(labels)
        body = body[1:]
    timed = without_clock(body, separator)
    if timed is not None:
        body, units[0] = timed, "s"
        labels = ["time", *labels[1:]]
    table = _numbers(body, separator, len(labels), first=title + len(lines) - len(body) + 1)
    rate, table, labels, units = _time(table, labels, units)
    return _recording(list(table.T), labels, units, rate, comments)


def _by_rows(lines: list[str], separator: str, comments: dict[str, str]) -> Recording:
    """One row per lead, which may begin with the lead's name."""
    if len(lines) > _WIDEST:
        raise InputError("files", f"The table has {len(lines)} long rows.", _REMEDY)
    labels, rows = [], []
    for line in lines:
        check_samples(line.count(separator))
        cells = line.split() if separator == " " else line.strip().rstrip(separator).split(separator)
        named = not is_number(cells[0].strip())
        labels.append(cells[0].strip(" '\"") if named else "")
        try:
            rows.append(np.array([float(cell) if cell.strip() else np.nan for cell in cells[named:]]))
        except ValueError as error:
            raise InputError("files", "The table holds text where numbers are expected.", _REMEDY) from error
    if len({row.size for row in rows}) > 1:
        raise InputError("files", "The rows of the table differ in length.", _REMEDY)
    return _recording(rows, labels, [_unit(x) for x in labels], None, comments)


def _recording(
    rows: list[np.ndarray], labels: list[str], units: list[str], rate: float | None, comments: dict[str, str]
) -> Recording:
    rate, notices = rate or _number(comments.get("sampling_rate")), ()
    if not any(canonical(label) for label in labels):
        labels, notices = standard_order(labels)
    channels = tuple(Channel(label, values, unit or comments.get("unit", ""), rate)
                     for label, values, unit in zip(labels, rows, units, strict=False))
    return Recording(channels, sex_of(comments.get("sex")), age_of(comments.get("age")), {"format": "Table"}, notices=notices)


def standard_order(labels: Sequence[str]) -> tuple[Sequence[str], tuple[Notice, ...]]:
    """Lead names for unnamed columns: the standard order of 12 or 8 leads, and a notice that says so; others as they are."""
    order = _ORDERS.get(len(labels))
    if order is None:
        return labels, ()
    return order, (Notice("info", f"The columns carry no names; they were taken as {', '.join(order)}.", "leads"),)


def _lines(upload: Upload) -> tuple[list[str], dict[str, str]]:
    data = upload.data
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    comments: dict[str, str] = {}
    lines = []
    for line in text.splitlines():
        if line.startswith(("#", "%")):
            comments |= said(line)
        elif line.strip():
            lines.append(line)
    if len(lines) < 2 or len(lines[0]) > 10_000_000:
        raise InputError("files", "The file holds no table of numbers.", _REMEDY)
    return lines, comments


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _numbers(body: list[str], separator: str, columns: int, first: int) -> np.ndarray:
    """``[rows, columns]`` float64; empty cells are NaN."""
    if not body:
        raise InputError("files", "The file holds no table of numbers.", _REMEDY)
    widths = [len(line.split()) for line in body] if separator == " " else [line.count(separator) + 1 for line in body]
    if set(widths) == {columns + 1} and all(line.rstrip().endswith(separator) for line in body):
        widths = [columns] * len(body)
        body = [line.rstrip()[:-1] for line in body]
    ragged = next((i for i, width in enumerate(widths) if width != columns), None)
    if ragged is not None:
        raise InputError("files", f"Line {first + ragged} has {widths[ragged]} values where {columns} are expected.", _REMEDY)
    decimal = "," if separator != "," and not any("." in line for line in body[:50]) else "."
    try:
        frame = pd.read_csv(
            io.StringIO("\n".join(body)), sep=r"\s+" if separator == " " else separator, header=None, decimal=decimal,
            dtype=np.float64, skipinitialspace=True, index_col=False, quotechar='"', na_values=list(EMPTY),
        )
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError("files", "The table holds text where numbers are expected.", _REMEDY) from error
    return frame.to_numpy()


def _unit(label: str) -> str:
    unit = r"[\[(/_ ]\s*(0\.1 ?mv|mv|uv|µv|μv|nv|v|ms|msec|us|s|sec|seconds)\s*[\])]?\s*$"
    found = re.search(unit, label.strip()[:80], re.IGNORECASE)
    return found[1] if found else ""


def _time(
    table: np.ndarray, labels: list[str], units: list[str]
) -> tuple[float | None, np.ndarray, list[str], list[str]]:
    """Sampling rate from a time column, and the table without it and without a running number."""
    rate = None
    while table.shape[1] > 1:
        name = re.sub(r"[^a-zµ]+", " ", labels[0].lower()).split()
        word = name[0] if name else ""
        unnamed = not word and table.shape[1] in (9, 13) and bool(np.all(np.diff(table[:, 0]) > 0))
        if word not in ("time", "t", "zeit", "seconds", "sec", "elapsed", "timestamp", "ms", "sample", "samples", "index",
                        "n", "idx") and not unnamed:
            break
        if rate is None and word not in ("sample", "samples", "index", "n", "idx"):
            rate = _rate(table[:, 0], units[0] or (word if word in _STEP else ""), named=bool(word))
        table, labels, units = table[:, 1:], labels[1:], units[1:]
    return rate, table, labels, units


def _rate(times: np.ndarray, unit: str, named: bool) -> float | None:
    """Samples per second of evenly spaced times; without a unit, the one that gives 100 to 1,000 Hz.

    Times of 0, 1, 2 ... that name no unit are a running number, not milliseconds: they say no rate.
    """
    step = (times[-1] - times[0]) / (len(times) - 1)
    if not np.isfinite(times).all() or not step > 0:
        raise InputError("files", "The time column does not run forward.", "Give evenly spaced times, or leave the column out.")
    finest = np.diff(np.unique(times)).min()
    changes = np.flatnonzero(np.diff(times)) + 1
    if finest > 2 * step and len(changes) > 2:  # a clock of whole seconds: how many samples there are to one
        step = (times[changes[-1]] - times[changes[0]]) / (changes[-1] - changes[0])
    if np.abs(times - times[0] - step * np.arange(len(times))).max() > max(2 * step, finest if finest > 2 * step else 0):
        raise InputError("files", "The time column is not evenly spaced.",
                         "Fill the gaps with empty cells, so that the rows are evenly spaced.")
    if unit.lower() in _STEP:
        return 1 / (step * _STEP[unit.lower()])
    if step == 1:
        return None
    for scale in (1.0, 1e-3):
        if 99.9 <= 1 / (step * scale) <= 1000.1:
            return 1 / (step * scale)
    return 1 / step if named else None
