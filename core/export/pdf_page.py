"""How a printed page looks: fonts, styles, frame, page numbers, and the bar of a finding."""

from __future__ import annotations

import threading
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph

from core.plot_style import LIGHT

INK, MUTED, LINE, ATTENTION = (HexColor(c) for c in (LIGHT.ink, LIGHT.muted, LIGHT.line, LIGHT.attention))
BRAND, TINT, WARM_TINT = HexColor(LIGHT.accent), HexColor("#eef4f3"), HexColor("#fdf3ea")
PORTRAIT, LANDSCAPE = A4, landscape(A4)
SIDE, TOP, BOTTOM = 16 * mm, 24 * mm, 17 * mm
FONT, BOLD = "Case", "Case-Bold"
LONGEST_FIELD = 400  # characters of a text from outside, so that no field can run over pages
_registering = threading.Lock()


def register_fonts() -> None:
    """DejaVu Sans, which Matplotlib carries: embedded, so umlauts, ≥ and − look the same everywhere."""
    with _registering:
        if FONT in pdfmetrics.getRegisteredFontNames():
            return
        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        pdfmetrics.registerFont(TTFont(FONT, str(folder / "DejaVuSans.ttf")))
        pdfmetrics.registerFont(TTFont(BOLD, str(folder / "DejaVuSans-Bold.ttf")))
        pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


def style(size: float, colour=INK, bold: bool = False, before: float = 0, after: float = 0, align: int = 0,
          lead: float = 1.38) -> ParagraphStyle:
    return ParagraphStyle("", fontName=BOLD if bold else FONT, fontSize=size, leading=size * lead, textColor=colour,
                          spaceBefore=before, spaceAfter=after, alignment=align)


TITLE = style(15, bold=True, after=1, lead=1.25)
HEADING = style(9.6, bold=True, before=8, after=3)
BODY = style(8.4)
CELL, CELL_BOLD, CELL_RIGHT = style(7.6, lead=1.25), style(7.6, bold=True, lead=1.25), style(7.6, align=2, lead=1.25)
CELL_WARM = style(7.6, ATTENTION, bold=True, align=2, lead=1.25)
HEAD, HEAD_RIGHT = style(6.6, MUTED, lead=1.2), style(6.6, MUTED, align=2, lead=1.2)
SMALL, SMALL_CENTRED = style(6.8, MUTED, after=1), style(6.8, MUTED, before=2, align=1)

GRID = [("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.7), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.1),
        ("LEFTPADDING", (0, 0), (0, -1), 0), ("RIGHTPADDING", (-1, 0), (-1, -1), 0)]


def text(value: object, form: ParagraphStyle = BODY) -> Paragraph:
    """Any value as plain text, cut at LONGEST_FIELD."""
    words = str(value)
    return Paragraph(escape(words if len(words) <= LONGEST_FIELD else words[:LONGEST_FIELD] + " ..."), form)


class NumberedCanvas(Canvas):
    """Draws header and footer when the number of pages is known.

    ``words`` needs "brand_line", "research", "page" (with two places) and "generated".
    """

    def __init__(self, *arguments, words: dict[str, str], **options):
        super().__init__(*arguments, **options)
        self._words, self._pages = words, []

    def showPage(self) -> None:  # noqa: N802 (the library's name)
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self._furniture(number, len(self._pages))
            super().showPage()
        super().save()

    def _furniture(self, number: int, count: int) -> None:
        width, height = self._pagesize
        words, top = self._words, height - 13 * mm
        self.saveState()
        self.setStrokeColor(BRAND)
        self.setLineWidth(1.1)
        self.setLineJoin(1)
        x, y = SIDE + 3.4 * mm, top + 1.1 * mm
        self.circle(x, y, 3.2 * mm)
        trace = self.beginPath()
        points = ((-3, 0), (-1.5, 0), (-0.9, 0.6), (-0.4, 0), (0, -1.6), (0.7, 1.9), (1.3, -0.7), (1.7, 0), (3, 0))
        trace.moveTo(x + points[0][0] * mm, y + points[0][1] * mm)
        for dx, dy in points[1:]:
            trace.lineTo(x + dx * mm, y + dy * mm)
        self.drawPath(trace)
        self.setFillColor(BRAND)
        self.setFont(BOLD, 13)
        self.drawString(SIDE + 8.6 * mm, top - 0.6 * mm, "Cardioscope")
        self.setFillColor(MUTED)
        self.setFont(FONT, 7)
        self.drawRightString(width - SIDE, top + 1.8 * mm, words["brand_line"])
        self.drawRightString(width - SIDE, top - 1.5 * mm, words["generated"])
        self.setStrokeColor(LINE)
        self.setLineWidth(0.6)
        self.line(SIDE, height - 18 * mm, width - SIDE, height - 18 * mm)
        self.line(SIDE, 13 * mm, width - SIDE, 13 * mm)
        self.setFillColor(ATTENTION)
        self.setFont(BOLD, 7)
        self.drawString(SIDE, 9 * mm, words["research"])
        self.setFillColor(MUTED)
        self.setFont(FONT, 7)
        self.drawRightString(width - SIDE, 9 * mm, words["page"].format(number, count))
        self.restoreState()


class Bar(Flowable):
    """A probability as a bar from 0 to 1, a tick at the threshold, the interval as a thin line."""

    def __init__(self, probability: float, threshold: float | None, interval: tuple[float, float] | None,
                 present: bool):
        super().__init__()
        self.width, self.height = 34 * mm, 2.3 * mm
        self.probability, self.threshold, self.interval, self.present = probability, threshold, interval, present

    def draw(self) -> None:
        canvas, width, height = self.canv, self.width, self.height
        canvas.setFillColor(TINT)
        canvas.roundRect(0, 0, width, height, height / 2, stroke=0, fill=1)
        canvas.setFillColor(INK if self.present else HexColor("#a9bfbd"))
        canvas.roundRect(0, 0, max(width * self.probability, height), height, height / 2, stroke=0, fill=1)
        if self.interval is not None:
            canvas.setStrokeColor(MUTED)
            canvas.setLineWidth(0.7)
            canvas.line(width * self.interval[0], -0.9 * mm, width * self.interval[1], -0.9 * mm)
        if self.threshold is not None:
            canvas.setStrokeColor(ATTENTION)
            canvas.setLineWidth(1.1)
            canvas.line(width * self.threshold, -0.5 * mm, width * self.threshold, height + 0.5 * mm)
