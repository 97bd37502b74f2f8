"""What leaves the decoding process arrives as the study that it was."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
from pydicom.dataset import Dataset

from core.assessment import Notice
from core.sandbox_study import dumped, revived


@dataclasses.dataclass(frozen=True, eq=False)
class Scan:
    pixels: np.ndarray
    affine: np.ndarray | None = None
    axes: tuple[int, int, int] = (2, 1, 0)
    spacing: tuple[float, float] | None = None
    age: float | None = None
    headers: tuple[Dataset, ...] = ()
    source: dict[str, str] = dataclasses.field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


def carried(scan: Scan) -> Scan:
    fields, values = dumped(scan)
    return revived(Scan, json.loads(json.dumps(fields)), values)


def test_a_study_comes_back_with_its_own_types():
    header = Dataset()
    header.Rows, header.ImagePositionPatient = 3, [0.5, 1.0, -2.0]
    scan = Scan(np.eye(3, dtype=np.float32), np.eye(4), (0, 1, 2), (0.1, 0.2), 0.0, (header,), {"format": "x"},
                (Notice("caution", "Small.", "size"),))
    again = carried(scan)
    assert again.pixels is scan.pixels
    np.testing.assert_array_equal(again.affine, scan.affine)
    assert again.affine.dtype == np.float64
    assert again.headers == scan.headers
    for name in ("axes", "spacing", "age", "source", "notices"):
        assert getattr(again, name) == getattr(scan, name)


def test_what_is_open_stays_open():
    again = carried(Scan(np.zeros(3, np.float32)))
    assert (again.affine, again.spacing, again.age, again.headers, again.notices) == (None, None, None, (), ())
