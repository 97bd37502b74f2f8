"""A case as a printed report: what was found, how sure, what was measured, by which model."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from PIL import Image as Picture
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
    Table,
)

from core.assessment import Assessment, Comparator, Measurement
from core.export import pdf_page as look
from core.export.entry import CaseEntry, Language
from core.export.pdf_findings import findings
from core.export.pdf_page import text
from core.export.pdf_words import WORDS

LONGEST_NUMBER = 24  # characters of a cell; what is longer is read as a sentence
KEPT_LINES, KEPT_SPACE = 10, 40 * mm  # a longer summary may break over pages, if so much room is left to begin it


def case_pdf(entries: Sequence[CaseEntry], language: Language = "en", generated: datetime | None = None) -> bytes:
    """The case as PDF. The same arguments give the same bytes.

    Args:
        generated: when, for the header; None leaves it out.

    Raises:
        ValueError: no entry.
    """
    if not entries:
        raise ValueError("a case report needs at least one study")
    look.register_fonts()
    words = WORDS[language]
    stamp = generated.strftime(words["stamp"]).strip() if generated else ""
    furniture = {"brand_line": words["brand_line"], "research": words["research"], "page": words["page"],
                 "generated": f"{words['generated']} {stamp}" if stamp else ""}
    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=look.PORTRAIT, title=words["title"], author="Cardioscope", lang=language,
                               subject=words["research"], invariant=1)
    for name, size in (("portrait", look.PORTRAIT), ("landscape", look.LANDSCAPE)):
        side = look.SIDE if name == "portrait" else 9 * mm  # the sheet of an ECG needs the room
        frame = Frame(side, look.BOTTOM, size[0] - 2 * side, size[1] - look.TOP + 3 * mm - look.BOTTOM,
                      leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
        document.addPageTemplates(PageTemplate(name, [frame], pagesize=size))
    story: list[Flowable] = []
    for i, entry in enumerate(entries):
        story += [NextPageTemplate("portrait"), PageBreak()] if i else []
        story += _entry(entry, words, language)
    document.build(story, canvasmaker=partial(look.NumberedCanvas, words=furniture))
    return out.getvalue()


def _entry(entry: CaseEntry, words: dict[str, str], language: Language) -> list[Flowable]:
    a, width = entry.assessment, look.PORTRAIT[0] - 2 * look.SIDE
    said, title = entry.labels, entry.labels.get(("room", "title"), entry.room.title)
    details = " · ".join(f"{said.get(('detail', key), key)}: {value}" for key, value in entry.details.items())
    story: list[Flowable] = [text(title, look.TITLE), text(details or words["untitled"], look.SMALL),
                             Spacer(0, 2 * mm)]
    if a.notices and words.get("in_english"):  # rooms write them in one language
        story += [text(words["in_english"], look.SMALL)]
    story += [_notice_box([n for n in a.notices if n.level != "info"], words, width)] if any(
        n.level != "info" for n in a.notices) else []
    true_size = None
    if entry.picture is not None:
        image, true_size, scale = _picture(entry.picture, width)
        caption = words["reduced"].format(100 * scale) if true_size is not None else ""
        story += [Spacer(0, 1.5 * mm), image] + ([text(caption, look.SMALL)] if caption else [])
    lines = a.report.get(language) or a.report.get("en") or ()
    if lines:
        block = [text(words["summary"], look.HEADING), _summary(lines, width)]
        story += [CondPageBreak(KEPT_SPACE), *block] if len(lines) > KEPT_LINES else [KeepTogether(block)]
    if a.measurements or a.comparators:
        table = _measurements(entry, words, language, width)
        story.append(KeepTogether([text(words["measurements"], look.HEADING), table]))
    if not a.refused:
        story += findings(a.own, entry.labels, words, width)
        story += [KeepTogether([text(title, look.HEADING), _table(rows, width)])
                  for title, rows in entry.tables.items()]
    story += _closing(a, words, width)
    if true_size is not None:
        story += [NextPageTemplate("landscape"), PageBreak(), true_size, text(words["true_size"], look.SMALL_CENTRED)]
    return story


def _picture(png: bytes, width: float) -> tuple[Image, Image | None, float]:
    """The picture fitted to the page, and again in true size where its density is stored and it fits a landscape."""
    with Picture.open(io.BytesIO(png)) as picture:
        pixels, density = picture.size, picture.info.get("dpi")
    ratio = pixels[1] / pixels[0]
    height = min(width * ratio, 120 * mm)
    fitted = Image(io.BytesIO(png), height / ratio, height)
    if not density:
        return fitted, None, 1.0
    natural = tuple(n / float(d) * 72 for n, d in zip(pixels, density, strict=True))
    room = look.LANDSCAPE[0] - 18 * mm, look.LANDSCAPE[1] - look.TOP - look.BOTTOM - 2 * mm
    fits = natural[0] <= room[0] and natural[1] <= room[1]
    scale = height / ratio / natural[0]
    return fitted, Image(io.BytesIO(png), *natural) if fits and scale < 0.98 else None, scale


def _notice_box(notices: list, words: dict[str, str], width: float) -> Table:
    rows = [[text(words[n.level], look.style(7.8, look.ATTENTION, bold=True)),
             text(n.text, look.CELL)] for n in notices]
    return Table(rows, [28 * mm, width - 28 * mm], style=[
        ("BACKGROUND", (0, 0), (-1, -1), look.WARM_TINT), ("LINEBEFORE", (0, 0), (0, -1), 2, look.ATTENTION),
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5), ("LEFTPADDING", (0, 0), (0, -1), 7)])


def _summary(lines: Sequence[str], width: float) -> Table:
    rows = []
    for line in lines:
        topic, _, rest = line.partition(": ")
        rows.append([text(topic if rest else "", look.style(7.8, look.MUTED)), text(rest or line)])
    last = len(rows) - 1
    conclusions = [i for i, line in enumerate(lines) if line.startswith(("Conclusion:", "Beurteilung:"))] or [last]
    rows[conclusions[0]][1] = text(lines[conclusions[0]].partition(": ")[2] or lines[last],
                                    look.style(8.4, bold=True))
    return Table(rows, [38 * mm, width - 38 * mm], style=[
        ("BACKGROUND", (0, 0), (-1, -1), look.TINT), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.6), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.6),
        ("LEFTPADDING", (0, 0), (0, -1), 7), ("LINEABOVE", (0, conclusions[0]), (-1, conclusions[0]), 0.6, look.LINE)])


def _number(value: float | str | None, language: Language, least: int = 0) -> str:
    """Args: least: decimals, where the size of the number asks for fewer."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    places = 0 if abs(value) >= 10 or float(value).is_integer() else 1 if abs(value) >= 1 else 2
    text = f"{value:.{max(places, least)}f}"
    return text.replace("-", "−").replace(".", "," if language == "de" else ".")


def _decimals(m: Measurement) -> int:
    """As fine as the reference range: 37.9 beside 36.1 to 38.0."""
    return max((len(f"{edge:.2f}".rstrip("0").partition(".")[2]) for edge in (m.low, m.high) if edge is not None), default=0)


def _reference(m: Measurement, language: Language) -> str:
    low, high = (_number(edge, language, _decimals(m)) for edge in (m.low, m.high))
    if m.low is not None and m.high is not None:
        return f"{low} – {high}"
    return f"≥ {low}" if m.low is not None else f"≤ {high}" if m.high is not None else "–"


def _measurements(entry: CaseEntry, words: dict[str, str], language: Language, width: float) -> Table:
    """Measured values with reference range; beside them what an established score or the device says."""
    a, said = entry.assessment, entry.labels
    beside: dict[str, list[Comparator]] = {}
    for comparator in a.comparators:
        beside.setdefault(comparator.code, []).append(comparator)
    heads = [text(words["measurement"], look.HEAD)] + [
        text(words[k], look.HEAD_RIGHT) for k in ("value", "unit", "reference", "beside")] + [
        text(words["source"], look.HEAD)]
    rows = [heads]
    own = {m.code for m in a.measurements}
    alone = {c.code: Measurement(c.code, c.label, None, c.unit) for c in a.comparators if c.code not in own}
    for m in [*(m for m in a.measurements if not m.group), *alone.values()]:
        others = beside.get(m.code, [])
        rows.append([
            text(entry.labels.get(("measurement", m.code), m.label), look.CELL),
            text(_number(m.value, language, _decimals(m)), look.CELL_WARM if m.abnormal else look.CELL_RIGHT),
            text(said.get(("unit", m.unit), m.unit), look.CELL_RIGHT), text(_reference(m, language), look.CELL_RIGHT),
            text("; ".join(_compared(c, m, said, language) for c in others) or "–", look.CELL_RIGHT),
            text("; ".join(said.get(("note", note), note) for note in (*(c.source for c in others), m.note) if note), look.SMALL),
        ])
    widths = [40 * mm, 18 * mm, 28 * mm, 25 * mm, 21 * mm]  # "% of myocardium" on one line
    return Table(rows, [*widths, width - sum(widths)], style=look.GRID, repeatRows=1)


def _compared(c: Comparator, m: Measurement, said: Mapping[tuple[str, str], str], language: Language) -> str:
    """What an established score or the device says, by name where it is not the same quantity."""
    value = _number(said.get(("value", c.value), c.value), language, _decimals(m))
    return value if c.label == m.label else f"{c.label} {value}"


def _table(rows: Sequence[Sequence[str]], width: float) -> Table:
    """Numbers stand right; a column that holds sentences stands left, as wide as four of the others."""
    prose = [k == 0 or any(len(row[k]) > LONGEST_NUMBER for row in rows[1:]) for k in range(len(rows[0]))]
    forms = [(look.HEAD, look.HEAD_RIGHT)] + [(look.CELL, look.CELL_RIGHT)] * (len(rows) - 1)
    cells = [[text(cell, form[not prose[k]]) for k, cell in enumerate(row)] for form, row in zip(forms, rows, strict=True)]
    first, shares = 0.3 * width, [4 if one else 1 for one in prose[1:]]
    return Table(cells, [first, *((width - first) * share / sum(shares) for share in shares)],
                 style=[*look.GRID, *(("LEFTPADDING", (k, 0), (k, -1), 12) for k, one in enumerate(prose) if k and one)],
                 repeatRows=1)


def _closing(a: Assessment, words: dict[str, str], width: float) -> list[Flowable]:
    """Lesser notices, which model spoke, and the line for the physician who reviews it."""
    notes = [n.text for n in a.notices if n.level == "info"]
    model = words["model"].format(a.model.name, a.model.version, a.model.device)
    ruled = [("LINEABOVE", (1, 0), (1, 0), 0.6, look.MUTED), ("LEFTPADDING", (0, 0), (0, 0), 0),
             ("VALIGN", (0, 0), (-1, -1), "TOP")]
    cells = [text(words["review"], look.SMALL), text(words["signature"], look.SMALL)]
    sign = Table([cells], [width * 0.62, width * 0.38], style=ruled)
    return ([text(words["notes"], look.HEADING)] + [text("· " + n, look.SMALL) for n in notes] if notes else []) + [
        KeepTogether([text(words["provenance"], look.HEADING), text(model, look.SMALL),
                      text(f"SHA-256 {a.model.sha256}", look.SMALL), Spacer(0, 9 * mm), sign])]
