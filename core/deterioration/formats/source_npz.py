"""Arrays prepared by the published LSTM pipeline, ``processed_data.npz``: X [stays, hours, 6 vital signs], and y."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from core.assessment import Notice
from core.deterioration.chart import Chart
from core.deterioration.formats.columns import understood
from core.deterioration.vitals import CODES, UNITS, VITALS
from core.uploads import InputError, Upload

NAME = "Prepared arrays"
_NAMES = ("feature_names", "features", "columns")
_REMEDY = f"Give X as stays x hours x 6 in the order {', '.join(CODES)}, in their units, or with feature_names."


def read(uploads: Sequence[Upload], stay: str | None) -> Chart:
    """One stay of the arrays of an npz, by its number from 1.

    Raises:
        InputError: several stays and none chosen, or no such arrays.
    """
    arrays = {upload.name.lower().removesuffix(".npy"): _array(upload.data) for upload in uploads if
              upload.name.lower() in ("x.npy", "y.npy", *(f"{name}.npy" for name in _NAMES))}
    x, y = _checked(arrays)
    count = len(x)
    if stay is None and count > 1:
        raise InputError("stay", f"The arrays hold {count} stays: {', '.join(map(str, range(1, min(count, 5) + 1)))}"
                         f"{' ...' if count > 5 else ''}.", "Choose one of them as the stay.")
    number = stay or "1"
    if not number.isdecimal() or not 1 <= int(number) <= count:
        raise InputError("stay", f"The arrays hold the stays 1 to {count}.", "Choose one of them.")
    return _chart(number, x[int(number) - 1], None if y is None else y[int(number) - 1])


def charts(path: Path) -> Iterator[Chart]:
    """Every stay of an npz file that holds a measurement, named by its number from 1."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            x, y = _checked({name.lower(): arrays[name] for name in arrays.files if name.lower() in ("x", "y", *_NAMES)})
    except (ValueError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("files", f"{path.name} is no npz file of plain arrays.", _REMEDY) from error
    for k, values in enumerate(x):
        chart = _chart(str(k + 1), values, None if y is None else y[k])
        if chart.hours.size:
            yield chart


def _array(data: bytes) -> np.ndarray:
    try:
        return np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InputError("files", "The arrays are damaged, or hold objects.", _REMEDY) from error


def _checked(arrays: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray | None]:
    """X in the order of VITALS, and y."""
    x, y = arrays.get("x"), arrays.get("y")
    if x is None or x.ndim != 3 or x.shape[2] != len(CODES) or x.dtype.kind not in "fiu" or not x.size:
        raise InputError("files", "The file holds no array X of stays, hours and six vital signs.", _REMEDY)
    if y is not None and y.shape[:1] != x.shape[:1]:
        raise InputError("files", f"X holds {len(x)} stays and y {y.shape[0] if y.ndim else 0}.", _REMEDY)
    names = next((arrays[name] for name in _NAMES if name in arrays), None)
    if names is not None:
        roles = [column.role for column in understood([str(name) for name in names.ravel()])]
        if sorted(roles) != sorted(CODES):
            raise InputError("files", "The names of the features are not the six vital signs.", _REMEDY)
        x = x[:, :, [roles.index(code) for code in CODES]]
    padded = (x == 0).all(2)
    for k, vital in enumerate(VITALS):
        values = x[:, :, k][~padded]
        values = values[np.isfinite(values)]
        middle = float(np.median(values)) if values.size else np.nan
        if values.size and not vital.usual[0] <= middle <= vital.usual[1]:
            raise InputError("files", f"Feature {k + 1} of X has the median {middle:.4g}, which is no {vital.label.lower()} in "
                             f"{vital.unit}: the order is another, or the values are scaled.", _REMEDY)
    return np.where(padded[:, :, None], np.nan, x), y


def _chart(stay: str, values: np.ndarray, died: np.ndarray | None) -> Chart:
    rows = np.flatnonzero(np.isfinite(values).any(1))
    notice = Notice("info", "The rows of the arrays were read as full hours.", "time")
    return Chart(stay, rows.astype(np.float64), values[rows].astype(np.float32), np.full(rows.size, np.nan, np.float32),
                 (None,) * rows.size, outcome=None if died is None or not np.isfinite(died).all() else bool(np.ravel(died)[0]),
                 units=UNITS, monitored=True, source={"Format": NAME}, notices=(notice,))
