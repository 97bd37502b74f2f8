"""The shipped weights load and say what they said when they were trained."""

from __future__ import annotations

import json

import pytest

from core.settings import settings
from core.weights import CONFIG, load

EVERY = {"name", "version", "architecture", "input", "training_data", "licence", "seed", "revision", "sha256", "notes", "recipe"}
LABELLED = {"labels", "trained", "calibration", "operating_points", "operating_points_from", "attribution_layers", "text_encoder"}
CMR = {"presence", "operating_point", "operating_points_from", "share_error", "gate", "attribution_layers"}
SHIPPED = {
    "cmr": ("1.1.0", "efc0c509dad88740fcdbee37fdbe347aa2ce8da6f811a95b16f6f96e79a85cb9", CMR),
    "cmr_dae_former": ("1.1.0", "a09bce352b0facd48d3019eab8fa71017d429c5e01c3f7e55a17d1c1bad3c767", CMR),
    "cxr": ("1.1.0", "95ca2c6aaec1ad9b18e8298515fe81dad3137af0c7b30a8445fa7b5bc43381bb",
            LABELLED | {"aspect_calibration", "aspect_threshold", "gate", "reached", "auc", "usable", "command"}),
    "ecg": ("1.1.0", "93e2f9236e82a357f7fb886550afbb5a71dfabe2aa597153572963272d095b72", LABELLED | {"bank"}),
    "ecg_delineation": ("1.0.0", "3bc9d050b8072cb699a0d7155c5a8dd04e90378a041d052dffe104ab4c2c0e00", {"summary", "classes"}),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_weights_load_with_the_fields_they_were_trained_with(name):
    version, sha256, own = SHIPPED[name]
    fields = json.loads((settings.weights / name / CONFIG).read_text())
    assert set(fields) == EVERY | own
    model, config = load(name)
    assert (config.name, config.version, config.sha256) == (name, version, sha256)
    assert json.loads(config.model_dump_json()) == fields
    assert sum(p.numel() for p in model.parameters()) > 10_000
