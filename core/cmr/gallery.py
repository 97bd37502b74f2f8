"""The stack with its contours, the map of the infarct, and the 17 segments."""

from __future__ import annotations

import numpy as np

from core.assessment import Assessment, Attribution
from core.cmr.figures import bullseye, default_window, grey, heart_field, montage, rgb
from core.cmr.measurements import by_segment, marks
from core.cmr.study import CmrStudy
from core.figures import levels
from core.gallery import Shown, subject
from core.pictures import png
from core.plot_style import DARK

PLACE = {"orientation": "h", "x": 0.5, "y": -0.08, "yanchor": "top", "len": 0.6, "title": None}  # of the colour bar
COLUMNS = (("scar_share", "Scar, % of segment"), ("transmurality", "Transmurality, %"))


def gallery(
    study: CmrStudy, assessment: Assessment, attribution: Attribution | None = None, *, dark: bool = False
) -> list[Shown]:
    labels = assessment.overlays.get("labels")
    shown = [Shown("Late enhancement, base to apex", "All slices with the contours of cavity, myocardium and scar",
                   png(montage(study, labels)), wide=True)]
    if attribution is not None:
        words = subject(assessment, attribution)
        drawn = png(heat(study, labels, attribution.values))
        shown.append(Shown(words, f"All slices under a heat map: {words}", drawn, wide=True))
    for column, title in COLUMNS if labels is not None else ():
        figure = bullseye(by_segment(assessment, column), title, dark=dark, **marks(assessment, column))
        figure.update_traces(marker_colorbar=PLACE, selector=lambda trace: "marker" in trace and trace.marker.showscale)
        figure.update_layout(margin={"l": 46, "r": 46})
        shown.append(Shown(title, f"Bull's-eye of the 17 segments: {title}", chart=figure))
    return shown


def heat(study: CmrStudy, labels: np.ndarray | None, values: np.ndarray, columns: int = 4) -> np.ndarray:
    """The field around the heart of each slice under a map ``[n, rows, columns]``, uint8 ``[height, width, 3]``."""
    part, window = heart_field(study, labels), default_window(study)
    scaled, signed = levels(values)
    stops = DARK.scale(signed)
    at, colours = [place for place, _ in stops], np.array([rgb(colour) for _, colour in stops], float)
    tiles = []
    for picture, weights in zip(study.slices, scaled, strict=True):
        weights = weights[part] if signed else np.maximum(weights[part], 0)
        colour = np.stack([np.interp((weights + 1) / 2 if signed else weights, at, channel) for channel in colours.T], -1)
        cover = 0.6 * np.abs(weights)[..., None]
        tiles.append(np.round(grey(picture[part], window)[..., None] * (1 - cover) + colour * cover).astype(np.uint8))
    columns = min(columns, len(tiles))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[k:k + columns], 1) for k in range(0, len(tiles), columns)]
    sheet = np.concatenate(rows, 0)
    larger = max(1, 880 // sheet.shape[1])
    return sheet.repeat(larger, 0).repeat(larger, 1)
