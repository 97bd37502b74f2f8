"""What every modality returns: one immutable Assessment, and its JSON form.

Units are in the field names or in ``unit``. Nothing here identifies a patient.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True)
class Notice:
    """Something the reader of the result must know.

    ``refuse`` means that the input is not what this model reads: no finding is to be trusted.
    """

    level: Literal["info", "caution", "refuse"]
    message: str
    subject: str = ""  # the lead, field or step it speaks of

    @property
    def text(self) -> str:
        """For people: the message, after the lead or step where that has a name; codes of fields are for programs."""
        return f"{self.subject}: {self.message}" if self.subject and not self.subject.islower() else self.message


@dataclass(frozen=True)
class Finding:
    """One label the model speaks of. An untrained label has no probability, never a made-up 0.5.

    A label is not ``usable`` whose measured AUC does not exceed chance (its 95 % interval holds 0.5): no probability either.

    ``source`` is "model" where the room's own model speaks. What a second model, or the same on less input, says of the
    labels are findings in groups of their own with another source.
    """

    group: str
    code: str
    label: str
    probability: float | None
    threshold: float | None  # operating threshold on the probability
    calibrated: bool = False
    interval: tuple[float, float] | None = None  # 95 % interval of the probability
    trained: bool = True
    category: str = ""  # where a report lists it, for example "rhythm"
    sensitivity: float | None = None  # at the threshold, on the split named in the model card
    specificity: float | None = None
    source: str = "model"
    usable: bool = True

    @property
    def target(self) -> str:
        """How ``explain`` is asked for it."""
        return f"{self.group}:{self.code}"

    @property
    def present(self) -> bool:
        return self.probability is not None and self.threshold is not None and self.probability >= self.threshold


@dataclass(frozen=True)
class Measurement:
    """A number with its unit and reference range; ``value`` is None where it cannot be measured.

    Attributes:
        code: short, local and lasting; programs look it up. label: for people. loinc: where verified.
        group: "" for what a report lists first; others have a table of their own, segments for example.
    """

    code: str
    label: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    source: str = "model"
    note: str = ""
    interval: tuple[float, float] | None = None  # 95 %
    loinc: str = ""
    group: str = ""

    @property
    def abnormal(self) -> bool:
        if self.value is None:
            return False
        return (self.low is not None and self.value < self.low) or (self.high is not None and self.value > self.high)


@dataclass(frozen=True)
class Comparator:
    """An established score or rule, shown beside the model. ``value`` may be text for a categorical rule.

    ``code`` is that of the measurement it stands beside, where there is one.
    """

    code: str
    label: str
    value: float | str | None
    unit: str
    source: str  # citation, or the device that wrote it


@dataclass(frozen=True)
class Curve:
    """A course, over time for example; ``low`` and ``high`` are its 95 % band, or empty."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    x_unit: str
    y_unit: str


@dataclass(frozen=True)
class Related:
    """A similar case, as text only."""

    text: str
    similarity: float  # cosine, -1 to 1
    count: int = 1  # training records that share this text


@dataclass(frozen=True)
class Attribution:
    """Why: an array shaped like the input it explains."""

    values: np.ndarray
    target: str
    method: str
    parameters: dict[str, Any]
    faithfulness: dict[str, Any]
    seconds: float


@dataclass(frozen=True)
class ModelId:
    name: str
    version: str
    sha256: str
    device: str


@dataclass(frozen=True)
class Assessment:
    """All that one model says of one study. A refused one has a reason, and none of the rest."""

    modality: str
    model: ModelId
    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    curves: tuple[Curve, ...] = ()
    comparators: tuple[Comparator, ...] = ()
    notices: tuple[Notice, ...] = ()
    related: tuple[Related, ...] = ()
    report: dict[str, tuple[str, ...]] = field(default_factory=dict)  # language code -> lines
    overlays: dict[str, np.ndarray] = field(default_factory=dict)  # drawn over the input, in its shape
    timings_ms: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        told = self.findings or self.measurements or self.curves or self.comparators or self.related or self.overlays
        if self.refused and told:
            raise ValueError("a refused study has no findings, measurements, curves, comparators or overlays")

    @property
    def refused(self) -> bool:
        return any(notice.level == "refuse" for notice in self.notices)

    @property
    def own(self) -> tuple[Finding, ...]:
        """The findings of the room's own model."""
        return tuple(finding for finding in self.findings if finding.source == "model")

    def measured(self, code: str) -> Measurement | None:
        """The measurement of that code, if there is one."""
        return next((m for m in self.measurements if m.code == code), None)


NOT_INTERPRETED = {"en": "Not interpreted: {}", "de": "Nicht befundet: {}"}


def refused(
    modality: str, model: ModelId, reason: Notice, noticed: Iterable[Notice], timings_ms: dict[str, float] | None = None
) -> Assessment:
    """What every room says of a study it refuses: the one reason why, and whatever else was noticed as information."""
    notices = (reason, *(dataclasses.replace(one, level="info") for one in noticed if one != reason))
    report = {language: (words.format(reason.message),) for language, words in NOT_INTERPRETED.items()}
    return Assessment(modality, model, notices=notices, report=report, timings_ms=timings_ms or {})


def to_dict(value: Any) -> Any:
    """Plain JSON types; an array becomes ``{"dtype", "shape", "data"}``, a NaN null, a DICOM header what DICOM says."""
    if type(value) is float:  # first, since curves are made of them
        return value if math.isfinite(value) else None
    if dataclasses.is_dataclass(value):
        return {f.name: to_dict(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        data = np.where(np.isfinite(value), value, None) if value.dtype.kind == "f" else value
        return {"dtype": str(value.dtype), "shape": list(value.shape), "data": data.ravel().tolist()}
    if hasattr(value, "to_json_dict"):
        return value.to_json_dict()
    if isinstance(value, dict):
        return {str(k): to_dict(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_dict(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def revive(kind: Any, value: Any) -> Any:
    """What ``to_dict`` made of a value of this kind, as a value of this kind again."""
    if value is None or kind is Any:
        return value
    if kind is np.ndarray:
        data = [np.nan if v is None else v for v in value["data"]]
        return np.asarray(data, dtype=value["dtype"]).reshape(value["shape"])
    if hasattr(kind, "from_json"):
        return kind.from_json(value)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{k: revive(hints[k], v) for k, v in value.items()})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        items = [arguments[0]] * len(value) if arguments[1:] == (Ellipsis,) else arguments
        return tuple(revive(k, v) for k, v in zip(items, value, strict=True))
    if origin is dict:
        return {k: revive(arguments[1], v) for k, v in value.items()}
    if origin in (typing.Union, types.UnionType):
        inner = [a for a in arguments if a is not type(None)]
        return revive(inner[0], value) if len(inner) == 1 else value
    return value


LARGEST = 50_000  # numbers of an array that are written as text; larger ones (masks of a stack) are files


def to_light(assessment: Assessment) -> dict[str, Any]:
    """The one form in which an assessment leaves as JSON types: without large arrays."""
    small = {name: values for name, values in assessment.overlays.items() if values.size <= LARGEST}
    return to_dict(dataclasses.replace(assessment, overlays=small))


def to_json(assessment: Assessment) -> str:
    return json.dumps(to_light(assessment), ensure_ascii=False, allow_nan=False)


def from_json(text: str) -> Assessment:
    return revive(Assessment, json.loads(text))
