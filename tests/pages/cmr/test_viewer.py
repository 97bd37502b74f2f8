"""What goes to the late-enhancement viewer and what is believed of what comes back."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from core.cmr.segments import Geometry
from core.cmr.study import CmrStudy
from pages.cmr.edits import RUN, browser_grid, nearest, pack, read_edit, unpack
from pages.cmr.viewer import mask_payload, stack_payload


def masks(shape: tuple[int, int, int] = (3, 20, 24)) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 5, shape).astype(np.uint8)


def sent(mask: dict, labels: np.ndarray, **other) -> dict:
    return {"id": mask["id"], "labels": pack(labels), "excluded": [], "insertion_angle_deg": 120.0} | other


@settings(max_examples=50, deadline=None)
@given(arrays(np.uint8, st.tuples(*[st.integers(1, 9)] * 3), elements=st.integers(0, 4)))
def test_runs_give_the_mask_back(labels):
    assert np.array_equal(unpack(pack(labels), labels.shape), labels)


def test_a_long_run_is_split():
    labels = np.zeros((2, 300, 300), np.uint8)
    assert np.array_equal(unpack(pack(labels), labels.shape), labels)


@pytest.mark.parametrize(("columns", "spacing"), [(24, None), (1000, (1.0, 2.0, 8.0))])
def test_the_atlas_holds_every_slice(columns, spacing):
    slices = np.random.default_rng(1).normal(size=(5, 20, columns)).astype(np.float32)
    data = stack_payload(CmrStudy(slices, spacing_mm=spacing))
    atlas = np.asarray(Image.open(io.BytesIO(base64.b64decode(data["atlas"])))).astype(int)
    code = (atlas[..., 0] << 2) | (atlas[..., 1] >> 6)
    rows, width = data["rows"], data["columns"]
    assert (rows, width) == browser_grid(slices.shape)
    assert width <= 512
    last = data["low"] + code[4 // data["across"] * rows:, 4 % data["across"] * width:][:rows, :width] * (
        data["high"] - data["low"]) / 1023
    if columns == width:
        assert np.allclose(last, slices[4].clip(data["low"], data["high"]), atol=0.01)
    height, across = spacing[:2] if spacing else (1, 1)
    assert data["step"] == pytest.approx([height * 20 / rows, across * columns / width])


def test_a_constant_stack_is_shown():
    data = stack_payload(CmrStudy(np.full((1, 32, 32), 7.0, np.float32)))
    assert data["low"] < data["high"]


def test_a_correction_comes_back_on_the_grid_of_the_study():
    labels = masks((2, 700, 640))
    labels[1, 130:170, 270:320] = 2
    mask = mask_payload(labels, Geometry(120.0), ["mid", "mid"])
    shape = browser_grid(labels.shape)
    assert shape == (512, 468)
    small = labels[:, *nearest(labels.shape[1:], shape)]
    assert np.array_equal(unpack(mask["packed"], small.shape), small)
    assert read_edit(sent(mask, small), mask) is None
    small[1, 100:120, 200:230] = 4
    edit = read_edit(sent(mask, small, excluded=[1, 0, 1]), mask)
    assert edit.excluded == (0, 1)
    assert edit.labels.dtype == np.uint8
    assert (edit.labels[1, 140:160, 280:310] == 4).all()
    untouched = edit.labels == labels
    untouched[1, 130:170, 270:320] = True
    assert untouched.all()  # finer labels than the browser knows stay where nothing was changed


def test_what_the_browser_must_not_send_is_ignored():
    labels = masks()
    mask = mask_payload(labels, Geometry(120.0), ["", "mid", "mid"])
    other = (labels + 1) % 5
    assert np.array_equal(read_edit(sent(mask, other), mask).labels, other)

    def runs(*pairs):
        return base64.b64encode(np.array(list(pairs), RUN).tobytes()).decode()

    bad = [
        {"id": mask["id"] + 1}, {"labels": None}, {"labels": "%%%"}, {"labels": "é"}, {"labels": ""}, {"labels": "A" * 10**6},
        {"labels": runs((5, labels.size))}, {"labels": runs((1, labels.size - 1))}, {"labels": runs(*[(1, 65535)] * 50)},
        {"labels": pack(other)[:-4]}, {"labels": base64.b64encode(b"1234").decode()},
        {"excluded": None}, {"excluded": [3]}, {"excluded": [-1]}, {"excluded": [True]}, {"excluded": [1.0]}, {"excluded": "0"},
        {"insertion_angle_deg": float("nan")}, {"insertion_angle_deg": float("inf")}, {"insertion_angle_deg": -1},
        {"insertion_angle_deg": "90"}, {"insertion_angle_deg": None}, {"insertion_angle_deg": True},
    ]
    for part in bad:
        assert read_edit(sent(mask, other) | part, mask) is None, part
    for value in (None, "text", [], 3):
        assert read_edit(value, mask) is None


def test_angle_or_excluded_slices_alone_are_a_correction():
    labels = masks()
    mask = mask_payload(labels, Geometry(480.0, excluded=(2,)), ["", "", ""])
    assert mask["insertion_angle_deg"] == 120.0
    assert read_edit(sent(mask, labels, excluded=[2]), mask) is None
    assert read_edit(sent(mask, labels), mask).excluded == ()
    assert read_edit(sent(mask, labels, excluded=[2], insertion_angle_deg=121), mask).insertion_angle_deg == 121.0


def test_a_new_start_is_none_of_the_last_also_where_both_look_the_same():
    labels, geometry = masks(), Geometry(120.0)
    first, second = (mask_payload(labels, geometry, ["", "", ""], number) for number in (0, 1))
    assert first["id"] != second["id"]
    assert read_edit(sent(first, (labels + 1) % 5), second) is None
