"""Pictures as bytes come back as the pictures they were."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from core.assessment import Attribution
from core.pictures import GREYS, channels, heat_payload, png, reduced


def test_a_png_holds_the_picture():
    picture = np.random.default_rng(0).integers(0, 256, (7, 5, 3), np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(picture)))), picture)
    assert Image.open(io.BytesIO(png(picture[..., 0]))).mode == "L"


def test_reduction_keeps_the_mean_and_never_enlarges():
    values = np.random.default_rng(0).random((60, 90)).astype(np.float32)
    small = reduced(values, 30)
    assert small.shape == (20, 30)
    np.testing.assert_allclose(small, values.reshape(20, 3, 30, 3).mean((1, 3)), atol=1e-5)
    assert reduced(values, 90) is values


def test_grey_levels_come_back_from_two_channels():
    grey = np.array([[-1.0, 0.0, 0.25, 0.5, 1.0, 2.0]])
    coded = channels(grey).astype(int)
    assert coded.shape == (1, 6, 3)
    level = coded[..., 0] * 4 + coded[..., 1] // 64
    np.testing.assert_array_equal(level, np.round(np.clip(grey, 0, 1) * (GREYS - 1)))


@pytest.mark.parametrize("shape", [(40, 80), (3, 40, 80)])
def test_a_heat_map_is_signed_bytes_in_its_own_proportions(shape):
    values = np.zeros(shape, np.float32)
    values[..., :20, :20], values[..., 20:, :20] = 1.0, -0.5
    heat = heat_payload(Attribution(values, "g:x", "grad_cam", {}, {}, 0.1), "Edema", "Grad-CAM", 40)
    assert (heat["rows"], heat["columns"], heat["signed"]) == (20, 40, True)
    back = np.frombuffer(base64.b64decode(heat["values"]), np.int8).reshape(*shape[:-2], 20, 40)
    assert back[..., 2, 2].min() == 127
    assert back[..., 15, 2].max() < -60
    assert (back[..., 30:] == 0).all()
    assert heat["id"] != heat_payload(Attribution(-values, "g:x", "grad_cam", {}, {}, 0.1), "Edema", "Grad-CAM", 40)["id"]
