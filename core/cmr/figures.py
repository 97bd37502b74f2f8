"""What the cardiac MR room shows as pictures and charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from core.cmr.quantify import Agreement
from core.cmr.rays import pixel_size
from core.cmr.segments import NAMES
from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM, NO_REFLOW, CmrStudy
from core.figures import house_figure
from core.plot_style import DARK, palette

# A scan is dark on any page: bright colours (three of Tol's light scheme and a pale yellow), apart under colour vision
# deficiencies; scar is warm.
COLOURS = {CAVITY: "#77aadd", MYOCARDIUM: "#44bb99", INFARCT: "#ee8866", NO_REFLOW: "#fff3b0"}
LEGEND = {CAVITY: "cavity", MYOCARDIUM: "myocardium", INFARCT: "scar", NO_REFLOW: "no-reflow"}
FILL = 0.45  # opacity of filled labels
TILE = 256  # pixels along the longer side of a slice in the montage
STRIP = 26  # height of the legend
# Inner and outer radius of each level in the bull's-eye.
RINGS = {"basal": (0.75, 1.0), "mid": (0.5, 0.75), "apical": (0.25, 0.5), "apex": (0.0, 0.25)}


def rgb(colour: str) -> tuple[int, int, int]:
    """#rrggbb as three bytes."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def default_window(study: CmrStudy) -> tuple[float, float]:
    """Signal shown black and white: the 1st and 99.5th percentile of the stack."""
    low, high = np.quantile(study.slices, (0.01, 0.995))
    return float(low), float(high if high > low else low + 1)


def grey(picture: np.ndarray, window: tuple[float, float]) -> np.ndarray:
    """A slice ``[rows, columns]`` as uint8 of the same shape; ``window`` is the signal shown black and white."""
    low, high = window
    return np.round(255 * np.clip((picture - low) / max(high - low, 1e-6), 0, 1)).astype(np.uint8)


def slice_picture(
    study: CmrStudy, index: int, labels: np.ndarray | None, window: tuple[float, float] | None = None,
    contours: bool = True, shown: Sequence[int] = tuple(COLOURS), opacity: float = 1.0, size: int = TILE,
    part: tuple[slice, slice] = (slice(None), slice(None)),
) -> np.ndarray:
    """One slice with its labels, true to scale, uint8 ``[height, width, 3]``, the longer side ``size`` pixels.

    Args:
        labels: ``[n, rows, columns]``, or None for the scan alone. shown: which labels are drawn.
        contours: lines around the areas, else filled areas. opacity: of lines; areas are covered by ``FILL`` of it.
        part: rows and columns that are shown, for example ``heart_field(study, labels)``.
    """
    picture = study.slices[index][part]
    rows, columns = picture.shape
    step = pixel_size(study.spacing_mm)
    scale = size / max(rows * step[0], columns * step[1])
    height, width = max(round(rows * step[0] * scale), 1), max(round(columns * step[1] * scale), 1)
    shade = Image.fromarray(grey(picture, window or default_window(study)))
    canvas = np.repeat(np.asarray(shade.resize((width, height), Image.Resampling.BICUBIC))[..., None], 3, 2)
    if labels is None:
        return canvas
    canvas, marked = canvas.astype(np.float32), labels[index][part]
    # A line goes around a union (epicardium, endocardium, all scar), so that scar covers the line of the wall.
    unions = {MYOCARDIUM: marked >= CAVITY, CAVITY: marked == CAVITY, INFARCT: marked >= INFARCT,
              NO_REFLOW: marked == NO_REFLOW}
    for label, union in unions.items():
        area = union if contours else marked == label
        if label not in shown or not area.any():
            continue
        area = _enlarged(area, height, width)
        drawn, cover = (area & ~ndimage.binary_erosion(area), opacity) if contours else (area, FILL * opacity)
        canvas[drawn] = (1 - cover) * canvas[drawn] + cover * np.array(rgb(COLOURS[label]), np.float32)
    return np.round(canvas).astype(np.uint8)


def _enlarged(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """A mask in the size of the picture, its border smooth between pixels."""
    image = Image.fromarray(mask.astype(np.uint8) * 255)
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR)) > 127


def heart_field(study: CmrStudy, labels: np.ndarray | None) -> tuple[slice, slice]:
    """Rows and columns around all that is marked, twice as wide as the ventricle; everything where nothing is."""
    if labels is None or not labels.any():
        return slice(None), slice(None)
    step, shape = pixel_size(study.spacing_mm), study.slices.shape[1:]
    marked = labels.any(0)
    ends = [np.flatnonzero(marked.any(axis))[[0, -1]] for axis in (1, 0)]
    side = 2 * max((last - first + 1) * size for (first, last), size in zip(ends, step, strict=False))
    field = []
    for (first, last), size, length in zip(ends, step, shape, strict=False):
        wanted = min(round(side / size), length)
        start = int(np.clip((first + last + 1 - wanted) // 2, 0, length - wanted))
        field.append(slice(start, start + wanted))
    return field[0], field[1]


def montage(
    study: CmrStudy, labels: np.ndarray | None, window: tuple[float, float] | None = None, columns: int = 4,
    contours: bool = True, tile: int = TILE, whole: bool = False,
) -> np.ndarray:
    """All slices with their labels and a legend, uint8 ``[height, width, 3]``; slices count from 1.

    Args:
        labels, window, contours: as in ``slice_picture``. tile: pixels along the longer side of a slice.
        whole: the whole pictures, not only the field around the heart.
    """
    part = heart_field(study, None if whole else labels)
    window = window or default_window(study)
    tiles = [slice_picture(study, i, labels, window, contours, size=tile, part=part) for i in range(len(study.slices))]
    height, width = tiles[0].shape[:2]
    columns = max(1, min(columns, len(tiles)))
    below = STRIP if labels is not None else 0
    sheet = Image.new("RGB", (columns * width, -(-len(tiles) // columns) * height + below), rgb(DARK.paper))
    draw, font = ImageDraw.Draw(sheet), _font(13)
    for i, picture in enumerate(tiles):
        left, top = i % columns * width, i // columns * height
        sheet.paste(Image.fromarray(picture), (left, top))
        draw.text((left + 6, top + 4), str(i + 1), DARK.ink, font, stroke_width=1, stroke_fill=DARK.paper)
    if below:
        x, y = 6, sheet.height - STRIP // 2
        size = 13 if sheet.width >= 360 else 10
        for label, name in LEGEND.items():
            draw.rectangle((x, y - 5, x + 10, y + 5), COLOURS[label])
            draw.text((x + 15, y), name, DARK.ink, _font(size), anchor="lm")
            x += 15 + round(draw.textlength(name, _font(size))) + 14
    return np.asarray(sheet)


def _font(size: int) -> ImageFont.FreeTypeFont:
    from matplotlib import font_manager  # slow to import, and needed for this alone

    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), size)  # comes with matplotlib


def bullseye(
    values: Mapping[int, float | None], title: str, unit: str = "%", *, top: float = 100.0, dark: bool = False,
    counted: Sequence[int] = (), rule: str = "",
) -> go.Figure:
    """The 17 segments as rings, base outside, anterior on top, septum on the left.

    Args:
        values: by segment number; None or missing where the segment has no value. top: end of the colour scale.
        counted: segments that are marked with a star. rule: what the star means, under the title.
    """
    p = palette(dark)
    numbers, places = list(NAMES), [_place(number) for number in NAMES]
    known = [values.get(number) for number in numbers]
    text = ["no value" if v is None else f"{v:.1f} {unit}" for v in known]
    said = f"{title}<br><span style='font-size:11px'>{rule}</span>" if rule else title
    figure = house_figure(dark, title={"text": said}, height=400, showlegend=False,
                          margin={"l": 48, "r": 16, "t": 60, "b": 28})
    for present in (False, True):
        rows = [i for i, v in enumerate(known) if (v is not None) == present]
        colour = {"color": [known[i] for i in rows], "colorscale": p.scale(), "cmin": 0, "cmax": top, "showscale": True,
                  "colorbar": {"title": {"text": unit}, "thickness": 12, "len": 0.8, "outlinewidth": 0, "x": 1.1,
                               "tickfont": {"color": p.muted, "size": 11}}} if present else {"color": p.paper}
        if not rows:
            continue
        figure.add_barpolar(
            theta=[places[i][0] for i in rows], width=[places[i][1] for i in rows], base=[places[i][2] for i in rows],
            r=[places[i][3] - places[i][2] for i in rows], marker={**colour, "line": {"color": p.muted, "width": 1}},
            customdata=[[numbers[i], NAMES[numbers[i]], text[i]] for i in rows],
            hovertemplate="<b>%{customdata[0]} %{customdata[1]}</b><br>%{customdata[2]}<extra></extra>")
    figure.add_scatterpolar(
        theta=[theta for theta, *_ in places], r=[(low + high) / 2 if low else 0 for *_, low, high in places],
        mode="text", hoverinfo="skip", textfont={"size": 12, "color": [_readable(v, top, dark) for v in known]},
        text=[f"<span style='font-size:9px'>{n}{' ★' * (n in counted)}</span><br><b>{'–' if v is None else f'{v:.0f}'}</b>"
              for n, v in zip(numbers, known, strict=False)])
    figure.update_polars(
        bgcolor="rgba(0,0,0,0)", radialaxis={"visible": False, "range": [0, 1]},
        angularaxis={"rotation": 0, "direction": "counterclockwise", "showgrid": False, "showline": False, "ticks": "",
                     "tickvals": [90, 180, 270, 0], "ticktext": ["anterior", "septal", "inferior", "lateral"],
                     "tickfont": {"color": p.muted, "size": 12}})
    return figure


def _place(number: int) -> tuple[float, float, float, float]:
    """Middle and width of a segment in degrees, inner and outer radius."""
    name = NAMES[number]
    inner, outer = RINGS[name.split()[0]]
    if number == 17:
        return 0, 360, inner, outer
    if number >= 13:
        return 90 + 90 * (number - 13), 90, inner, outer
    return (90 + 60 * ((number - 1) % 6)) % 360, 60, inner, outer


def _readable(value: float | None, top: float, dark: bool) -> str:
    """Ink that stands out from the colour of a value."""
    p = palette(dark)
    if value is None:
        return p.muted
    stops = p.scale()
    at = np.clip(value / top, 0, 1)
    shade = [np.interp(at, [s for s, _ in stops], channel) for channel in zip(*(rgb(c) for _, c in stops), strict=False)]
    luminance = np.dot(shade, (0.2126, 0.7152, 0.0722)) / 255
    return "#ffffff" if luminance < 0.5 else "#12212a"


def burden_bars(rows: Sequence[Agreement], *, dark: bool = False) -> go.Figure:
    """Scar share by method, the model first, with difference and overlap; a method without a value is left out."""
    p = palette(dark)
    rows = [row for row in rows if row.scar_share is not None]
    figure = house_figure(dark, height=64 + 34 * max(len(rows), 1), showlegend=False, bargap=0.35)
    figure.add_bar(
        orientation="h", y=[row.method for row in rows], x=[row.scar_share for row in rows], cliponaxis=False,
        marker={"color": [p.classes[1] if row.difference is not None else p.classes[0] for row in rows]},
        text=[_words(row) for row in rows], textposition="outside", textfont={"color": p.ink, "size": 12},
        hovertemplate="%{y}: %{text}<extra></extra>")
    longest = max((row.scar_share for row in rows), default=0) or 1
    figure.update_xaxes(title="scar, % of myocardium", range=[0, 1.9 * longest], rangemode="tozero")
    figure.update_yaxes(autorange="reversed", ticks="", showgrid=False, tickfont={"color": p.ink})
    return figure


def _words(row: Agreement) -> str:
    text = f"{row.scar_share:.1f} %"
    if row.difference is not None:
        text += f", {row.difference:+.1f} points"
    return text if row.dice is None else f"{text}, Dice {row.dice:.2f}"
