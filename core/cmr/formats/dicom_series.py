"""Which pictures of a DICOM upload belong together, which of these stacks is the late enhancement, and its order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.assessment import Notice
from core.cmr.formats import sequence
from core.cmr.formats.dicom_frames import Picture, text
from core.cmr.formats.geometry import APEX_TO_BASE
from core.cmr.formats.limits import time_series
from core.cmr.formats.names import natural
from core.patient import clean
from core.uploads import InputError

_SAME_PLACE = 0.5  # mm along the normal
_SAME_WAY = 0.03  # between direction cosines: 2 degrees
_LISTED = 6  # other series that a notice names
_TIMES = ("TriggerTime", "TemporalPositionIdentifier", "InversionTime", "AcquisitionTime", "ContentTime",
          "InstanceNumber")


@dataclass(frozen=True, eq=False)
class Series:
    """Pictures of one series, size, orientation and kind, sorted along the normal where positions are known.

    Attributes:
        places: the pictures at each position, ``[n]`` lists, earliest first.
        at: mm along the normal of each place, ``[n]``; None where the files do not say where the slices lie.
        positioned: ``at`` is from their positions in the patient, not from the location of the slice alone.
    """

    number: str
    uid: str
    description: str
    words: str
    places: tuple[tuple[Picture, ...], ...]
    at: np.ndarray | None
    positioned: bool = True

    @property
    def pictures(self) -> int:
        return sum(len(place) for place in self.places)

    @property
    def label(self) -> str:
        """The number, or the end of the UID, by which the user can choose the series, and what it says of itself."""
        described = f"{self.description!r}, " if self.description else ""
        return f"{self.number or self.uid[-8:]} ({described}{self.pictures} pictures)"

    def rank(self) -> float:
        """How well this may be the short-axis late-enhancement stack; larger is better."""
        first = self.places[0][0]
        axes = first.axes()
        short_axis = axes is not None and abs(np.cross(*axes) @ APEX_TO_BASE) > 0.8
        scanning = text(first.header.get("ScanningSequence")).split()
        prepared = first.number("InversionTime") is not None or "IR" in scanning
        kind = f"{text(first.header.get('ImageType'))} {text(first.header.get('ComplexImageComponent'))}".upper().split()
        sensitive = bool({"PSIR", "R", "REAL"} & set(kind))
        return (sequence.rank(self.words) + prepared + 0.5 * sensitive + short_axis + (len(self.places) >= 5)
                - 4 * (self.pictures > 2 * len(self.places)) - (len(self.places) == 1))


def series_of(pictures: list[Picture]) -> list[Series]:
    """The pictures sorted into series; another size, spacing, orientation or kind of picture makes one of its own."""
    groups: dict[tuple, list[list[Picture]]] = defaultdict(list)
    for picture in pictures:
        header, spacing = picture.header, picture.numbers("PixelSpacing", 2)
        key = (str(header.get("SeriesInstanceUID", "")), int(header.Rows), int(header.Columns),
               _kind(picture), None if spacing is None else tuple(np.round(spacing, 3)))
        group = next((g for g in groups[key] if _parallel(g[0].axes(), picture.axes())), None)
        if group is None:
            groups[key].append([picture])
        else:
            group.append(picture)
    return [_series(group) for alike in groups.values() for group in alike]


def choose(found: list[Series], wanted: str | None) -> tuple[Series, tuple[Notice, ...]]:
    """The series that the user wants by its number or the end of its UID, else the likeliest; others in a notice.

    Raises:
        InputError: no series of that number.
    """
    ranked = sorted(found, key=lambda series: (-series.rank(), -len(series.places), series.number))
    matching = ranked
    if wanted is not None:
        matching = [s for s in ranked if wanted == s.number] or [s for s in ranked if s.uid and s.uid.endswith(wanted)]
        if not matching:
            listed = "; ".join(series.label for series in ranked[:_LISTED])
            raise InputError("series", f"There is no series {clean(wanted, 40)!r} in the upload.",
                             f"Choose one of: {listed}.")
    chosen = matching[0]
    others = [series for series in ranked if series is not chosen]
    if not others:
        return chosen, ()
    listed = "; ".join(series.label for series in others[:_LISTED])
    more = f"; and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
    why = "as you chose" if wanted is not None else "which looks most like late enhancement in the short axis"
    message = f"Series {chosen.label} is read, {why}. Left out: {listed}{more}."
    return chosen, (Notice("info", message, "series"),)


def one_each(series: Series) -> tuple[list[Picture], tuple[Notice, ...]]:
    """One picture per place: of repeated slices the last.

    Raises:
        InputError: a time series.
    """
    counts = [len(place) for place in series.places]
    if max(counts) == 1:
        return [place[0] for place in series.places], ()
    if np.median(counts) > 2:
        raise time_series(max(counts))
    repeated = sum(count > 1 for count in counts)
    message = f"{repeated} slices were taken more than once; the last picture of each is read."
    return [place[-1] for place in series.places], (Notice("caution", message, "slices"),)


def _parallel(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None:
        return one is other
    return bool((np.abs(one - other) < _SAME_WAY).all())


def _kind(picture: Picture) -> str:
    """Magnitude, phase or phase-sensitive, as the picture says of itself; each frame of a file may be another."""
    header = picture.header
    kind = list(header.get("ImageType") or ())
    return text([*(kind[2:] if picture.frame is None else kind), header.get("ComplexImageComponent") or ""])


def _series(group: list[Picture]) -> Series:
    first, (along, positioned) = group[0], _along(group)
    if along is None:
        places, at = [(picture,) for picture in sorted(group, key=_counted(group))], None
    else:
        found: list[list[Picture]] = []
        where: list[float] = []
        for k in np.argsort(along, kind="stable"):
            if where and along[k] - where[-1] < _SAME_PLACE:
                found[-1].append(group[k])
            else:
                found.append([group[k]])
                where.append(float(along[k]))
        places, at = [tuple(sorted(place, key=_time)) for place in found], np.array(where)
    number = first.header.get("SeriesNumber")  # may be 0
    return Series(
        clean("" if number is None else str(number), 12), str(first.header.get("SeriesInstanceUID", "")),
        clean(first.header.get("SeriesDescription"), 40), first.words(), tuple(places), at, positioned)


def _along(group: list[Picture]) -> tuple[np.ndarray | None, bool]:
    """mm of each picture along the normal, and whether by its position; by the location of the slice where several pictures
    state no position, or all the same one while their locations differ; None where neither says."""
    axes, positions = group[0].axes(), [picture.numbers("ImagePositionPatient", 3) for picture in group]
    known = axes is not None and all(position is not None for position in positions)
    if known and (len(group) == 1 or np.ptp(positions, axis=0).any()):
        return np.array(positions) @ np.cross(*axes), True
    locations = [picture.number("SliceLocation") for picture in group]
    if len(group) > 1 and None not in locations and np.ptp(locations) > 0:
        return np.array(locations), False
    if known and np.any(positions):  # one place, many times
        return np.array(positions) @ np.cross(*axes), True
    return None, False


def _counted(group: list[Picture]) -> Callable[[Picture], tuple]:
    """The order of pictures without places: by their numbers, else by the names of their files."""
    numbers = [picture.number("InstanceNumber") for picture in group if picture.frame is None]
    named = bool(numbers) and (None in numbers or len(set(numbers)) < len(numbers))
    return lambda picture: (0.0 if named else picture.number("InstanceNumber") or 0.0, picture.frame or 0,
                            natural(picture.name) if named else "")


def _time(picture: Picture) -> tuple[float, ...]:
    values = [picture.number(keyword) for keyword in _TIMES]
    return *(0.0 if value is None else value for value in values), float(picture.frame or 0)
